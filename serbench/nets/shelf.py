"""The arrays of a whole set of utterances, laid end to end where the training wants them.

The frames of a corpus fit a GPU's memory many times over (an hour of 109 coefficients at 100 frames
a second takes 160 MB), so that a batch is one gather on the device and nothing waits for a copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from serbench.errors import ModelError
from serbench.nets.padded import Padded

SHARE = 0.25  # of the free device memory that the arrays of one set may take

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Shelf:
    """Named arrays of many utterances.

    Attributes
    ----------
    frames
        Name to [all frames + 1, dims], float32 at first; the last row is zero and fills the
        padding.
    lengths
        Name to int64 [utterances].
    device
        Where batches go. The frames lie there too, or in the CPU's memory if they do not fit.
    """

    frames: Mapping[str, Tensor]
    lengths: Mapping[str, NDArray[np.int64]]
    device: torch.device

    @classmethod
    def of(cls, utterances: Sequence[Arrays]) -> Shelf:
        """Lay arrays end to end, in the CPU's memory.

        Parameters
        ----------
        utterances
            Of each, name to [frames, dims], or [dims] for one vector an utterance.

        Raises
        ------
        ModelError
            If names or dims differ between utterances, or an array is empty or not finite.
        """
        names = tuple(utterances[0]) if utterances else ()
        gathered: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names}
        for arrays in utterances:
            if tuple(arrays) != names:
                raise ModelError(
                    f"the net read the arrays {list(arrays)} of one utterance and {list(names)} of "
                    "another",
                    expected="the same names of each",
                )
            for name, array in arrays.items():
                gathered[name].append(_checked(name, array))
        frames = {}
        for name, parts in gathered.items():
            dims = {part.shape[1] for part in parts}
            if len(dims) > 1:
                raise ModelError(f"the array {name!r} has {sorted(dims)} dims, by utterance")
            parts.append(np.zeros((1, dims.pop()), np.float32))
            frames[name] = torch.from_numpy(np.concatenate(parts))
        lengths = {
            name: np.array([len(part) for part in parts[:-1]], np.int64)
            for name, parts in gathered.items()
        }
        return cls(frames, lengths, torch.device("cpu"))

    def __len__(self) -> int:
        return max((len(lengths) for lengths in self.lengths.values()), default=0)

    @property
    def longest(self) -> NDArray[np.int64]:
        """Of each utterance, the frames of its longest array: int64 [utterances]."""
        longest: NDArray[np.int64] = np.max(list(self.lengths.values()), axis=0)
        return longest

    def as_type(self, dtype: torch.dtype) -> Shelf:
        """The frames in another precision."""
        return replace(self, frames={name: f.to(dtype) for name, f in self.frames.items()})

    def on(self, device: torch.device) -> Shelf:
        """Make batches on this device, and move the frames there if they fit."""
        size = sum(frames.nbytes for frames in self.frames.values())
        if device.type == "cuda" and size > SHARE * torch.cuda.mem_get_info(device)[0]:
            return replace(self, device=device)
        frames = {name: frames.to(device) for name, frames in self.frames.items()}
        return replace(self, frames=frames, device=device)

    @cached_property
    def _starts(self) -> Mapping[str, NDArray[np.int64]]:
        """Where each utterance begins among the frames."""
        return {name: np.cumsum(lengths) - lengths for name, lengths in self.lengths.items()}

    def batch(self, rows: NDArray[np.int64]) -> dict[str, Padded]:
        """The arrays of these utterances, padded."""
        return {name: self._batch(name, rows) for name in self.frames}

    def _batch(self, name: str, rows: NDArray[np.int64]) -> Padded:
        frames, lengths = self.frames[name], self.lengths[name]
        starts = self._starts[name][rows]
        span = torch.from_numpy(np.stack([starts, lengths[rows]]))
        start, length = span.to(frames.device)[:, :, None]
        steps = torch.arange(int(span[1].max()), device=frames.device)
        mask = steps < length
        at = torch.where(mask, start + steps, len(frames) - 1)
        values = frames.index_select(0, at.flatten()).view(*at.shape, -1)
        if frames.device != self.device:
            values = values.pin_memory().to(self.device, non_blocking=True)
            mask = mask.pin_memory().to(self.device, non_blocking=True)
        return Padded(values, span[1].clone(), mask)


def _checked(name: str, array: NDArray[np.float32]) -> NDArray[np.float32]:
    """An array as [frames, dims]."""
    array = np.atleast_2d(np.asarray(array, np.float32))
    if array.ndim != 2 or not array.size:
        raise ModelError(
            f"the array {name!r} of an utterance has the shape {array.shape}",
            expected="[frames, dims] or [dims], none of them 0",
        )
    if not np.isfinite(array).all():
        raise ModelError(f"the array {name!r} of an utterance holds NaN or infinity")
    return array
