"""From an author's lines, each an utterance on one side of a fold, to the listing of them all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from serbench.interchange.columns import PLACED, item_of, name_of
from serbench.interchange.contradiction import Contradiction
from serbench.interchange.declared import Declarations
from serbench.interchange.lines import SplitsError
from serbench.interchange.recognising import recognised
from serbench.listing import Item, Listing
from serbench.protocols import Split

TRAIN, TEST, VALID, NONE = "train", "test", "valid", "none"
SIDES = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("test", "testing"), TEST),
    **dict.fromkeys(("valid", "val", "validation", "dev", "development"), VALID),
    **dict.fromkeys(("none", ""), NONE),
}
_SIMPLE = (str, float, int, type(None))  # what may be looked up, and 1 is not True
UNNAMED = "test"  # a test set of a corpus that nobody names


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """What to sort names by, so that fold 10 comes after fold 9.

    Examples
    --------
    >>> sorted(["fold_10", "fold_9", "fold_1"], key=natural)
    ['fold_1', 'fold_9', 'fold_10']
    """
    parts = re.split(r"([0-9]+)", name)
    numbers = [part.lstrip("0") for part in parts]
    # Of digits the longer is the larger number: no integer is made of a thousand of them.
    ranked = [
        (len(number), number) if i % 2 else (0, part)
        for i, (part, number) in enumerate(zip(parts, numbers, strict=True))
    ]
    return ranked, name


class Gathering:
    """Utterances as they are read, once each, and the sides on which they stand.

    Attributes
    ----------
    hearsay
        Speakers by the utterance's id, taken where nothing better is known.
    """

    def __init__(self) -> None:
        self.hearsay: Mapping[str, str] = {}
        self._items: dict[str, Item] = {}
        self._lines: dict[tuple[Any, ...], tuple[tuple[str, ...], str]] = {}
        self._sides: dict[str, dict[str, list[str]]] = {}
        self._test_sets: dict[str, dict[str, list[str]]] = {}
        self._differ: dict[str, set[str]] = defaultdict(set)
        self._declared = Declarations()

    def add(self, values: Mapping[str, Any], fold: str, side: str, where: str) -> None:
        """Put an utterance on a side of a fold; of NONE, in no fold.

        Parameters
        ----------
        values
            What a line tells, by field (:mod:`serbench.interchange.columns`).

        Raises
        ------
        SplitsError
            If the line is none of an utterance, the splits use its id for another corpus's, or say
            two things of themselves.
        """
        name = self._name_of(values, where)
        self._declared.hear(values, where)
        if side == NONE:
            return
        sides = self._sides.setdefault(fold, {TRAIN: [], TEST: [], VALID: []})
        sides[side].append(name)
        if side == TEST:
            test_set = name_of(values.get("test_set") or "", "test set", where)
            self._test_sets.setdefault(fold, {}).setdefault(test_set, []).append(name)

    def listing(
        self, name: str, label_map: Mapping[str, str] | None = None, notes: tuple[str, ...] = ()
    ) -> Listing:
        """All of it, with what the corpora themselves tell of the utterances.

        Raises
        ------
        SplitsError
            If there is no utterance at all.
        """
        if not self._items:
            raise SplitsError(f"{name} names no utterance", expected="who trains and who tests")
        items, remarks = recognised(self._items, self.hearsay)
        splits = tuple(self._split(fold, items) for fold in sorted(self._sides, key=natural))
        differing = [Contradiction.of(field, ids) for field, ids in sorted(self._differ.items())]
        return Listing(
            name,
            tuple(items.values()),
            splits,
            label_map=dict(label_map or {}),
            notes=(*notes, *differing, *remarks),
            label_space=self._declared.label_space,
            speaker_independent=self._declared.speaker_independent,
        )

    def _name_of(self, values: Mapping[str, Any], where: str) -> str:
        """The id of a line's utterance, which most folds name again."""
        told = tuple(value for field, value in values.items() if field not in PLACED)
        same = self._lines.get(told) if all(type(v) in _SIMPLE for v in told) else None
        if same is not None and same[0] == tuple(values):
            return same[1]
        item = item_of(values, where)
        first = self._items.setdefault(item.id, item)
        if first != item:
            self._compare(first, item, where)
        elif all(type(v) in _SIMPLE for v in told):
            self._lines[told] = tuple(values), item.id
        return item.id

    def _split(self, fold: str, items: Mapping[str, Item]) -> Split:
        tests: dict[str, list[str]] = {}
        for test_set, ids in self._test_sets.get(fold, {}).items():
            for one in ids:
                tests.setdefault(test_set or items[one].corpus or UNNAMED, []).append(one)
        sides = self._sides[fold]
        return Split(
            fold,
            tuple(sides[TRAIN]),
            {name: tuple(ids) for name, ids in sorted(tests.items())},
            tuple(sides[VALID]),
        )

    def _compare(self, first: Item, item: Item, where: str) -> None:
        if first.corpus != item.corpus:
            raise SplitsError(
                f"{where}: {item.id!r} is of {item.corpus or 'no corpus'}, and in a line before of "
                f"{first.corpus or 'no corpus'}",
                expected="ids that are unique across corpora, such as emodb/03a01Fa",
            )
        for field in ("label", "speaker", "file", "parent", "sentence"):
            if getattr(first, field) != getattr(item, field):
                self._differ[field].add(item.id)


def side_of(word: str, where: str) -> str:
    """The side that a word names.

    Raises
    ------
    SplitsError
        If it names none.
    """
    side = SIDES.get(word.strip().lower())
    if side is None:
        raise SplitsError(
            f"{where}: {word!r} is no side of a fold",
            expected="train, test, valid, or none for an utterance in no fold",
        )
    return side


def sides_of(split: Split) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """A fold's sides, each test set for itself: side, name of the test set, ids."""
    yield TRAIN, "", split.train
    for test_set, ids in split.tests.items():
        yield TEST, test_set, ids
    yield VALID, "", split.validation
