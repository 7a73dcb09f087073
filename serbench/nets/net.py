"""The torch model: say what it reads and what it is built of, and serbench trains it.

A subclass stores its parameters and builds its module; the one training loop
(:mod:`serbench.nets.training`) does the rest, alike for every net. That is what makes nets
comparable: batches, masks, precision, seeds and stages are the same for all.

>>> @dataclass(kw_only=True, eq=False)
... class Tiny(Net):
...     epochs: int = 20
...     batch: int = 32
...     learning_rate: float = 1e-3
...     optimiser: str = "adam"
...
...     @property
...     def recipes(self):
...         return (Mfcc(),)
...
...     def build(self, task):
...         return TinyModule(dims=13, classes=width(task))
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.audio import CHANNELS
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, UsageError
from serbench.features.recipe import AnyRecipe
from serbench.labels import Task
from serbench.nets import saved, training
from serbench.nets.adapting import Adaptable
from serbench.nets.normalise import Standardise
from serbench.nets.optimisers import kind_of
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs, usual_loss, usual_reading, width
from serbench.nets.predicting import judge
from serbench.nets.shelf import Shelf
from serbench.nets.size import size_of
from serbench.session import Session


class Net(Adaptable, ABC):
    """A model that serbench trains. Its constructor stores its parameters and does nothing else.

    Attributes
    ----------
    epochs, batch, learning_rate, optimiser
        Parameters that the training loop reads: how often through the training set, utterances a
        step, and the name of one of :data:`serbench.nets.optimisers.OPTIMISERS`.
    stackable
        Whether many trainings of it may be computed as one (:mod:`serbench.nets.stacked`, which
        says what that takes).
    compilable
        Whether full batches are all of one shape, so that its passes can be compiled
        (:mod:`serbench.nets.compiling`).
    compiled_
        Whether its last training was; False where that was tried and failed.
    module_, device_, task_
        The trained module, in evaluation mode, where it lies, and what it tells apart. Set by the
        training.
    """

    version: ClassVar[str] = "1"
    stackable: ClassVar[bool] = False
    compilable: ClassVar[bool] = False

    epochs: int
    batch: int
    learning_rate: float
    optimiser: str

    compiled_: bool
    module_: nn.Module
    device_: torch.device
    task_: Task

    @property
    def inputs(self) -> frozenset[str]:
        """What it is given of an utterance: "audio", "text" or both. Unless overridden, audio."""
        return frozenset({"audio"})

    @property
    def targets(self) -> frozenset[str]:
        """What its loss asks of a training utterance beside its label, such as "gender"."""
        return frozenset()

    @property
    @abstractmethod
    def recipes(self) -> tuple[AnyRecipe, ...]:
        """The features that it reads."""

    @abstractmethod
    def build(self, task: Task) -> nn.Module:
        """The module, with weights drawn from torch's generator (which is seeded).

        ``forward`` takes a mapping of the names of :meth:`arrays` to
        :class:`serbench.nets.padded.Padded` and returns logits, float [utterances, columns] (of
        the number that :func:`serbench.nets.outputs.width` gives), or a mapping with them under
        "logits" and more beside, such as "representation": [utterances, dims].
        """

    def arrays(self, data: Utterances, i: int) -> Mapping[str, NDArray[np.float32]]:
        """What utterance ``i`` is to the module: name to float32 [frames, dims] or [dims].

        Unless overridden, each recipe's array under the recipe's name.
        """
        return {recipe.name: data.feature(i, recipe) for recipe in self.recipes}

    def prepare(self, module: nn.Module, shelf: Shelf) -> None:
        """Fit what is fitted to the training set before the first step: each :class:`Standardise`.

        Raises
        ------
        ModelError
            If one of them scales an array that the net does not read.
        """
        for part in module.modules():
            if isinstance(part, Standardise):
                if part.of not in shelf.frames:
                    raise ModelError(
                        f"Standardise({part.of!r}) in a net that reads {list(shelf.frames)}",
                        expected="one of the names that `arrays` gives",
                    )
                part.fit(shelf.frames[part.of][:-1])

    def loss(self, outputs: Outputs, answers: Mapping[str, Tensor]) -> Tensor:
        """What a step lowers, averaged over the batch: by default the task's usual loss.

        Parameters
        ----------
        outputs
            What the module returned; "logits" is float32 [utterances, columns].
        answers
            "y", see :func:`serbench.nets.outputs.answers`, and each of ``targets``.
        """
        return usual_loss(self.task_, outputs[LOGITS], answers["y"])

    def read(self, logits: Tensor) -> Tensor:
        """What logits say, float32 [utterances, columns].

        Unless overridden: class probabilities, values on the scale, or probabilities of tags.
        """
        return usual_reading(self.task_, logits)

    @property
    def optimiser_settings(self) -> Mapping[str, Any]:
        """Keywords of the optimiser beside the learning rate; torch's defaults stand elsewhere."""
        return {}

    def adjust(self, module: nn.Module, rate: float) -> None:
        """Change gradients between the backward pass and the step. Nothing, unless overridden.

        Parameters
        ----------
        rate
            The learning rate of this step.
        """

    def optimiser_of(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The optimiser that ``optimiser`` names, with ``optimiser_settings``.

        Raises
        ------
        UsageError
            If there is none of that name.
        """
        make: Any = kind_of(self.optimiser)
        optimiser: torch.optim.Optimizer = make(
            parameters, lr=self.learning_rate, **self.optimiser_settings
        )
        return optimiser

    def check_settings(self) -> None:
        """Refuse what no training could be made of, before a file is read.

        Raises
        ------
        UsageError
            If there is no epoch, nothing in a batch, no such optimiser or channel, or the learning
            rate is not above 0. (The optimiser is not made for it: that imports a second's worth.)
        """
        if not (1 <= self.epochs < math.inf and 1 <= self.batch < math.inf):
            raise UsageError(f"epochs={self.epochs}, batch={self.batch}", expected="1 or more each")
        if (channel := getattr(self, "channel", CHANNELS[0])) not in CHANNELS:
            raise UsageError(f"channel={channel}", expected=" or ".join(CHANNELS))
        kind_of(self.optimiser)
        if self.learning_rate is not None and not 0 < self.learning_rate < math.inf:
            raise UsageError(f"learning_rate={self.learning_rate}", expected="a number above 0")

    def schedule(self, epoch: int) -> float:
        """What the learning rates are multiplied with in this epoch (from 1)."""
        return 1.0

    @property
    def settings(self) -> dict[str, Any]:
        """Every parameter of the constructor."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        """Train, outside of a trial: no probes, no checkpoints, the device chosen automatically.

        Raises
        ------
        ModelError
            If the net adapts, and so wants a target: see :meth:`fit_adapted`.
        """
        training.train(self, train, seed=seed, session=Session())
        return self

    @property
    def trained(self) -> bool:
        return hasattr(self, "module_")

    def predict_proba(self, test: Utterances) -> NDArray[np.float32]:
        """Probabilities, float32 [utterances, classes or tags].

        Raises
        ------
        ModelError
            If it is not trained.
        """
        said = self._judge(test, lambda outputs: self.read(outputs[LOGITS]))
        return said.reshape(len(test), width(test.task))

    def predict(self, test: Utterances) -> NDArray[np.float32]:
        """Values on the scale, float32 [utterances].

        Raises
        ------
        ModelError
            If it is not trained.
        """
        return self._judge(test, lambda outputs: self.read(outputs[LOGITS])).reshape(len(test))

    def represent(self, test: Utterances) -> NDArray[np.float32]:
        """What the last layer looks at, float32 [utterances, dims].

        Raises
        ------
        ModelError
            If it is not trained, or its module returns no "representation".
        """
        return self.observe(test, REPRESENTATION)

    def observe(self, test: Utterances, name: str) -> NDArray[np.float32]:
        """Any of the module's outputs, float32 [utterances, ...].

        Raises
        ------
        ModelError
            If it is not trained, or its module returns nothing of that name.
        """

        def read(outputs: Outputs) -> Tensor:
            if name not in outputs:
                raise ModelError(
                    f"the net's module returns no {name!r}", expected=", ".join(outputs)
                )
            return outputs[name]

        return self._judge(test, read)

    def save(self, path: Path) -> None:
        """Write weights, settings and task as one safetensors file. Errors as in `saved.save`."""
        saved.save(self, path)

    @classmethod
    def load(
        cls, path: Path, *, device: str = "auto", places: Mapping[str, Any] | None = None
    ) -> Self:
        """What :meth:`save` of this class wrote. Errors as in `saved.load`."""
        return saved.load(cls, path, device=device, places=places)

    def _judge(self, test: Utterances, read: Callable[[Outputs], Tensor]) -> NDArray[np.float32]:
        if not self.trained:
            raise ModelError("the net is not trained", advice="call fit first")
        shelf = Shelf.of([self.arrays(test, i) for i in range(len(test))])
        dtype = next((p.dtype for p in self.module_.parameters()), torch.float32)
        shelf = shelf.as_type(dtype).on(self.device_)
        return judge(self.module_, shelf, batch=self.batch, read=read)

    def parameters_for(self, task: Task) -> int:
        """How many weights are trained, for this task. Nothing is allocated.

        What only the loss looks at is left out, as papers leave it out: the parameters of parts
        with ``of_the_loss = True``.
        """
        if self.trained and task == self.task_:
            return size_of(self.module_)
        try:
            with torch.device("meta"):
                return size_of(self.build(task))
        except (NotImplementedError, RuntimeError):  # it asks for a value, and meta has none
            return size_of(self.build(task))
