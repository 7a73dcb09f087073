"""A module's judgement of utterances, the same whoever else is judged beside them.

Nothing that trains notices: modes are put back, no statistic moves, and random numbers (of a module
that draws some even now) come from a generator of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.nets.batches import in_order_of_length
from serbench.nets.numerics import own_randomness, repeatable
from serbench.nets.outputs import Outputs, outputs_of
from serbench.nets.shelf import Shelf


def judge(
    module: nn.Module, shelf: Shelf, *, batch: int, read: Callable[[Outputs], Tensor]
) -> NDArray[np.float32]:
    """What a module says of each utterance, in float32 whatever the training's precision.

    Parameters
    ----------
    module
        On ``shelf.device``.
    batch
        Utterances that are judged together; they are sorted by length for it.
    read
        What is wanted of its outputs: [utterances, ...].

    Returns
    -------
    float32 [utterances, ...], in the shelf's order; [0, 0] of no utterances.
    """
    said: NDArray[np.float32] | None = None
    with (
        evaluating(module),
        torch.no_grad(),
        repeatable(exact=True),
        own_randomness(0, shelf.device),
    ):
        for rows in in_order_of_length(shelf.longest, batch) if len(shelf) else ():
            part = read(outputs_of(module, shelf.batch(rows))).float().cpu().numpy()
            if said is None:
                said = np.empty((len(shelf), *part.shape[1:]), np.float32)
            said[rows] = part
    return np.empty((0, 0), np.float32) if said is None else said


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Evaluation mode for a while; after it each part is in the mode that it was in."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training
