"""Rules that cut a table of utterances into folds, drawn by scikit-learn's splitters.

A splitter is a frozen dataclass, so that its settings stand in a trial's record. It sees the table
and a seed, and nothing else: equal tables and seeds give equal folds on every machine.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from serbench.errors import ProtocolError

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """All that a split may depend on of one utterance."""

    id: str
    file: str  # as the corpus's authors distribute it
    speaker: str
    session: str
    label: str


class Splitter(Protocol):
    """A rule for folds. Guests write their own as a frozen dataclass."""

    kind: ClassVar[str]

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[tuple[str, Indices, Indices]]:
        """Yield (fold name, positions of the training rows, positions of the test rows).

        The table comes in the order of ids.

        Raises
        ------
        ProtocolError
            Where the table does not allow for such folds.
        """


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

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[tuple[str, Indices, Indices]]:
        from sklearn.model_selection import StratifiedKFold

        labels = [row.label for row in table]
        counts = Counter(labels)
        if not counts:
            raise ProtocolError("no utterance is left", expected=f"at least {self.k} of each class")
        rarest, count = min(counts.items(), key=lambda item: item[1])
        if count < self.k:
            raise ProtocolError(
                f"{count} utterances are labelled {rarest!r}",
                expected=f"at least {self.k}, one for each of {self.k} stratified folds",
                advice="use --protocol loso",
            )
        splitter = StratifiedKFold(self.k, shuffle=True, random_state=seed)
        for number, (train, test) in enumerate(splitter.split(labels, labels), 1):
            yield fold_name(number, self.k), train, test


@dataclass(frozen=True)
class LeaveOneSpeakerOut:
    """A fold for each speaker, who is heard in no other utterance of the training set."""

    kind: ClassVar[str] = "leave-one-speaker-out"

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[tuple[str, Indices, Indices]]:
        del seed  # nothing is drawn
        from sklearn.model_selection import LeaveOneGroupOut

        speakers = [row.speaker for row in table]
        if len(set(speakers)) < 2:
            raise ProtocolError(
                f"{len(set(speakers))} speaker",
                expected="two or more, to leave one out",
                advice="use --protocol kfold, whose badge says that speakers are shared",
            )
        for train, test in LeaveOneGroupOut().split(speakers, groups=speakers):
            yield speakers[int(test[0])], train, test


def fold_name(number: int, of: int) -> str:
    """The third of 10 is "03", so that names sort as numbers do."""
    return str(number).zfill(len(str(of)))
