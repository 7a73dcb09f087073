"""Dynamic ReLU: an activation whose slopes hang on what it is given."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class DynamicReLU(nn.Module):
    """DY-ReLU-B (Chen et al., ECCV 2020): for each utterance and channel the larger of two lines.

    With m the mean over all positions of a channel::

        t     = 2 sigmoid(W2 relu(W1 m + b1) + b2) - 1           four of each channel, in (-1, 1)
        a1, a2, c1, c2 = 1 + t1, t2, t3 / 2, t4 / 2
        y     = max(a1 x + c1, a2 x + c2)

    which is a plain ReLU where t is zero. [utterances, channels, ...] -> the same.

    Parameters
    ----------
    channels
        Of what it is given.
    reduction
        How many times narrower W1 makes the means: 8 in the paper, 4 in SD-CAFF.
    """

    def __init__(self, channels: int, *, reduction: int = 8) -> None:
        super().__init__()
        narrow = max(1, channels // reduction)
        self.squeeze = nn.Linear(channels, narrow)
        self.excite = nn.Linear(narrow, 4 * channels)

    def forward(self, x: Tensor) -> Tensor:
        theta = 2 * self.excite(self.squeeze(x.flatten(2).mean(2)).relu()).sigmoid() - 1
        # Of each channel four, side by side; as long as x has dimensions.
        theta = theta.unflatten(1, (-1, 4)).view(*x.shape[:2], *(1 for _ in x.shape[2:]), 4)
        t1, t2, t3, t4 = theta.unbind(-1)
        # max(u, v) = relu(u - v) + v: less than half the time of torch.maximum, whose gradient
        # splits ties.
        above = torch.addcmul((t3 - t4) / 2, x, 1 + t1 - t2).relu_()
        return torch.addcmul(above + t4 / 2, x, t2)
