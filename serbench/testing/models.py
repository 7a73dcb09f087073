"""Holds a model to the contract: the test that every model should pass before it is run.

>>> from serbench.testing.models import check_model
>>> def test_my_model():
...     check_model(MyModel, {"hidden": 8, "epochs": 2})
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError
from serbench.features.recipe import Recipe, record
from serbench.labels import Classes
from serbench.model import (
    Factory,
    Model,
    answer,
    build,
    declared_inputs,
    declared_recipes,
    is_deterministic,
    settings,
)
from serbench.testing.spoken import Spoken

# In alphabetical order, as a label space has it; of boredom there is no training utterance.
TASK = Classes(("anger", "boredom", "neutral", "sadness"))
TRAIN = Spoken(("anger", "neutral", "sadness"), ("a", "b"), takes=4)
TEST = Spoken(("anger", "neutral", "sadness"), ("c", "d"), takes=2)
SEED = 7
ALIKE = 1e-4  # a difference of probabilities that rounding alone explains

Probabilities = NDArray[np.float32]


def check_model(factory: Factory, chosen: Mapping[str, Any] | None = None) -> None:
    """Train a model on 24 make-believe utterances, and see whether it keeps the contract.

    That is: a constructor that can be recorded; features and inputs that are declared;
    probabilities of the right shape, finite, that sum to one, also for a class that training never
    showed; the same again from the same seed, whatever else draws random numbers; a judgement that
    hangs on the utterance alone and not on what is judged beside it; training labels left as they
    were. Whether it learns anything is not asked.

    Parameters
    ----------
    factory
        The class, or whatever makes the model from keywords.
    chosen
        Settings in place of its defaults, to make it small.

    Raises
    ------
    ModelError
        For the first promise that is broken.
    UsageError
        If there are no such settings, or the constructor refuses them.
    """
    subject = _Subject(factory, settings(factory, chosen or {}))
    model = subject.train(SEED)
    said = subject.judge(model)
    _expect_same(said, subject.judge(model), "the model predicts otherwise when asked again")
    _stir()
    _expect_same(
        said,
        subject.judge(model),
        "the model predicts otherwise once the global random numbers of Python, numpy or torch "
        "have moved on",
        advice="draw none to predict, or draw them from a generator of the model's own",
    )
    _expect_independent(subject, model, said)

    again = subject.judge(subject.train(SEED))
    _expect_same(
        said,
        again,
        f"trained twice with seed {SEED}, the model predicts otherwise the second time",
        advice="take every random number from a generator that is seeded with `seed`",
    )
    if is_deterministic(model):
        _expect_same(
            said,
            subject.judge(subject.train(SEED + 1)),
            "the model declares itself deterministic, and predicts otherwise with another seed",
            advice="leave out `deterministic`",
        )


class _Subject:
    """The model under examination: its settings, and what it may see."""

    def __init__(self, factory: Factory, values: Mapping[str, Any]) -> None:
        self.factory, self.values = factory, values
        model = build(factory, values)
        self.inputs, self.recipes = declared_inputs(model), declared_recipes(model)
        if unknown := self.inputs - {"audio", "text"}:
            raise ModelError(
                f"the model declares the inputs {sorted(self.inputs)}",
                expected="'audio' and 'text', one of them, or none",
                advice=f"leave out {sorted(unknown)}",
            )
        for recipe in self.recipes:
            if not isinstance(recipe, Recipe):
                raise ModelError(
                    f"{recipe!r} stands among the model's recipes",
                    expected="recipes, such as serbench.features.frames.LogMel()",
                )
            record(recipe)

    def train(self, seed: int) -> Model:
        """A new model, trained; the training set must come out of it as it went in."""
        rows = range(len(TRAIN))
        speakers = np.array([TRAIN.speaker(row) for row in rows])
        train = LabelledUtterances(
            TASK,
            TRAIN,
            rows,
            y=np.array([TASK.names.index(TRAIN.emotion(row)) for row in rows]),
            speakers=speakers,
            targets={"gender": speakers.copy()},
            inputs=self.inputs,
            recipes=self.recipes,
        )
        answers = (train.y, train.speakers, train.target("gender"))
        before = [array.copy() for array in answers]
        model: Any = build(self.factory, self.values).fit(train, seed=seed)
        if not all(np.array_equal(a, b) for a, b in zip(answers, before, strict=True)):
            raise ModelError(
                "fit changed the training set's labels, speakers or targets in place",
                expected="arrays left as they were: others train on them too",
                advice="copy an array before changing it",
            )
        if not isinstance(model, Model):
            raise ModelError(
                f"fit returned {model!r}",
                expected="the model itself, as in scikit-learn",
                advice="end fit with `return self`",
            )
        return model

    def judge(self, model: Model, rows: Sequence[int] = range(len(TEST))) -> Probabilities:
        """What it says of the test set's rows, held to the form."""
        test = Utterances(TASK, TEST, rows, inputs=self.inputs, recipes=self.recipes)
        return answer(model, test)


def _expect_same(said: Probabilities, again: Probabilities, found: str, advice: str = "") -> None:
    if not np.array_equal(said, again):
        far = np.abs(said - again).max()
        raise ModelError(
            f"{found} (probabilities differ by up to {far:.2g})",
            expected="equal probabilities, to the last bit",
            advice=advice,
        )


def _expect_independent(subject: _Subject, model: Model, said: Probabilities) -> None:
    """An utterance is judged alike alone, beside one other, and in any order."""
    everyone = range(len(TEST))
    order = np.random.default_rng(0).permutation(len(TEST)).tolist()
    parts = {
        "alone": [[row] for row in everyone],
        "in pairs": [list(everyone[at : at + 2]) for at in range(0, len(TEST), 2)],
        "in another order": [order],
    }
    for how, groups in parts.items():
        for rows in groups:
            far = np.abs(subject.judge(model, rows) - said[rows]).max()
            if far > ALIKE:
                raise ModelError(
                    f"an utterance judged {how} gets other probabilities than among all (by "
                    f"{far:.2g})",
                    expected=f"a judgement that hangs on the utterance alone, within {ALIKE:g}",
                    advice="take no statistics of the test set: normalise by the training set's, "
                    "mask padding, and put layers such as BatchNorm into evaluation mode",
                )


def _stir() -> None:
    """Move the global random numbers on, as anything else in a process may."""
    random.random()  # noqa: S311  the global generators are what is meant
    np.random.random()  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.rand(1)
