"""What the trainings of one step said of the corpus that every step is tested on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench import metrics
from serbench.cells import source_of
from serbench.errors import StoreError
from serbench.gathered import Held
from serbench.inflation.steps import Step
from serbench.predictions import Predictions
from serbench.selection import NoStages
from serbench.staged import select
from serbench.store import Store


class NoAnswers(Exception):
    """A step has nothing to be scored; its text says why."""


@dataclass(frozen=True)
class Answers:
    """What was decided of every utterance, by whole seeds.

    Parameters
    ----------
    ids, who, truth
        The utterances in the order of their ids, and of each its speaker and class:
        ``who`` holds places in ``speakers``, ``truth`` places in ``classes``.
    decided
        By seed, the classes that were told, int64 [sources, utterances]; within a corpus there is
        one source.
    folds
        By seed, the ids that were tested together.
    """

    classes: tuple[str, ...]
    speakers: tuple[str, ...]
    ids: tuple[str, ...]
    who: NDArray[np.int64]
    truth: NDArray[np.int64]
    decided: Mapping[int, NDArray[np.int64]]
    folds: Mapping[int, frozenset[frozenset[str]]]

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(sorted(self.decided))

    def counts(self, seeds: Sequence[int]) -> NDArray[np.int64]:
        """Confusion matrices, int64 [seeds, speakers, sources, classes, classes]."""
        return np.stack([self._counts(self.decided[seed]) for seed in seeds])

    def check_same(self, other: Answers, corpus: str) -> None:
        """Refuse what cannot be paired.

        Raises
        ------
        StoreError
            If the two judge different utterances, or hold them to different speakers or classes.
        """
        lost = set(self.ids) ^ set(other.ids)
        if lost or self.classes != other.classes or self.speakers != other.speakers:
            raise StoreError(
                f"two steps judge different utterances of {corpus}"
                + (f": {len(lost)} are in one of them alone" if lost else ""),
                expected="every step tests the same utterances",
            )
        if not np.array_equal(self.who, other.who) or not np.array_equal(self.truth, other.truth):
            raise StoreError(
                f"two steps hold utterances of {corpus} to different speakers or classes",
                expected="one truth for each utterance",
            )

    def _counts(self, decided: NDArray[np.int64]) -> NDArray[np.int64]:
        sources, classes = len(decided), len(self.classes)
        shape = (len(self.speakers), sources, classes, classes)
        cells = [
            np.ravel_multi_index((self.who, np.full_like(said, side), self.truth, said), shape)
            for side, said in enumerate(decided)
        ]
        size = int(np.prod(shape))
        return np.bincount(np.concatenate(cells), minlength=size).astype(np.int64).reshape(shape)


def answers(store: Store, held: Held, step: Step, corpus: str, sources: Sequence[str]) -> Answers:
    """Read what a row's trainings said, at the epoch that the step chooses.

    Raises
    ------
    NoAnswers
        If no seed is finished, or the trainings kept no epochs to choose from.
    StoreError
        If a file is damaged, or an utterance is judged twice.
    """
    if not held.trials:
        raise NoAnswers(_unfinished(held))
    try:
        picked: Any = select(store, held.trials, held.told, held.task, step.selection)[""]
    except NoStages:
        trial_id = next(iter(held.trials.values()))
        if store.record(trial_id)["provenance"].get("keep") is None:
            raise NoAnswers("the model has no epochs to choose from") from None
        raise NoAnswers("its trainings kept no epochs: they were run with --stages last") from None
    sides = _by_side(picked, corpus, sources if step.across else ())
    wanted = dict.fromkeys(sources, 1) if step.across else {"": int(held.row["folds"])}
    whole = sorted(
        seed
        for seed in {seed for seed, _ in sides}
        if all(len(sides.get((seed, side), [])) == folds for side, folds in wanted.items())
    )
    if not whole:
        raise NoAnswers(_unfinished(held))
    joined = {(seed, side): _joined(sides[seed, side]) for seed in whole for side in wanted}
    first = next(iter(joined.values()))
    for one in joined.values():
        if one.ids != first.ids or not np.array_equal(one.truth, first.truth):
            raise StoreError(f"the trainings of one row judge different utterances of {corpus}")
    speakers = tuple(sorted(set(first.speakers)))
    return Answers(
        classes=first.classes,
        speakers=speakers,
        ids=first.ids,
        who=np.array([speakers.index(name) for name in first.speakers], dtype=np.int64),
        truth=first.truth,
        decided={
            seed: np.stack([metrics.decide(joined[seed, side].probabilities) for side in wanted])
            for seed in whole
        },
        folds={
            seed: frozenset(frozenset(one.ids) for side in wanted for one in sides[seed, side])
            for seed in whole
        },
    )


def _by_side(
    said: Mapping[tuple[int, str, str], Predictions], corpus: str, sources: Sequence[str]
) -> dict[tuple[int, str], list[Predictions]]:
    """What was said of the corpus, by seed and training side; "" within the corpus."""
    sides: dict[tuple[int, str], list[Predictions]] = defaultdict(list)
    for (seed, fold, test), one in said.items():
        side = source_of(fold, test) if sources else ""
        if test == corpus and (not sources or side in sources):
            sides[seed, side].append(one)
    return sides


def _joined(folds: Sequence[Predictions]) -> Predictions:
    """The folds of one training side as one test set, in the order of ids."""
    ids = [name for fold in folds for name in fold.ids]
    again = [name for name, times in Counter(ids).items() if times > 1]
    if again:
        raise StoreError(
            f"{again[0]} is judged in two folds of one seed", expected="each utterance once"
        )
    order = sorted(range(len(ids)), key=ids.__getitem__)
    speakers = [name for fold in folds for name in fold.speakers]
    return Predictions(
        folds[0].classes,
        tuple(ids[i] for i in order),
        tuple(speakers[i] for i in order),
        np.concatenate([fold.truth for fold in folds])[order],
        np.concatenate([fold.probabilities for fold in folds])[order],
    )


def _unfinished(held: Held) -> str:
    failed = f", {held.trials_failed} failed" if held.trials_failed else ""
    damaged = f", {held.trials_damaged} damaged" if held.trials_damaged else ""
    return f"{held.trials_done} of {held.trials_planned} trials are finished{failed}{damaged}"
