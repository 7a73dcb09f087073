"""A model's page: where it stands on every board, and what each protocol is worth to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serbench.labels import Scale as ScaleTask
from serbench.site.atlas import Entry, model_href
from serbench.site.columns import Cell, percent, rank
from serbench.site.drawn import Drawn, drawn
from serbench.site.ladders import Climb, measured
from serbench.site.masthead import Masthead
from serbench.site.page import page
from serbench.site.pictures import ladders
from serbench.site.reasons import reason
from serbench.site.scale import Scale, Whisker
from serbench.site.written import write


@dataclass(frozen=True)
class Work:
    """What it takes to draw a model's ladders."""

    name: str
    climbs: tuple[Climb, ...]
    results: Path
    root: Path  # of the site that is being written
    cache: Path | None  # of figures that were drawn before


@dataclass(frozen=True)
class Climbed:
    """A model's ladders, drawn, what is to be said of them, and what could not be measured."""

    figures: tuple[Drawn, ...] = ()
    notes: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where the model stands on one board."""

    entry: Entry
    rank: Cell
    score: Cell
    wa: Cell
    whisker: Whisker | None
    of: int  # rows that are ranked there
    reason: str


def draw_ladders(work: Work) -> Climbed:
    """Measure and draw the ladders of a model."""
    found = measured(work.results, work.climbs)
    folder = model_href(work.name).removesuffix(".html")
    figures = drawn(ladders(found.ladders), work.root, folder, work.cache)
    return Climbed(tuple(figures), found.notes, found.missed)


def write_model(
    name: str, entries: Sequence[Entry], climbed: Climbed, masthead: Masthead, root: Path
) -> None:
    """Write the page of a model."""
    href = model_href(name)
    variants = {(entry.row.version, entry.row.variant): entry.row for entry in entries}
    write(
        root / href,
        page(
            "model", href, masthead, name=name, places=places(entries), figures=climbed.figures,
            notes=climbed.notes, missed=climbed.missed,
            variants=[variants[key] for key in sorted(variants)],
        ),
    )  # fmt: skip


def places(entries: Sequence[Entry]) -> list[Place]:
    """Where rows stand, UA of all on one scale; ACC7 of a sentiment in its place."""
    told = [(entry, _record(entry)) for entry in entries]
    keys = ["acc7" if isinstance(entry.sheet.board.task, ScaleTask) else "ua" for entry in entries]
    scale = Scale.of(
        [
            {f"ua{end}": record.get(key + end) for end in ("", "_low", "_high")}
            for (_, record), key in zip(told, keys, strict=True)
        ],
        "ua",
        None,
    )
    return [
        Place(
            entry,
            rank(record),
            percent(key)(record),
            percent("wa")(record),
            scale.whisker(record, key),
            sum(row.competes for row in entry.sheet.board.rows),
            reason(entry.row, entry.sheet.board, entry.sheet.said.flags),
        )
        for (entry, record), key in zip(told, keys, strict=True)
    ]


def _record(entry: Entry) -> dict[str, Any]:
    board = entry.sheet.board
    return entry.row.record(board.task, len(board.corpora) > 1)
