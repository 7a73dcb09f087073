"""The table of a board, row by row and cell by cell, and what its marks say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from serbench.board import Board
from serbench.canaryrows import CANARY
from serbench.labels import Scale as ScaleTask
from serbench.rows import Row
from serbench.site.atlas import Sheet
from serbench.site.columns import CLASSES, DELTA, SENTIMENT, Cell, Column, shown
from serbench.site.marks import Mark, marks
from serbench.site.reasons import reason, remarked
from serbench.site.scale import Scale, Whisker

LONGEST = 24  # characters of a model's name in a heading


@dataclass(frozen=True)
class Shown:
    """A row of the board's table."""

    place: int
    row: Row
    name: str
    href: str  # "" of a canary
    cells: tuple[Cell, ...]
    whisker: Whisker | None
    reason: str
    marks: tuple[Mark, ...]  # at its headline


@dataclass(frozen=True)
class Table:
    """The table of a board: ranked rows and others, and canaries."""

    columns: tuple[Column, ...]
    key: str  # the headline's field
    canaries: tuple[Shown, ...]
    ranked: tuple[Shown, ...]
    others: tuple[Shown, ...]
    scale: Scale
    chosen: bool  # whether a row's epoch is another than the last
    marks: tuple[Mark, ...]  # all that stand in it

    @property
    def extra(self) -> tuple[Column, ...]:
        """The columns that are shown when they are asked for."""
        return tuple(one for one in self.columns if one.extra)

    @property
    def width(self) -> int:
        """How many columns there are: those, the model, its interval, its trials, its epoch."""
        return len(self.columns) + 3 + self.chosen


def table_of(sheet: Sheet, records: Sequence[dict[str, Any]]) -> Table:
    """The table of a board.

    Parameters
    ----------
    records
        Of its rows, in their order.
    """
    board, flags = sheet.board, sheet.said.flags
    scale_task = isinstance(board.task, ScaleTask)
    key = "acc7" if scale_task else "ua"
    columns = tuple(
        replace(one, heading=f"{one.heading} to {reference(board)}") if one.key == DELTA else one
        for one in shown(SENTIMENT if scale_task else CLASSES, records)
    )
    scale = Scale.of(records, key, board.chance)
    marked = marks(sorted(board.rows, key=lambda row: not row.canary), flags)
    rows = [
        Shown(
            place,
            row,
            row.model.removeprefix(CANARY),
            "" if row.canary else sheet.row_href(place),
            tuple(column.cell(record) for column in columns),
            scale.whisker(record, key),
            reason(row, board, flags),
            tuple(marked[flag] for flag in remarked(row)),
        )
        for place, (row, record) in enumerate(zip(board.rows, records, strict=True))
    ]
    return Table(
        columns,
        key,
        tuple(one for one in rows if one.row.canary),
        tuple(one for one in rows if not one.row.canary and not one.reason),
        tuple(one for one in rows if one.reason),
        scale,
        any(row.selection != "last" for row in board.rows),
        tuple(marked.values()),
    )


def reference(board: Board) -> str:
    """The model that the others are held against, in a heading; it may not be on the page."""
    competing = (row for row in board.rows if row.competes and row.rank)
    leader = next((row for row in competing if row.rank and row.rank.delta is None), None)
    name = board.reference or (leader.model if leader else "the best")
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
