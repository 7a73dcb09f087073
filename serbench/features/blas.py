"""One thread of BLAS: a matrix product that is split otherwise may differ in its last bit."""

from __future__ import annotations

import functools
import sys
from contextlib import AbstractContextManager
from typing import Any


def one_blas_thread() -> AbstractContextManager[Any]:
    """For a while; what an array holds must not depend on who computed it."""
    limit: AbstractContextManager[Any] = _pools(len(sys.modules)).limit(limits=1)
    return limit


@functools.lru_cache(maxsize=1)
def _pools(modules: int) -> Any:
    """The thread pools of the libraries loaded so far; looked for again when more are imported."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()
