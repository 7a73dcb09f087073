"""From frames to one vector an utterance. Padding counts for nothing."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from serbench.nets.padded import Padded


class MeanPooling(nn.Module):
    """The mean over an utterance's frames: [utterances, frames, dims] -> [utterances, dims]."""

    def forward(self, x: Padded) -> Tensor:
        return x.values.sum(1) / x.lengths.to(x.values)[:, None]


class LastStepAttention(nn.Module):
    """DBL-MM's attention pooling (the paper, Eq. 9-11): [utterances, frames, dims] -> [.., dims].

    With o_t the frame t of T, and W a matrix without bias::

        score_t = o_T . (o_t W)
        a       = softmax(score_1 .. score_T)
        pooled  = sum_t a_t o_t

    The text before these equations speaks of a learned vector in the query's place; the equations
    are followed. The last step is each utterance's own last frame. There the forward direction of a
    bidirectional net has heard everything and the backward direction one frame only, although the
    paper calls that step the richest.

    Parameters
    ----------
    dims
        Length of o_t; W is dims x dims.
    """

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.W = nn.Linear(dims, dims, bias=False)

    def weights(self, x: Padded) -> Tensor:
        """What each frame counts for: [utterances, frames], rows sum to one, zero on padding."""
        query: Tensor = self.W(x.last())  # o_T . (o_t W) = o_t . (W o_T): one product, not T
        scores = torch.einsum("bd,btd->bt", query, x.values.to(query.dtype)).float()
        return scores.masked_fill(~x.mask, -torch.inf).softmax(1)

    def forward(self, x: Padded) -> Tensor:
        return torch.einsum("bt,btd->bd", self.weights(x), x.values)
