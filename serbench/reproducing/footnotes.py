"""Footnotes of a table: each said once, as near to what it is of as it can be.

What holds of every number of a row stands at the row's name, and what holds of every number of the
page is said of all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from serbench.reproducing.page import Cell, Page, Row


@dataclass
class Footnotes:
    """The notes of a page, numbered in the order in which they are first needed.

    Parameters
    ----------
    general
        What holds of every number of the page.
    texts
        The numbered ones.
    """

    general: tuple[str, ...]
    texts: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> Footnotes:
        """Those of a page, before any is numbered."""
        return cls(_shared(page.cells) if len(page.cells) > 1 else ())

    def marks(self, notes: Iterable[str]) -> tuple[int, ...]:
        """Their numbers, from 1 up."""
        found = []
        for note in notes:
            if note in self.general:
                continue
            if note not in self.texts:
                self.texts.append(note)
            found.append(self.texts.index(note) + 1)
        return tuple(found)

    def of_row(self, row: Row) -> tuple[int, ...]:
        """Those at a row's name."""
        return self.marks(_row(row))

    def of_published(self, row: Row, cell: Cell) -> tuple[int, ...]:
        """Those at the paper's number."""
        return self.marks(note for note in doubts(cell) if note not in _row(row))

    def of_ours(self, row: Row, cell: Cell) -> tuple[int, ...]:
        """Those at ours."""
        return self.marks(note for note in cell.notes if note not in _row(row))


def doubts(cell: Cell) -> tuple[str, ...]:
    """What is odd about the paper's number."""
    query = cell.published.query
    return (*cell.published.doubts, *([f"a question: {query}"] if query else ()))


def _row(row: Row) -> tuple[str, ...]:
    return _shared([cell for cell in row.cells if cell is not None])


def _shared(cells: Sequence[Cell]) -> tuple[str, ...]:
    every = [(*doubts(cell), *cell.notes) for cell in cells]
    return tuple(note for note in every[0] if all(note in notes for notes in every[1:]))
