"""Boards as a terminal's tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serbench.boards import Board
from serbench.cli.legend import badges, notes
from serbench.cli.pairs import print_pairs
from serbench.cli.render import heading, headings, rows, shown_rows
from serbench.labels import Scale
from serbench.rows import Row

ROOMY = 100  # columns of a terminal: below, a sentiment's nine stand close to each other
BETWEEN = 2  # columns of padding between two cells, beside the one of a rule


def print_tables(boards: Sequence[Board]) -> None:
    """Write boards to standard output. A table too wide for the terminal runs over, uncut."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for board in boards:
        console.print(Text(heading(board), "bold"))
        console.print(Text(badges(board), "red" if board.partial else "dim"))
        table = _table(board, console.width)
        least = sum((column.min_width or 0) + BETWEEN + 1 for column in table.columns)
        wide = Console(highlight=False, width=max(least, console.width))
        wide.print(table)
        print_pairs(board, console)
        for line in notes(board):
            console.print(line, style="dim", markup=False)


def _table(board: Board, width: int) -> Any:
    """A number is never cut nor folded; where it gets narrow, headings and settings are."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    names, lines = headings(board), rows(board)
    columns = zip(names, *lines, strict=True)
    natural = sum(max(map(len, column)) + BETWEEN + 1 for column in columns)
    narrow = natural > width or isinstance(board.task, Scale)
    tight = isinstance(board.task, Scale) and width < ROOMY
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=0 if tight else (0, 1))
    shown = [_cells(row, line, narrow) for row, line in zip(shown_rows(board), lines, strict=True)]
    for place, name in enumerate(names):
        folds = name == "settings"
        title = name.replace(" ", "\n") if narrow and "CI" not in name else name
        texts = [title, *(line[place] for line in shown)]
        whole = [word for text in texts for word in (text.split() if folds else text.split("\n"))]
        table.add_column(
            title,
            justify="left" if name in {"model", "settings"} else "right",
            min_width=max(map(len, whole)),
            no_wrap=not folds,
        )
    for row, line in zip(shown_rows(board), shown, strict=True):
        table.add_row(*map(Text, line), style=None if row.complete and row.ranked else "dim")
    return table


def _cells(row: Row, line: Sequence[str], narrow: bool) -> list[str]:
    if not row.complete:  # what stands for a score is to be no wider than one
        return [text.replace(", ", ",\n") for text in line]
    if narrow:
        return [text.replace("test-per-metric", "test-\nper-metric") for text in line]
    return list(line)
