"""Boards as a terminal's tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from serbench.boards import Board
from serbench.cli.aligned import BETWEEN, Aligned
from serbench.cli.legend import badges, notes
from serbench.cli.pairs import print_pairs
from serbench.cli.render import heading, headings, rows, shown_rows
from serbench.labels import Scale
from serbench.rows import Row

if TYPE_CHECKING:
    from rich.text import Text

ROOMY = 100  # columns of a terminal: below, a sentiment's nine stand close to each other


def print_tables(boards: Sequence[Board]) -> None:
    """Write boards to standard output. A table too wide for the terminal runs over, uncut."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for board in boards:
        console.print(Text(heading(board), "bold"))
        console.print(Text(badges(board), "red" if board.partial else "dim"))
        console.print(_table(board, console.width), soft_wrap=True)
        print_pairs(board, console)
        for line in notes(board):
            console.print(line, style="dim", markup=False)


def _table(board: Board, width: int) -> Text:
    """A number is never cut nor folded; where it gets narrow, headings and settings are."""
    names, lines = headings(board), rows(board)
    columns = zip(names, *lines, strict=True)
    natural = sum(max(map(len, column)) + BETWEEN for column in columns)
    narrow = natural > width or isinstance(board.task, Scale)
    tight = isinstance(board.task, Scale) and width < ROOMY
    shown = shown_rows(board)
    return Aligned(
        [name.replace(" ", "\n") if narrow and "CI" not in name else name for name in names],
        [_cells(row, line, narrow) for row, line in zip(shown, lines, strict=True)],
        left={names.index("model"), names.index("settings")},
        folds=names.index("settings"),
        between=1 if tight else BETWEEN,
    ).text(width, {at for at, row in enumerate(shown) if not (row.complete and row.ranked)})


def _cells(row: Row, line: Sequence[str], narrow: bool) -> list[str]:
    if not row.complete:  # what stands for a score is to be no wider than one
        return [text.replace(", ", ",\n") for text in line]
    if narrow:
        return [text.replace("test-per-metric", "test-\nper-metric") for text in line]
    return list(line)
