"""Mean ranks over corpora, and bars over models that are not told apart: the diagram of Demsar.

The axis is a model's mean rank, 1 the best. A bar joins models of which no two are told apart by
Wilcoxon's test with Holm's adjustment over all pairs: those that it has a dot for, since it may
pass over one that is told apart from another of them. The distance at the upper left is Nemenyi's:
readers know it, and it decides nothing, since it hangs on which other models take part. Of fewer
than six corpora no pair could be told apart, and nothing is drawn (:func:`silent`).
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from serbench.figures.inline import inline
from serbench.figures.look import HUE, INK, PALE, SMALL, SOFT, TEXT, dressed
from serbench.figures.room import Fits, Room
from serbench.overall import Overall
from serbench.stats.apart import apart

if TYPE_CHECKING:
    import altair as alt

PER_RANK, NARROW, WIDE = 62, 260, 420  # pixels of one rank, of the axis at least and at most
FITS = Fits(least=100, most=560, briefs=3)  # names cut short, then shorter
LETTERS_OF = (36, 18, 11)  # of a name, at most, from the fullest layout to the briefest
LINE, BAR, GAP = 19, 9, 15  # pixels between names, between bars, from the axis to the first of them
LETTERS = re.compile(r"[a-z]\d*")  # of which a model's are put together
Record = dict[str, Any]
# How it is read: for a caption.
NOTE = (
    "Mean ranks over corpora; a bar joins models (its dots) of which no two are told apart at 5% "
    "by Wilcoxon's signed-rank test, Holm over all pairs."
)


def silent(table: Overall) -> str:
    """Why there is no diagram; "" where there is."""
    if len(table.ranked) < 2:
        return f"{len(table.ranked)} of its models have every corpus: a diagram takes two"
    return table.silent


def draw(table: Overall, room: Room | None = None) -> alt.LayerChart:
    """The diagram.

    Raises
    ------
    ValueError
        Saying why there is none: with fewer than six corpora, or two ranked models.
    """
    import altair as alt

    if silent(table):
        raise ValueError(silent(table))
    rows = data(table)
    count = len(rows)
    width: float = min(max(NARROW, PER_RANK * (count - 1)), WIDE)
    most = LETTERS_OF[0]
    if room is not None:
        width, most = room.panel, LETTERS_OF[room.brief]

    def x(rank: float) -> float:
        return width * (rank - 1) / (count - 1)

    bars = _bars(table)
    top = GAP + BAR * len(bars)  # the first name's line
    lines, texts = _names(rows, x, top, width, most)
    below = top + LINE * math.ceil(count / 2)
    step = max(1, math.ceil(count / 12), math.ceil(12 * count / width))
    ticks = [
        {"x": x(rank), "y": 0.0, "y2": -6.0, "text": str(rank)}
        for rank in range(1, count + 1, step)
    ]
    joined = [
        {"x": x(group[0]), "x2": x(group[-1]), "y": GAP / 2 + BAR * i + 2}
        for i, group in enumerate(bars)
    ]
    members = [
        {"x": x(rank), "y": GAP / 2 + BAR * i + 2} for i, group in enumerate(bars) for rank in group
    ]
    layers = [
        _rules([{"x": 0.0, "x2": width, "y": 0.0}], SOFT, 1.5),
        _upright(ticks, SOFT, 1.5),
        _texts(ticks, "center", INK, TEXT, dy=-15),
        _rules(lines, PALE, 1.0, elbows=True),
        _rules(joined, HUE, 2.5),
        _dots(members),
        *(_texts(side, align, INK, TEXT) for side, align in texts if side),
        *_distance(table, x),
        _texts([{"x": width / 2, "y": -36.0, "text": "mean rank"}], "center", INK, TEXT),
    ]
    figure = alt.layer(*layers).properties(width=width, height=below)
    chart: alt.LayerChart = dressed(figure, described(table))
    return chart


def data(table: Overall) -> list[Record]:
    """The ranked models, the best mean rank first, and those each is not told apart from."""
    told = apart(table.adjusted) if not table.silent else None
    found = []
    for i, entry in enumerate(table.ranked):
        rest = () if told is None else tuple(
            other.name for j, other in enumerate(table.ranked) if j != i and not told[i, j]
        )  # fmt: skip
        found.append(
            {
                "name": entry.name,
                "mean_rank": entry.mean_rank,
                "ua": 100 * entry.mean,
                "corpora": len(table.corpora),
                "not_told_apart_from": list(rest),
            }
        )
    return sorted(found, key=lambda one: (one["mean_rank"], -one["ua"]))


def described(table: Overall) -> str:
    """The figure in words, for who cannot see it."""
    told = "; ".join(f"{one['name']} {one['mean_rank']:.2f}" for one in data(table))
    return f"mean ranks over {len(table.corpora)} corpora: {told}"


def _bars(table: Overall) -> list[tuple[float, ...]]:
    """The mean ranks of each group that nothing tells apart: of all models that share a letter."""
    groups: dict[str, list[float]] = {}
    for entry in table.ranked:
        assert entry.rank is not None
        for letter in LETTERS.findall(entry.rank.letters):
            groups.setdefault(letter, []).append(entry.mean_rank)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def _names(
    rows: list[Record], x: Any, top: float, width: float, most: int
) -> tuple[list[Record], list[tuple[list[Record], Any]]]:
    """Lines from the axis down and out to the names: the better half to the left."""
    half = math.ceil(len(rows) / 2)
    lines: list[Record] = []
    left: list[Record] = []
    right: list[Record] = []
    for i, row in enumerate(rows):
        better = i < half
        y = top + LINE * (i if better else len(rows) - 1 - i)
        end = -14.0 if better else width + 14.0
        place = x(row["mean_rank"])
        lines.append({"x": place, "x2": end, "y": y, "y2": 0.0})
        name = row["name"]
        name = name if len(name) <= most else name[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
        text = f"{name}  {row['mean_rank']:.2f}" if better else f"{row['mean_rank']:.2f}  {name}"
        (left if better else right).append(
            {"x": end - 5 if better else end + 5, "y": y, "text": text}
        )
    return lines, [(left, "right"), (right, "left")]


def _distance(table: Overall, x: Any) -> list[alt.Chart]:
    """Nemenyi's, above the axis."""
    if table.nemenyi is None:
        return []
    end = x(1 + table.nemenyi.critical)
    words = f"Nemenyi's distance {table.nemenyi.critical:.2f} (decides nothing)"
    above = -58.0
    return [
        _rules([{"x": 0.0, "x2": end, "y": above}], SOFT, 1.5),
        _upright([{"x": at, "y": above - 4, "y2": above + 4} for at in (0.0, end)], SOFT, 1.5),
        _texts([{"x": 0.0, "y": above - 13, "text": words}], "left", SOFT, SMALL),
    ]


def _rules(values: list[Record], ink: str, stroke: float, *, elbows: bool = False) -> Any:
    """Level lines from ``x`` to ``x2``, in pixels; with elbows, upright ones at ``x`` too."""
    import altair as alt

    base = alt.Chart(inline(values))
    level = base.mark_rule(color=ink, strokeWidth=stroke).encode(
        x=_pixels(alt.X, "x"), x2=alt.X2("x2:Q"), y=_pixels(alt.Y, "y")
    )
    return level + _upright(values, ink, stroke) if elbows else level


def _dots(values: list[Record]) -> alt.Chart:
    import altair as alt

    dots: alt.Chart = (
        alt.Chart(inline(values))
        .mark_point(filled=True, color=HUE, size=44, opacity=1)
        .encode(x=_pixels(alt.X, "x"), y=_pixels(alt.Y, "y"))
    )
    return dots


def _upright(values: list[Record], ink: str, stroke: float) -> alt.Chart:
    import altair as alt

    lines: alt.Chart = (
        alt.Chart(inline(values))
        .mark_rule(color=ink, strokeWidth=stroke)
        .encode(x=_pixels(alt.X, "x"), y=_pixels(alt.Y, "y"), y2=alt.Y2("y2:Q"))
    )
    return lines


def _texts(values: list[Record], align: Any, ink: str, size: int, dy: int = 0) -> alt.Chart:
    import altair as alt

    texts: alt.Chart = (
        alt.Chart(inline(values))
        .mark_text(align=align, baseline="middle", fontSize=size, color=ink, dy=dy)
        .encode(x=_pixels(alt.X, "x"), y=_pixels(alt.Y, "y"), text=alt.Text("text:N"))
    )
    return texts


def _pixels(kind: Any, field: str) -> Any:
    """A place in pixels as it is: no scale, no axis."""
    return kind(f"{field}:Q", scale=None, axis=None)
