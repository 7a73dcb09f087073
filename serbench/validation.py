"""Who is held out of a training set so that an epoch can be chosen without the test set.

Whole speakers are: on speakers who are heard in training, the best epoch is the one that has
memorised most. A corpus with an official validation set has had that question answered by its
authors, and keeps their answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from serbench.errors import ProtocolError
from serbench.protocols import Split
from serbench.splitters import Row

SHARE = 0.2  # of the training speakers
DRAWS = 100  # until every class stands on both sides; then the draw that comes nearest

Speaker = tuple[str, str]  # corpus and name: two corpora may both have a speaker 01


@dataclass(frozen=True)
class HeldOut:
    """A training set in two parts, and who speaks in the part that chooses the epoch.

    ``speakers`` are "corpus/name", in alphabetical order.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    speakers: tuple[str, ...]


def held_out(split: Split, rows: Mapping[str, Row], classes: Collection[str], seed: int) -> HeldOut:
    """Hold a fifth of a fold's training speakers out, at least one and never all.

    They are drawn until every class is spoken on both sides, a hundred times at most; then the draw
    stands that leaves the fewest classes on one side alone, the first of several such. Speakers of
    several corpora are drawn together.

    Parameters
    ----------
    split
        The fold. Its official validation set, if it has one, is taken as it is.
    rows
        The utterances by id. A copy that a label space makes ("<id>#2") goes with its original.
    classes
        Those that are to stand on both sides; empty: all that the training set holds.
    seed
        The protocol's split seed, so that one fold has one validation set in all trainings.

    Raises
    ------
    ProtocolError
        If all of the training set is one speaker's.
    """
    if split.validation:
        return HeldOut(split.train, split.validation, _names(split.validation, rows))
    who = [_speaker(_row(rows, name)) for name in split.train]
    labels = [_row(rows, name).label for name in split.train]
    speakers = sorted(set(who))
    if len(speakers) < 2:
        raise ProtocolError(
            f"the training set of the fold {split.fold!r} has one speaker"
            + "".join(f" ({'/'.join(speaker)})" for speaker in speakers),
            expected="two or more, so that one can be held out to choose an epoch",
            advice="--selection last, which scores the last epoch and holds nobody out",
        )
    count = min(max(1, round(SHARE * len(speakers))), len(speakers) - 1)
    drawn = _draw(who, labels, set(classes) or set(labels), count, seed)
    return HeldOut(
        tuple(name for name, one in zip(split.train, who, strict=True) if one not in drawn),
        tuple(name for name, one in zip(split.train, who, strict=True) if one in drawn),
        tuple("/".join(one) for one in sorted(drawn)),
    )


def _draw(
    who: Sequence[Speaker], labels: Sequence[str], classes: set[str], count: int, seed: int
) -> set[Speaker]:
    """As many speakers, so that the most classes are spoken both by them and by the others."""
    from sklearn.model_selection import GroupShuffleSplit

    speakers = sorted(set(who))
    spoken: dict[Speaker, set[str]] = {one: set() for one in speakers}
    for one, label in zip(who, labels, strict=True):
        spoken[one].add(label)
    best: set[Speaker] = set()
    most = -1
    each = range(len(speakers))  # a row a speaker: the same draws as of all that they say
    for _, held in GroupShuffleSplit(DRAWS, test_size=count, random_state=seed).split(
        each, groups=each
    ):
        drawn = {speakers[int(i)] for i in held}
        here = set().union(*(spoken[one] for one in drawn))
        there = set().union(*(spoken[one] for one in spoken if one not in drawn))
        both = len(classes & here & there)
        if both > most:
            best, most = drawn, both
        if most == len(classes):
            break
    return best


def _row(rows: Mapping[str, Row], name: str) -> Row:
    return rows[name] if name in rows else rows[name.rpartition("#")[0]]


def _speaker(row: Row) -> Speaker:
    return row.corpus, row.speaker


def _names(ids: Sequence[str], rows: Mapping[str, Row]) -> tuple[str, ...]:
    found = {_speaker(_row(rows, name)) for name in ids}
    return tuple(sorted("/".join(one) for one in found))
