"""DANN: TIM-Net that learns beside its labels not to tell the source corpus from the target.

After "Domain-Adversarial Training of Neural Networks" (Ganin et al., JMLR 17(59), 2016), on the
encoder of TIM-Net (:mod:`serbench_baselines.timnet`), so that what stands between ``dann`` and
``timnet`` is the adaptation. Features, layers, optimiser and label smoothing are TIM-Net's, and so
are the weights that it starts from with the same seed. The training, for f what TIM-Net's last
layer looks at (39 numbers)::

    source and target utterances -> TIM-Net -> f -> emotion, of source utterances
                                            f -> gradient reversal -> 100 ReLU -> source or target

    E = emotion loss of the source + domain loss of the source + domain loss of the target

where the domain loss is the mean binary cross entropy of either batch (the paper's Eq. 9), and the
reversal passes the gradient down multiplied by -lambda. Over the training lambda rises by the
paper's rule from 0 towards ``weight``::

    lambda = weight (2 / (1 + exp(-steepness p)) - 1),  p from 0 to 1

The paper's smaller discriminator, one hidden layer of 100, is the default. Its optimiser (momentum,
and a learning rate that falls as (1 + 10 p)^-0.75) is not taken over, for the comparison's sake.

A batch of the source and one of the target pass BatchNorm together, which normalises by the
statistics of both and keeps a running mean of them. What is due to that alone shows with
``weight=0``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from serbench.errors import UsageError
from serbench.labels import Task
from serbench.nets.outputs import REPRESENTATION, Outputs
from serbench.nets.padded import Padded
from serbench.nets.reversal import GradientReversal, reverse, rising
from serbench_baselines.timnet import TIMNet

DOMAIN = "domain"  # logits that an utterance is of the target: [utterances]


@dataclass(kw_only=True, eq=False)
class DANN(TIMNet):
    """TIM-Net with domain-adversarial training (Ganin et al., 2016).

    Parameters
    ----------
    weight
        What lambda rises towards. With 0 the encoder hears of the target through BatchNorm alone.
    steepness
        How fast it rises; the paper's gamma.
    discriminator
        Hidden units of what tells source from target.
    """

    weight: float = 1.0
    steepness: float = 10.0
    discriminator: int = 100

    version: ClassVar[str] = "1"
    adapts: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0 <= self.weight < math.inf and 0 < self.steepness < math.inf):
            raise UsageError(
                f"weight={self.weight}, steepness={self.steepness}",
                expected="weight 0 or more, steepness above 0",
            )
        if self.discriminator < 1:
            raise UsageError(f"discriminator={self.discriminator}", expected="1 or more")

    def build(self, task: Task) -> nn.Module:
        module = DANNModule(super().build(task), self.filters, self.discriminator)
        for part in module.adversary.modules():
            if isinstance(part, nn.Linear):
                nn.init.xavier_uniform_(part.weight)
                nn.init.zeros_(part.bias)
        return module

    def advance(self, module: nn.Module, progress: float) -> None:
        """Let lambda rise."""
        reverse(module, self.weight * rising(progress, self.steepness))

    def adapted_loss(
        self, outputs: Outputs, answers: Mapping[str, Tensor], target: Outputs, progress: float
    ) -> Tensor:
        """TIM-Net's loss on the source, and how ill source and target are told apart."""
        source, other = outputs[DOMAIN], target[DOMAIN]
        told = nn.functional.binary_cross_entropy_with_logits
        domain = told(source, torch.zeros_like(source)) + told(other, torch.ones_like(other))
        return self.loss(outputs, answers) + domain


class DANNModule(nn.Module):
    """TIM-Net, and in training the discriminator on its representation."""

    def __init__(self, encoder: nn.Module, dims: int, hidden: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.reversal = GradientReversal()
        self.adversary = Discriminator(dims, hidden)

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """TIM-Net's outputs; in training with the discriminator's logits, [utterances]."""
        outputs: Outputs = self.encoder(inputs)
        if not self.training:
            return outputs
        return {**outputs, DOMAIN: self.adversary(self.reversal(outputs[REPRESENTATION]))}


class Discriminator(nn.Module):
    """Source or target: [utterances, dims] -> logits of the target, [utterances]."""

    of_the_loss: ClassVar[bool] = True  # and no part of what predicts

    def __init__(self, dims: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(dims, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.layers(x)
        return logits[:, 0]
