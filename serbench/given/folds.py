"""Somebody's folds as a splitter: each utterance of the splits is looked for in the table.

One that is not found is an error: folds that lose a part of themselves in silence are other folds.
What a label space leaves out may stand in the splits, and drops out of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import InitVar, dataclass, field
from typing import ClassVar

import numpy as np

from serbench.canonical import digest
from serbench.errors import ProtocolError, few
from serbench.interchange.disagreement import disagreements
from serbench.interchange.naming import Names
from serbench.interchange.recognising import Unrecognised
from serbench.listing import Listing
from serbench.splitters import GIVEN, Cut, Indices, Row, counted


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

    kind: ClassVar[str] = GIVEN
    whole: ClassVar[bool] = True  # splits may name what the label space leaves out

    listing: InitVar[Listing]
    digest: str = field(init=False)

    def __post_init__(self, listing: Listing) -> None:
        vars(self)["_listing"] = listing  # no field: a record takes fields
        object.__setattr__(self, "digest", _digest(listing))

    @property
    def across(self) -> bool:
        """Whether the splits deal out several corpora at once."""
        return len(corpora_of(self._given)) > 1

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
            _refuse_twice(split.fold, sides, table, self.odd)
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
                f"{_are(len(again))} tested in more than one fold: {few(sorted(again))}",
                expected="each utterance in the test side of one fold: pooled scores count it once",
                advice="run repeated folds as one file of splits for each repetition",
            )

    @property
    def odd(self) -> list[str]:
        """What was odd in reading the splits, as far as it matters with the corpora at hand."""
        return [note for note in self._given.notes if not isinstance(note, Unrecognised)]

    def left_over(self, table: Sequence[Row]) -> tuple[str, ...]:
        """Ids of what the label space keeps and no fold names: it neither trains nor tests."""
        named = set(self._positions(table).values())
        return tuple(row.id for i, row in enumerate(table) if row.label and i not in named)

    def otherwise(self, table: Sequence[Row]) -> list[str]:
        """Sentences on labels and speakers that the splits have otherwise than the corpora."""
        at = self._positions(table)
        return list(disagreements(self._given.items, table, at))

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
                f"{len(lost)} of {counted(len(lost) + len(found), 'utterance')} of the splits "
                f"{'is' if len(lost) == 1 else 'are'} none of {here}: {few(lost)}",
                expected=f"ids or file names of {here}{example}",
                advice=f"`serbench corpora export {here.partition('+')[0]}` lists them; where the "
                "splits hold several corpora, give --corpus for each",
            )
        return found


@dataclass(frozen=True)
class DeclaredFolds(GivenFolds):
    """Folds whose author says in the file whether speakers are apart, as a protocol of ours does.

    That is a part of the protocol and stands in a trial's record. It is no part of the digest: the
    folds are the same.
    """

    speaker_independent: bool = field(init=False)

    def __post_init__(self, listing: Listing) -> None:
        super().__post_init__(listing)
        object.__setattr__(self, "speaker_independent", bool(listing.speaker_independent))


def corpora_of(listing: Listing) -> set[str]:
    """Those that a fold names; none where the splits do not say."""
    corpus = {item.id: item.corpus for item in listing.items}
    return {corpus.get(name, "") for name in _named(listing)} - {""}


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


def _refuse_twice(
    fold: str, sides: dict[str, list[int]], table: Sequence[Row], odd: Sequence[str]
) -> None:
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
                f"{counted(len(ids), 'utterance')} {both} ({few(ids)})"
                for both, ids in twice.items()
            )
            + "".join(f"; {note}" for note in odd),
            expected="each utterance once in a fold, on one side",
            advice="`serbench audit` shows what else is wrong with the splits",
        )


def _are(count: int) -> str:
    return counted(count, "utterance") + (" is" if count == 1 else " are")


def _sorted(positions: Sequence[int]) -> Indices:
    return np.sort(np.array(positions, dtype=np.int64))
