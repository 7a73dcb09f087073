"""One thread of torch for a while: a product that is split otherwise may differ in its last bit."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One thread, and the caller's number put back after.

    Workers beside each other use all cores as it is.
    """
    count = _threads()
    if count == 1:  # maybe for a while only: to set it would outlast whoever set that
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(count)


def _threads() -> int:
    """The most threads that torch may use now.

    Intel's MKL counts for itself once torch has told it a number. Where others limit threads for
    a while (threadpoolctl), torch says 1 and MKL goes on; how many it uses is told in words alone.
    """
    mkl = re.search(r"mkl_get_max_threads\(\) : (\d+)", torch.__config__.parallel_info())
    return max(torch.get_num_threads(), int(mkl[1]) if mkl else 1)
