"""The layers of SD-CAFF: the two branches, their recurrence, cross attention.

B utterances, all of 251 frames. The shapes are those of the paper's settings.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from serbench.nets.batchnorm import BatchNorm1d, BatchNorm2d
from serbench.nets.dropout import Dropout
from serbench.nets.dyrelu import DynamicReLU
from serbench.nets.numerics import at_least_single
from serbench.nets.recurrence import run

STATIC, DYNAMIC = 128, 64  # channels that the branches end with
CHANNELS = (8, 32, 64, 96, STATIC)
NARROW = 32  # inside of the attention


class StaticBranch(nn.Module):
    """Five convolutions over MFCC as a picture: [B, 251, 60] -> [B, 128, 7 x 31].

    Each of 3 x 3, with BatchNorm and a dynamic ReLU; the first without padding, the last three of
    what a maximum over 2 x 2 has halved. (The paper lists that after the convolution.)
    """

    def __init__(self, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for i, (before, after) in enumerate(zip((1, *CHANNELS), CHANNELS, strict=False)):
            layers += [nn.MaxPool2d(2)] if i > 1 else []
            layers += [
                nn.Conv2d(before, after, 3, padding=min(i, 1)),
                BatchNorm2d(after),
                DynamicReLU(after, reduction=4),
            ]
        self.layers = nn.Sequential(*layers, Dropout(dropout))

    def forward(self, mfcc: Tensor) -> Tensor:
        picture: Tensor = self.layers(mfcc.mT[:, None])
        return picture.flatten(2)


class Recurrence(nn.Module):
    """One LSTM layer over utterances of equal length: [B, frames, dims] -> [B, frames, units].

    Always float32, under autocast too: rounding adds up over hundreds of steps.

    Parameters
    ----------
    units
        Of each direction. What it says is twice as wide where there are two.
    """

    def __init__(self, dims: int, units: int, *, bidirectional: bool) -> None:
        super().__init__()
        self.lstm = nn.LSTM(dims, units, batch_first=True, bidirectional=bidirectional)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            steps: Tensor = run(self.lstm, at_least_single(x))
            return steps


class DynamicBranch(nn.Module):
    """LSTM, dropout, and means of neighbouring units: [B, 251, dims] -> [B, 64, 251].

    Of 1024 units each mean takes 16; of any other number as
    :class:`torch.nn.AdaptiveAvgPool1d` does, as a product with a matrix, whose gradient is
    deterministic on CUDA where the layer's is not.

    Parameters
    ----------
    hidden
        Units; of a bidirectional LSTM half of them for each direction.
    """

    means: Tensor

    def __init__(self, dims: int, hidden: int, dropout: float, *, bidirectional: bool) -> None:
        super().__init__()
        units = hidden // 2 if bidirectional else hidden
        self.recurrence = Recurrence(dims, units, bidirectional=bidirectional)
        self.dropout = Dropout(dropout)
        means = nn.functional.adaptive_avg_pool1d(torch.eye(hidden), DYNAMIC)
        self.register_buffer("means", means, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        steps: Tensor = self.dropout(self.recurrence(x))
        return (steps @ self.means).mT


class CrossAttention(nn.Module):
    """Cross AFF: each branch weighed by its own details and by the gist of the other.

    The paper's Eq. 5-6, S and D the branches, * elementwise::

        S' = S * sigmoid(global(D) + local(S))
        D' = D * sigmoid(global(S) + local(D))

    ``global`` looks at means over all positions. Each of the four is a bottleneck of 32. Positions
    of a picture may stand in a row: [B, 128, any], [B, 64, any] -> the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self.static_local = _bottleneck(STATIC, STATIC)
        self.static_global = _bottleneck(STATIC, DYNAMIC)
        self.dynamic_local = _bottleneck(DYNAMIC, DYNAMIC)
        self.dynamic_global = _bottleneck(DYNAMIC, STATIC)

    def forward(self, static: Tensor, dynamic: Tensor) -> tuple[Tensor, Tensor]:
        of_static = self.static_global(static.mean(2, keepdim=True))
        of_dynamic = self.dynamic_global(dynamic.mean(2, keepdim=True))
        return (
            static * (of_dynamic + self.static_local(static)).sigmoid(),
            dynamic * (of_static + self.dynamic_local(dynamic)).sigmoid(),
        )


def _bottleneck(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(before, NARROW, 1),
        BatchNorm1d(NARROW),
        nn.ReLU(inplace=True),
        nn.Conv1d(NARROW, after, 1),
        BatchNorm1d(after),
    )
