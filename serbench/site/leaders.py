"""A board in a few lines: its best ranked models, and the best of its canaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from serbench.canaryrows import CANARY
from serbench.labels import Scale as ScaleTask
from serbench.rows import Row
from serbench.site.atlas import Sheet
from serbench.site.columns import Cell, percent, rank
from serbench.site.scale import Scale, Whisker

BEST = 3  # models that are named


@dataclass(frozen=True)
class Leader:
    """One of them."""

    row: Row
    name: str
    href: str  # "" of a canary
    rank: Cell
    score: Cell
    whisker: Whisker | None


@dataclass(frozen=True)
class Leaders:
    """A board, and who leads it."""

    sheet: Sheet
    models: tuple[Leader, ...]
    canary: Leader | None
    ranked: int
    unranked: int
    speakers: int | None
    headline: str
    scale: Scale


def leaders(sheet: Sheet) -> Leaders:
    """The best of a board."""
    board = sheet.board
    key = "acc7" if isinstance(board.task, ScaleTask) else "ua"
    records = board.records()
    scale = Scale.of(records, key, board.chance)
    told = [
        _leader(sheet, place, records[place], key, scale)
        for place, row in enumerate(board.rows)
        if row.scores is not None
    ]
    models = [one for one in told if one.row.competes]
    canaries = [one for one in told if one.row.canary and one.score.value is not None]
    every = sum(not row.canary for row in board.rows)
    return Leaders(
        sheet,
        tuple(models[:BEST]),
        max(canaries, key=lambda one: float(one.score.value or 0), default=None),
        len(models),
        every - len(models),
        _most(row.n_speakers for row in board.rows),
        "ACC7" if key == "acc7" else "UA",
        scale,
    )


def _leader(sheet: Sheet, place: int, record: dict[str, Any], key: str, scale: Scale) -> Leader:
    row = sheet.board.rows[place]
    return Leader(
        row,
        row.model.removeprefix(CANARY),
        "" if row.canary else sheet.row_href(place),
        rank(record),
        percent(key)(record),
        scale.whisker(record, key),
    )


def _most(counts: Any) -> int | None:
    known: Sequence[int] = [count for count in counts if count is not None]
    return max(known, default=None)
