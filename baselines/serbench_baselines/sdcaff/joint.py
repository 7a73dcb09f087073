"""What SD-CAFF and its baselines share: four heads, a joint loss with centres, the training.

Each utterance is asked two questions, its emotion and its speaker's gender. Each has two linear
layers over the same representation: one for cross entropy, one whose output is drawn to a point of
its class (:mod:`serbench.nets.centre_loss`).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from torch import Tensor, nn
from torch.optim import Optimizer

from serbench.audio import Channel
from serbench.errors import ModelError, UsageError
from serbench.features.recipe import Recipe
from serbench.labels import Classes, Task
from serbench.nets.centre_loss import Centres
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs, width
from serbench.nets.padded import Padded
from serbench_baselines.idle import refuse_idle
from serbench_baselines.sdcaff.features import SILENCES, SpeechMfcc

DISTANCES, GENDER, GENDER_DISTANCES = "distances", "gender", "gender distances"
GENDERS = 2


@dataclass(kw_only=True, eq=False)
class JointNet(Net):
    """Emotion and gender, each by cross entropy and centre loss. It tells classes apart alone.

    Parameters
    ----------
    paper
        Follow the paper's text where the released code differs: see
        :mod:`serbench_baselines.sdcaff.nets`.
    gender
        Whether to learn the speaker's gender beside the emotion. Without it the loss is the
        emotion's part alone.
    emotion_share
        Of the loss, 0 to 1; the gender's is the rest. The paper's 7 : 3. Refused without gender.
    centre_weight
        Of the centre loss, beside a cross entropy of 1.
    centre_rate
        What the emotions' centres would learn at if the optimiser were plain gradient descent.
        Refused without a centre loss.
    silence
        "removed": voiced runs are joined. "released": with the slips of the released code as well,
        as it stands to the letter, see :func:`serbench_baselines.sdcaff.features.without_silence`.
    seconds
        Of what remains, from its start, that are read.
    channel
        Of a recording with several: "first" or "mean". The paper's corpora are mono.
    optimiser, weight_decay, batch, epochs
        Adam, 1e-6 on all weights, 32 and 30.
    learning_rate
        None: 5e-4 as in the code, 5e-3 with ``paper``.
    decay_epochs
        The rate is divided by ten after one epoch more than this, and whenever as many more have
        passed. 0: never.
    """

    paper: bool = False
    gender: bool = True
    emotion_share: float = 0.7
    centre_weight: float = 0.15
    centre_rate: float = 0.1
    silence: str = "removed"
    seconds: float = 6.0
    channel: Channel = "first"
    optimiser: str = "adam"
    learning_rate: float | None = None  # type: ignore[assignment]  # a number in other nets
    weight_decay: float = 1e-6
    decay_epochs: int = 10
    batch: int = 32
    epochs: int = 30

    stackable: ClassVar[bool] = True
    classes_shown: ClassVar[int] = 4  # the paper's
    instead: ClassVar[Mapping[str, str]] = {GENDER: "--set gender=false"}

    def __post_init__(self) -> None:
        rate: Any = self.first_rate
        is_number = isinstance(rate, float | int) and not isinstance(rate, bool)
        if not is_number or not 0 < rate < math.inf:
            raise UsageError(f"learning_rate={self.learning_rate}", expected="a number above 0")
        if self.silence not in SILENCES:
            raise UsageError(f"silence={self.silence}", expected=" or ".join(SILENCES))
        if not 0 <= self.emotion_share <= 1:
            raise UsageError(f"emotion_share={self.emotion_share}", expected="from 0 to 1")
        if not 0.25 <= self.seconds <= 60:  # ten frames pass the static branch
            raise UsageError(f"seconds={self.seconds}", expected="from 0.25 to 60")
        for name in ("centre_weight", "centre_rate", "weight_decay", "decay_epochs"):
            if not 0 <= getattr(self, name) < math.inf:
                raise UsageError(f"{name}={getattr(self, name)}", expected="0 or more")
        refuse_idle(self, "emotion_share", gender=False)
        refuse_idle(self, "centre_rate", centre_weight=0)

    @property
    @abstractmethod
    def reads(self) -> SpeechMfcc:
        """The one recipe."""

    @abstractmethod
    def body(self) -> tuple[nn.Module, int]:
        """From [utterances, frames, dims] to what the heads look at, and the width of that."""

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        return (self.reads,)

    @property
    def targets(self) -> frozenset[str]:
        return frozenset({GENDER} if self.gender else ())

    @property
    def first_rate(self) -> float:
        """The learning rate of the first epochs."""
        if self.learning_rate is not None:
            return self.learning_rate
        return 5e-3 if self.paper else 5e-4

    def optimiser_of(self, parameters: Iterable[nn.Parameter]) -> Optimizer:
        """The optimiser, at ``first_rate``. Errors as in :meth:`Net.optimiser_of`."""
        return Net.optimiser_of(replace(self, learning_rate=self.first_rate), parameters)

    @property
    def optimiser_settings(self) -> Mapping[str, Any]:
        return {"weight_decay": self.weight_decay}

    def schedule(self, epoch: int) -> float:
        """A tenth from the twelfth epoch on, a hundredth from the 22nd."""
        passed = (epoch - 2) // self.decay_epochs if self.decay_epochs else 0
        return float(0.1 ** max(0, passed))

    def build(self, task: Task) -> nn.Module:
        """The module.

        Raises
        ------
        ModelError
            If the task is a scale or tags.
        """
        if not isinstance(task, Classes):
            raise ModelError(
                f"SD-CAFF draws utterances to the centres of classes, and the task is {task}",
                expected="a label space of classes",
                advice="serbench labels list",
            )
        body, dims = self.body()
        return JointModule(body, dims, width(task), gender=self.gender)

    def loss(self, outputs: Outputs, answers: Mapping[str, Tensor]) -> Tensor:
        """Its share x (CE + weight x C) of the emotion, and the rest x the same of the gender."""
        emotion = self._loss(outputs[LOGITS], outputs[DISTANCES], answers["y"])
        if not self.gender:
            return emotion
        gender = self._loss(outputs[GENDER], outputs[GENDER_DISTANCES], answers[GENDER].long())
        return self.emotion_share * emotion + (1 - self.emotion_share) * gender

    def _loss(self, logits: Tensor, distances: Tensor, y: Tensor) -> Tensor:
        entropy = nn.functional.cross_entropy(logits, y)
        return entropy + self.centre_weight * Centres.loss(distances, y)

    def adjust(self, module: nn.Module, rate: float) -> None:
        """Scale the gradient of the emotions' centres (the genders' is left as it is)."""
        joint: Any = module
        gradient = joint.emotion.centres.points.grad
        if self.centre_weight:
            gradient *= self.centre_rate / (self.centre_weight * rate)


class JointModule(nn.Module):
    """A body, and the heads over what it makes of an utterance."""

    def __init__(self, body: nn.Module, dims: int, classes: int, *, gender: bool) -> None:
        super().__init__()
        self.body = body
        self.emotion = Head(dims, classes)
        self.gender = Head(dims, GENDERS) if gender else None

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """Logits and representation; of each question squared distances to its centres."""
        # Every utterance has as many frames: there is no padding.
        x = self.body(inputs[SpeechMfcc.name].values)
        outputs = dict(zip((LOGITS, DISTANCES), self.emotion(x), strict=True))
        if self.gender is not None:
            outputs |= zip((GENDER, GENDER_DISTANCES), self.gender(x), strict=True)
        return {**outputs, REPRESENTATION: x}


class Head(nn.Module):
    """Two linear layers for one question, one for its cross entropy and one for its centre loss.

    [utterances, dims] -> logits and squared distances to the centres, [utterances, classes] each.
    """

    def __init__(self, dims: int, classes: int) -> None:
        super().__init__()
        self.logits = nn.Linear(dims, classes)
        self.place = nn.Linear(dims, classes)
        self.centres = Centres(classes, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.logits(x), self.centres(self.place(x))
