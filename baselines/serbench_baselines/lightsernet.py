"""Light-SERNet: a lightweight fully convolutional network on 40 MFCC.

After "Light-SERNet: A Lightweight Fully Convolutional Neural Network for Speech Emotion
Recognition" (Aftab, Morsali, Ghaemmaghami and Champagne, ICASSP 2022) and the code that its authors
released, which fixes everything below. The layers, for B utterances of T frames (184 in 3 s) and K
classes, time by coefficients::

    MFCC [B, 1, T, 40]
        |  three paths: convolution 11 x 1 (time), 1 x 9 (coefficients), 3 x 3; 32 filters each
        |  BatchNorm, ReLU, mean of 2 x 2; the paths side by side
    [B, 96, T/2, 20]
        |  3 x 3 convolution, BatchNorm, ReLU, mean:   64 filters, 2 x 2    [B,  64, T/4, 10]
        |                                              96 filters, 2 x 2    [B,  96, T/8, 5]
        |                                             128 filters, 2 x 1    [B, 128, T/16, 5]
        |                                             160 filters, 2 x 1    [B, 160, T/32, 5]
        |  1 x 1 convolution, BatchNorm, ReLU:        320 filters           [B, 320, T/32, 5]
    mean over time and coefficients [B, 320], dropout
    linear, softmax [B, K]

461,703 parameters for seven classes. The size that is quoted for it, 0.88 MB, is these and the
BatchNorms' statistics (463,431 numbers) in 16 bits.

What the code says and a reader might not expect:

* Each utterance is scaled to a loudness of its own before its MFCC are taken
  (:mod:`serbench_baselines.lightsernet_features`).
* "L2 1e-6" is Keras's: 1e-6 ||w||^2 joins the loss, so 2e-6 w the gradient, for the kernels of the
  five convolutions after the paths alone. It is added to the gradient here, so the loss that is
  shown is without it. These five have no bias.
* The learning rate falls by exp(-0.15) every 20 epochs; the rule begins at epoch 50, and so takes
  effect first in the 61st, then in the 81st.
* Cross entropy and a focal loss with gamma 2 are both reported: ``gamma``. The first is the
  default.
* Its folds are by speaker, and the weights kept are those of the epoch that was best on the test
  speaker. Here the last of the 300 epochs counts.
* A mean over a window that sticks out at the end is over what lies inside, as TensorFlow has it.

Keras's defaults, which torch does not share, are kept: Adam's epsilon 1e-7, BatchNorm with momentum
0.99 (0.01 in torch's sense) and epsilon 1e-3, Glorot's uniform start for kernels and zeros for
biases.
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
from serbench.features.recipe import Recipe
from serbench.labels import Classes, Task
from serbench.nets.batchnorm import BatchNorm2d
from serbench.nets.dropout import Dropout
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs, usual_loss, width
from serbench.nets.padded import Padded
from serbench_baselines.lightsernet_features import ScaledMfcc

SPAN = 20  # epochs between two falls of the learning rate
STEADY = 2  # spans that end without one, since they end before epoch 50

# After the paths: filters as a multiple of a path's, kernel, what a mean is taken over.
BODY = ((2, 3, (2, 2)), (3, 3, (2, 2)), (4, 3, (2, 1)), (5, 3, (2, 1)), (10, 1, (1, 1)))


@dataclass(kw_only=True, eq=False)
class LightSERNet(Net):
    """Light-SERNet (Aftab et al., ICASSP 2022), after its released code.

    Parameters
    ----------
    seconds
        That an utterance is cut or padded to, centred. 3; 7 on IEMOCAP, where the paper has both.
    filters
        Of each of the three paths; the layers after them have 2, 3, 4, 5 and 10 times as many.
    dropout
        Share of what the last layer looks at that is zeroed.
    l2
        Weight of the squared kernels after the paths.
    gamma
        0: cross entropy. Above: the focal loss, (1 - p)^gamma times the cross entropy, p being what
        the right class is given; the paper's other loss has 2.
    decay
        By exp(-decay) the learning rate falls every 20 epochs from the 61st on.
    optimiser, learning_rate, batch, epochs
        Adam with epsilon 1e-7, 1e-4 at first, 32 and 300.
    channel
        Of a recording with several: "mean", which the code's converter asks ffmpeg for, or "first".
    """

    seconds: float = 3.0
    filters: int = 32
    dropout: float = 0.3
    l2: float = 1e-6
    gamma: float = 0.0
    decay: float = 0.15
    optimiser: str = "adam"
    learning_rate: float = 1e-4
    batch: int = 32
    epochs: int = 300
    channel: Channel = "mean"

    version: ClassVar[str] = "1"
    stackable: ClassVar[bool] = True
    compilable: ClassVar[bool] = True
    corpus_settings: ClassVar[Mapping[str, Mapping[str, Any]]] = {"iemocap": {"seconds": 7.0}}

    def __post_init__(self) -> None:
        shortest = ScaledMfcc.window / ScaledMfcc.rate
        if not (shortest <= self.seconds < math.inf and 1 <= self.filters < math.inf):
            raise UsageError(
                f"seconds={self.seconds}, filters={self.filters}",
                expected=f"seconds {shortest} or more, filters 1 or more",
            )
        if not 0 <= self.dropout < 1:
            raise UsageError(f"dropout={self.dropout}", expected="from 0 to below 1")
        if not (0 <= self.l2 < math.inf and 0 <= self.decay < math.inf):
            raise UsageError(f"l2={self.l2}, decay={self.decay}", expected="0 or more of each")
        if self.gamma and not 1 <= self.gamma < math.inf:
            raise UsageError(f"gamma={self.gamma}", expected="0, or 1 or more")

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        return (ScaledMfcc(channel=self.channel, seconds=self.seconds),)

    @property
    def optimiser_settings(self) -> Mapping[str, Any]:
        return {"eps": 1e-7} if self.optimiser == "adam" else {}

    def build(self, task: Task) -> nn.Module:
        if self.gamma and not isinstance(task, Classes):
            raise UsageError(
                f"gamma={self.gamma}: the focal loss is one of classes",
                expected="a label space of classes",
                advice="leave gamma at 0",
            )
        module = LightSERNetModule(self, width(task))
        for part in module.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(part.weight)
                if part.bias is not None:
                    nn.init.zeros_(part.bias)
        return module

    def loss(self, outputs: Outputs, answers: Mapping[str, Tensor]) -> Tensor:
        """Cross entropy, or the focal loss. Without the L2 term, which `adjust` adds."""
        if not self.gamma:
            return usual_loss(self.task_, outputs[LOGITS], answers["y"])
        surprise = nn.functional.cross_entropy(outputs[LOGITS], answers["y"], reduction="none")
        focus = (1 - (-surprise).exp()).clamp(min=0) ** self.gamma
        return (focus * surprise).mean()

    def adjust(self, module: nn.Module, rate: float) -> None:
        """Add the gradient of l2 ||w||^2 for each kernel after the paths."""
        for part in module.get_submodule("body").modules():
            if isinstance(part, nn.Conv2d) and part.weight.grad is not None:
                part.weight.grad.add_(part.weight.detach(), alpha=2 * self.l2)

    def schedule(self, epoch: int) -> float:
        return math.exp(-self.decay * max(0, (epoch - 1) // SPAN - STEADY))


class LightSERNetModule(nn.Module):
    """Paths, body, mean, logits."""

    def __init__(self, net: LightSERNet, columns: int) -> None:
        super().__init__()
        self.array = ScaledMfcc.name
        kernels = ((11, 1), (1, 9), (3, 3))
        self.paths = nn.ModuleList(
            Layer(1, net.filters, kernel, (2, 2), bias=True) for kernel in kernels
        )
        dims = len(kernels) * net.filters
        self.body = nn.Sequential()
        for times, size, window in BODY:
            self.body.append(Layer(dims, times * net.filters, (size, size), window, bias=False))
            dims = times * net.filters
        self.dropout = Dropout(net.dropout)
        self.head = nn.Linear(dims, columns)

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """Logits, [utterances, classes], and the mean of the last maps, [utterances, 320]."""
        x = inputs[self.array].values[:, None]  # every utterance is of one length: no padding
        maps: Tensor = self.body(torch.cat([path(x) for path in self.paths], dim=1))
        pooled = maps.mean((2, 3))
        return {LOGITS: self.head(self.dropout(pooled)), REPRESENTATION: pooled}


class Layer(nn.Module):
    """Convolution that keeps the size, BatchNorm, ReLU, mean over windows side by side."""

    def __init__(
        self, dims: int, filters: int, kernel: tuple[int, int], window: tuple[int, int], bias: bool
    ) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(dims, filters, kernel, padding="same", bias=bias)
        self.norm = BatchNorm2d(filters, eps=1e-3, momentum=0.01)
        self.pool = nn.AvgPool2d(window, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.pool(self.norm(self.convolution(x)).relu())
        return y
