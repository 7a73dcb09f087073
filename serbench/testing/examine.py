"""Lets any model run under the eyes of every runtime rule, on make-believe recordings.

>>> from serbench.testing.examine import examine
>>> def test_my_model_takes_no_shortcut():
...     assert not examine(MyModel, {"hidden": 8, "epochs": 2}).problems
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.access import needed_access
from serbench.behaviour.drawn_labels import check_drawn
from serbench.behaviour.features import check_features
from serbench.behaviour.folds import Fold, check_folds
from serbench.behaviour.names import check_names, under_other_names
from serbench.behaviour.observer import FILES, Observer, files_of
from serbench.behaviour.problem import Behaviour, Problem
from serbench.behaviour.watch import watching
from serbench.corpus import Utterance
from serbench.data import Utterances
from serbench.model import Factory, Model, answer, build, declared_recipes, settings
from serbench.sources import items_of
from serbench.testing.studio import Studio, labels_of, speakers_of, studio

SEED = 7
HELD_OUT = "dov"  # the speaker of the corpus that is trained on who is tested

CROWD = 130  # utterances that are asked about at once, more than the usual batches

# The modules of serbench.behaviour.
NAMES, FOLDS, FEATURES, DRAWN = "names", "folds", "features", "drawn_labels"


def examine(
    factory: Factory,
    chosen: Mapping[str, Any] | None = None,
    *,
    closed: Mapping[str, Iterable[Path]] = {},
) -> Behaviour:
    """Train a model on three people, and see what it does while it answers for others.

    It is tested on a fourth person of the same corpus and on another corpus, whose files must stay
    closed in training, unless the model is one that adapts: it then hears that corpus, as under the
    target access "unlabelled". One that asks for speaker groups is given them.

    All that :class:`serbench.behaviour.observer.Observer` sees in a trial is looked at, and four
    things that take longer: the same sounds under other names, one fold trained twice with another
    in between, features computed anew, and sounds whose labels are drawn.

    Parameters
    ----------
    factory
        The class, or whatever makes the model from keywords. It is trained six times.
    chosen
        Settings in place of its defaults, to make it small.
    closed
        Corpus to its files, of which none is handed over and none may be opened: those that lie on
        this machine, where a model that looks for test audio finds it.

    Raises
    ------
    SerbenchError
        If the model cannot be built, or breaks its contract.
    """
    values = settings(factory, chosen or {})
    with studio() as recordings:
        with ExitStack() as stack:
            watched = {
                corpus: stack.enter_context(watching(files)) for corpus, files in closed.items()
            }
            found = _Examination(recordings, factory, values).all()
        opened = [
            Problem.of(
                "L22",
                f"{len(seen.files)} of {len(seen)} files of {corpus} were opened, which is no part "
                "of what the model was handed",
                (path.name for path in seen.files),
            )
            for corpus, seen in watched.items()
            if seen.files
        ]
        checked = (*found.checked, FILES) if any(map(len, watched.values())) else found.checked
        return Behaviour.of(checked, (*found.problems, *opened), found.notes)


class _Examination:
    def __init__(self, recordings: Studio, factory: Factory, values: Mapping[str, Any]) -> None:
        self.studio, self.factory, self.values = recordings, factory, values
        self.access = needed_access(self.make())
        self.train = recordings.of("home", without=HELD_OUT)
        self.tests = [recordings.of("away"), recordings.of("home", only=HELD_OUT)]

    def make(self) -> Model:
        return build(self.factory, self.values)

    def all(self) -> Behaviour:
        # First of all: what its class remembers of any training would stand on both sides.
        folds = self.folds()
        cache, recipes = self.studio.cache, declared_recipes(self.make())
        tested = [each for test in self.tests for each in test]
        watched = None if self.access == "unlabelled" else files_of(tested, cache, recipes)
        observer = Observer(watched, files_of(self.train, cache, recipes))
        with observer.building():
            model = self.make()
        first = self.fold(self.train, self.tests[0])
        with observer.training(model):
            self.fit(model, first)
        problems = []
        for utterances in self.tests:
            test, speakers = self.test(utterances, model), speakers_of(utterances)
            groups = speakers if self.access == "speaker-norm" else None
            observer.answers(model, test, groups=groups, speakers=speakers, crowd=CROWD)
            with under_other_names(utterances) as renamed:
                problems += check_names(model, test, self.test(renamed, model))
        for recipe in recipes:
            problems += check_features(items_of(self.train, recipe), [recipe], cache)
        problems += self.drawn(model, first)
        seen = observer.behaviour()
        return Behaviour.of(
            (*seen.checked, NAMES, FOLDS, FEATURES, DRAWN),
            (*seen.problems, *problems, *folds),
            seen.notes,
        )

    def drawn(self, model: Model, fold: Fold) -> list[Problem]:
        """Whether drawn labels are known, to a model that nobody told, or once another was told."""
        every = self.studio.drawn()
        untold, told = every[::2], every[1::2]
        if found := check_drawn(self.ask(model, untold), labels_of(untold), "L18"):
            return found
        self.fit(self.make(), self.fold(told, self.tests[0]))
        return check_drawn(self.ask(self.fit(self.make(), fold), told), labels_of(told), "L20")

    def ask(self, model: Model, utterances: Sequence[Utterance]) -> NDArray[np.float32]:
        return answer(model, self.test(utterances, model))

    def folds(self) -> list[Problem]:
        """The held-out person's fold, with another's between: there, both sides change places."""
        first = self.fold(self.train, self.studio.of("home", only=HELD_OUT))
        other = self.fold(self.studio.of("home", without="ann"), self.studio.of("home", only="ann"))
        return check_folds(lambda fold: self.fit(self.make(), fold), first, [other])

    def fold(self, train: Sequence[Utterance], test: Sequence[Utterance]) -> Fold:
        model = self.make()
        return self.studio.training(train, model), self.test(test, model)

    def fit(self, model: Model, fold: Fold) -> Model:
        train, target = fold
        if self.access == "unlabelled":
            adapting: Any = model
            fitted: Model = adapting.fit_adapted(train, target, seed=SEED)
            return fitted
        return model.fit(train, seed=SEED)

    def test(self, utterances: Sequence[Utterance], model: Model) -> Utterances:
        return self.studio.test(utterances, model, grouped=self.access == "speaker-norm")
