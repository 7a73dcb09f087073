"""Pairs of corpora in a terminal: who was trained on in rows, who was tested in columns."""

from __future__ import annotations

from typing import Any

from serbench.board import Board
from serbench.cells import CellScores
from serbench.rows import Row

MOST = 4  # models whose pairs are printed; more are for --format json


def print_pairs(board: Board, console: Any) -> None:
    """The UA of each pair, model by model; nothing for a board of one corpus."""
    from rich.text import Text

    rows = [row for row in board.rows if isinstance(row.scores, CellScores) and not row.canary]
    for row in rows[:MOST]:
        rule = "" if row.selection == "last" else row.selection
        named = " ".join(filter(None, (row.model, row.variant, rule)))
        console.print(Text(f"{named}: UA % of each pair", "dim"))
        console.print(_table(row))
    if len(rows) > MOST:
        more = len(rows) - MOST
        console.print(f"{more} more models: --format json has their pairs", style="dim")


def _table(row: Row) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    scores = row.scores
    assert isinstance(scores, CellScores)
    sources = sorted({cell.source for cell in scores.cells})
    targets = sorted({cell.target for cell in scores.cells})
    found = {(cell.source, cell.target): cell for cell in scores.cells}
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("trained on, tested on:")
    for target in targets:
        table.add_column(Text(target), justify="right", no_wrap=True)
    for source in sources:
        cells = (found.get((source, target)) for target in targets)
        table.add_row(Text(source), *(Text(_text(cell)) for cell in cells))
    return table


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    record = cell.record()
    if record["ua"] is None:
        return "undefined"
    ends = record["ua_low"], record["ua_high"]
    interval = "" if None in ends else f" [{100 * ends[0]:.1f}, {100 * ends[1]:.1f}]"
    return f"{100 * record['ua']:.1f}{interval}"
