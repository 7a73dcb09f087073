"""Protocols: who trains, who tests, and what may be seen of the test side.

A protocol is a named choice of a splitter, its seed, the number of training seeds, the rule that
selects an epoch, and the access to target audio. Splits are a pure function of the utterance table,
the protocol and the split seed; the seed of a trial seeds training alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from serbench.canonical import digest
from serbench.errors import ProtocolError
from serbench.splitters import (
    LeaveOneSpeakerOut,
    Row,
    Splitter,
    StratifiedFolds,
)
from serbench.splitters import (
    record as splitter_record,
)

TargetAccess = Literal["none", "unlabelled", "speaker-norm"]


@dataclass(frozen=True)
class Split:
    """One fold by ids: what to train on, and the test sets by name."""

    fold: str
    train: tuple[str, ...]
    tests: Mapping[str, tuple[str, ...]]

    def record(self) -> dict[str, Any]:
        tests = {name: list(ids) for name, ids in self.tests.items()}
        return {"fold": self.fold, "train": list(self.train), "tests": tests}


@dataclass(frozen=True)
class Protocol:
    """How a number comes about.

    Parameters
    ----------
    name, title
        The name on the command line and on the board, and a line for people.
    splitter
        The rule for folds.
    speaker_independent
        Whether no speaker of a test set is in its training set, by the rule itself.
    split_seed, split_seeds
        What draws the folds: of any corpus, and of those for which a paper named its own.
    seeds
        How many trainings of each fold, unless more are asked for.
    selection
        The epoch that is scored: "last" throughout; other rules read the same trainings.
    target_access
        What a model may see of the test side besides the test utterance at hand: "none".
    reproduces, source
        The paper whose folds these are, and where that is known from.
    """

    name: str
    title: str
    splitter: Splitter
    speaker_independent: bool
    split_seed: int = 0
    split_seeds: Mapping[str, int] = field(default_factory=dict)
    seeds: int = 1
    selection: str = "last"
    target_access: TargetAccess = "none"
    reproduces: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        for what, value, known in (
            ("target access", self.target_access, "none"),
            ("selection", self.selection, "last"),
        ):
            if value != known:
                raise ProtocolError(
                    f"the protocol {self.name!r} asks for the {what} {value!r}",
                    expected=f"{known!r}, which is what this version of serbench enforces",
                )

    def seed_for(self, corpus: str) -> int:
        """What draws the folds of this corpus."""
        return self.split_seeds.get(corpus, self.split_seed)

    def splits(self, corpus: str, table: Sequence[Row]) -> tuple[Split, ...]:
        """The folds of one corpus.

        Parameters
        ----------
        corpus
            Its name, which is also the name of the test sets.
        table
            Its utterances, in any order.

        Raises
        ------
        ProtocolError
            Where the corpus does not allow for such folds.
        """
        rows = sorted(table, key=lambda row: row.id)
        splits = []
        try:
            for fold, train, test in self.splitter.folds(rows, self.seed_for(corpus)):
                splits.append(
                    Split(
                        fold,
                        tuple(rows[int(i)].id for i in train),
                        {corpus: tuple(rows[int(i)].id for i in test)},
                    )
                )
        except ProtocolError as error:
            raise ProtocolError(
                f"the protocol {self.name!r} does not fit {corpus}: {error.found}",
                expected=error.expected,
                advice=error.advice,
            ) from error
        return tuple(splits)

    def record(self, corpora: Sequence[str]) -> dict[str, Any]:
        """The protocol as resolved for these corpora, as it stands in a trial."""
        return {
            "name": self.name,
            "splitter": splitter_record(self.splitter),
            "split_seed": self.seed_for(corpora[0]),
            "target_access": self.target_access,
            "corpora": list(corpora),
        }

    def card(self) -> dict[str, Any]:
        """All that is to be said of it, for people and for a page."""
        return {
            "name": self.name,
            "title": self.title,
            "splitter": splitter_record(self.splitter),
            "speaker_independent": self.speaker_independent,
            "split_seed": self.split_seed,
            "split_seeds": dict(self.split_seeds),
            "seeds": self.seeds,
            "selection": self.selection,
            "target_access": self.target_access,
            "reproduces": self.reproduces,
            "source": self.source,
        }


def split_digest(splits: Sequence[Split]) -> str:
    """SHA-256 of all folds, by ids in order: what a worker must rebuild before it may train."""
    return digest([split.record() for split in splits])


KFOLD = Protocol(
    name="kfold",
    title="random 10-fold over utterances, stratified by class",
    splitter=StratifiedFolds(10),
    speaker_independent=False,
)

LOSO = Protocol(
    name="loso",
    title="leave one speaker out",
    splitter=LeaveOneSpeakerOut(),
    speaker_independent=True,
    reproduces="DBL-MM and SWRR, whose tables are leave-one-speaker-out",
)
