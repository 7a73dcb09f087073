"""Scores with their intervals, one model a line, on one scale: a forest plot.

A hollow point is unranked, as is its line. Canaries are grey squares: they hear nothing, and what a
model gives beyond the highest of them is what it heard. A dashed line stands at chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from serbench.board import Board
from serbench.canaryrows import CANARY
from serbench.figures.corpus import INK, PALE
from serbench.figures.inline import inline
from serbench.figures.look import names, names_width
from serbench.figures.room import Fits, Room, ticks
from serbench.rows import Row
from serbench.scores import known

if TYPE_CHECKING:
    import altair as alt

WIDTH, LINE = 380, 24  # of the panel, and the height of a row, in pixels
FITS = Fits(least=100, most=640, briefs=3)  # names in two lines; no interval's numbers
POINT, SOFT = "#2f6db3", "#555555"
TEXT = 12  # pixels
MOST = 40  # characters of a name
LETTER = 7.2  # pixels of one, at TEXT: Helvetica's widest words

Record = dict[str, Any]

NOTE = (
    "Lines are 95% intervals with the speaker as their unit. Hollow points are not ranked; grey "
    "squares are canaries, which hear nothing."
)


def draw(board: Board, room: Room | None = None) -> alt.LayerChart:
    """The forest plot of a board: every row that has its headline, in the board's order.

    Raises
    ------
    ValueError
        If no row has one.
    """
    import altair as alt

    rows = list(records(board))
    if not rows:
        raise ValueError("a board without any score has no forest plot")
    width, brief = (WIDTH, 0) if room is None else (room.panel, room.brief)
    if brief:
        left = int(names_width(rows, brief=True)) + 30
    else:
        left = int(min(max(len(row["name"]) for row in rows), MOST) * LETTER) + 16
    if brief > 1:
        rows = [{**row, "told": f"{row['score']:.1f}"} for row in rows]
    line = LINE + 4 * bool(brief)
    span = _span(board, rows)
    down = alt.Scale(domain=[len(rows) - 0.5, -0.5], nice=False, zero=False)
    y = alt.Y("place:Q", scale=down, axis=None)
    axis = alt.Axis(title=title(board), tickCount=ticks(width), format="d", labelFlush=False)
    scale = alt.Scale(domain=list(span), nice=False, zero=False)
    x = alt.X("score:Q", scale=scale, axis=axis)
    base = alt.Chart(inline(rows)).encode(y=y)
    ink = alt.Color("ink:N", scale=None)
    known = "isValid(datum.low) && isValid(datum.high)"
    spans = (
        base.transform_filter(known)
        .mark_rule(strokeWidth=2)
        .encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", color=ink)
    )
    points = base.mark_point(size=60, opacity=1, strokeWidth=2).encode(
        x=x,
        stroke=alt.Stroke("ink:N", scale=None),
        fill=alt.Fill("fill:N", scale=None),
        shape=alt.Shape(
            "kind:N",
            scale=alt.Scale(
                domain=["ranked", "not ranked", "canary"], range=["circle", "circle", "square"]
            ),
            legend=None,
        ),
    )
    text: dict[str, Any] = {"baseline": "middle", "fontSize": TEXT}
    labels = (
        names(rows, -10, brief=True)
        if brief
        else [
            base.mark_text(align="right", limit=left, **text).encode(
                x=alt.value(-10), text="name:N", color=alt.Color("label:N", scale=None)
            )
        ]
    )
    numbers = base.mark_text(align="left", **text).encode(
        x=alt.value(width + 12), text="told:N", color=alt.Color("label:N", scale=None)
    )
    figure: alt.LayerChart = (
        alt.layer(*_chance(board, x), spans, points, *labels, numbers)
        .properties(
            width=width,
            height=line * len(rows),
            padding={"left": left, "right": 120 if brief < 2 else 50, "top": 12, "bottom": 44},
            background="white",
            description=described(board),
        )
        .configure(font="Helvetica, Arial, sans-serif", autosize=alt.AutoSizeParams(type="none"))
        .configure_axis(
            labelFontSize=TEXT, titleFontSize=TEXT, titleFontWeight="normal", labelColor=INK,
            titleColor=INK, domain=False, ticks=False, labelPadding=6, titlePadding=8,
            gridColor="#e4e4e4",
        )
        .configure_view(stroke=None)
    )  # fmt: skip
    return figure


def records(board: Board) -> Iterator[Record]:
    """What is drawn, from the top: scores in per cent, None where there is no interval."""
    place = 0
    for row in board.rows:
        if row.scores is None or math.isnan(row.scores.headline.estimate):
            continue
        low, high = (known(100 * end) for end in row.scores.headline.clipped())
        score = 100 * row.scores.headline.estimate
        kind = "canary" if row.canary else "ranked" if row.ranked else "not ranked"
        ink = PALE if row.canary else POINT
        bracket = "" if low is None or high is None else f"  [{low:.1f}, {high:.1f}]"
        yield {
            "place": place, "name": named(row), "kind": kind, "score": score, "low": low,
            "high": high, "ink": ink, "fill": "white" if kind == "not ranked" else ink,
            "label": SOFT if row.canary else INK, "told": f"{score:.1f}{bracket}",
        }  # fmt: skip
        place += 1


def described(board: Board) -> str:
    """The figure in words, for who cannot see it."""
    told = ", ".join(f"{one['name']} {one['told']}" for one in records(board))
    return f"{title(board)} with its 95% interval: {told}"


def title(board: Board) -> str:
    """What is measured along the axis."""
    return "ACC7 %" if board.chance is None else "UA %"


def named(row: Row) -> str:
    """A row in a few words."""
    name = row.model.removeprefix(CANARY) + " (canary)" if row.canary else row.model
    rule = "" if row.selection == "last" else f"({row.selection})"
    words = " ".join(part for part in (name, row.variant, rule) if part)
    return words if len(words) <= MOST else words[: MOST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _chance(board: Board, x: alt.X) -> list[alt.Chart]:
    import altair as alt

    if board.chance is None:
        return []
    base = alt.Chart(inline([{"score": 100 * board.chance, "name": "chance"}]))
    line = base.mark_rule(color=PALE, strokeDash=[4, 3]).encode(x=x)
    name = base.mark_text(baseline="bottom", dy=-2, fontSize=TEXT - 1, color=SOFT).encode(
        x=x, y=alt.value(0), text="name:N"
    )
    return [line, name]


def _span(board: Board, rows: Sequence[Record]) -> tuple[float, float]:
    """From below the lowest end, or chance, to above the highest, in tens of points."""
    ends = [row[name] for row in rows for name in ("score", "low", "high") if row[name] is not None]
    ends += [] if board.chance is None else [100 * board.chance]
    low, high = 10 * math.floor(min(ends) / 10 - 0.2), 10 * math.ceil(max(ends) / 10 + 0.2)
    return max(0.0, low), min(100.0, high)
