"""TIM-Net: a temporal-aware bi-direction multi-scale network on 39 MFCC, and its ablations.

After "Temporal Modeling Matters: A Novel Temporal Emotional Modeling Approach for Speech Emotion
Recognition" (Ye et al., ICASSP 2023) and the code that its authors released. The layers, for B
utterances of T frames and K classes::

    MFCC [B, T, 39]                          reversed in time [B, T, 39]
        |  1x1 convolution                          |  1x1 convolution of its own
    n blocks, dilation 1, 2, 4 .. 2^(n-1)       n blocks of its own
        |    each: x * sigmoid(D(C(D(C(x))))), C a causal convolution of two taps with BatchNorm
        |    and ReLU, D a dropout of whole channels
    mean over time of forward_j + backward_j = g_j [B, 39], j = 1..n
    sum_j w_j g_j                            dynamic fusion, w learned
    linear, softmax [B, K]

104,496 parameters for seven classes and 8 blocks; 129,650 for IEMOCAP's four and 10.

Where the paper and its code disagree, the code is followed:

* Features are librosa's defaults at 22,050 Hz (windows of 92.9 ms every 23.2 ms, Hann), not the
  50 ms every 12.5 ms of the paper. Clips are padded with zeros on both sides, or cropped, to a
  length that is fixed by corpus before the MFCC are taken; they are not normalised.
* Adam's betas (.93, .98) and epsilon 1e-8 stand in the code alone.
* Labels are smoothed by 0.1 in training. (Until July 2023 the code smoothed them in place, once
  more in each fold. That fault is not repeated.)
* 500 epochs, the last of which counts ("*" in the paper's tables; "**" is the epoch that was best
  on the test fold).

Keras's defaults, which torch does not share, are kept: BatchNorm with momentum 0.99 (0.01 in
torch's sense) and epsilon 1e-3, Glorot's uniform start for kernels and zeros for biases, the fusion
weights uniform in +-0.05.
"""

from __future__ import annotations

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
from serbench.nets.batchnorm import BatchNorm1d
from serbench.nets.dropout import ChannelDropout
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs, usual_loss, width
from serbench.nets.padded import Padded

RATE = 22050  # Hz, what librosa.load resamples to

# Samples at RATE that clips are brought to, and blocks, by corpus. The lengths are the released
# code's; the paper gives none.
CORPORA: Mapping[str, Mapping[str, Any]] = {
    "casia": {"length": 88000},
    "emodb": {"length": 96000},
    "emovo": {"length": 96000},
    "iemocap": {"length": 310000, "blocks": 10},
    "ravdess": {"length": 110000},
    "savee": {"length": 130000},
}


@dataclass(kw_only=True, eq=False)
class TIMNet(Net):
    """TIM-Net (Ye et al., ICASSP 2023), after its released code.

    Parameters
    ----------
    blocks
        n, the temporal-aware blocks of each direction; block j has dilation 2^(j-1). 8; 10 on
        IEMOCAP.
    length
        Samples at 22,050 Hz that a clip is padded or cropped to, centred. 100,000, which the README
        of the released code gave for cross-corpus; each corpus of that code has its own. The paper
        gives no length.
    filters
        Of each convolution, and MFCC that are read: a gate multiplies input and output.
    dropout
        Share of channels that are zeroed, after each of a block's two convolutions.
    smoothing
        Share of a training label that is spread over all classes.
    optimiser, learning_rate, batch, epochs
        Adam with betas (.93, .98) and epsilon 1e-8, 1e-3 throughout, 64 and 500.
    channel
        Of a recording with several: "mean" as librosa.load has it, or "first".
    """

    blocks: int = 8
    length: int = 100_000
    filters: int = 39
    dropout: float = 0.1
    smoothing: float = 0.1
    optimiser: str = "adam"
    learning_rate: float = 1e-3
    batch: int = 64
    epochs: int = 500
    channel: Channel = "mean"

    version: ClassVar[str] = "1"
    stackable: ClassVar[bool] = True
    compilable: ClassVar[bool] = True
    corpus_settings: ClassVar[Mapping[str, Mapping[str, Any]]] = CORPORA

    backward: ClassVar[bool] = True
    gated: ClassVar[bool] = True
    fusion: ClassVar[str] = "dynamic"

    def __post_init__(self) -> None:
        if self.blocks < 1 or self.length < 1 or not 0 < self.filters <= 128:
            raise UsageError(
                f"blocks={self.blocks}, length={self.length}, filters={self.filters}",
                expected="1 or more of each, and at most 128 filters",
            )
        if not (0 <= self.dropout < 1 and 0 <= self.smoothing < 1):
            raise UsageError(
                f"dropout={self.dropout}, smoothing={self.smoothing}",
                expected="from 0 to below 1",
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
        module = TIMNetModule(self, width(task))
        for part in module.modules():
            if isinstance(part, nn.Conv1d | nn.Linear):
                nn.init.xavier_uniform_(part.weight)
                nn.init.zeros_(part.bias)  # type: ignore[arg-type]
        return module

    def loss(self, outputs: Outputs, answers: Mapping[str, Tensor]) -> Tensor:
        """Cross entropy on smoothed labels."""
        return usual_loss(self.task_, outputs[LOGITS], answers["y"], smoothing=self.smoothing)


@dataclass(kw_only=True, eq=False)
class TIMNetNoBackward(TIMNet):
    """TIM-Net without its backward direction ("w/o BD" of the paper's Table 3)."""

    backward: ClassVar[bool] = False


@dataclass(kw_only=True, eq=False)
class TIMNetNoMultiscale(TIMNet):
    """TIM-Net judged by its last block alone ("w/o MS" of the paper's Table 3): g_n."""

    fusion: ClassVar[str] = "last"


@dataclass(kw_only=True, eq=False)
class TIMNetNoFusion(TIMNet):
    """TIM-Net with the plain mean of all blocks ("w/o DF" of the paper's Table 3)."""

    fusion: ClassVar[str] = "mean"


@dataclass(kw_only=True, eq=False)
class TIMNetTCN(TIMNet):
    """The temporal convolutional network that TIM-Net is held against ("TCN" of its Table 3).

    Neither paper nor code says which. Here: TIM-Net's own blocks, forward alone, their output added
    to their input as in Bai et al. (2018) where TIM-Net multiplies by a gate, judged by the mean
    over time of the last.
    """

    backward: ClassVar[bool] = False
    gated: ClassVar[bool] = False
    fusion: ClassVar[str] = "last"


class TIMNetModule(nn.Module):
    """Directions, fusion, logits."""

    def __init__(self, net: TIMNet, columns: int) -> None:
        super().__init__()
        self.array = Mfcc.name
        self.forwards = Direction(net)
        self.backwards = Direction(net) if net.backward else None
        self.fusion = Fusion(net)
        self.head = nn.Linear(net.filters, columns)

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """Logits, [utterances, classes], and the fused representation, [utterances, 39]."""
        x = inputs[self.array].values.mT  # every clip is of one length: there is no padding
        scales = self.forwards(x)
        if self.backwards is not None:
            scales = scales + self.backwards(x.flip(2))  # the mean over time hides the order
        fused = self.fusion(scales)
        return {LOGITS: self.head(fused), REPRESENTATION: fused}


class Direction(nn.Module):
    """One direction: [utterances, 39, frames] -> [utterances, blocks, 39], means over time."""

    def __init__(self, net: TIMNet) -> None:
        super().__init__()
        self.enter = nn.Conv1d(net.filters, net.filters, 1)
        self.blocks = nn.ModuleList(Block(net, 2**j) for j in range(net.blocks))

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        means = []
        for block in self.blocks:
            x = block(x)
            means.append(x.mean(2))
        return torch.stack(means, dim=1)


class Block(nn.Module):
    """Temporal-aware block: two causal convolutions of one dilation, and a gate on the input."""

    def __init__(self, net: TIMNet, dilation: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(Layer(net, dilation) for _ in range(2)))
        self.gated = net.gated

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        # After ReLU the gate lies in [0.5, 1).
        return x * y.sigmoid() if self.gated else x + y


class Layer(nn.Module):
    """Causal convolution of two taps, BatchNorm, ReLU, dropout of whole channels."""

    def __init__(self, net: TIMNet, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.convolution = nn.Conv1d(net.filters, net.filters, 2, dilation=dilation)
        self.norm = BatchNorm1d(net.filters, eps=1e-3, momentum=0.01)
        self.dropout = ChannelDropout(net.dropout)

    def forward(self, x: Tensor) -> Tensor:
        past = nn.functional.pad(x, (self.dilation, 0))
        y: Tensor = self.dropout(self.norm(self.convolution(past)).relu())
        return y


class Fusion(nn.Module):
    """From one vector a block to one: [utterances, blocks, 39] -> [utterances, 39]."""

    def __init__(self, net: TIMNet) -> None:
        super().__init__()
        self.kind = net.fusion
        if self.kind == "dynamic":
            self.weights = nn.Parameter(torch.empty(net.blocks).uniform_(-0.05, 0.05))

    def forward(self, scales: Tensor) -> Tensor:
        if self.kind == "last":
            return scales[:, -1]
        if self.kind == "mean":
            return scales.mean(1)
        return torch.einsum("bjc,j->bc", scales, self.weights)
