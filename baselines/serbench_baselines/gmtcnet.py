"""GM-TCNet: a gated multi-scale temporal convolutional network on 39 MFCC.

After "GM-TCNet: Gated Multi-scale Temporal Convolutional Network using Emotion Causality for Speech
Emotion Recognition" (Ye et al., Speech Communication 145, 2022) and the code that its authors
released, which fixes everything below. The layers, for B utterances of T frames and K classes::

    MFCC [B, T, 39]
        |  1x1 convolution
    7 blocks, dilation d = 1, 2, 4 .. 64:  x -> x + skip,  skip = L(L(x, d), 2 d)
        |    L(x, d) = mean of three  relu(C(x)) * sigmoid(relu(C'(x))),
        |    each C and C' a causal convolution of its own, two taps, dilation d
    leaky ReLU (slope .05) of the sum of the blocks' skips [B, T, 39]
    mean over time [B, 39]
    linear, softmax [B, K]

260,644 parameters for seven classes. No BatchNorm, no dropout, no label smoothing.

Where its sources disagree:

* Features are TIM-Net's (librosa's defaults at 22,050 Hz, not the 50 ms every 12.5 ms of the
  README), of clips padded with zeros on both sides, or cropped, to 96,000 samples on every corpus.
* The size that TIM-Net's README gives, 1.13 MB, fits eight blocks (297,616 parameters of four
  bytes) and not the seven of the released code, 0.99 MiB. The code is followed: ``blocks``.
* As the gate's convolution passes a ReLU too, a gate lies in [0.5, 1) and never closes.
* The released code kept the epoch that was best on the test fold, of random folds (10, shuffled,
  seed 32). No protocol draws these folds; ``last-epoch`` draws TIM-Net's. Its authors' later
  figures are of the last epoch, which counts here.

Keras's defaults are kept: Glorot's uniform start for kernels, each of the six convolutions of a
level for itself, and zeros for biases.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from serbench.audio import Channel
from serbench.errors import UsageError
from serbench.features.frames import Mfcc
from serbench.features.recipe import Recipe
from serbench.labels import Task
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs, width
from serbench.nets.padded import Padded

RATE = 22050  # Hz, what librosa.load resamples to
GATES = 3  # gated convolutions of a level, whose outputs are averaged
SLOPE = 0.05  # of the leaky ReLU below zero


@dataclass(kw_only=True, eq=False)
class GMTCNet(Net):
    """GM-TCNet (Ye et al., 2022), after its released code.

    Parameters
    ----------
    blocks
        Gated convolution blocks; block j has the dilations 2^(j-1) and 2^j.
    length
        Samples at 22,050 Hz that a clip is padded or cropped to, centred.
    filters
        Of each convolution, and MFCC that are read.
    optimiser, learning_rate, batch, epochs
        Adam with betas (.93, .98) and epsilon 1e-8, 1e-3 throughout, 64 and 300.
    channel
        Of a recording with several: "mean" as librosa.load has it, or "first".
    """

    blocks: int = 7
    length: int = 96_000
    filters: int = 39
    optimiser: str = "adam"
    learning_rate: float = 1e-3
    batch: int = 64
    epochs: int = 300
    channel: Channel = "mean"

    version: ClassVar[str] = "1"
    stackable: ClassVar[bool] = True
    compilable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole = 1 <= self.blocks < math.inf and 1 <= self.length < math.inf
        if not (whole and 1 <= self.filters <= 128):
            raise UsageError(
                f"blocks={self.blocks}, length={self.length}, filters={self.filters}",
                expected="1 or more of each, and at most 128 filters",
            )

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        return (
            Mfcc(rate=RATE, channel=self.channel, coefficients=self.filters, length=self.length),
        )

    @property
    def optimiser_settings(self) -> Mapping[str, Any]:
        return {"betas": (0.93, 0.98), "eps": 1e-8} if self.optimiser == "adam" else {}

    def build(self, task: Task) -> nn.Module:
        module = GMTCNetModule(self, width(task))
        for part in (module.enter, module.head):
            nn.init.xavier_uniform_(part.weight)
            nn.init.zeros_(part.bias)  # type: ignore[arg-type]
        return module


class GMTCNetModule(nn.Module):
    """Blocks, sum of their skips, logits."""

    def __init__(self, net: GMTCNet, columns: int) -> None:
        super().__init__()
        self.array = Mfcc.name
        self.enter = nn.Conv1d(net.filters, net.filters, 1)
        self.blocks = nn.ModuleList(
            nn.Sequential(Level(net.filters, 2**j), Level(net.filters, 2 ** (j + 1)))
            for j in range(net.blocks)
        )
        self.head = nn.Linear(net.filters, columns)

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """Logits, [utterances, classes], and the mean over time, [utterances, 39]."""
        x = self.enter(inputs[self.array].values.mT)  # every clip is of one length: no padding
        skips = torch.zeros_like(x)
        for block in self.blocks:
            skip = block(x)
            x, skips = x + skip, skips + skip
        pooled = nn.functional.leaky_relu(skips, SLOPE).mean(2)
        return {LOGITS: self.head(pooled), REPRESENTATION: pooled}


class Level(nn.Module):
    """The mean of three gated causal convolutions: [utterances, 39, frames] -> the same."""

    def __init__(self, filters: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        # All six convolutions read the same, so they stand in one: the gated before the gating.
        self.convolutions = nn.Conv1d(filters, 2 * GATES * filters, 2, dilation=dilation)
        for kernel in self.convolutions.weight.detach().split(filters):
            nn.init.xavier_uniform_(kernel)
        nn.init.zeros_(self.convolutions.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        past = nn.functional.pad(x, (self.dilation, 0))
        values, gates = self.convolutions(past).relu().chunk(2, dim=1)
        gated: Tensor = (values * gates.sigmoid()).unflatten(1, (GATES, -1)).mean(1)
        return gated
