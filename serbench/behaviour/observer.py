"""What a worker puts around a training: files are watched, answers asked again, state compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from serbench.behaviour.invariance import check_answers
from serbench.behaviour.problem import Behaviour, Problem
from serbench.behaviour.state import Change, State, change, shared_state_of, state_of
from serbench.behaviour.watch import watching
from serbench.corpus import Utterance
from serbench.data import Utterances
from serbench.features.cache import FeatureCache
from serbench.features.clip import clip_of
from serbench.features.recipe import AnyRecipe, reads_text
from serbench.model import Model, answer

FILES, ANSWERS, STATE = "watch", "invariance", "state"  # the modules that look


class Observer:
    """Watches one training, then what the model answers.

    >>> observer = Observer(test_files, train_files)
    >>> with observer.training(model):
    ...     model.fit(train, seed=0)
    >>> said = observer.answers(model, test)
    >>> observer.behaviour().record()

    Parameters
    ----------
    test_files
        What the model must not open by itself: the test side's sounds and cached features
        (:func:`files_of`). None where the target access lets the training hear them.
    train_files
        What may be, though it be a test file by another name.
    """

    def __init__(self, test_files: Iterable[Path] | None, train_files: Iterable[Path] = ()) -> None:
        self._test_files = None if test_files is None else frozenset(test_files)
        self._train_files = frozenset(train_files)
        self._checked: list[str] = []
        self._problems: list[Problem] = []
        self._notes: list[str] = []

    def building(self) -> AbstractContextManager[None]:
        """The model is made within: its constructor may no more look at the test side."""
        return self._watching("while the model was made")

    @contextmanager
    def training(self, model: Model) -> Iterator[None]:
        """The model is trained within.

        What the harness itself reads of the test side belongs into
        :func:`serbench.behaviour.watch.allowed`.
        """
        shared = shared_state_of(model)
        with self._watching("during training"):
            yield
        if left := change(shared, shared_state_of(model)):
            self._notes.append(
                f"training changed what all models of its class share: {_few(left.every)}; "
                "whether a fold's answers depend on it, an audit of the model tells"
            )

    def answers(
        self,
        model: Model,
        test: Utterances,
        *,
        groups: NDArray[np.int64] | None = None,
        speakers: NDArray[np.int64] | None = None,
        crowd: int = 0,
    ) -> NDArray[np.float32]:
        """What the model says of a test set; then it is asked about some of it again.

        Meanwhile it opens nothing of the test side by itself: who adapts to the test files only
        when asked has not trained without them.

        Parameters and errors as in :func:`serbench.behaviour.invariance.check_answers`, returns as
        in :func:`serbench.model.answer`.
        """
        with self._watching("by the model itself while it answered"):
            before = state_of(model)
            said = answer(model, test)
            self._compare(before, state_of(model))
            self._checked.append(ANSWERS)
            self._problems += check_answers(
                model, test, said, groups=groups, speakers=speakers, crowd=crowd
            )
        return said

    def behaviour(self) -> Behaviour:
        """What was seen so far. Of several test sets, equal problems are one."""
        return Behaviour.of(self._checked, self._problems, self._notes)

    @contextmanager
    def _watching(self, when: str) -> Iterator[None]:
        if self._test_files is None:
            yield
            return
        with watching(self._test_files, self._train_files) as seen:
            yield
        self._checked.append(FILES)
        if seen.files:
            what = f"{len(seen.files)} of the test side's {len(seen)} files were opened {when}"
            self._problems.append(Problem.of("L22", what, map(_brief, seen.files)))
        if seen.programs:
            started = ", ".join(seen.programs)
            self._notes.append(f"{started} was started {when}: what it read cannot be seen")

    def _compare(self, before: State, after: State) -> None:
        self._checked.append(STATE)
        moved: Change = change(before, after)
        if moved.changed or moved.removed:
            what = "predicting changed what was fitted"
            parts = sorted({*moved.changed, *moved.removed})
            self._problems.append(Problem.of("L09", what, parts))
        elif moved.added:
            self._notes.append(f"predicting added to the model: {_few(moved.added)}")


def files_of(
    utterances: Sequence[Utterance],
    cache: FeatureCache | None = None,
    recipes: Iterable[AnyRecipe] = (),
) -> frozenset[Path]:
    """The files that these utterances are heard through: their sounds, and cached features.

    Features of texts are left out: equal sentences share them, on both sides of a split.
    """
    files = {utterance.audio for utterance in utterances}
    if cache is not None:
        for recipe in recipes:
            if not reads_text(recipe):
                files |= {cache.path(cache.key(clip_of(each), recipe)) for each in utterances}
    return frozenset(files)


def _brief(path: Path) -> str:
    """A file and its folder: where corpora lie on this machine is nobody's business."""
    return "/".join(path.parts[-2:])


def _few(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
