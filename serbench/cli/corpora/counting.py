"""Utterances by emotion and speaker as tables that fit the terminal, with every name whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from rich.table import Table

    from serbench.figures.counts import Counts

ALL = "all"
GAP = 2  # blanks between two columns
SHARE = 3  # the names of the rows take at most this part of the width; longer ones are folded


def tables(counts: Counts, width: int) -> Iterator[Table]:
    """One table; where it is too wide one with the emotions as rows; else several, one by one.

    Parameters
    ----------
    width
        Letters that a line of the terminal holds.
    """
    upright = _upright(counts)
    for grid in (upright, upright.turned()):
        parts = grid.parts(width)
        if len(parts) == 1:
            yield grid.table(parts[0], width)
            return
    for part in upright.parts(width):
        yield upright.table(part, width)


@dataclass(frozen=True)
class _Column:
    heading: str
    cells: tuple[str, ...]  # the sum last, where there are several rows

    @property
    def width(self) -> int:
        return max(map(cell_len, (self.heading, *self.cells)))


@dataclass(frozen=True)
class _Grid:
    """Numbers, a list for each row, under the names of rows and columns."""

    corner: str
    rows: tuple[str, ...]
    names: tuple[str, ...]
    numbers: Sequence[Sequence[int]]

    def turned(self) -> _Grid:
        return _Grid("emotion", self.names, self.rows, list(zip(*self.numbers, strict=True)))

    def columns(self) -> list[_Column]:
        """Those of the names, and that of the sums where there are several."""
        columns = list(zip(self.names, zip(*self.numbers, strict=True), strict=True))
        if len(columns) > 1:
            columns.append((ALL, tuple(sum(row) for row in self.numbers)))
        several = len(self.rows) > 1
        return [
            _Column(name, tuple(map(str, (*cells, sum(cells)) if several else cells)))
            for name, cells in columns
        ]

    def first(self, width: int) -> int:
        """Letters of the column that names the rows."""
        longest = max(map(cell_len, (self.corner, ALL, *self.rows)))
        return min(longest, max(len(ALL), width // SHARE))

    def parts(self, width: int) -> list[list[_Column]]:
        """The columns in their order, as many together as there is room for."""
        room = left = width - self.first(width)
        parts: list[list[_Column]] = [[]]
        for column in self.columns():
            if GAP + column.width > left and parts[-1]:
                parts.append([])
                left = room
            parts[-1].append(column)
            left -= GAP + column.width
        return parts

    def table(self, columns: Sequence[_Column], width: int) -> Table:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        # A blank of the box and one of padding make GAP; none at the edges.
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
        table.add_column(self.corner, overflow="fold", max_width=self.first(width))
        for column in columns:
            table.add_column(column.heading, justify="right", overflow="fold")
        for i, row in enumerate(self.rows):
            table.add_row(row, *(column.cells[i] for column in columns))
        if len(self.rows) > 1:
            table.add_section()
            table.add_row(ALL, *(column.cells[-1] for column in columns), style="bold")
        return table


def _upright(counts: Counts) -> _Grid:
    """A row for each speaker, or what stands for it, and a column for each emotion."""
    numbers = [[counts.cells[row, emotion] for emotion in counts.emotions] for row in counts.rows]
    if counts.by == "corpus":
        return _Grid("", ("all speakers",), counts.emotions, numbers)
    return _Grid(counts.by, counts.rows, counts.emotions, numbers)
