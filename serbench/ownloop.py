"""Whether a model leaves its training to the harness, which then keeps a stage of each epoch."""

from __future__ import annotations

import sys
from typing import Any


def is_ours(model: Any, *, adapted: bool = False) -> bool:
    """True of a net that serbench's own loop trains; torch is not imported for the question.

    A net that brings a ``fit`` (or ``fit_adapted``) of its own has no stages.
    """
    nets = sys.modules.get("serbench.nets.net")
    name = "fit_adapted" if adapted else "fit"
    return (
        nets is not None
        and isinstance(model, nets.Net)
        and getattr(type(model), name) is getattr(nets.Net, name)
    )
