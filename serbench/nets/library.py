"""The arrays of many trainings, each of them once on the device, whoever reads it.

Folds of one corpus share nearly all utterances. What is told apart is the content of arrays, so
that neither ids nor places of utterances are asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from serbench.nets.shelf import Arrays, Shelf


class Library:
    """Gathers arrays, then makes batches for several trainings at once.

    >>> library = Library()
    >>> rows = library.add(arrays)  # of each training, and of each set that it is probed by
    >>> library.open(device, torch.float32)
    >>> library.batch(rows_of_all)
    """

    def __init__(self) -> None:
        self._arrays: list[Arrays] = []
        self._places: dict[bytes, int] = {}
        self._shelf: Shelf | None = None

    def add(self, utterances: Sequence[Arrays]) -> NDArray[np.int64]:
        """Keep what is new among these.

        Returns
        -------
        Where each stands in the library: int64 [utterances].
        """
        return np.array([self._place(arrays) for arrays in utterances], np.int64)

    def _place(self, arrays: Arrays) -> int:
        content = hashlib.blake2b(digest_size=16)
        for name, array in arrays.items():
            content.update(f"{name} {array.shape} ".encode())
            content.update(np.ascontiguousarray(array).data)
        place = self._places.setdefault(content.digest(), len(self._arrays))
        if place == len(self._arrays):
            self._arrays.append(arrays)
        return place

    def open(self, device: torch.device, dtype: torch.dtype) -> None:
        """Lay out on the device what has been gathered; nothing is added from here on."""
        self._shelf = Shelf.of(self._arrays).as_type(dtype).on(device)
        self._arrays, self._places = [], {}

    @property
    def longest(self) -> NDArray[np.int64]:
        """Of each utterance, the frames of its longest array."""
        return self._open().longest

    def batch(self, rows: NDArray[np.int64]) -> Mapping[str, tuple[Tensor, Tensor, Tensor]]:
        """The arrays of a batch of each training, padded to the longest of them all.

        Parameters
        ----------
        rows
            int64 [trainings, rows]: places in the library.

        Returns
        -------
        By name: values [trainings, rows, frames, dims], lengths [trainings, rows] and mask
        [trainings, rows, frames], all on the device.
        """
        padded = self._open().batch(rows.reshape(-1))
        return {
            name: (
                part.values.unflatten(0, rows.shape),
                part.lengths.to(part.values.device).unflatten(0, rows.shape),
                part.mask.unflatten(0, rows.shape),
            )
            for name, part in padded.items()
        }

    def _open(self) -> Shelf:
        assert self._shelf is not None, "open() comes first"
        return self._shelf
