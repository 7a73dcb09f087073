"""What SWRR and its halves of one modality share: the settings of the layers, how they train.

The layers and the choices behind the settings stand in :mod:`serbench_baselines.swrr.nets`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.data import Utterances
from serbench.errors import UsageError
from serbench.features.recipe import AnyRecipe
from serbench.labels import Scale, Task
from serbench.nets.encoders import identified, located, width_of
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, Outputs, width
from serbench_baselines.swrr.branches import Branch
from serbench_baselines.swrr.module import SWRRModule
from serbench_baselines.swrr.windows import CrossAttention

CHOICES = {
    "direction": ("uni", "bi"),
    "padding": ("counted", "masked"),
    "reuse": ("both", "global", "local", "none"),
    "classifier": ("mean", "max", "linear"),
    "head": ("regression", "seven"),
}
SENTIMENT = Scale(-3.0, 3.0)


@dataclass(kw_only=True, eq=False)
class FeatureMapNet(Net):
    """What SWRR shares with its halves of one modality: the LSTM, the classifier, the training.

    Parameters
    ----------
    hidden
        Units of each direction of the LSTM.
    direction
        "uni" or "bi".
    padding
        "counted": zeros up to ``tokens`` and ``frames`` are read like anything else, and nothing is
        masked. "masked": an utterance is read as if it had no padding. Mind what that does where
        windows move on with tokens: n tokens reach the first 5n + 5 frames, and the rest of the
        sound is never heard (of 14 tokens: 75 of 255 frames, 1.5 s of 5.1 s).
    layers, channels, kernel
        Layers before the class maps, maps of the first of them (doubled by each further one), taps
        of every kernel.
    stride
        Of layers, and of the screening of the maps that are reused: 2 is the paper's ratio of 50 %.
    reuse
        What decides which map is reused: "both", "global" (alpha), "local" (beta), or "none": no
        reuse.
    classifier
        "mean" or "max" of each class map; "linear": no class maps, a linear layer on all values.
    head
        What is trained where a scale is asked for. "regression": the value itself, by its absolute
        error. "seven": a class for each whole number from -3 to 3, by cross entropy on labels
        rounded half to even; the answer is the most probable one's number.
    dropout
        Share of the LSTM's outputs that are zeroed.
    optimiser, learning_rate, batch, epochs
        Adam with betas (.9, .99), 5e-4 for the first half of the epochs and a tenth of it from
        there on, 32 and 50; 1e-3 and 20 epochs on CMU-MOSEI.
    weight_decay
        As torch's optimisers have it.
    """

    hidden: int = 384
    direction: str = "uni"
    padding: str = "counted"
    layers: int = 3
    channels: int = 16
    kernel: int = 3
    stride: int = 2
    reuse: str = "both"
    classifier: str = "mean"
    head: str = "regression"
    dropout: float = 0.0
    optimiser: str = "adam"
    learning_rate: float = 5e-4
    weight_decay: float = 0.0
    batch: int = 32
    epochs: int = 50

    version: ClassVar[str] = "1"
    stackable: ClassVar[bool] = True
    corpus_settings: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "cmu-mosei": {"learning_rate": 1e-3, "epochs": 20}
    }
    classes_shown: ClassVar[int] = 4  # IEMOCAP's, the paper's

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise UsageError(f"{name}={getattr(self, name)}", expected=" or ".join(allowed))
        for name in ("hidden", "layers", "channels", "kernel", "stride", "frames", "tokens"):
            if getattr(self, name, 1) < 1:  # a net of one modality lacks the other's steps
                raise UsageError(f"{name}={getattr(self, name)}", expected="1 or more")
        if self.kernel % 2 == 0:
            raise UsageError(f"kernel={self.kernel}", expected="an odd number of taps")
        if self.layers < 2 and self.reuse != "none":
            raise UsageError(
                f"layers=1 with reuse={self.reuse}",
                expected="a next layer that a map can be added to",
                advice="set layers=2 or reuse=none",
            )
        if self.layers < 2 and self.classifier == "linear" and self.stride != type(self).stride:
            raise UsageError(
                f"stride={self.stride} with layers=1, reuse=none and classifier=linear",
                expected="no stride, since no layer and no screening would have it",
            )
        if not 0 <= self.dropout < 1 or not 0 <= self.weight_decay < math.inf:
            raise UsageError(
                f"dropout={self.dropout}, weight_decay={self.weight_decay}",
                expected="a dropout from 0 to below 1, a finite weight decay of 0 or more",
            )

    @property
    @abstractmethod
    def branches(self) -> Mapping[str, Branch]:
        """What is read: "audio", "text" or both."""

    @staticmethod
    def identify(settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings with encoders by their files' digest, and layers as counted from 0."""
        branches = [name for name in ("audio", "text") if f"{name}_encoder" in settings]
        stand = identified(settings, *(f"{name}_encoder" for name in branches))
        for name in branches:
            source, revision = settings[f"{name}_encoder"], settings[f"{name}_encoder_revision"]
            layer = settings[f"{name}_layer"]
            stand[f"{name}_layer"] = located(source, revision).layer(layer)
        return stand

    @property
    def inputs(self) -> frozenset[str]:
        return frozenset(self.branches)

    @cached_property  # to look after an encoder's files takes a millisecond, and many ask
    def recipes(self) -> tuple[AnyRecipe, ...]:
        return tuple(branch.recipe() for branch in self.branches.values())

    def arrays(self, data: Utterances, i: int) -> dict[str, NDArray[np.float32]]:
        """Of each branch the steps of utterance ``i``: float32 [steps, the encoder's width]."""
        return {
            name: data.feature(i, recipe)
            for name, recipe in zip(self.branches, self.recipes, strict=True)
        }

    @property
    def dims(self) -> int:
        """D, the width of what the LSTM gives."""
        return dims_of(self.hidden, self.direction)

    def fusion(self) -> CrossAttention | None:
        """What joins words and sound; None where there is one of them alone."""
        return None

    def build(self, task: Task) -> nn.Module:
        if isinstance(task, Scale) and self.head == "seven" and task != SENTIMENT:
            raise UsageError(
                f"head=seven for a scale from {task.low:g} to {task.high:g}",
                expected="a scale from -3 to 3",
                advice="--set head=regression",
            )
        widths = {
            name: width_of(branch.encoder, branch.revision)
            for name, branch in self.branches.items()
        }
        return SWRRModule(self, widths, 7 if self._seven(task) else width(task))

    def loss(self, outputs: Outputs, answers: Mapping[str, Tensor]) -> Tensor:
        """The task's usual loss; cross entropy of seven classes where ``head`` says so."""
        if not self._seven(self.task_):
            return super().loss(outputs, answers)
        classes = answers["y"].clamp(-3, 3).round() + 3
        return nn.functional.cross_entropy(outputs[LOGITS], classes.long())

    def read(self, logits: Tensor) -> Tensor:
        if not self._seven(self.task_):
            return super().read(logits)
        return logits.argmax(1, keepdim=True).to(logits) - 3

    @property
    def optimiser_settings(self) -> Mapping[str, Any]:
        betas = {"betas": (0.9, 0.99)} if self.optimiser in {"adam", "adamw"} else {}
        return {**betas, "weight_decay": self.weight_decay}

    def schedule(self, epoch: int) -> float:
        """A tenth, once half of the epochs are past."""
        return 1.0 if 2 * epoch <= self.epochs else 0.1

    def _seven(self, task: Task) -> bool:
        return isinstance(task, Scale) and self.head == "seven"


def dims_of(hidden: int, direction: str) -> int:
    """D, the width of what an LSTM of ``hidden`` units each direction gives."""
    return hidden * (2 if direction == "bi" else 1)
