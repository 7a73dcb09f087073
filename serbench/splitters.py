"""Rules that cut a table of utterances into folds, drawn by scikit-learn's splitters.

A splitter is a frozen dataclass, so that its settings stand in a trial's record. It sees the table
and a seed, and nothing else: equal tables and seeds give equal folds on every machine.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from serbench.errors import ProtocolError

Indices = NDArray[np.int64]
GIVEN = "given-folds"  # the kind of a splitter whose folds somebody wrote down (serbench.given)


@dataclass(frozen=True, slots=True)
class Row:
    """All that a split may depend on of one utterance."""

    id: str
    file: str  # as the corpus's authors distribute it
    speaker: str
    session: str
    label: str  # "" where the label space leaves the utterance out
    corpus: str = ""
    fold: str = ""  # "train", "valid" or "test" of the corpus's official split


class Cut(NamedTuple):
    """One fold as positions in the table."""

    name: str
    train: Indices
    test: Indices
    validation: Indices = np.empty(0, dtype=np.int64)  # an official one; in neither of the others


class Splitter(Protocol):
    """A rule for folds. Guests write their own as a frozen dataclass.

    A rule with ``whole = True`` is shown the utterances that the label space leaves out as well;
    they are dropped from what it draws. One with ``across = True`` is shown several corpora at
    once; the others see one corpus at a time.
    """

    kind: ClassVar[str]

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        """Yield each fold.

        The table comes in the order of ids.

        Raises
        ------
        ProtocolError
            Where the table does not allow for such folds.
        """


def sees_whole(splitter: Splitter) -> bool:
    """Whether a rule draws from what the label space leaves out, too."""
    return bool(getattr(splitter, "whole", False))


def goes_across(splitter: Splitter) -> bool:
    """Whether a rule cuts several corpora at once."""
    return bool(getattr(splitter, "across", False))


def record(splitter: Splitter) -> dict[str, Any]:
    """The splitter as JSON: its kind and every setting."""
    if not dataclasses.is_dataclass(splitter) or isinstance(splitter, type):
        raise TypeError(f"a splitter is an instance of a frozen dataclass, not {splitter!r}")
    return {"kind": splitter.kind, **dataclasses.asdict(splitter)}


@dataclass(frozen=True)
class StratifiedFolds:
    """Random folds over utterances, each class spread evenly. Speakers stand on both sides."""

    kind: ClassVar[str] = "stratified-folds"
    k: int = 10

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        from sklearn.model_selection import StratifiedKFold

        labels = _stratified(table, self.k, f"one for each of {self.k} stratified folds")
        splitter = StratifiedKFold(self.k, shuffle=True, random_state=seed)
        for number, (train, test) in enumerate(splitter.split(labels, labels), 1):
            yield Cut(fold_name(number, self.k), train, test)


@dataclass(frozen=True)
class StratifiedHoldout:
    """One fold: a random share of the utterances is tested, and of each class the same share."""

    kind: ClassVar[str] = "stratified-holdout"
    share: float = 0.2  # of the utterances, which is tested

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        from sklearn.model_selection import StratifiedShuffleSplit

        labels = _stratified(table, 2, "one to train on and one to test on")
        classes, test_size = len(set(labels)), math.ceil(self.share * len(labels))
        if min(test_size, len(labels) - test_size) < classes:
            raise ProtocolError(
                f"{len(labels)} utterances of {classes} classes",
                expected=f"enough for one of each class among {self.share:.0%} of them",
            )
        splitter = StratifiedShuffleSplit(1, test_size=test_size, random_state=seed)
        for train, test in splitter.split(labels, labels):
            yield Cut(fold_name(1, 1), np.sort(train), np.sort(test))


@dataclass(frozen=True)
class LeaveOneSpeakerOut:
    """A fold for each speaker, who is heard in no other utterance of the training set.

    ``most``: a corpus of more speakers is refused, since each of them is a training.
    """

    kind: ClassVar[str] = "leave-one-speaker-out"
    most: int = 200

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        del seed  # nothing is drawn
        from sklearn.model_selection import LeaveOneGroupOut

        speakers = [row.speaker for row in table]
        found = sorted(set(speakers))
        if len(found) < 2:
            raise ProtocolError(
                counted(len(found), "speaker") + (f" ({found[0]})" if found else ""),
                expected="two or more, to leave one out",
            )
        if len(found) > self.most:
            raise ProtocolError(
                f"{len(found):,} speakers, and as many trainings",
                expected=f"{self.most} speakers at most",
            )
        for train, test in LeaveOneGroupOut().split(speakers, groups=speakers):
            yield Cut(speakers[int(test[0])], train, test)


def _stratified(table: Sequence[Row], least: int, why: str) -> list[str]:
    """The labels of a table whose every class has enough utterances to be spread out."""
    labels = [row.label for row in table]
    counts = Counter(labels)
    if not counts:
        raise ProtocolError("no utterance is left", expected=f"at least {least} of each class")
    rarest, count = min(counts.items(), key=lambda item: item[1])
    if count < least:
        raise ProtocolError(
            f"{count} of {len(labels)} utterances are labelled {rarest!r}",
            expected=f"at least {least}, {why}",
        )
    return labels


def fold_name(number: int, of: int) -> str:
    """The third of 10 is "03", so that names sort as numbers do."""
    return str(number).zfill(len(str(of)))


def counted(count: int, noun: str) -> str:
    """A count with its noun.

    >>> counted(1, "speaker"), counted(0, "speaker")
    ('1 speaker', '0 speakers')
    """
    return f"{count} {noun}" + ("" if count == 1 else "s")
