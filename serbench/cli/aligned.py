"""Text in aligned columns, as one piece.

rich's own tables lay out each cell several times over: 1.2 s for a thousand rows of a board. These
look like its ``SIMPLE_HEAD``, and know two things of a board: one column alone folds, and a number
is never cut.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

BETWEEN = 3  # spaces between two columns
LEAST = 8  # characters of a column that folds, and that has no longer word


@dataclass(frozen=True)
class Aligned:
    """A heading and lines of cells; a cell may hold several lines of text.

    Parameters
    ----------
    left
        Columns whose text begins at the left; of the others it ends at the right.
    folds
        The column that is folded between words where the lines are wider than they should be.
    between
        Spaces between two columns.
    """

    names: Sequence[str]
    lines: Sequence[Sequence[str]]
    left: Collection[int]
    folds: int
    between: int = BETWEEN

    def text(self, width: int, dim: Collection[int] = ()) -> Text:
        """All of it, in as many columns of a terminal as it has, or as few as it needs.

        Parameters
        ----------
        dim
            Lines that are shown pale.
        """
        from rich.text import Text

        every = [self.names, *self.lines]
        wide = [max(map(_width, column)) for column in zip(*every, strict=True)]
        room = width - sum(wide) + wide[self.folds] - self.between * (len(wide) - 1) - 2
        if room < wide[self.folds]:
            words = (word for line in every for word in line[self.folds].split())
            room = max(room, LEAST, *map(_width, words))
            wide[self.folds] = min(room, wide[self.folds])
        text = Text("\n", no_wrap=True, overflow="ignore")
        for number, line in enumerate(every):
            style = "bold" if number == 0 else "dim" if number - 1 in dim else ""
            shown = self._lines(line, wide, low=number == 0)
            text.append("".join(f"{one}\n" for one in shown), style)
            if number == 0:
                whole = sum(wide) + self.between * (len(wide) - 1)
                text.append(f" {'─' * whole} \n")
        return text

    def _lines(self, cells: Sequence[str], wide: Sequence[int], *, low: bool) -> list[str]:
        """The lines of text of one line of cells; ``low``: what is short stands at the bottom."""
        parts = [
            textwrap.wrap(cell, wide[at], break_on_hyphens=False) or [""]
            if at == self.folds
            else cell.split("\n")
            for at, cell in enumerate(cells)
        ]
        if low:
            high = max(map(len, parts))
            parts = [[""] * (high - len(part)) + part for part in parts]
        space = " " * self.between
        return [
            " " + space.join(map(self._filled, line, wide, range(len(wide))))
            for line in zip_longest(*parts, fillvalue="")
        ]

    def _filled(self, part: str, width: int, at: int) -> str:
        space = " " * (width - _width(part))
        return part + space if at in self.left else space + part


def _width(text: str) -> int:
    """Columns of a terminal that the widest line of a text takes."""
    if text.isascii() and "\n" not in text:
        return len(text)
    from rich.cells import cell_len

    return max(map(cell_len, text.split("\n")))
