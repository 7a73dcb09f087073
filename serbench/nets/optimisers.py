"""The optimisers that a net may name."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from serbench.errors import UsageError

OPTIMISERS: Mapping[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}


def kind_of(name: str) -> type[torch.optim.Optimizer]:
    """The optimiser of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in OPTIMISERS:
        raise UsageError(f"the optimiser {name!r}", expected=", ".join(OPTIMISERS))
    return OPTIMISERS[name]
