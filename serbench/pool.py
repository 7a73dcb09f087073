"""One or several cohorts at once: the utterances that a protocol deals out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.cohort import Cohort
from serbench.corpus import Corpus, Utterance
from serbench.errors import ProtocolError
from serbench.labels import Answer, Classes, LabelSpace, Task
from serbench.listing import Item, Listing
from serbench.protocols import Split
from serbench.scanned import Scan
from serbench.splitters import Row


class Pool:
    """The labelled utterances of one or several corpora, under one task.

    Ids are unique across corpora; speakers are told apart by corpus and name.

    Attributes
    ----------
    names
        The corpora, in alphabetical order.
    cohorts
        Corpus to its cohort.
    task
        What is told apart, the same in each.
    utterances, answers, y
        As of a :class:`serbench.cohort.Cohort`, corpus by corpus.
    """

    def __init__(self, cohorts: Sequence[Cohort]) -> None:
        self.cohorts: Mapping[str, Cohort] = {
            cohort.corpus: cohort for cohort in sorted(cohorts, key=lambda one: one.corpus)
        }
        self.names = tuple(self.cohorts)
        tasks = {cohort.task for cohort in cohorts}
        if len(tasks) != 1 or len(self.cohorts) != len(cohorts):
            raise ProtocolError(
                f"{', '.join(c.corpus for c in cohorts)} do not stand under one task",
                expected="different corpora under one label space, which means the same in each",
                advice="--labels intersection",
            )
        (self.task,) = tasks
        ordered = list(self.cohorts.values())
        self.utterances: tuple[Utterance, ...] = sum((c.utterances for c in ordered), ())
        self.answers: tuple[Answer, ...] = sum((c.answers for c in ordered), ())
        self.y: NDArray[Any] = np.concatenate([cohort.y for cohort in ordered])
        self._position = {utterance.id: i for i, utterance in enumerate(self.utterances)}
        self._original = np.arange(len(self.utterances))
        for cohort in ordered:
            for copy, name in cohort.originals.items():
                self._original[self._position[copy]] = self._position[name]

    @classmethod
    def of(cls, corpora: Sequence[tuple[Corpus, Scan]], space: LabelSpace) -> Pool:
        """Scanned corpora seen through a label space.

        Raises
        ------
        ProtocolError
            If a corpus has no label for one of the classes, or they share no task.
        """
        natives = {corpus.card.name: corpus.labels for corpus, _ in corpora}
        meant = space.among(natives)
        if isinstance(meant.task, Classes) and len(meant.task.names) < 2:
            shared = ", ".join(meant.task.names) or "no emotion"
            raise ProtocolError(
                f"{', '.join(natives)} share {shared}",
                expected="two classes or more that every corpus has",
                advice="leave one of the corpora out, or give --labels",
            )
        lacking = {name: meant.lacks(name, native) for name, native in natives.items()}
        for name, classes in lacking.items():
            if classes:
                raise ProtocolError(
                    f"no label of {name} stands for {', '.join(classes)}, which the label space "
                    f"{space.name!r} tells apart",
                    expected="a label space whose classes every corpus has",
                    advice="--labels intersection" if len(natives) > 1 else "--labels own",
                )
        return cls([Cohort(corpus, scan, meant) for corpus, scan in corpora])

    @property
    def title(self) -> str:
        return "+".join(self.names)

    @property
    def fingerprints(self) -> dict[str, str]:
        """Corpus to the fingerprint of its release."""
        return {name: cohort.scan.fingerprint for name, cohort in self.cohorts.items()}

    @property
    def scans(self) -> dict[str, Scan]:
        return {name: cohort.scan for name, cohort in self.cohorts.items()}

    def labels(self) -> dict[str, Any]:
        """The label space as it stands in a trial; by corpus where it differs between them."""
        records = {name: cohort.labels.record() for name, cohort in self.cohorts.items()}
        first = next(iter(records.values()))
        if all(record == first for record in records.values()):
            return first
        return {**first, "on": records}

    def classes(self) -> tuple[str, ...]:
        """The names of the classes.

        Raises
        ------
        ProtocolError
            If the task is a scale or tags.
        """
        return next(iter(self.cohorts.values())).classes()

    def counts(self) -> dict[str, int]:
        """Utterances per class, over all corpora."""
        total: Counter[str] = Counter()
        for cohort in self.cohorts.values():
            total.update(cohort.counts())
        return dict(total)

    def table(self, *, whole: bool = False) -> list[Row]:
        """What a split may depend on (:meth:`serbench.cohort.Cohort.table`)."""
        return [row for cohort in self.cohorts.values() for row in cohort.table(whole=whole)]

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """The rows of :meth:`table`, by id."""
        return {row.id: row for row in self.table()}

    def with_copies(self, splits: Sequence[Split]) -> tuple[Split, ...]:
        """Splits of :meth:`table`, each copy that a label space makes beside its original."""
        found = tuple(splits)
        for cohort in self.cohorts.values():
            found = cohort.with_copies(found)
        return found

    def positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Where these ids stand in ``utterances``."""
        return np.array([self._position[name] for name in ids], dtype=np.int64)

    def originals(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same positions, but for copies those of what they are copies of."""
        found: NDArray[np.int64] = self._original[positions]
        return found

    def answers_of(self, ids: Sequence[str]) -> list[Answer]:
        """What is right for these ids."""
        return [self.answers[self._position[name]] for name in ids]

    def at(self, ids: Sequence[str]) -> list[Utterance]:
        """The utterances of these ids."""
        return [self.utterances[self._position[name]] for name in ids]


def listing_of(pool: Pool, splits: Sequence[Split], name: str) -> Listing:
    """A pool and its folds, as the audit and the canaries read them."""
    task: Task = pool.task
    return Listing(
        name,
        tuple(
            _item(utterance, str(answer))
            for utterance, answer in zip(pool.utterances, pool.answers, strict=True)
        ),
        tuple(splits),
        task.names if isinstance(task, Classes) else (),
    )


def _item(utterance: Utterance, label: str) -> Item:
    return Item(
        id=utterance.id,
        label=label,
        corpus=utterance.corpus,
        file=utterance.file,
        path=utterance.audio,
        speaker=utterance.speaker,
        gender=utterance.gender,
        session=utterance.session,
        dialogue=utterance.dialogue,
        scenario=utterance.scenario,
        style=utterance.style,
        sentence=utterance.sentence,
        text=utterance.text,
        source=str(utterance.audio) if utterance.start is not None else None,
        start=utterance.start,
        end=utterance.end,
        duration=utterance.duration,
        rate=utterance.rate,
        channels=utterance.channels,
        samples=utterance.samples,
    )


def fitting_space(spaces: Sequence[LabelSpace], corpora: Sequence[Corpus]) -> LabelSpace:
    """The first of these label spaces whose every class each corpus has labels for.

    If there is none, the last, and :meth:`Pool.of` says what is wrong with it.
    """
    natives = {corpus.card.name: corpus.labels for corpus in corpora}
    for space in spaces:
        meant = space.among(natives)
        if not any(meant.lacks(name, native) for name, native in natives.items()):
            return space
    return spaces[-1]
