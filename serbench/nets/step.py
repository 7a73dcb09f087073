"""What layers may know of the training step under way: its random numbers, and which rows count.

The training sets it around the forward pass; :class:`serbench.nets.dropout.Dropout` and
:class:`serbench.nets.batchnorm.BatchNorm1d` look at it. Outside of a step there is none, and these
layers are torch's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from serbench.nets.draws import derive


class Step:
    """One forward pass in training.

    Parameters
    ----------
    key
        int64, one number: the key of the step's random numbers (:func:`key_of`).
    real
        bool [rows of the batch]: those that count. None: all do. Others stand there only so that
        several trainings have batches of one size (:mod:`serbench.nets.stacked`).
    stacked
        Whether several trainings pass at once, under :func:`torch.vmap`.
    """

    def __init__(self, key: Tensor, real: Tensor | None = None, *, stacked: bool = False) -> None:
        self.key, self.real, self.stacked = key, real, stacked
        self._places = 0

    def next_key(self) -> Tensor:
        """A key for each layer that asks, in the order in which they do."""
        self._places += 1
        return derive(self.key, self._places - 1)


_under_way: list[Step] = []


@contextmanager
def under_way(step: Step) -> Iterator[None]:
    """The forward pass within is this step's."""
    _under_way.append(step)
    try:
        yield
    finally:
        _under_way.pop()


def current() -> Step | None:
    """The step under way, if there is one."""
    return _under_way[-1] if _under_way else None


def key_of(seed: Tensor, number: Tensor | int) -> Tensor:
    """The key of a step: int64, from the training's seed and the step's number, from 0."""
    return derive(derive(seed, 0), number)


def seed_of(seed: int, device: torch.device) -> Tensor:
    """A training's seed as :func:`key_of` takes it."""
    return torch.tensor(seed, dtype=torch.int64, device=device)
