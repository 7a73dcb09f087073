"""Protocols: who trains, who tests, and what may be seen of the test side.

A protocol is a named choice of a splitter, its seed, the number of training seeds, the rule that
selects an epoch, and the access to target audio. Splits are a pure function of the utterance table,
the protocol and the split seed; the seed of a trial seeds training alone.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from serbench.access import ACCESSES, TargetAccess
from serbench.canonical import digest
from serbench.errors import ProtocolError
from serbench.splitters import (
    Indices,
    LeaveOneSpeakerOut,
    Row,
    Splitter,
    StratifiedFolds,
    goes_across,
    sees_whole,
)
from serbench.splitters import (
    record as splitter_record,
)

Selection = Literal["last", "val", "best-on-test", "best-on-test-per-metric"]
SELECTIONS: tuple[Selection, ...] = get_args(Selection)
RANKED: tuple[Selection, ...] = ("last", "val")  # the others have looked at the test set
PAIR = ">"  # in the name of a fold that has one source and one target: emodb>ravdess


@dataclass(frozen=True)
class Split:
    """One fold by ids: what to train on, the test sets by name, and an official validation set."""

    fold: str
    train: tuple[str, ...]
    tests: Mapping[str, tuple[str, ...]]
    validation: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        tests = {name: list(ids) for name, ids in self.tests.items()}
        official = {"validation": list(self.validation)} if self.validation else {}
        return {"fold": self.fold, "train": list(self.train), "tests": tests, **official}


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
        The epoch that is scored (:mod:`serbench.selection`), unless another rule is asked for.
    target_access
        What a model may hear of the test side beside the test utterance at hand: "none", the whole
        test set "unlabelled", or which test utterances have one speaker ("speaker-norm").
    labels
        Label spaces by name, the first that every corpus fits, unless one is asked for.
    corpora
        Those that it is usually run on, unless others are asked for.
    keep
        Stages of a net: those of "all" epochs, or the "last", unless asked for otherwise.
    trains, tests
        Who trains and who tests, in words.
    alternatives
        Protocols to turn to where this one does not fit a corpus, the nearest first.
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
    selection: Selection = "last"
    target_access: TargetAccess = "none"
    labels: tuple[str, ...] = ("own",)
    corpora: tuple[str, ...] = ()
    keep: Literal["all", "last"] = "all"
    trains: str = ""
    tests: str = ""
    alternatives: tuple[str, ...] = ()
    reproduces: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        for what, value, known in (
            ("target access", self.target_access, ACCESSES),
            ("selection", self.selection, SELECTIONS),
        ):
            if value not in known:
                raise ProtocolError(
                    f"the protocol {self.name!r} asks for the {what} {value!r}",
                    expected="one of " + ", ".join(known),
                )

    def under(self, access: TargetAccess) -> Self:
        """The same protocol under another access to target audio."""
        return dataclasses.replace(self, target_access=access)

    @property
    def across(self) -> bool:
        """Whether it takes several corpora at once."""
        return goes_across(self.splitter)

    @property
    def whole(self) -> bool:
        """Whether its folds are drawn over what the label space leaves out, too."""
        return sees_whole(self.splitter)

    def seed_for(self, corpora: Sequence[str]) -> int:
        """What draws the folds of these corpora."""
        return self.split_seed if self.across else self.split_seeds.get(corpora[0], self.split_seed)

    def splits(self, table: Sequence[Row]) -> tuple[Split, ...]:
        """The folds of a corpus, or of several at once.

        Under "unlabelled" access a training sees one target alone, so that a fold with several test
        sets is one fold for each of them.

        Parameters
        ----------
        table
            The utterances, in any order. Test sets have the names of their corpora.

        Raises
        ------
        ProtocolError
            Where the corpora do not allow for such folds.
        """
        rows = sorted(table, key=lambda row: row.id)
        corpora = sorted({row.corpus for row in rows})
        if len(corpora) > 1 and not self.across:
            raise ProtocolError(
                f"the protocol {self.name!r} is asked to cut {', '.join(corpora)} at once",
                expected="one corpus at a time",
            )
        try:
            if not any(row.label for row in rows):
                raise ProtocolError("no utterance is left", expected="some of each class")
            cuts = [
                self._split(rows, *cut) for cut in self.splitter.folds(rows, self.seed_for(corpora))
            ]
        except ProtocolError as error:
            raise ProtocolError(
                f"the protocol {self.name!r} does not fit {'+'.join(corpora)}: {error.found}",
                expected=error.expected,
                advice=error.advice,
            ) from error
        if self.target_access != "unlabelled":
            return tuple(cuts)
        return tuple(pair for split in cuts for pair in _pairs(split))

    def _split(
        self,
        rows: Sequence[Row],
        name: str,
        train: Indices,
        test: Indices,
        validation: Indices = (),  # type: ignore[assignment]  # a guest's cut may have none
    ) -> Split:
        """A cut by ids, of what the label space keeps."""
        tests: dict[str, list[str]] = defaultdict(list)
        for row in _at(rows, test):
            tests[row.corpus].append(row.id)
        kept = _ids(rows, train)
        if not kept or not tests:
            side = "training" if not kept else "test"
            raise ProtocolError(
                f"the {side} side of the fold {name!r} is empty", expected="an utterance or more"
            )
        return Split(
            name,
            kept,
            {corpus: tuple(ids) for corpus, ids in sorted(tests.items())},
            _ids(rows, validation),
        )

    def record(self, corpora: Sequence[str]) -> dict[str, Any]:
        """The protocol as resolved for these corpora, as it stands in a trial."""
        return {
            "name": self.name,
            "splitter": splitter_record(self.splitter),
            "split_seed": self.seed_for(corpora),
            "target_access": self.target_access,
            "corpora": list(corpora),
        }

    def card(self) -> dict[str, Any]:
        """All that is to be said of it, for people and for a page; ``digest`` is its SHA-256."""
        card: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "trains": self.trains,
            "tests": self.tests,
            "splitter": splitter_record(self.splitter),
            "speaker_independent": self.speaker_independent,
            "split_seed": self.split_seed,
            "split_seeds": dict(self.split_seeds),
            "seeds": self.seeds,
            "labels": list(self.labels),
            "corpora": list(self.corpora),
            "selection": self.selection,
            "target_access": self.target_access,
            "alternatives": list(self.alternatives),
            "reproduces": self.reproduces,
            "source": self.source,
        }
        return {**card, "digest": digest(card)}


def _ids(rows: Sequence[Row], at: Indices) -> tuple[str, ...]:
    return tuple(row.id for row in _at(rows, at))


def _at(rows: Sequence[Row], at: Indices) -> Iterator[Row]:
    """Those at these positions that the label space keeps."""
    return (row for i in at if (row := rows[i]).label)


def _pairs(split: Split) -> list[Split]:
    if len(split.tests) == 1:
        return [split]
    return [
        dataclasses.replace(split, fold=f"{split.fold}{PAIR}{target}", tests={target: ids})
        for target, ids in split.tests.items()
    ]


def split_digest(splits: Sequence[Split]) -> str:
    """SHA-256 of all folds, by ids in order: what a worker must rebuild before it may train."""
    return digest([split.record() for split in splits])


KFOLD = Protocol(
    name="kfold",
    title="random 10-fold over utterances, stratified by class",
    splitter=StratifiedFolds(10),
    speaker_independent=False,
    trains="nine tenths of the utterances",
    tests="the other tenth; its speakers are heard in training",
    alternatives=("loso", "fixed", "holdout"),
)

LOSO = Protocol(
    name="loso",
    title="leave one speaker out",
    splitter=LeaveOneSpeakerOut(),
    speaker_independent=True,
    trains="every speaker but one",
    tests="that speaker, each in turn",
    alternatives=("kfold-speaker", "loseso", "fixed", "kfold"),
    reproduces="DBL-MM and SWRR, whose tables are leave-one-speaker-out",
)
