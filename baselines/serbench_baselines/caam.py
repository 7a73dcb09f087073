"""CAAM: a capsule network that adapts to the target by its margin disparity discrepancy.

The corpus adaptation adversarial module of "CTL-MTNet: A Novel CapsNet and Transfer Learning-Based
Mixed Task Net for the Single-Corpus and Cross-Corpus Speech Emotion Recognition" (Wen et al.,
IJCAI 2022), which TIM-Net's paper compares itself with across corpora. The layers, for B utterances
of T frames and K classes::

    MFCC [B, 1, T, 39]
        |  three times: 3 x 3 convolution without padding, scale and shift, ELU, mean of 2 x 2,
        |  dropout                                                         [B, 64, T', 3]
        |  3 x 3 convolution, squashed: 6 primary capsules a place         [B, 6 (T' - 2), 64]
        |  each times what it attends to
        |  dynamic routing, three rounds                                   [B, 6, 64]
    mean over the six capsules = f [B, 64]
    ReLU, linear, softmax = p: emotion [B, K]
    ReLU, linear, softmax = q: the adversary [B, K], in training alone

321,349 parameters for five classes, 1.23 MB (325 more of the adversary). In training

    E = CE(y, p) of the source + gamma CE(p, q) of the source + CE(p, 1 - q) of the target

p being held fixed in the last two terms, whose gradient reaches the layers below f multiplied by
-lambda: the adversary agrees with the classifier on the source and not on the target, and the
layers below make that hard (Zhang et al., ICML 2019).

The authors' released code fixes all of this, against a plainer reading in some places:

* There are six capsules whatever the classes, and a classifier on their mean.
* BatchNorm stands in inference mode in training too. Its statistics stay at mean 0 and variance 1:
  it scales and shifts. The MFCC are not normalised either.
* The adversary is held to all of p, where Zhang et al. hold it to the class that p is largest for:
  ``hard``. CE(p, 1 - q) is theirs, -sum_k p_k log(1 - q_k), up to a constant.
* gamma is 1.5; a comment gives 1.5, 1.6 and 1.3 for three pairs of corpora.
* lambda rises by 2 / (1 + exp(-s / 1000)) - 1 with the step s. In its 120 epochs of two steps it
  comes to 0.12 (512 utterances a step, of the larger corpus of a pair, the smaller one repeated).
  Here an epoch is once through the source, and the same curve is laid over the training: ``ramp``.
* The learning rate is 1e-2 in the code and 1e-3 in its README.

What is not known: the features, which lie ready in folders named "CASIA_transfer_96" and the like.
Taken here are TIM-Net's MFCC, by the same authors, of 96,000 samples at 22,050 Hz (188 frames),
since "CASIA_88" of the same code would be the 88,000 samples that TIM-Net has for CASIA. The code
enlarges small source corpora ("_enhance") in a way that it does not show; here none is enlarged.
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
from serbench.labels import Classes, Task
from serbench.nets.dropout import Dropout
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs, usual_loss, width
from serbench.nets.padded import Padded
from serbench.nets.reversal import GradientReversal, reverse, rising
from serbench_baselines.capsules import TINY, PrimaryCapsules, Routing, SelfAttention
from serbench_baselines.timnet import RATE

ADVERSARY = "adversary"  # logits of q
STAGES = 3  # convolutions that halve the map
SMALLEST = 38  # frames and coefficients that leave one place of the map


@dataclass(kw_only=True, eq=False)
class CAAM(Net):
    """CTL-MTNet's corpus adaptation adversarial module (Wen et al., IJCAI 2022).

    Parameters
    ----------
    length
        Samples at 22,050 Hz that a clip is padded or cropped to, centred.
    coefficients
        MFCC that are read.
    filters, dropout
        Of each convolution, and share of its maps' numbers that is zeroed after it.
    channels, dims
        Primary capsules a place of the map, and numbers of every capsule.
    capsules, rounds
        That are routed to, and rounds of routing.
    gamma
        How much the adversary's agreement on the source counts.
    weight, ramp
        lambda is weight (2 / (1 + exp(-ramp p)) - 1), p from 0 to 1 over the training.
    hard
        Hold the adversary to the likeliest class alone, as Zhang et al. do.
    optimiser, learning_rate, batch, epochs
        Adam with betas (.975, .935) and epsilon 1e-8, 1e-2 throughout, 512 and 120.
    channel
        Of a recording with several: "mean" as librosa.load has it, or "first".
    """

    length: int = 96_000
    coefficients: int = 39
    filters: int = 64
    dropout: float = 0.25
    channels: int = 6
    dims: int = 64
    capsules: int = 6
    rounds: int = 3
    gamma: float = 1.5
    weight: float = 1.0
    ramp: float = 0.24
    hard: bool = False
    optimiser: str = "adam"
    learning_rate: float = 1e-2
    batch: int = 512
    epochs: int = 120
    channel: Channel = "mean"

    version: ClassVar[str] = "1"
    adapts: ClassVar[bool] = True

    def __post_init__(self) -> None:
        frames = 1 + self.length // Mfcc.hop
        if frames < SMALLEST or not SMALLEST <= self.coefficients <= Mfcc.mel_bands:
            raise UsageError(
                f"length={self.length}, coefficients={self.coefficients}",
                expected=f"{(SMALLEST - 1) * Mfcc.hop} samples or more, and {SMALLEST} to "
                f"{Mfcc.mel_bands} coefficients: less leaves nothing of the map",
            )
        counts = ("filters", "channels", "dims", "capsules", "rounds")
        if few := [name for name in counts if getattr(self, name) < 1]:
            raise UsageError(f"{few[0]}={getattr(self, few[0])}", expected="1 or more")
        if not 0 <= self.dropout < 1:
            raise UsageError(f"dropout={self.dropout}", expected="from 0 to below 1")
        for name in ("gamma", "weight", "ramp"):
            if not 0 <= getattr(self, name) < math.inf:
                raise UsageError(f"{name}={getattr(self, name)}", expected="0 or more")

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        return (
            Mfcc(
                rate=RATE,
                channel=self.channel,
                coefficients=self.coefficients,
                length=self.length,
            ),
        )

    @property
    def optimiser_settings(self) -> Mapping[str, Any]:
        return {"betas": (0.975, 0.935), "eps": 1e-8} if self.optimiser == "adam" else {}

    def build(self, task: Task) -> nn.Module:
        if not isinstance(task, Classes):
            raise UsageError(
                "the margin disparity discrepancy is one of classes",
                expected="a label space of classes",
                advice="serbench labels list",
            )
        module = CAAMModule(self, width(task))
        for part in module.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(part.weight)
                if part.bias is not None:
                    nn.init.zeros_(part.bias)
        return module

    def advance(self, module: nn.Module, progress: float) -> None:
        """Let lambda rise."""
        reverse(module, self.weight * rising(progress, self.ramp))

    def adapted_loss(
        self, outputs: Outputs, answers: Mapping[str, Tensor], target: Outputs, progress: float
    ) -> Tensor:
        """Cross entropy of the source, and the adversary's agreement and disagreement."""
        agreed = agreement(outputs[LOGITS], outputs[ADVERSARY], hard=self.hard)
        parted = disagreement(target[LOGITS], target[ADVERSARY], hard=self.hard)
        usual = usual_loss(self.task_, outputs[LOGITS], answers["y"])
        return usual + self.gamma * agreed + parted


def agreement(logits: Tensor, adversary: Tensor, *, hard: bool) -> Tensor:
    """-sum_k p_k log q_k, the mean over utterances; no gradient reaches p.

    Parameters
    ----------
    logits, adversary
        Of p and q, [utterances, classes].
    hard
        Put 1 for the largest p and 0 for the others.
    """
    return -(_held(logits, hard) * adversary.log_softmax(1)).sum(1).mean()


def disagreement(logits: Tensor, adversary: Tensor, *, hard: bool) -> Tensor:
    """-sum_k p_k log(1 - q_k), the mean over utterances; no gradient reaches p.

    Arguments as of :func:`agreement`. 1 - q is not taken below 1e-7, as in Keras.
    """
    others = (1 - adversary.softmax(1)).clamp(min=TINY).log()
    return -(_held(logits, hard) * others).sum(1).mean()


def _held(logits: Tensor, hard: bool) -> Tensor:
    p = logits.detach().softmax(1)
    return nn.functional.one_hot(p.argmax(1), p.shape[1]).to(p) if hard else p


class CAAMModule(nn.Module):
    """Convolutions, capsules, classifier; in training the adversary."""

    def __init__(self, net: CAAM, columns: int) -> None:
        super().__init__()
        self.array = Mfcc.name
        self.convolutions = nn.Sequential(
            *(Convolution(1 if i == 0 else net.filters, net) for i in range(STAGES))
        )
        self.capsules = nn.Sequential(
            PrimaryCapsules(net.filters, net.channels, net.dims),
            SelfAttention(),
            Routing(net.capsules, net.dims, net.rounds),
        )
        self.head = Head(net.dims, columns)
        self.reversal = GradientReversal()
        self.adversary = Head(net.dims, columns)
        self.adversary.of_the_loss = True

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """Logits [utterances, classes], and the mean of the capsules [utterances, dims]."""
        x = inputs[self.array].values[:, None]  # every clip is of one length: there is no padding
        fused = self.capsules(self.convolutions(x)).mean(1)
        outputs = {LOGITS: self.head(fused), REPRESENTATION: fused}
        if self.training:
            outputs[ADVERSARY] = self.adversary(self.reversal(fused))
        return outputs


class Convolution(nn.Module):
    """3 x 3 convolution, BatchNorm that only scales and shifts, ELU, mean of 2 x 2, dropout."""

    def __init__(self, inputs: int, net: CAAM) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, net.filters, 3)
        self.scale = nn.Parameter(torch.ones(net.filters))
        self.shift = nn.Parameter(torch.zeros(net.filters))
        self.pool = nn.AvgPool2d(2)
        self.dropout = Dropout(net.dropout)

    def forward(self, x: Tensor) -> Tensor:
        # Scaled and shifted within the convolution, which spares two maps of its size in memory.
        scale = self.scale / math.sqrt(1 + 1e-3)  # Keras's variance of 1 and epsilon
        kernels = self.convolution.weight * scale[:, None, None, None]
        offset = self.convolution.bias * scale + self.shift  # type: ignore[operator]
        maps = nn.functional.conv2d(x, kernels, offset)
        y: Tensor = self.dropout(self.pool(nn.functional.elu_(maps)))
        return y


class Head(nn.Sequential):
    """ReLU and a linear layer: [utterances, dims] -> [utterances, classes]."""

    of_the_loss = False  # of the adversary, true

    def __init__(self, dims: int, columns: int) -> None:
        super().__init__(nn.ReLU(), nn.Linear(dims, columns))
