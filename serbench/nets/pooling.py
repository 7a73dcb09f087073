"""From frames to one vector an utterance. Padding counts for nothing."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from serbench.nets.numerics import at_least_single
from serbench.nets.padded import Padded


class MeanPooling(nn.Module):
    """The mean over an utterance's frames: [utterances, frames, dims] -> [utterances, dims]."""

    def forward(self, x: Padded) -> Tensor:
        return x.values.sum(1) / x.lengths.to(x.values)[:, None]


class Attention(nn.Module):
    """The frames o_t weighed: [utterances, frames, dims] -> [utterances, dims].

    a = softmax(score_1 .. score_T), pooled = sum_t a_t o_t; what scores a frame is the subclass's.
    """

    @abstractmethod
    def scores(self, x: Padded) -> Tensor:
        """What is said for each frame: [utterances, frames]; of padding, anything."""

    def weights(self, x: Padded) -> Tensor:
        """What each frame counts for: [utterances, frames], rows sum to one, zero on padding."""
        return at_least_single(self.scores(x)).masked_fill(~x.mask, -torch.inf).softmax(1)

    def forward(self, x: Padded) -> Tensor:
        return torch.einsum("bt,btd->bd", self.weights(x), x.values)


class LastStepAttention(Attention):
    """DBL-MM's attention pooling (the paper, Eq. 9-11): score_t = o_T . (o_t W).

    W is a matrix without bias. The last step is each utterance's own last frame. There the forward
    direction of a bidirectional net has heard everything and the backward direction one frame only,
    although the paper calls that step the richest: see :class:`FinalStateAttention`. The text
    before these equations speaks of a learned vector in the query's place: see
    :class:`LearnedAttention`.

    Parameters
    ----------
    dims
        Length of o_t; W is dims x dims.
    """

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.W = nn.Linear(dims, dims, bias=False)

    def query(self, x: Padded) -> Tensor:
        """What stands for o_T: [utterances, dims]."""
        return x.last()

    def scores(self, x: Padded) -> Tensor:
        query: Tensor = self.W(self.query(x))  # o_T . (o_t W) = o_t . (W o_T): one product, not T
        return torch.einsum("bd,btd->bt", query, x.values.to(query.dtype))


class FinalStateAttention(LastStepAttention):
    """The same, asked by where each direction ends: forwards at the last frame, back at the first.

    That is what libraries call the final state of a bidirectional LSTM. Both directions have heard
    the whole utterance there.

    Parameters
    ----------
    dims
        Length of o_t; W is dims x dims.
    hidden
        Units of a direction: o_t is (forwards, backwards) of one net or more, each so wide.
    """

    def __init__(self, dims: int, hidden: int) -> None:
        super().__init__(dims)
        self.hidden = hidden

    def query(self, x: Padded) -> Tensor:
        directions = (-1, 2, self.hidden)
        last, first = x.last().unflatten(1, directions), x.values[:, 0].unflatten(1, directions)
        return torch.stack([last[:, :, 0], first[:, :, 1]], dim=2).flatten(1)


class LearnedAttention(Attention):
    """Attention by a learned vector u, as Mirsamadi et al. (2017) have it: score_t = u . o_t.

    Parameters
    ----------
    dims
        Length of o_t and of u.
    """

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.u = nn.Linear(dims, 1, bias=False)

    def scores(self, x: Padded) -> Tensor:
        scores: Tensor = self.u(x.values)
        return scores[:, :, 0]
