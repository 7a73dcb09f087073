"""Capsules: groups of numbers whose length says how sure, and whose direction says what.

As the code of CTL-MTNet has them (:mod:`serbench_baselines.caam`): primary capsules from a map,
attention among them, and dynamic routing (Sabour et al., NeurIPS 2017) to a few capsules more.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

TINY = 1e-7  # Keras's epsilon


def squash(x: Tensor) -> Tensor:
    """Each vector with its direction kept and its length n made n^2 / (1 + n^2)."""
    square = x.square().sum(-1, keepdim=True)
    return x * square / (1 + square) / (square + TINY).sqrt()


class PrimaryCapsules(nn.Module):
    """A 3 x 3 convolution: [utterances, filters, T, C] -> [utterances, capsules, dims], squashed.

    Each place of the convolved map gives ``channels`` capsules.
    """

    def __init__(self, filters: int, channels: int, dims: int) -> None:
        super().__init__()
        self.dims = dims
        self.convolution = nn.Conv2d(filters, channels * dims, 3)

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = self.convolution(x)
        return squash(maps.permute(0, 2, 3, 1).reshape(len(x), -1, self.dims))


class SelfAttention(nn.Module):
    """Each capsule times, number by number, what it attends to: the same shape in and out.

    u_i * sum_j a_ij u_j with a_ij = softmax_j(u_i . u_j): a dot product without scale or weights.
    """

    def forward(self, u: Tensor) -> Tensor:
        weights = torch.einsum("bid,bjd->bij", u, u).softmax(2)
        return u * torch.einsum("bij,bjd->bid", weights, u)


class Routing(nn.Module):
    """Dynamic routing: [utterances, capsules, dims] -> [utterances, outputs, dims], squashed.

    A matrix an output, shared by all inputs, makes the votes. Coupling is a softmax over the
    outputs; between two rounds an output has unit length, and an input is coupled to those that its
    votes agree with.

    Parameters
    ----------
    outputs, dims
        Capsules that come out, and numbers of each; inputs have as many numbers.
    rounds
        Of routing. With 1, each output is a plain sum of votes.
    """

    def __init__(self, outputs: int, dims: int, rounds: int) -> None:
        super().__init__()
        self.outputs, self.rounds = outputs, rounds
        self.votes = nn.Linear(dims, outputs * dims, bias=False)

    def forward(self, u: Tensor) -> Tensor:
        votes = self.votes(u).unflatten(2, (self.outputs, -1))
        agreement = votes.new_zeros(votes.shape[:3])  # [utterances, inputs, outputs]
        for _ in range(self.rounds - 1):
            out = nn.functional.normalize(_sum(agreement, votes), dim=2)
            agreement = torch.einsum("bod,biod->bio", out, votes)
        return squash(_sum(agreement, votes))


def _sum(agreement: Tensor, votes: Tensor) -> Tensor:
    return torch.einsum("bio,biod->bod", agreement.softmax(2), votes)
