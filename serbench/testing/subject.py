"""The model under examination: what it declares, what it is trained on, what it is asked.

24 make-believe utterances of three emotions to learn from, 12 of other speakers to judge, whose
sounds are also what a model adapts to. All of it is handed over behind a door
(:mod:`serbench.testing.closed`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.access import needed_access
from serbench.audio import Channel
from serbench.choice import identified
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, SerbenchError
from serbench.features.recipe import AnyRecipe, record
from serbench.labels import Classes
from serbench.model import (
    Factory,
    Model,
    answer,
    build,
    declared_inputs,
    declared_recipes,
    declared_targets,
    settings,
)
from serbench.plan import INPUTS, TARGETS
from serbench.testing.closed import closed
from serbench.testing.spoken import Spoken

# Not in alphabetical order, and of the second there is no training utterance: a model that numbers
# the classes by itself gets other columns.
TASK = Classes(("sadness", "boredom", "neutral", "anger"))
TRAIN = Spoken(("anger", "neutral", "sadness"), ("a", "b"), takes=4)
TEST = Spoken(("anger", "neutral", "sadness"), ("c", "d"), takes=2)
EVERYONE = range(len(TEST))
Y = np.array([TASK.names.index(TRAIN.emotion(row)) for row in range(len(TRAIN))])
GIVEN = {"inputs": INPUTS, "targets": TARGETS}

Array = NDArray[np.float32]


@dataclass
class Overheard:
    """A source of rows that notes whether anything is read of it."""

    source: Spoken
    read: bool = False

    def waveform(self, row: int, rate: int | None, channel: Channel) -> NDArray[np.float32]:
        self.read = True
        return self.source.waveform(row, rate, channel)

    def feature(self, row: int, recipe: AnyRecipe) -> NDArray[np.float32]:
        self.read = True
        return self.source.feature(row, recipe)

    def text(self, row: int) -> str:
        self.read = True
        return self.source.text(row)

    def speaker(self, row: int) -> int:
        return self.source.speaker(row)


Fit = Callable[[Any, LabelledUtterances, Utterances | None, int], Model]


@dataclass(frozen=True)
class Subject:
    """A model's factory and its settings, held to what they declare."""

    factory: Factory
    values: Mapping[str, Any]

    def __post_init__(self) -> None:
        model = build(self.factory, self.values)
        declared = {"inputs": declared_inputs(model), "targets": declared_targets(model)}
        for kind, names in declared.items():
            if unknown := names - set(GIVEN[kind]):
                raise ModelError(
                    f"the model declares the {kind} {sorted(names)}",
                    expected=", ".join(map(repr, GIVEN[kind])) + ", or none",
                    advice=f"leave out {sorted(unknown)}",
                )
        for recipe in declared_recipes(model):
            record(recipe)
        self._check_corpus_settings()
        identified(self.factory, self.values)

    def train(
        self, seed: int, fit: Fit | None = None, *, target: Sequence[int] = EVERYONE
    ) -> Model:
        """A new model, trained; the training set must come out of it as it went in.

        ``fit`` trains in place of the model's own. ``target``: rows of what a model adapts to that
        asks for it; it must be heard.
        """
        model = build(self.factory, self.values)
        speakers = np.array([TRAIN.speaker(row) for row in range(len(TRAIN))])
        answers = {"gender": speakers.copy()}
        train = LabelledUtterances(
            TASK,
            TRAIN,
            range(len(TRAIN)),
            y=Y.copy(),
            speakers=speakers,
            targets={name: answers[name] for name in declared_targets(model)},
            inputs=declared_inputs(model),
            recipes=declared_recipes(model),
        )
        arrays = (train.y, train.speakers, answers["gender"])
        before = [array.copy() for array in arrays]
        overheard = Overheard(TEST) if needed_access(model) == "unlabelled" else None
        heard = None if overheard is None else self.utterances(model, target, overheard)
        trained: Any = (fit or _own_fit)(model, closed(train), heard, seed)
        if overheard is not None and not overheard.read:
            raise ModelError(
                "fit_adapted reads nothing of the target",
                expected="a model that adapts to its sounds",
                advice="leave fit_adapted out: the model runs under --target-access none",
            )
        if not all(np.array_equal(a, b) for a, b in zip(arrays, before, strict=True)):
            raise ModelError(
                f"{_fitting(model)} changed the training set's labels, speakers or targets in "
                "place",
                expected="arrays left as they were: others train on them too",
                advice="copy an array before changing it",
            )
        if not isinstance(trained, Model):
            raise ModelError(
                f"{_fitting(model)} returned {trained!r}",
                expected="the model itself, as in scikit-learn",
                advice=f"end {_fitting(model)} with `return self`",
            )
        return trained

    def predicted(self, model: Model, rows: Sequence[int] = EVERYONE, of: Spoken = TEST) -> Array:
        """Probabilities of these utterances, held to the form: [utterances, classes]."""
        return answer(model, self.utterances(model, rows, of))

    def represented(self, model: Model, rows: Sequence[int] = EVERYONE) -> Array:
        """What ``represent`` gives of these utterances, held to the form: [utterances, dims]."""
        return self._observed(model, "represent", rows)

    def attended(self, model: Model, rows: Sequence[int] = EVERYONE) -> Array:
        """What ``attention`` gives of these utterances, held to the form: [utterances, ...]."""
        return self._observed(model, "attention", rows)

    def utterances(
        self, model: Model, rows: Sequence[int], of: Spoken | Overheard = TEST
    ) -> Utterances:
        """Utterances to judge, behind the door; grouped by speaker for a model that asks for it."""
        grouped = needed_access(model) == "speaker-norm"
        return closed(
            Utterances(
                TASK,
                of,
                rows,
                inputs=declared_inputs(model),
                recipes=declared_recipes(model),
                groups=np.array([of.speaker(row) for row in rows]) if grouped else None,
            )
        )

    def _observed(self, model: Any, name: str, rows: Sequence[int]) -> Array:
        given = getattr(model, name)(self.utterances(model, rows))
        try:
            array = np.asarray(given)
        except ValueError as error:
            raise ModelError(
                f"{name} returned {type(given).__name__} of unequal parts",
                expected="one array: pad what is shorter",
            ) from error
        flat = name == "represent"
        fits = array.ndim == 2 if flat else array.ndim >= 2
        if array.dtype.kind != "f" or not fits or len(array) != len(rows) or not array.size:
            raise ModelError(
                f"{name} returned {array.dtype} of shape {array.shape}",
                expected=f"floats of shape ({len(rows)}, {'dims' if flat else '...'}): "
                "a row an utterance",
            )
        if not np.isfinite(array).all():
            raise ModelError(
                f"{name} returned {np.count_nonzero(~np.isfinite(array))} values that are NaN or "
                "infinite",
                expected="finite values",
            )
        return array.astype(np.float32)

    def _check_corpus_settings(self) -> None:
        """What the model gives for a corpus must be settings that it takes."""
        for corpus, own in getattr(self.factory, "corpus_settings", {}).items():
            try:
                build(self.factory, settings(self.factory, own))
            except SerbenchError as error:
                raise ModelError(
                    f"what the model gives for {corpus} in its corpus_settings does not stand: "
                    f"{error.found}",
                    expected=error.expected or "settings that its constructor takes",
                ) from error


def _own_fit(model: Any, train: LabelledUtterances, target: Utterances | None, seed: int) -> Any:
    """The model's own training, as a trial would call it."""
    if target is None:
        return model.fit(train, seed=seed)
    return model.fit_adapted(train, target, seed=seed)


def _fitting(model: Model) -> str:
    return "fit_adapted" if needed_access(model) == "unlabelled" else "fit"
