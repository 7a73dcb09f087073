"""A researcher's own folds as a protocol: a file or a folder of splits in place of a name.

The splits name utterances in their author's way. Each name is looked for in the corpora at hand,
and one that is not found is an error: folds that lose a part of themselves in silence are other
folds. What a label space leaves out may stand in the splits, and drops out of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from serbench.canonical import digest
from serbench.errors import ProtocolError, UnknownName, few
from serbench.interchange.naming import Names
from serbench.listing import Listing
from serbench.protocols import Protocol
from serbench.registry import load, registered
from serbench.splitters import Cut, Indices, Row


@dataclass(frozen=True)
class GivenFolds:
    """Folds as somebody wrote them down.

    A trial's record holds ``digest`` alone: the SHA-256 of the folds' names and of the utterances
    of each side, in no order and by the names that the splits give them. Where the splits were read
    from is no part of it.

    Parameters
    ----------
    listing
        The splits as read.
    """

    kind: ClassVar[str] = "given-folds"
    whole: ClassVar[bool] = True  # splits may name what the label space leaves out

    listing: InitVar[Listing]
    digest: str = field(init=False)

    def __post_init__(self, listing: Listing) -> None:
        vars(self)["_listing"] = listing  # no field: a record takes fields
        object.__setattr__(self, "digest", _digest(listing))

    @property
    def across(self) -> bool:
        """Whether the splits deal out several corpora at once."""
        return len(_corpora(self._given)) > 1

    @property
    def _given(self) -> Listing:
        listing = vars(self)["_listing"]
        assert isinstance(listing, Listing)
        return listing

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        """The folds, by the positions of what they name.

        Raises
        ------
        ProtocolError
            Where a name is of no utterance, or of several; where an utterance stands twice in one
            fold; or where it is tested in two folds of one corpus, since a score counts it once.
        """
        del seed  # nothing is drawn
        at = self._positions(table)
        tested: Counter[int] = Counter()
        for split in self._given.splits:
            sides = {
                "train": [at[name] for name in split.train],
                "test": [at[name] for ids in split.tests.values() for name in ids],
                "validation": [at[name] for name in split.validation],
            }
            _refuse_twice(split.fold, sides, table)
            tested.update(sides["test"])
            yield Cut(
                split.fold,
                _sorted(sides["train"]),
                _sorted(sides["test"]),
                _sorted(sides["validation"]),
            )
        again = [table[i].id for i, times in tested.items() if times > 1]
        if again and not self.across:
            raise ProtocolError(
                f"{len(again)} utterances are tested in more than one fold: {few(sorted(again))}",
                expected="each utterance in the test side of one fold: pooled scores count it once",
                advice="run repeated folds as one file of splits for each repetition",
            )

    def left_over(self, table: Sequence[Row]) -> tuple[str, ...]:
        """Ids of what the label space keeps and no fold names: it neither trains nor tests."""
        named = set(self._positions(table).values())
        return tuple(row.id for i, row in enumerate(table) if row.label and i not in named)

    def _positions(self, table: Sequence[Row]) -> dict[str, int]:
        """Where in the table each utterance of the splits stands, by its name there."""
        names = Names(table)
        items = {item.id: item for item in self._given.items}
        found: dict[str, int] = {}
        lost: list[str] = []
        for name in _named(self._given):
            position = names.find(items[name]) if name in items else None
            if position is None:
                lost.append(name)
            else:
                found[name] = position
        if lost:
            here = "+".join(sorted({row.corpus for row in table}))
            example = f", such as {table[0].id} or {table[0].file}" if table else ""
            raise ProtocolError(
                f"{len(lost)} of {len(lost) + len(found)} utterances of the splits are none of "
                f"{here}: {few(lost)}",
                expected=f"ids or file names of {here}{example}",
                advice=f"`serbench corpora export {here.partition('+')[0]}` lists them; where the "
                "splits hold several corpora, give --corpus for each",
            )
        return found


def given(path: Path) -> Protocol:
    """A protocol whose folds are those of a file or a folder, called as that is.

    Raises
    ------
    ProtocolError
        If it holds no splits that can be read, or is called as a registered protocol.
    """
    from serbench.interchange.reading import read

    listing = read(path)
    name = listing.name
    if name in registered("protocols"):
        raise ProtocolError(
            f"the splits in {path} are called as the protocol {name!r}",
            expected="another name: on a board the two could not be told apart",
            advice=f"rename {path.name}",
        )
    if not listing.splits:
        raise ProtocolError(
            f"{path} names {len(listing.items)} utterances and no fold",
            expected="who trains and who tests",
            advice="docs/protocols.md describes the formats",
        )
    folds, corpora = len(listing.splits), _corpora(listing)
    return Protocol(
        name=name,
        title=f"{folds} given fold{'s' * (folds > 1)}",
        splitter=GivenFolds(listing),
        speaker_independent=_speakers_apart(listing),
        labels=("own",) if len(corpora) < 2 else ("intersection",),
        corpora=tuple(sorted(corpora & set(registered("corpora")))),
        trains=_sizes(len(split.train) for split in listing.splits),
        tests=_sizes(sum(map(len, split.tests.values())) for split in listing.splits),
        alternatives=("loso", "kfold-speaker", "kfold"),
        source="splits as given",
    )


def remarks(protocol: Protocol, table: Sequence[Row]) -> list[str]:
    """What whoever runs given folds should hear: who stands in none of them."""
    if not isinstance(protocol.splitter, GivenFolds):
        return []
    ids = protocol.splitter.left_over(table)
    if not ids:
        return []
    stand = "1 utterance stands" if len(ids) == 1 else f"{len(ids)} utterances stand"
    return [f"{stand} in no fold, neither to train nor to test: {few(ids)}"]


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


def _digest(listing: Listing) -> str:
    """Of all that decides on the folds: names, corpora and files, in no order."""
    items = {item.id: item for item in listing.items}

    def side(ids: Iterable[str]) -> list[list[str]]:
        found = [(name, items.get(name)) for name in sorted(ids)]
        return [[name, item.corpus, item.file] if item else [name] for name, item in found]

    return digest(
        [
            {
                "fold": split.fold,
                "train": side(split.train),
                "test": side(name for ids in split.tests.values() for name in ids),
                "validation": side(split.validation),
            }
            for split in sorted(listing.splits, key=lambda split: split.fold)
        ]
    )


def _named(listing: Listing) -> list[str]:
    """Every id that a fold names, once, in the order of the folds."""
    every: dict[str, None] = {}
    for split in listing.splits:
        for ids in (split.train, *split.tests.values(), split.validation):
            every.update(dict.fromkeys(ids))
    return list(every)


def _corpora(listing: Listing) -> set[str]:
    """Those that a fold names; none where the splits do not say."""
    corpus = {item.id: item.corpus for item in listing.items}
    return {corpus.get(name, "") for name in _named(listing)} - {""}


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


def _refuse_twice(fold: str, sides: dict[str, list[int]], table: Sequence[Row]) -> None:
    stands: dict[int, str] = {}
    twice: dict[str, list[str]] = {}
    for side, positions in sides.items():
        for i in positions:
            if i in stands:
                both = f"twice in {side}" if stands[i] == side else f"in {stands[i]} and in {side}"
                twice.setdefault(both, []).append(table[i].id)
            stands[i] = side
    if twice:
        raise ProtocolError(
            f"fold {fold!r} has "
            + "; ".join(
                f"{len(ids)} utterances {both} ({few(ids)})" for both, ids in twice.items()
            ),
            expected="each utterance once in a fold, on one side",
            advice="serbench audit shows all that is wrong with the splits",
        )


def _sorted(positions: Sequence[int]) -> Indices:
    return np.sort(np.array(positions, dtype=np.int64))
