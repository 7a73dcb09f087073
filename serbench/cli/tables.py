"""Boards as a terminal's tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from serbench.board import Board
from serbench.cli.aligned import BETWEEN, Aligned
from serbench.cli.columns import Column, picked, records
from serbench.cli.legend import badges, notes
from serbench.cli.pairs import print_pairs
from serbench.cli.render import lines, shown_rows
from serbench.labels import Scale
from serbench.rows import Row

if TYPE_CHECKING:
    from rich.text import Text

NARROW = 2  # spaces between columns of a table that has little room
ROOMY = 100  # columns of a terminal: below, a sentiment's nine stand close to each other


def print_tables(boards: Sequence[Board], columns: Sequence[str] = ()) -> None:
    """Write boards to standard output. A table too wide for the terminal runs over, uncut."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for board in boards:
        console.print(Text(board.heading, "bold"))
        console.print(Text(badges(board), "red" if board.partial else "dim"))
        console.print(_table(board, console.width, columns), soft_wrap=True)
        print_pairs(board, console)
        for line in notes(board):
            console.print(line, style="dim", markup=False)


def _table(board: Board, width: int, asked: Sequence[str]) -> Text:
    """A number is never cut nor folded; where it gets narrow, headings and settings are."""
    found = records(board)
    every = picked(board, found, asked)
    text = lines(board, found, every)
    kept = list(range(len(every))) if asked else _fitting(every, text, width)
    shown, told = [every[at] for at in kept], [[line[at] for at in kept] for line in text]
    names = [column.heading for column in shown]
    narrow = _natural(names, told) > width or isinstance(board.task, Scale)
    tight = isinstance(board.task, Scale) and width < ROOMY
    rows = shown_rows(board)
    named = [column.name for column in shown]
    return Aligned(
        [_folded(name) if narrow else name for name in names],
        [_cells(row, line, narrow) for row, line in zip(rows, told[: len(rows)], strict=True)]
        + told[len(rows) :],
        left={at for at, column in enumerate(shown) if column.left},
        folds=named.index("settings") if "settings" in named else 0,
        between=1 if tight else NARROW if narrow else BETWEEN,
    ).text(
        width,
        {at for at, row in enumerate(rows) if not (row.complete and row.ranked)}
        | set(range(len(rows), len(told))),
    )


def _fitting(every: Sequence[Column], text: Sequence[Sequence[str]], width: int) -> list[int]:
    """The columns that a terminal has room for: what matters least is left out first."""
    kept = list(range(len(every)))
    for extra in sorted({one.extra for one in every if one.extra}, reverse=True):
        names = [_folded(every[at].heading) for at in kept]
        if _natural(names, [[line[at] for at in kept] for line in text], NARROW) <= width:
            break
        kept = [at for at in kept if every[at].extra != extra]
    return kept


def _natural(names: Sequence[str], text: Sequence[Sequence[str]], between: int = BETWEEN) -> int:
    """How wide a table is if nothing of it is folded but what has several lines."""
    columns = zip(names, *text, strict=True)
    return sum(
        max(len(line) for cell in column for line in cell.split("\n")) + between
        for column in columns
    )


def _folded(name: str) -> str:
    return name.replace(", ", ",\n") if "CI" in name else name.replace(" ", "\n")


def _cells(row: Row, line: Sequence[str], narrow: bool) -> list[str]:
    if not row.complete:  # what stands for a score is to be no wider than one
        return [text.replace(", ", ",\n") for text in line]
    if narrow:
        return [text.replace("test-per-metric", "test-\nper-metric") for text in line]
    return list(line)
