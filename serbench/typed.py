"""A setting from a command line, read as its default is: ``hidden=64`` is a whole number."""

from __future__ import annotations

import json
from typing import Any

from serbench.errors import UsageError


def typed(name: str, value: Any, default: Any) -> Any:
    """A setting as the default's kind, where it came as a string.

    Raises
    ------
    UsageError
        If it cannot be read, or is of another kind.
    """
    if not isinstance(value, str):
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return float(value) if isinstance(default, float) and is_whole else value
    if isinstance(default, str):
        return value
    try:
        read = json.loads(value, parse_constant=_refuse)
        json.dumps(read, allow_nan=False)  # 1e999 is read as infinity
    except (ValueError, RecursionError) as error:
        lowered = value.lower()
        if isinstance(default, bool) and lowered in {"true", "false"}:
            return lowered == "true"
        if default is None:
            return value
        raise UsageError(
            f"{name}={value} cannot be read", expected=f"a value like {json.dumps(default)}"
        ) from error
    kinds = {bool: (bool,), int: (int,), float: (int, float), list: (list,)}
    wanted = kinds.get(type(default))
    fits = wanted is None or isinstance(read, wanted)
    if fits and isinstance(read, bool) and not isinstance(default, bool) and default is not None:
        fits = False
    if not fits:
        raise UsageError(
            f"{name}={value} is of the wrong kind", expected=f"a value like {json.dumps(default)}"
        )
    return float(read) if isinstance(default, float) else read


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")
