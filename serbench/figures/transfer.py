"""One model from corpus to corpus: a row for each training side, a column for each test corpus.

A cell tells UA in per cent, and below it the standard deviation over seeds where there are several.
The blue is the stronger the further UA lies above chance, so that corpora of more and of fewer
classes can be held side by side. A dashed frame is the same model within one corpus, its speakers
left out one by one; it is no part of the means, which stand at the right and at the foot. Grey is
missing, and a mean over a missing cell is none: it says how many there are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from serbench.board import Board
from serbench.cells import REST, CellScores
from serbench.figures.forest import named
from serbench.figures.inline import inline
from serbench.figures.look import HUE, INK, LETTER, PALE, SMALL, SOFT, TEXT, dressed
from serbench.figures.room import Fits, Room, relabelled
from serbench.rows import Row
from serbench.scores import ClassScores

if TYPE_CHECKING:
    import altair as alt

CELL = (64, 40)  # width and height, in pixels
FITS = Fits(least=46, most=84, briefs=2)  # names of training sides cut short
SHORT = 44  # pixels of such a name
STRONGEST = 0.62  # opacity of the highest: INK on it keeps a contrast of 5 to 1
ADJUSTED = "(UA \N{MINUS SIGN} chance) / (100 % \N{MINUS SIGN} chance)"
MEAN = "mean"
GREY = 0.22  # opacity of a missing cell
STEPS = 5  # of the scale below
Record = dict[str, Any]
# How it is read: for a caption.
NOTE = (
    "UA % of each training side (row) on each test corpus (column), \N{PLUS-MINUS SIGN} the "
    "standard deviation over seeds; the colour is what it lies above chance. Dashed frames are the "
    "same model within one corpus, a speaker left out, and are no part of the means."
)
Within = Mapping[str, ClassScores]


def draw(
    board: Board, row: Row, within: Within | None = None, room: Room | None = None
) -> alt.VConcatChart:
    """The heat map of one row.

    Parameters
    ----------
    within
        Corpus to the scores of the same model in it (:func:`serbench.diagonal.diagonal`).

    Raises
    ------
    ValueError
        If the row has no scores of pairs of corpora.
    """
    import altair as alt

    cells = data(board, row, within)
    top = _top(cells)
    sources, targets = _sides(board, row)
    squares = [_shown(one, top) for one in cells]
    rows = [*sources, *([MEAN] if len(sources) > 1 else [])]
    columns = [*targets, *([MEAN] if len(targets) > 1 else [])]
    brief = 0 if room is None else room.brief
    width: float = max(CELL[0], int(LETTER * max(map(len, targets))) + 8)
    if room is not None:
        width = room.panel
    x = alt.X(
        "target:N",
        sort=None,
        scale=alt.Scale(domain=columns, paddingInner=0.05),
        axis=alt.Axis(
            orient="top",
            title="tested on",
            labelAngle=0,
            grid=False,
            labelExpr=relabelled(columns, width),
        ),
    )
    y = alt.Y(
        "source:N",
        sort=None,
        scale=alt.Scale(domain=rows, paddingInner=0.07),
        axis=alt.Axis(
            title="trained on",
            grid=False,
            labelLimit=160,
            labelExpr=relabelled(rows, SHORT if brief else 160),
        ),
    )
    base = alt.Chart(inline(squares)).encode(x=x, y=y)
    heat = base.mark_rect(cornerRadius=2, strokeDash=[4, 3]).encode(
        fill=alt.Fill("fill:N", scale=None),
        fillOpacity=alt.FillOpacity("strength:Q", scale=None),
        stroke=alt.Stroke("frame:N", scale=None),
        tooltip=[
            alt.Tooltip("source:N"),
            alt.Tooltip("target:N"),
            alt.Tooltip("told:N"),
            alt.Tooltip("beside:N"),
        ],
    )
    texts = [
        base.transform_filter(which)
        .mark_text(baseline="middle", color=INK, **looks)
        .encode(text=alt.Text(field))
        for which, field, looks in (
            ("datum.mean", "told:N", {"fontSize": TEXT, "fontWeight": "bold"}),
            ("!datum.mean && datum.beside === ''", "told:N", {"fontSize": TEXT}),
            ("datum.beside !== ''", "told:N", {"fontSize": TEXT, "dy": -7}),
            ("datum.beside !== ''", "beside:N", {"fontSize": SMALL, "dy": 9}),
        )
    ]
    panel = alt.layer(heat, *texts).properties(
        width=width * len(columns), height=CELL[1] * len(rows)
    )
    figure: alt.VConcatChart = dressed(
        alt.vconcat(panel, _scale(top), spacing=18).resolve_scale(x="independent", y="independent"),
        described(board, row, within),
    )
    return figure


def data(board: Board, row: Row, within: Within | None = None) -> list[Record]:
    """Every cell and every mean, in per cent; ``ua`` is None where it is missing.

    ``kind`` is "cell", "within" (one corpus, a speaker left out), "missing" or "mean";
    ``adjusted`` is (UA - 1/C) / (1 - 1/C) of C classes, as a share of 1.
    """
    if not isinstance(row.scores, CellScores):
        raise ValueError(  # noqa: TRY004  of its kind, not of its type
            f"{row.model} has no scores of pairs of corpora"
        )
    held = {(cell.source, cell.target): cell for cell in row.scores.cells}
    sources, targets = _sides(board, row)
    chance = 1 / len(row.scores.classes)
    found = []
    for source in sources:
        for target in targets:
            cell = held.get((source, target))
            inside = (within or {}).get(target) if source == target else None
            if cell is not None:
                one = _record(source, target, "cell", cell.scores.ua.estimate, cell.ua_sd, chance)
            elif inside is not None:
                sd = _sd(inside)
                one = _record(source, target, "within", inside.ua.estimate, sd, chance)
            else:
                kind = "within" if source == target else "missing"
                one = _record(source, target, kind, math.nan, math.nan, chance)
            found.append({"model": row.model, "settings": row.variant, **one})
    return [*found, *_means(found, sources, targets)]


def described(board: Board, row: Row, within: Within | None = None) -> str:
    """The figure in words, for who cannot see it."""
    told = ", ".join(
        f"{one['source']} to {one['target']} {one['ua']:.1f}"
        for one in data(board, row, within)
        if one["kind"] in {"cell", "within"} and one["ua"] is not None
    )
    assert row.scores is not None
    mean = 100 * row.scores.headline.estimate
    return (
        f"UA % of {named(row)}, trained on one side and tested on another, mean {mean:.1f}: {told}"
    )


def rows_of_pairs(board: Board) -> list[Row]:
    """The rows that this figure can be drawn of, but for canaries."""
    return [row for row in board.rows if isinstance(row.scores, CellScores) and not row.canary]


def _sides(board: Board, row: Row) -> tuple[list[str], list[str]]:
    """Training sides and test corpora, in the board's order."""
    assert isinstance(row.scores, CellScores)
    rest = all(cell.source == REST for cell in row.scores.cells)
    return [REST] if rest else list(board.corpora), list(board.corpora)


def _record(
    source: str, target: str, kind: str, ua: float, sd: float, chance: float
) -> Record:  # fmt: skip
    none = math.isnan(ua)
    return {
        "source": source,
        "target": target,
        "kind": kind,
        "ua": None if none else 100 * ua,
        "ua_sd": None if math.isnan(sd) else 100 * sd,
        "adjusted": None if none else (ua - chance) / (1 - chance),
        "cells": None,
    }


def _means(found: list[Record], sources: list[str], targets: list[str]) -> list[Record]:
    """Of each row, each column and all; of none with a missing cell, which says how many it has."""
    groups: list[tuple[str, str, list[Record]]] = []
    if len(targets) > 1:
        groups += [(s, MEAN, [one for one in found if one["source"] == s]) for s in sources]
    if len(sources) > 1:
        groups += [(MEAN, t, [one for one in found if one["target"] == t]) for t in targets]
        groups.append((MEAN, MEAN, list(found)))
    means = []
    for source, target, group in groups:
        cells = [one for one in group if one["kind"] in {"cell", "missing"}]
        known = [one for one in cells if one["ua"] is not None]
        whole = bool(cells) and len(known) == len(cells)
        means.append(
            {
                "model": found[0]["model"], "settings": found[0]["settings"], "source": source,
                "target": target, "kind": MEAN,
                "ua": float(np.mean([one["ua"] for one in cells])) if whole else None,
                "ua_sd": None, "adjusted": None, "cells": f"{len(known)}/{len(cells)}",
            }
        )  # fmt: skip
    return means


def _shown(one: Record, top: float) -> Record:
    """A cell as it looks."""
    missing = one["ua"] is None
    blank = missing and one["kind"] == "within"
    mean = one["kind"] == MEAN
    strength = 0.0 if missing or mean else STRONGEST * max(0.0, min(1.0, one["adjusted"] / top))
    if missing and mean:
        told = f"{one['cells']} cells"
    else:
        told = "" if blank else "\N{EN DASH}" if missing else f"{one['ua']:.1f}"
    return {
        "source": one["source"],
        "target": one["target"],
        "told": told,
        "beside": "" if one["ua_sd"] is None else f"\N{PLUS-MINUS SIGN}{one['ua_sd']:.1f}",
        "mean": mean,
        "fill": PALE if one["kind"] == "missing" else HUE,
        "strength": GREY if one["kind"] == "missing" else strength,
        "frame": SOFT if one["kind"] == "within" else "transparent",
    }


def _scale(top: float) -> alt.Chart:
    """What the blues are: from chance to the highest in the figure."""
    import altair as alt

    steps = [
        {"step": i, "adjusted": f"{top * i / STEPS:.2g}", "strength": STRONGEST * i / STEPS}
        for i in range(STEPS + 1)
    ]
    x = alt.X("adjusted:N", sort=None, axis=alt.Axis(
        title=ADJUSTED, labelAngle=0, grid=False,
        titleFontSize=SMALL, labelFontSize=SMALL, titlePadding=4, labelPadding=4,
    ))  # fmt: skip
    bar = (
        alt.Chart(inline(steps))
        .mark_rect(fill=HUE, stroke=PALE, strokeWidth=0.5)
        .encode(x=x, fillOpacity=alt.FillOpacity("strength:Q", scale=None))
    )
    scale: alt.Chart = bar.properties(width=40 * len(steps), height=12)
    return scale


def _top(cells: list[Record]) -> float:
    """The highest adjusted UA, to a tenth above; at least a fifth, so that noise stays pale."""
    highest = max((one["adjusted"] for one in cells if one["adjusted"] is not None), default=0.0)
    return max(0.2, math.ceil(10 * highest - 1e-9) / 10)


def _sd(scores: ClassScores) -> float:
    by_seed = scores.evidence.by_seed
    return float(by_seed.std(ddof=1)) if len(by_seed) > 1 else math.nan
