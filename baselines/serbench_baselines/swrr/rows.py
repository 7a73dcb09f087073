"""Which rows of feature maps are an utterance's own, and BatchNorm of those alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from serbench.nets.batchnorm import over_rows, real_rows
from serbench.nets.padded import Padded
from serbench.nets.recurrence import stacked


@dataclass(frozen=True)
class Rows:
    """Of maps [utterances, channels, rows, values], the rows that are real.

    Attributes
    ----------
    mask
        bool [utterances, rows], beside the maps.
    padded
        Whether any row may not be real. Where none is, nothing needs clearing.
    """

    mask: Tensor
    padded: bool

    @classmethod
    def of(cls, x: Padded) -> Rows:
        """A row for each step. The lengths lie on the CPU: no waiting for a GPU.

        Of trainings that are computed at once nobody asks: the answers may differ.
        """
        return cls(x.mask, stacked() or bool((x.lengths < x.mask.shape[1]).any()))

    @property
    def count(self) -> Tensor:
        """How many are real: int64 [utterances, 1]."""
        return self.mask.sum(1, keepdim=True)

    def every(self, stride: int) -> Rows:
        """Those that a convolution of that stride leaves."""
        return replace(self, mask=self.mask[:, ::stride])

    def clear(self, maps: Tensor, value: float = 0.0) -> Tensor:
        """The maps with that value in their padding."""
        # Not masked_fill: on the CPU it takes four times as long, forwards and back.
        return torch.where(self.mask[:, None, :, None], maps, value) if self.padded else maps

    def mean(self, maps: Tensor) -> Tensor:
        """The mean of each map, zero in its padding, over its real rows: [utterances, channels]."""
        return maps.sum((2, 3)) / (self.count * maps.shape[3])


def normalised(norm: nn.BatchNorm2d, maps: Tensor, rows: Rows) -> Tensor:
    """BatchNorm whose statistics are of real rows: what torch's gives where those stand alone.

    Of real utterances, too, where the training step says which are (:mod:`serbench.nets.step`).
    What comes back of padding is of no meaning.

    Raises
    ------
    ValueError
        As torch's: if it trains on a single value a channel.
    """
    if not (norm.training and rows.padded):
        whole: Tensor = norm(maps)
        return whole
    counted = rows.mask[:, None, :, None]
    real = real_rows(norm)
    return over_rows(norm, maps, counted if real is None else counted & real[:, None, None, None])
