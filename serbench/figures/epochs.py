"""How the nets of a board went, one small panel each: scores over the epochs, and where rules stop.

A mark stands at the median of the epochs that a rule of selection chose, at the score that it gives
(:mod:`serbench.figures.curves` has larger ones, with losses). What that of ``best-on-test`` stands
above its curve is what choosing by the test set flatters by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from serbench.curves import Course
from serbench.figures.corpus import INK, PALE
from serbench.figures.inline import inline
from serbench.scores import known

if TYPE_CHECKING:
    import altair as alt

PANEL = (236, 150)  # width and height, in pixels
ACROSS = 3  # panels in a line
TEXT = 12  # pixels
SHOWN = {"ua": "test UA", "wa": "test WA", "acc7": "test ACC7"}
# Told apart in print and by whoever does not tell red from green; a training's line is dashed.
SERIES = {"training": PALE, "test UA": "#2f6db3", "test WA": "#e08a1e", "test ACC7": "#2f6db3"}
APART = " (other trainings)"
RULES = {
    "last": "circle", "val": "square", f"val{APART}": "diamond", "best-on-test": "triangle-up",
}  # fmt: skip

Record = dict[str, Any]


def draw(courses: Sequence[Course]) -> alt.FacetChart:
    """One panel for each course, in this order.

    Raises
    ------
    ValueError
        If there is none.
    """
    import altair as alt

    if not courses:
        raise ValueError("no course to draw")
    values = list(records(courses))
    series = [name for name in SERIES if any(row["series"] == name for row in values)]
    rules = [name for name in RULES if any(row["rule"] == name for row in values)]
    axis = alt.Axis(title="epoch", tickCount=5, format="d", grid=False)
    x = alt.X("epoch:Q", axis=axis, scale=alt.Scale(nice=False, zero=False))
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(title="accuracy", tickCount=5, format=".0%"),
    )
    stroke = alt.Scale(domain=series, range=[SERIES[name] for name in series])
    colour = alt.Color("series:N", scale=stroke, legend=alt.Legend(title=None, symbolType="stroke"))
    base = alt.Chart().encode(x=x, y=y, color=colour)
    dashes = alt.condition("datum.series === 'training'", alt.value([5, 3]), alt.value([1, 0]))
    lines = (
        base.transform_filter("!isValid(datum.rule)")
        .mark_line(strokeWidth=1.6)
        .encode(strokeDash=dashes)
    )
    shapes = alt.Scale(domain=rules, range=[RULES[name] for name in rules])
    marks = (
        base.transform_filter("isValid(datum.rule)")
        .mark_point(filled=True, size=70, opacity=1, stroke="white")
        .encode(shape=alt.Shape("rule:N", scale=shapes, legend=alt.Legend(title="epoch chosen by")))
    )
    header = alt.Header(
        title=None, labelFontSize=13, labelFontWeight="bold", labelColor=INK, labelAnchor="start",
        labelPadding=8, labelLimit=PANEL[0],
    )  # fmt: skip
    legend: Any = {"orient": "right", "labelColor": INK, "titleColor": INK}
    figure: alt.FacetChart = (
        alt.layer(lines, marks, data=inline(values))
        .properties(width=PANEL[0], height=PANEL[1])
        .facet(
            facet=alt.Facet("model:N", sort=[named(one) for one in courses], header=header),
            columns=min(ACROSS, len(courses)),
            spacing=26,
        )
        .resolve_scale(x="independent")
        .resolve_axis(x="independent", y="independent")
        .properties(padding=14, background="white", description=described(courses))
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_axis(
            labelFontSize=TEXT, titleFontSize=TEXT, titleFontWeight="normal", labelColor=INK,
            titleColor=INK, domain=False, ticks=False, labelPadding=6, titlePadding=6,
            gridColor="#e4e4e4",
        )
        .configure_legend(
            labelFontSize=TEXT, titleFontSize=TEXT, titleFontWeight="normal", **legend
        )
        .configure_view(stroke=None)
    )  # fmt: skip
    return figure


def records(courses: Sequence[Course]) -> Iterator[Record]:
    """Points of all curves, then marks: shares of 1, None where a score is undefined."""
    for one in courses:
        model = named(one)
        for i, epoch in enumerate(one.epochs.tolist()):
            shared = {"model": model, "epoch": epoch, "rule": None}
            yield {**shared, "series": "training", "value": known(round(one.accuracy[i], 5))}
            for name, values in one.scores.items():
                if name in SHOWN:
                    yield {**shared, "series": SHOWN[name], "value": known(round(values[i], 5))}
    for one in courses:
        for mark in one.marks:
            for name, value in mark.scores.items():
                if name in SHOWN:
                    yield {
                        "model": named(one), "epoch": float(np.median(mark.epochs)),
                        "rule": mark.rule + APART * mark.apart, "series": SHOWN[name],
                        "value": known(round(value, 5)),
                    }  # fmt: skip


def described(courses: Sequence[Course]) -> str:
    """The figure in words, for who cannot see it."""
    return "; ".join(f"{named(one)}: {_marked(one)}" for one in courses)


def named(one: Course) -> str:
    """Which trainings these are the curves of."""
    rule = "" if one.selection == "last" else f"({one.selection})"
    return " ".join(part for part in (one.model, one.variant, rule) if part)


def _marked(one: Course) -> str:
    return ", ".join(
        f"{mark.rule}{APART * mark.apart} "
        + " ".join(f"{n.upper()} {100 * v:.1f}" for n, v in mark.scores.items() if n in SHOWN)
        for mark in one.marks
    )
