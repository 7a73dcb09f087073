"""Which utterance of a corpus somebody's splits mean, by the name that they give it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from serbench.listing import Item
from serbench.splitters import Row


class Names:
    """The utterances of a table by every name that they go under.

    In this order, the first that fits one utterance alone: the id; the id within its corpus, after
    ``emodb/``, ``emodb-`` or nothing; the file as its authors distribute it; the file's base name
    without its suffix, in any case.
    """

    def __init__(self, table: Sequence[Row]) -> None:
        self._table = table
        self._corpora = {row.corpus for row in table}
        self._tiers: list[dict[str, int]] = []  # -1: of several
        for names in zip(*(_names(row) for row in table), strict=True):
            tier: dict[str, int] = {}
            for i, every in enumerate(names):
                for name in every:
                    tier[name] = -1 if name in tier else i
            self._tiers.append(tier)

    def find(self, item: Item) -> int | None:
        """Where in the table an utterance of the splits stands; None: nowhere, or unclear."""
        for tier, names in zip(self._tiers, _sought(item), strict=False):
            for name in names:
                i = tier.get(name, -1)
                if i >= 0 and self._same_corpus(item, self._table[i]):
                    return i
        return None

    def _same_corpus(self, item: Item, row: Row) -> bool:
        """Unless the splits say that it is of another of these corpora."""
        return item.corpus == row.corpus or item.corpus not in self._corpora


def stem(file: str) -> str:
    """The base name without its suffix, in lower case, whichever way its slashes lean."""
    name = file.replace("\\", "/").rstrip("/").rpartition("/")[2]
    dot = name.rfind(".")
    return (name[:dot] if 0 < dot < len(name) - 1 else name).casefold()


def _names(row: Row) -> Iterator[tuple[str, ...]]:
    own = row.id.removeprefix(f"{row.corpus}/")
    yield (row.id,)
    yield tuple(dict.fromkeys((own, f"{row.corpus}-{own}")))
    yield (f"{row.corpus}/{row.file}", row.file) if row.corpus else (row.file,)
    yield (stem(row.file),)


def _sought(item: Item) -> Iterator[tuple[str, ...]]:
    within = f"{item.corpus}/{item.id}"
    yield (item.id, within)
    yield (item.id,)
    yield (f"{item.corpus}/{item.file}", item.file, item.id)
    yield tuple(stem(name) for name in (item.file, item.id) if name)
