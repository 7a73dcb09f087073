"""Rules for folds of whole speakers or sessions, and the fold that the authors published."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from serbench.errors import ProtocolError, few
from serbench.splitters import Cut, Row, counted, fold_name

OFFICIAL = ("train", "valid", "test")  # what Row.fold says of an utterance in an official split


@dataclass(frozen=True)
class StratifiedSpeakerFolds:
    """Folds of whole speakers, alike in size and in classes as far as their speakers allow.

    Speakers are dealt out from the one with the most uneven classes on, each to the fold that
    keeps the classes most evenly spread. Where that leaves a fold without any speaker, as next to
    one who speaks most of the corpus, they are dealt out by number alone.
    """

    kind: ClassVar[str] = "stratified-speaker-folds"
    k: int = 10

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

        speakers = [row.speaker for row in table]
        labels = [row.label for row in table]
        found = len(set(speakers))
        if found < self.k:
            raise ProtocolError(
                f"{counted(found, 'speaker')} ({few(sorted(set(speakers)))})",
                expected=f"at least {self.k}, one for each of {self.k} folds of whole speakers",
            )
        with warnings.catch_warnings():  # of a class with fewer utterances than there are folds
            warnings.simplefilter("ignore", UserWarning)
            try:
                splitter = StratifiedGroupKFold(self.k, shuffle=True, random_state=seed)
                cuts = list(splitter.split(labels, labels, speakers))
            except ValueError:  # every class has fewer utterances than there are folds
                cuts = []
        if not cuts or not all(len(test) for _, test in cuts):
            by_number = GroupKFold(self.k, shuffle=True, random_state=seed)
            cuts = list(by_number.split(labels, labels, speakers))
        for number, (train, test) in enumerate(cuts, 1):
            yield Cut(fold_name(number, self.k), train, test)


@dataclass(frozen=True)
class LeaveOneSessionOut:
    """A fold for each recording session, and with it for all who speak there.

    A dialogue lies in one session, so that nobody is tested on answers to what was trained on.
    """

    kind: ClassVar[str] = "leave-one-session-out"

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        del seed  # nothing is drawn
        from sklearn.model_selection import LeaveOneGroupOut

        sessions = [row.session for row in table]
        without = [row.id for row in table if not row.session]
        if without:
            raise ProtocolError(
                f"{len(without)} of {len(table)} utterances are of no session ({few(without)})",
                expected="a corpus that was recorded in sessions, and says which",
            )
        if len(set(sessions)) < 2:
            raise ProtocolError(
                counted(len(set(sessions)), "session"), expected="two or more, to leave one out"
            )
        heard: dict[str, set[str]] = defaultdict(set)
        for row in table:
            heard[row.speaker].add(row.session)
        for speaker, where in sorted(heard.items()):
            if len(where) > 1:
                raise ProtocolError(
                    f"the speaker {speaker} is heard in the sessions {few(sorted(where))}",
                    expected="each speaker in one session, or they are trained and tested on",
                )
        for train, test in LeaveOneGroupOut().split(sessions, groups=sessions):
            yield Cut(sessions[int(test[0])], train, test)


@dataclass(frozen=True)
class OfficialFold:
    """The one fold that a corpus's authors published: train, test, and what chooses an epoch.

    What they put into none of the three is in none here either.
    """

    kind: ClassVar[str] = "official-fold"

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        del seed  # nothing is drawn
        parts = np.array([row.fold for row in table])
        train, valid, test = (np.flatnonzero(parts == name) for name in OFFICIAL)
        if not len(train) or not len(test):
            counts = Counter(row.fold for row in table if row.fold)
            found = ", ".join(f"{count} in {name!r}" for name, count in sorted(counts.items()))
            raise ProtocolError(
                f"an official split of {found}" if found else "no official split",
                expected="a corpus whose authors published what to train on and what to test on",
            )
        yield Cut("official", train, test, valid)
