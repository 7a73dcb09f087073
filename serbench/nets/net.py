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
...         return TinyModule(dims=13, classes=class_count(task))
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, UsageError
from serbench.features.recipe import Recipe
from serbench.labels import Task
from serbench.nets import training
from serbench.nets.classes import class_count
from serbench.nets.normalise import Standardise
from serbench.nets.predicting import judge
from serbench.nets.shelf import Shelf
from serbench.session import Session

OPTIMISERS: Mapping[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}


class Net(ABC):
    """A model that serbench trains. Its constructor stores its parameters and does nothing else.

    Attributes
    ----------
    epochs, batch, learning_rate, optimiser
        Parameters that the training loop reads: how often through the training set, utterances a
        step, and the name of one of ``OPTIMISERS``.
    module_, device_
        The trained module, in evaluation mode, and where it lies. Set by the training.
    """

    version: ClassVar[str] = "1"
    inputs: ClassVar[frozenset[str]] = frozenset({"audio"})

    epochs: int
    batch: int
    learning_rate: float
    optimiser: str

    module_: nn.Module
    device_: torch.device

    @property
    @abstractmethod
    def recipes(self) -> tuple[Recipe, ...]:
        """The features that it reads."""

    @abstractmethod
    def build(self, task: Task) -> nn.Module:
        """The module, with weights drawn from torch's generator (which is seeded).

        ``forward`` takes a mapping of the names of :meth:`arrays` to
        :class:`serbench.nets.padded.Padded` and returns logits, float [utterances, classes].
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

    def loss(self, logits: Tensor, y: Tensor) -> Tensor:
        """What a step lowers: the cross entropy, averaged over the batch.

        Parameters
        ----------
        logits
            float32 [utterances, classes].
        y
            int64 [utterances].
        """
        return nn.functional.cross_entropy(logits, y)

    def optimiser_of(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The optimiser that ``optimiser`` names, at ``learning_rate``, torch's defaults beside.

        Raises
        ------
        UsageError
            If there is none of that name.
        """
        if self.optimiser not in OPTIMISERS:
            raise UsageError(f"the optimiser {self.optimiser!r}", expected=", ".join(OPTIMISERS))
        make: Any = OPTIMISERS[self.optimiser]
        optimiser: torch.optim.Optimizer = make(parameters, lr=self.learning_rate)
        return optimiser

    def schedule(self, epoch: int) -> float:
        """What the learning rates are multiplied with in this epoch (from 1)."""
        return 1.0

    @property
    def settings(self) -> dict[str, Any]:
        """Every parameter of the constructor."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        """Train, outside of a trial: no probes, no checkpoints, the device chosen automatically."""
        training.train(self, train, seed=seed, session=Session())
        return self

    def predict_proba(self, test: Utterances) -> NDArray[np.float32]:
        """Softmax of the logits, float32 [utterances, classes].

        Raises
        ------
        ModelError
            If it is not trained.
        """
        if not hasattr(self, "module_"):
            raise ModelError("the net is not trained", advice="call fit first")
        classes = class_count(test.task)
        shelf = Shelf.of([self.arrays(test, i) for i in range(len(test))]).on(self.device_)
        return judge(self.module_, shelf, batch=self.batch, classes=classes)

    def parameters_for(self, task: Task) -> int:
        """How many weights are trained, for this task. Nothing is allocated."""
        with torch.device("meta"):
            module = self.build(task)
        return sum(weight.numel() for weight in module.parameters() if weight.requires_grad)
