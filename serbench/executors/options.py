"""The options that an executor takes beside workers and devices: ``--executor-set NAME=VALUE``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from serbench.errors import UsageError
from serbench.jobs import Executor
from serbench.registry import load, nearest
from serbench.typed import typed


def engaged(
    name: str, workers: int | None, devices: Sequence[str], options: Mapping[str, str]
) -> Executor:
    """An executor of that name.

    Parameters
    ----------
    options
        Keyword-only parameters of its constructor, read as their defaults are.

    Raises
    ------
    UsageError
        If it has no such option, or the value cannot be read.
    """
    factory = load("executors", name)
    known = options_of(factory)
    for option in options:
        if option not in known:
            hint = nearest(option, known)
            raise UsageError(
                f"the executor {name!r} has no option {option!r}",
                expected="one of " + (", ".join(known) or "none: it has no options"),
                advice=f"did you mean {hint!r}?" if hint else "",
            )
    read = {option: typed(option, value, known[option]) for option, value in options.items()}
    executor: Executor = factory(workers, devices, **read)
    return executor


def options_of(factory: Any) -> dict[str, Any]:
    """The options of an executor and their defaults."""
    return {
        parameter.name: parameter.default
        for parameter in inspect.signature(factory).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
