"""Each model less the reference, with its interval: a forest plot of differences.

A line stands at no difference. A filled point is told apart from the reference by the board's test,
a hollow one is not. To the right stand the difference in points, its 95% interval, the p-value and
the board's letters; only models that are ranked are held against one another.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from serbench.board import Board
from serbench.figures.forest import named, title
from serbench.figures.inline import inline
from serbench.figures.look import (
    HUE,
    INK,
    LETTER,
    LINE,
    SOFT,
    across,
    column,
    down,
    dressed,
    names,
    signed,
    span,
)
from serbench.figures.room import Fits, Room, ticks
from serbench.rows import Row
from serbench.scores import known
from serbench.stats.apart import ALPHA

if TYPE_CHECKING:
    import altair as alt

WIDTH = 300  # of the panel, in pixels
FITS = Fits(least=84, most=560, briefs=3)  # names in two lines; no interval's numbers
STEPS = (1.0, 2.0, 5.0, 10.0)  # points between the ends that a scale may have
Record = dict[str, Any]
# How it is read: for a caption.
NOTE = (
    "Each model less the reference, in points; lines are 95% intervals. Filled points are told "
    "apart from the reference by the board's test."
)


def draw(board: Board, room: Room | None = None) -> alt.LayerChart:
    """One line for each ranked model, in the board's order.

    Raises
    ------
    ValueError
        If there is nobody to hold against anybody.
    """
    import altair as alt

    shown = data(board)
    if len(shown) < 2:
        raise ValueError("fewer than two ranked models: no difference to draw")
    width, brief = (WIDTH, 0) if room is None else (room.panel, room.brief)
    rows = [{**row, "place": i, **_told(row)} for i, row in enumerate(shown)]
    if brief > 1:
        rows = [{**row, "told": row["told"].partition("  ")[0]} for row in rows]
    ends = _ends(shown)
    name = next(row["name"] for row in shown if row["reference"])
    head = f"{title(board).removesuffix(' %')} less {name}, points"
    x = across("delta:Q", ends, head, tickCount=ticks(width))
    y = down(len(rows))
    base = alt.Chart(inline(rows)).encode(y=y)
    zero = alt.Chart(inline([{"delta": 0.0}])).mark_rule(color=SOFT, strokeWidth=1.2)
    spans = (
        base.transform_filter("isValid(datum.delta_low) && isValid(datum.delta_high)")
        .mark_rule(color=HUE, strokeWidth=2)
        .encode(
            x=across("delta_low:Q", ends, head, tickCount=ticks(width)), x2=alt.X2("delta_high:Q")
        )
    )
    points = base.mark_point(size=60, opacity=1, strokeWidth=2, stroke=HUE).encode(
        x=x,
        fill=alt.Fill("fill:N", scale=None),
        shape=alt.Shape(
            "form:N", scale=alt.Scale(domain=["o", "<>"], range=["circle", "diamond"]), legend=None
        ),
        tooltip=[alt.Tooltip("name:N"), alt.Tooltip("told:N"), alt.Tooltip("p:N")],
    )
    right = width + 14
    heading = "points" if brief > 1 else "points [95% CI]"
    widest = max(len(row["told"]) for row in rows) * LETTER
    at_p = right + max(widest, LETTER * len(heading)) + 10
    lettered = any(row["letters"] for row in rows)
    texts = [
        *names(rows, -10, brief=bool(brief)),
        *column(rows, "told", right, heading=heading),
        *(column(rows, "p", at_p, heading="p Holm") if any(row["p"] for row in rows) else []),
        *(
            column(rows, "letters", at_p + (56 if brief < 2 else 50), heading="letters")
            if lettered
            else []
        ),
    ]
    figure = alt.layer(zero.encode(x=x), spans, points, *texts).properties(
        width=width, height=LINE * len(rows)
    )
    chart: alt.LayerChart = dressed(figure, described(board))
    return chart


def data(board: Board) -> list[Record]:
    """What is drawn, from the top: differences in points, None where there is none.

    ``p_holm`` is adjusted as on the board. The reference's own difference is 0, without interval.
    """
    found = []
    for row in board.rows:
        if row.rank is None or not row.competes:
            continue
        held = row.rank.delta
        delta, low, high = (0.0, math.nan, math.nan) if held is None else held
        found.append(
            {
                "name": named(row),
                "model": row.model,
                "settings": row.variant,
                "selection": row.selection,
                "reference": held is None,
                "delta": 100 * delta,
                "delta_low": known(100 * low),
                "delta_high": known(100 * high),
                "p_holm": known(row.rank.p),
                "letters": row.rank.letters,
            }
        )
    return found


def described(board: Board) -> str:
    """The figure in words, for who cannot see it."""
    rows = data(board)
    name = next((row["name"] for row in rows if row["reference"]), "the reference")
    told = "; ".join(
        f"{row['name']} {_told(row)['told']}" + (f", p {_p(row)}" if _p(row) else "")
        for row in rows
        if not row["reference"]
    )
    return f"{title(board)} less that of {name}, in points, with 95% intervals: {told}"


def competing(board: Board) -> list[Row]:
    """The rows that are held against one another."""
    return [row for row in board.rows if row.rank is not None and row.competes]


def _told(row: Record) -> Record:
    """A difference as it is written, and how its point looks."""
    if row["reference"]:
        return {"told": "reference", "p": "", "fill": "white", "form": "<>", "ink": SOFT}
    low, high = row["delta_low"], row["delta_high"]
    ends = "" if low is None or high is None else f"  [{signed(low)}, {signed(high)}]"
    apart = row["p_holm"] is not None and row["p_holm"] < ALPHA
    return {
        "told": signed(row["delta"]) + ends,
        "p": _p(row),
        "fill": HUE if apart else "white",
        "form": "o",
        "ink": INK,
    }


def _p(row: Record) -> str:
    p = row["p_holm"]
    if p is None:
        return ""
    return "<0.0001" if p < 1e-4 else f"{p:.1g}" if p < 1e-3 else f"{p:.3f}"


def _ends(rows: list[Record]) -> tuple[float, float]:
    """Of the scale: as narrow as the differences allow, with no difference inside."""
    ends = [0.0] + [
        row[key] for row in rows for key in ("delta", "delta_low", "delta_high")
        if row[key] is not None
    ]  # fmt: skip
    size = max(ends) - min(ends)
    step = next((step for step in STEPS if size / step <= 6), STEPS[-1])
    return span(ends, step)
