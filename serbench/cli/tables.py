"""Boards as a terminal's tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from serbench.board import Board
from serbench.cli.aligned import BETWEEN, Aligned
from serbench.cli.columns import Column, records
from serbench.cli.legend import badges, notes
from serbench.cli.pairs import print_pairs
from serbench.cli.render import lines, shown_columns, shown_rows
from serbench.labels import Scale
from serbench.rows import Row

if TYPE_CHECKING:
    from rich.text import Text

NARROW = 2  # spaces between columns of a table that has little room
WORDS = 24  # columns of a terminal that a folded text is readable in
ROOMY = 100  # columns of a terminal: below, a sentiment's nine stand close to each other


def print_tables(boards: Sequence[Board], columns: Sequence[str] = ()) -> None:
    """Write boards to standard output. A table too wide for the terminal runs over, and says so."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for number, board in enumerate(boards):
        if number:
            console.print()
        console.print(Text(board.heading, "bold"))
        console.print(Text(badges(board), "red" if board.partial else "dim"))
        table = _table(board, console.width, columns)
        console.print(table, soft_wrap=True)
        print_pairs(board, console)
        for line in [*run_over(table.plain, console.width), *notes(board, columns)]:
            console.print(line, style="dim", markup=False)


def run_over(table: str, width: int) -> list[str]:
    """That a table is wider than the terminal, where it is: a line that wraps misleads the eye."""
    from rich.cells import cell_len

    widest = max(cell_len(line.rstrip()) for line in table.split("\n"))
    if widest <= width:
        return []
    return [f"the table is {widest} columns wide, and this terminal {width}: its lines wrap"]


def _table(board: Board, width: int, asked: Sequence[str]) -> Text:
    """A number is never cut nor folded; where it gets narrow, headings are, and one column's text.

    That is the widest of those that hold words, or the settings.
    """
    found = records(board)
    every = shown_columns(board, found, asked)
    text = lines(board, found, every)
    kept = list(range(len(every))) if asked else _fitting(every, text, width)
    shown, told = [every[at] for at in kept], [[line[at] for at in kept] for line in text]
    names = [column.heading for column in shown]
    folds = _folding(shown, told)
    bare = [["" if at == folds else cell for at, cell in enumerate(line)] for line in told]
    narrow = _natural(names, bare) + WORDS > width or isinstance(board.task, Scale)
    if not asked:
        narrow = narrow or _natural(names, told) > width
    tight = isinstance(board.task, Scale) and width < ROOMY
    rows = shown_rows(board)
    return Aligned(
        [_folded(name) if narrow else name for name in names],
        [_cells(row, line, narrow) for row, line in zip(rows, told[: len(rows)], strict=True)]
        + told[len(rows) :],
        left={at for at, column in enumerate(shown) if column.left},
        folds=folds,
        between=1 if tight else NARROW if narrow else BETWEEN,
    ).text(
        width,
        {at for at, row in enumerate(rows) if not (row.complete and row.ranked)}
        | set(range(len(rows), len(told))),
    )


def _folding(shown: Sequence[Column], told: Sequence[Sequence[str]]) -> int:
    """The column whose text folds: the settings, unless another has far more words."""
    wide = [max((len(line[at]) for line in told), default=0) for at in range(len(shown))]
    words = [at for at, column in enumerate(shown) if column.left and column.name != "model"]
    settings = [at for at in words if shown[at].name == "settings"]
    widest = max(words, key=lambda at: wide[at], default=0)
    return settings[0] if settings and wide[widest] <= 2 * wide[settings[0]] + WORDS else widest


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
