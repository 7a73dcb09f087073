"""A scanned corpus seen through a label space: who is in it, and under which class."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.corpus import Corpus, Utterance
from serbench.errors import ProtocolError
from serbench.labels import Answer, Classes, LabelSpace, Scale, Tags, Task
from serbench.protocols import Split
from serbench.scanned import Scan
from serbench.splitters import Row


class Cohort:
    """The labelled utterances of a corpus, in the order of their ids.

    Attributes
    ----------
    labels
        The label space as it stands for this corpus.
    task
        What is told apart, fixed by the adapter and the label space, never by the data.
    utterances
        Those that the label space keeps. Where it counts some several times, their copies follow
        them, called ``<id>#2`` and so on.
    y
        [utterances]: the index of each one's class (int64), its value on the scale (float64), or
        its tags (bool [utterances, tags]).
    originals
        Id of each copy to that of the utterance that it is a copy of.
    left_out
        Utterances that the label space leaves out, by their emotion ("" where the corpus's own
        label stands for none).
    """

    def __init__(self, corpus: Corpus, scan: Scan, labels: LabelSpace) -> None:
        self.corpus = corpus.card.name
        self.scan = scan
        self.labels = labels.on(self.corpus)
        self.task: Task = self.labels.resolve(corpus.labels)
        if isinstance(self.task, Classes) and len(self.task.names) < 2:
            raise ProtocolError(
                f"the label space {labels.name!r} leaves {len(self.task.names)} class "
                f"of {self.corpus}",
                expected="two or more",
            )
        kept: list[tuple[Utterance, Answer]] = []
        self.left_out: Counter[str] = Counter()
        self._copies: dict[str, tuple[str, ...]] = {}
        for utterance in scan.utterances:
            answer = self.labels.answer(utterance, corpus.labels)
            if answer is None:
                self.left_out[utterance.emotion] += 1
                continue
            kept.append((utterance, answer))
            times = self.labels.repeat.get(answer, 1) if isinstance(answer, str) else 1
            if times > 1:
                copies = [
                    dataclasses.replace(utterance, id=f"{utterance.id}#{copy}")
                    for copy in range(2, times + 1)
                ]
                kept += [(copy, answer) for copy in copies]
                self._copies[utterance.id] = tuple(copy.id for copy in copies)
        if not kept:
            raise self._nothing(scan.utterances)
        kept.sort(key=lambda pair: pair[0].id)
        self.utterances: tuple[Utterance, ...] = tuple(utterance for utterance, _ in kept)
        self.answers: tuple[Answer, ...] = tuple(answer for _, answer in kept)
        self.y = _numbers(self.task, self.answers)
        self.originals: Mapping[str, str] = {
            copy: name for name, copies in self._copies.items() for copy in copies
        }
        self._position = {utterance.id: i for i, utterance in enumerate(self.utterances)}
        if len(self._position) != len(self.utterances):
            ids = Counter(utterance.id for utterance in self.utterances)
            raise ProtocolError(
                f"{ids.most_common(1)[0][0]!r} is an utterance of {self.corpus} and, by its id, a "
                f"copy that the label space {self.labels.name!r} makes of another",
                expected="no id that ends in #2, #3, ...",
            )
        if not scan.partial and scan.release == corpus.card.standard.name:
            self._hold_against(self.labels.expected.get(self.corpus, {}))

    def classes(self) -> tuple[str, ...]:
        """The names of the classes.

        Raises
        ------
        ProtocolError
            If the task is a scale or tags.
        """
        if not isinstance(self.task, Classes):
            raise ProtocolError(
                f"the label space {self.labels.name!r} is no classification: {self.task.record()}",
                expected="a label space of classes, for what was asked",
                advice="serbench labels list",
            )
        return self.task.names

    def counts(self) -> dict[str, int]:
        """Utterances per class, in the order of the classes; of a scale, per whole number."""
        found = Counter(_named(answer) for answer in self.answers)
        if isinstance(self.task, Classes):
            return {name: found[name] for name in self.task.names}
        if isinstance(self.task, Tags):
            given: NDArray[Any] = self.y.sum(axis=0)
            return dict(zip(self.task.names, given.tolist(), strict=True))
        return {name: found[name] for name in sorted(found, key=float)}

    def table(self, *, whole: bool = False) -> list[Row]:
        """What a split may depend on, each utterance once.

        ``whole``: with the utterances that the label space leaves out, labelled "".
        """
        rows = [
            _row(utterance, _named(answer))
            for utterance, answer in zip(self.utterances, self.answers, strict=True)
            if utterance.id not in self.originals
        ]
        if whole:
            left_out = (u for u in self.scan.utterances if u.id not in self._position)
            rows += [_row(utterance, "") for utterance in left_out]
        return rows

    def with_copies(self, splits: Sequence[Split]) -> tuple[Split, ...]:
        """Splits of :meth:`table`, each copy beside its original."""
        if not self._copies:
            return tuple(splits)
        return tuple(
            Split(
                split.fold,
                self._expanded(split.train),
                {name: self._expanded(ids) for name, ids in split.tests.items()},
                self._expanded(split.validation),
            )
            for split in splits
        )

    def positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Where these ids stand in ``utterances``."""
        return np.array([self._position[name] for name in ids], dtype=np.int64)

    def _expanded(self, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for one in ids for name in (one, *self._copies.get(one, ())))

    def _nothing(self, utterances: Sequence[Utterance]) -> ProtocolError:
        space = self.labels
        known = ", ".join(sorted({name for u in utterances for name in u.attributes})) or "none"
        reason = f"attributes here: {known}"
        if isinstance(self.task, Classes):
            emotions = ", ".join(sorted({u.emotion for u in utterances if u.emotion})) or "none"
            reason = f"emotions here: {emotions}"
        for name in space.where:
            values = sorted({str(getattr(u, name, None)) for u in utterances})
            reason += f"; {name} here: {', '.join(values[:10])}"
        return ProtocolError(
            f"the label space {space.name!r} leaves no utterance of {self.corpus} ({reason})",
            expected=_wanted(space, self.task),
            advice=f"serbench labels show {space.name}",
        )

    def _hold_against(self, expected: Mapping[str, int]) -> None:
        """A whole corpus that gives other counts than the label space promises is an error."""
        counts = self.counts()
        if expected and counts != dict(expected):
            raise ProtocolError(
                f"the label space {self.labels.name!r} gives {counts} on {self.corpus}",
                expected=f"{dict(expected)}, as for a whole {self.corpus}",
                advice=f"serbench corpora check {self.corpus}",
            )


def _row(utterance: Utterance, label: str) -> Row:
    return Row(
        utterance.id,
        utterance.file,
        utterance.speaker,
        utterance.session or "",
        label,
        utterance.corpus,
        utterance.fold or "",
    )


def _numbers(task: Task, answers: Sequence[Answer]) -> NDArray[Any]:
    if isinstance(task, Scale):
        return np.array(answers, dtype=np.float64)
    if isinstance(task, Tags):
        return np.array(answers, dtype=np.bool_)
    index = {name: i for i, name in enumerate(task.names)}
    return np.array([index[str(answer)] for answer in answers], dtype=np.int64)


def _named(answer: Answer) -> str:
    """An answer as a word, by which splits may be stratified: a scale's is its whole number."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, tuple):
        return "".join("1" if given else "0" for given in answer)
    return str(int(np.rint(answer)))


def _wanted(space: LabelSpace, task: Task) -> str:
    if isinstance(task, Scale):
        wanted = f"the attribute {space.label_field!r}"
    elif isinstance(task, Tags):
        wanted = f"the attributes {', '.join(task.names)}"
    else:
        wanted = f"one of {', '.join(task.names)}"
    return wanted + "".join(
        f", {name} {' or '.join(values)}" for name, values in space.where.items()
    )
