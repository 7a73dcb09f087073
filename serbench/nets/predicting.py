"""A module's judgement of utterances, the same whoever else is judged beside them.

Nothing that trains notices: modes are put back, no statistic moves, and random numbers (of a module
that draws some even now) come from a generator of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.nets.batches import in_order_of_length
from serbench.nets.numerics import own_randomness, repeatable
from serbench.nets.shelf import Shelf


def judge(module: nn.Module, shelf: Shelf, *, batch: int, classes: int) -> NDArray[np.float32]:
    """Probabilities of each class, in float32 whatever the training's precision.

    Parameters
    ----------
    module
        Gives logits [utterances, classes] on ``shelf.device``.
    batch
        Utterances that are judged together; they are sorted by length for it.

    Returns
    -------
    float32 [utterances, classes], in the shelf's order.
    """
    probabilities = np.empty((len(shelf), classes), np.float32)
    if not len(shelf):
        return probabilities
    with (
        evaluating(module),
        torch.no_grad(),
        repeatable(exact=True),
        own_randomness(0, shelf.device),
    ):
        for rows in in_order_of_length(shelf.longest, batch):
            logits: Tensor = module(shelf.batch(rows))
            probabilities[rows] = logits.float().softmax(1).cpu().numpy()
    return probabilities


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
