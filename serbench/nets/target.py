"""The sounds of the test side in a training that adapts to them: which of them each step hears."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from serbench.data import Utterances
from serbench.errors import ModelError
from serbench.nets.batches import draw
from serbench.nets.padded import Padded
from serbench.nets.shelf import Shelf

if TYPE_CHECKING:
    from serbench.nets.net import Net

STREAM = 1  # of the draws; the training set's is 0


class Target:
    """Unlabelled utterances, a batch a step: all of them once, then all again in another order.

    What a step hears is a pure function of the arguments here and of the step's number, so that a
    training which goes on from a checkpoint hears what it would have heard.

    Parameters
    ----------
    shelf
        Their arrays, in the CPU's memory.
    device
        Where batches go.
    batch
        Utterances a step, as of the training set; all of them where there are fewer.
    seed
        Draws the orders.

    Raises
    ------
    ModelError
        If there are fewer than two utterances.

    Attributes
    ----------
    content
        SHA-256 of what is heard.
    """

    def __init__(self, shelf: Shelf, device: torch.device, *, batch: int, seed: int) -> None:
        if len(shelf) < 2:
            raise ModelError(f"{len(shelf)} utterances to adapt to", expected="2 or more")
        self.content = _content(shelf)
        self._shelf = shelf.on(device)
        self._lengths, self._size, self._seed = shelf.longest, batch, seed
        self._round, self._drawn = 0, self._draw(0)

    def batch(self, step: int) -> dict[str, Padded]:
        """What a step hears; steps count from 0 over the whole training."""
        round_, at = divmod(step, len(self._drawn))
        if round_ != self._round:
            self._round, self._drawn = round_, self._draw(round_)
        return self._shelf.batch(self._drawn[at])

    def _draw(self, round_: int) -> list[NDArray[np.int64]]:
        return draw(self._lengths, self._size, seed=self._seed, epoch=round_, stream=STREAM)


def check_target(net: Net, target: Utterances | None) -> None:
    """Refuse a target that the net would not hear, and an adapting net without one.

    Raises
    ------
    ModelError
        In either case.
    """
    if net.adapts and target is None:
        raise ModelError(
            f"{type(net).__name__} adapts to the sounds of the test side, and is given none",
            expected="a protocol whose target access is unlabelled",
            advice="--target-access unlabelled; outside of a run, "
            "fit_adapted(train, target, seed=...)",
        )
    if target is not None and not net.adapts:
        raise ModelError(
            f"{type(net).__name__} is given the sounds of the test side, and does not adapt",
            expected="a net with `adapts = True` and an adapted_loss",
            advice="--target-access none; outside of a run, fit(train, seed=...)",
        )


def _content(shelf: Shelf) -> str:
    whole = hashlib.sha256()
    for name, frames in shelf.frames.items():
        whole.update(f"{name} {shelf.lengths[name].tolist()} ".encode())
        whole.update(frames.numpy().tobytes())
    return whole.hexdigest()
