"""A batch of utterances of unequal length, as one tensor and what in it is real."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Padded:
    """Arrays of several utterances, padded to the longest.

    Attributes
    ----------
    values
        [utterances, frames, dims]; zeros past the end of an utterance.
    lengths
        int64 [utterances], at least 1 each. Always on the CPU, where their users want them.
    mask
        bool [utterances, frames], beside ``values``: True where a frame is real.
    """

    values: Tensor
    lengths: Tensor
    mask: Tensor

    @classmethod
    def of(cls, values: Tensor, lengths: Tensor) -> Padded:
        """Pad [utterances, frames, dims] with zeros past these lengths, whatever stood there."""
        steps = torch.arange(values.shape[1], device=values.device)
        mask = steps < lengths.to(values.device)[:, None]
        return cls(values, lengths.cpu(), mask).holding(values)

    def holding(self, values: Tensor) -> Padded:
        """Other values of the same utterances, [utterances, frames, any]; padding made zero."""
        # Not masked_fill: on the CPU it takes four times as long, forwards and back.
        return replace(self, values=torch.where(self.mask[:, :, None], values, 0.0))

    def keeping(self, values: Tensor) -> Padded:
        """Other values of the same utterances, whose padding is zero because it is so here."""
        return replace(self, values=values)

    def beside(self, other: Padded) -> Padded:
        """These utterances and then the others, padded to the longest of them all."""
        frames = max(self.values.shape[1], other.values.shape[1])
        parts = [(p, frames - p.values.shape[1]) for p in (self, other)]
        return Padded(
            torch.cat([nn.functional.pad(p.values, (0, 0, 0, more)) for p, more in parts]),
            torch.cat([self.lengths, other.lengths]),
            torch.cat([nn.functional.pad(p.mask, (0, more)) for p, more in parts]),
        )

    def last(self) -> Tensor:
        """The last real frame of each utterance: [utterances, dims]."""
        end = (self.lengths - 1).to(self.values.device)
        return self.values[torch.arange(len(end), device=end.device), end]
