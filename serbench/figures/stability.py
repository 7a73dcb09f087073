"""How firm ranks are: two intervals for each model, and how often each one beats each other.

In the first panel, the wide pale bar is what the board's tests leave of a rank, the line where the
model came in 95 of 100 drawings of the speakers (or corpora), the dot its place by the score
itself. In the second, each cell tells in how many of 100 drawings the model of the row beats that
of the column, a tie counting half. Drawings describe the board; they are no test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from serbench.board import Board
from serbench.figures.differences import competing
from serbench.figures.forest import named
from serbench.figures.inline import inline
from serbench.figures.look import (
    HUE,
    INK,
    LINE,
    SMALL,
    SOFT,
    TEXT,
    across,
    column,
    down,
    dressed,
    names,
    names_width,
)
from serbench.figures.room import Fits, Room
from serbench.redrawn import redrawn
from serbench.stats.ranks import competition
from serbench.stats.stability import stability

if TYPE_CHECKING:
    import altair as alt

NARROW, WIDE = 150, 320  # of the left panel, in pixels
PER_RANK = 34  # pixels of it
CELL, LEAST = 34, 26  # width of a cell of the matrix, in pixels, and the least
STRONGEST = 0.62  # opacity of 100 in 100: INK on it keeps a contrast of 5 to 1
FITS = Fits(least=130, most=420, briefs=3)  # one below the other; names in two lines
BESIDE = 6  # models, of which both panels fit the width of a page
MARKS = ("place", "rank", "best", "worst", "drawn_low", "drawn_high")
BAR = 14  # pixels of the pale bar
Record = dict[str, Any]
# How it is read: for a caption.
NOTE = (
    "Pale bars are the ranks that the tests leave, lines those of 95 in 100 drawings of the units, "
    "dots the rank by score. Cells: in how many of 100 drawings the row's model beats the column's."
)


def draw(board: Board, room: Room | None = None) -> alt.ConcatChart:
    """Both panels, side by side or one below the other.

    The second is missing where too few units can be drawn.

    Raises
    ------
    ValueError
        If fewer than two models are ranked.
    """
    import altair as alt

    told = data(board)
    rows = [{**row, "place": i, "number": str(i + 1)} for i, row in enumerate(told)]
    if len(rows) < 2:
        raise ValueError("fewer than two ranked models: no ranks to draw")
    brief = 0 if room is None else room.brief
    panels = [_ranks(rows, None if room is None else room.panel, brief=brief > 1)]
    below = len(rows) > BESIDE or brief > 0
    if rows[0]["drawn_low"] is not None:
        cell = float(CELL)
        if room is not None and below:
            whole = room.panel + names_width(rows, brief=brief > 1)
            cell = min(cell, max(LEAST, (whole - 20) / len(rows)))
        panels.append(_wins(rows, cell, numbered=below))
    figure = alt.concat(*panels, columns=1 if below else 2, spacing=34)
    chart: alt.ConcatChart = dressed(figure, _described(told))
    return chart


def data(board: Board) -> list[Record]:
    """Ranks of each ranked model, from the top, and ``beats``: the others' names to shares."""
    rows = competing(board)
    if not rows:
        return []
    scores = [row.scores for row in rows if row.scores is not None]
    places = competition([one.headline.estimate for one in scores])
    wins = _wins_of(board)
    called = _distinct([named(row) for row in rows])
    found = []
    for i, row in enumerate(rows):
        assert row.rank is not None
        low, high = row.rank.drawn or (None, None)
        beats = {} if wins is None else {
            other: round(float(wins[i, j]), 4) for j, other in enumerate(called) if j != i
        }  # fmt: skip
        found.append(
            {
                "name": called[i],
                "rank": int(places[i]),
                "best": row.rank.best,
                "worst": row.rank.worst,
                "drawn_low": None if wins is None else low,
                "drawn_high": None if wins is None else high,
                "beats": beats,
            }
        )
    return found


def described(board: Board) -> str:
    """The figure in words, for who cannot see it."""
    return _described(data(board))


def _described(rows: list[Record]) -> str:
    told = "; ".join(
        f"{row['name']} {_extent(row['best'], row['worst'])}"
        + (
            ""
            if row["drawn_low"] is None
            else f", drawn {_extent(row['drawn_low'], row['drawn_high'])}"
        )
        for row in rows
    )
    return f"ranks that the tests leave, and those of 95 in 100 drawings: {told}"


def _ranks(
    rows: list[Record], panel: float | None, *, brief: bool
) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    count = max(row["worst"] for row in rows)
    width = min(max(NARROW, PER_RANK * count), WIDE) if panel is None else panel
    ends = (0.5, count + 0.5)
    step = 1 if count <= 15 else 5
    ticks = [rank for rank in range(1, count + 1) if rank == 1 or rank % step == 0]
    y = down(len(rows))

    def x(field: str) -> alt.X:
        return across(field, ends, "rank", values=ticks)

    bare = [{key: row[key] for key in MARKS} for row in rows]
    wide = [{**row, "from": row["best"] - 0.3, "to": row["worst"] + 0.3} for row in bare]
    base = alt.Chart(inline(wide)).encode(y=y)
    left = base.mark_bar(color=HUE, opacity=0.3, height=BAR, cornerRadius=3).encode(
        x=x("from:Q"), x2=alt.X2("to:Q")
    )
    drawn = (
        base.transform_filter("isValid(datum.drawn_low)")
        .mark_rule(color=HUE, strokeWidth=3, strokeCap="round")
        .encode(x=x("drawn_low:Q"), x2=alt.X2("drawn_high:Q"))
    )
    dots = base.mark_point(filled=True, size=60, color=INK, opacity=1).encode(x=x("rank:Q"))
    beside = [
        *column(rows, "number", -10, align="right"),
        *names(rows, -32, brief=brief),
    ]
    return alt.layer(
        left, drawn, dots, *beside, *_key(rows[0]["drawn_low"] is not None)
    ).properties(width=width, height=LINE * len(rows))


def _key(drawn: bool) -> list[alt.Chart]:
    """What the marks are, above the panel."""
    import altair as alt

    told = [("tests", "what the tests leave"), ("drawn", "95 of 100 drawings"), ("dot", "by score")]
    shown = [one for one in told if drawn or one[0] != "drawn"]
    found: list[alt.Chart] = []
    for line, (kind, text) in enumerate(shown):
        y = alt.YValue(-10 - 15 * (len(shown) - 1 - line))
        base = alt.Chart(inline([{"text": text}]))
        across_ = {"x": alt.XValue(0), "x2": alt.X2Value(20), "y": y}
        if kind == "dot":
            found.append(
                base.mark_point(filled=True, size=50, color=INK, opacity=1).encode(
                    x=alt.XValue(10), y=y
                )
            )
        else:
            wide = kind == "tests"
            found.append(
                base.mark_rule(
                    color=HUE, opacity=0.3 if wide else 1, strokeWidth=9 if wide else 3
                ).encode(**across_)
            )
        found.append(
            base.mark_text(align="left", baseline="middle", fontSize=SMALL, color=SOFT).encode(
                x=alt.XValue(27), y=y, text=alt.Text("text:N")
            )
        )
    return found


def _wins(rows: list[Record], cell: float, *, numbered: bool) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    number = {row["name"]: row["number"] for row in rows}
    cells = [
        {
            "row": row["number"], "column": number[other], "name": row["name"], "other": other,
            "told": _hundred(share), "strength": STRONGEST * share,
        }
        for row in rows
        for other, share in row["beats"].items()
    ]  # fmt: skip
    order = [row["number"] for row in rows]
    head = "of 100 drawings, beats"
    x = alt.X(
        "column:N",
        sort=None,
        scale=alt.Scale(domain=order, paddingInner=0.06),
        axis=alt.Axis(
            orient="top", title=_broken(head, cell * len(rows)), labelAngle=0, grid=False
        ),
    )
    y = alt.Y(
        "row:N",
        sort=None,
        scale=alt.Scale(domain=order, paddingInner=0.08),
        axis=alt.Axis(title="model" if numbered else None, labels=numbered),
    )
    base = alt.Chart(inline(cells)).encode(x=x, y=y)
    squares = base.mark_rect(color=HUE, cornerRadius=2).encode(
        fillOpacity=alt.FillOpacity("strength:Q", scale=None),
        tooltip=[alt.Tooltip("name:N"), alt.Tooltip("other:N"), alt.Tooltip("told:N")],
    )
    numbers = base.mark_text(fontSize=TEXT, color=INK).encode(text=alt.Text("told:N"))
    return alt.layer(squares, numbers).properties(width=cell * len(rows), height=LINE * len(rows))


def _broken(text: str, width: float) -> list[str]:
    """Text in lines that fit a width."""
    import textwrap

    return textwrap.wrap(text, max(12, int(width / 6)))


def _hundred(share: float) -> str:
    """A share in 100, never rounded to all or none unless it is."""
    if 0 < share < 0.005:
        return "<1"
    return ">99" if 0.995 <= share < 1 else f"{100 * share:.0f}"


def _wins_of(board: Board) -> NDArray[np.float64] | None:
    scores = [row.scores for row in competing(board) if row.scores is not None]
    drawn = redrawn(scores) if len(scores) > 1 else None
    return None if drawn is None else stability(drawn).wins


def _distinct(names: list[str]) -> list[str]:
    """Names, of which equal ones are numbered."""
    return [
        f"{name} ({names[: i + 1].count(name)})" if names.count(name) > 1 else name
        for i, name in enumerate(names)
    ]


def _extent(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
