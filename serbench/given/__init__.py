"""A researcher's own folds as a protocol: a file or a folder of splits in place of a name.

The splits name utterances in their author's way (:mod:`serbench.given.folds`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from serbench.errors import ProtocolError, UnknownName, few
from serbench.given.folds import DeclaredFolds, GivenFolds, corpora_of
from serbench.listing import Listing
from serbench.protocols import Protocol
from serbench.registry import load, registered
from serbench.splitters import Row, counted

__all__ = ["GivenFolds", "given", "protocol_of", "remarks", "said_of_speakers"]


def given(path: Path) -> Protocol:
    """A protocol whose folds are those of a file or a folder, called as that is.

    Its usual label space is the one that the splits name. No other protocol stands in for it where
    it does not fit: somebody's folds are run as they are, or not at all.

    Raises
    ------
    ProtocolError
        If it holds no splits that can be read, or has the name of a registered protocol.
    """
    from serbench.interchange.reading import read

    listing = read(path)
    name, corpora = listing.name, corpora_of(listing)
    if name in registered("protocols"):
        raise ProtocolError(
            f"{path} has the name of the registered protocol {name!r}",
            expected="another name: on a board the two could not be told apart",
            advice=f"rename it, to {name}-{'-'.join(sorted(corpora)) or 'mine'}{path.suffix} for "
            "example",
        )
    if not listing.splits:
        raise ProtocolError(
            f"{path} names {len(listing.items)} utterances and no fold",
            expected="who trains and who tests",
            advice="docs/protocols.md describes the formats",
        )
    says = listing.speaker_independent is not None
    return Protocol(
        name=name,
        title=counted(len(listing.splits), "given fold"),
        splitter=DeclaredFolds(listing) if says else GivenFolds(listing),
        speaker_independent=listing.speaker_independent is not False and _speakers_apart(listing),
        labels=(listing.label_space or ("own" if len(corpora) < 2 else "intersection"),),
        corpora=tuple(sorted(corpora & set(registered("corpora")))),
        trains=_sizes(len(split.train) for split in listing.splits),
        tests=_sizes(sum(map(len, split.tests.values())) for split in listing.splits),
        source="splits as given",
    )


def protocol_of(spec: str) -> Protocol:
    """A registered protocol by its name, or the splits in a file or folder by its path.

    A registered name comes first; ``./loso`` is the folder.

    Raises
    ------
    UnknownName
        If it is neither.
    ProtocolError
        As :func:`given`.
    """
    path = Path(spec).expanduser()
    if spec not in registered("protocols") and os.path.lexists(path):
        return given(path)
    try:
        protocol: Protocol = load("protocols", spec)
    except UnknownName as error:
        if os.sep in spec or path.suffix:
            raise UnknownName(
                f"{spec} does not exist", expected="a file or folder of splits, or a protocol"
            ) from error
        raise UnknownName(
            error.found,
            expected=f"{error.expected}, or a file or folder of splits",
            advice=error.advice,
        ) from error
    return protocol


def remarks(protocol: Protocol, table: Sequence[Row]) -> list[str]:
    """What whoever runs given folds should hear.

    What was odd in reading them, who stands in none of them, and whose label or speaker is another
    than the corpus's, which is taken.
    """
    folds = protocol.splitter
    if not isinstance(folds, GivenFolds):
        return []
    found = [*folds.odd, *folds.otherwise(table)]
    if ids := folds.left_over(table):
        stand = "1 utterance stands" if len(ids) == 1 else f"{len(ids)} utterances stand"
        found.append(f"{stand} in no fold, neither to train nor to test: {few(ids)}")
    return found


def said_of_speakers(protocol: Protocol) -> bool | None:
    """Whether speakers are said to be apart; None: somebody's folds, which do not say."""
    if isinstance(protocol.splitter, GivenFolds):
        return getattr(protocol.splitter, "speaker_independent", None)
    return protocol.speaker_independent


def _speakers_apart(listing: Listing) -> bool:
    """Whether no fold tests a speaker that it trains on; not so where one is unknown."""
    who = {item.id: item.who for item in listing.items if item.speaker}
    for split in listing.splits:
        tests = [name for ids in split.tests.values() for name in ids]
        if not all(name in who for name in (*split.train, *tests)):
            return False
        if {who[name] for name in split.train} & {who[name] for name in tests}:
            return False
    return True


def _sizes(counts: Iterable[int]) -> str:
    every = sorted(counts)
    if every[0] == every[-1]:
        return f"{every[0]} utterances a fold"
    return f"{every[0]} to {every[-1]} utterances a fold"
