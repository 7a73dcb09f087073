"""Settings that change nothing beside others are refused.

Trials that differ in one of them alone would be of one and the same net, and be trained, stored and
ranked as if they were of two.
"""

from __future__ import annotations

import inspect
from typing import Any

from serbench.errors import UsageError
from serbench.nets.net import Net


def refuse_idle(net: Net, name: str, **beside: Any) -> None:
    """Refuse a setting other than its default where nothing reads it.

    Parameters
    ----------
    name
        Of the setting.
    beside
        Another setting, and its value beside which nothing reads ``name``.

    Raises
    ------
    UsageError
        If all of ``beside`` are as given and ``name`` is not at its default.
    """
    default = inspect.signature(type(net)).parameters[name].default
    value = getattr(net, name)
    if value != default and all(getattr(net, other) == given for other, given in beside.items()):
        where = ", ".join(f"{other}={given}" for other, given in beside.items())
        raise UsageError(
            f"{name}={value} changes nothing beside {where}",
            expected=f"{name} left at its default, {default}",
        )
