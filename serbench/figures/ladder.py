"""Ladders drawn from top to bottom: UA of each step, and what the step above it gives more.

As wide as a column of a paper. A hollow point is unranked: its epoch was chosen on the test set,
or the model broke a rule. To the right stand the differences in points, pale where their interval
holds 0, or where they do not tell what a protocol is worth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from serbench.figures.corpus import INK, PALE
from serbench.figures.inline import inline
from serbench.inflation.ladder import Ladder, Rung
from serbench.inflation.words import bracket, sentences, signed
from serbench.intervals import Interval

if TYPE_CHECKING:
    import altair as alt

WIDTH, ROW = 220, 46  # of a panel, and the height of a step, in pixels
POINT, LINE = "#2f6db3", "#b9cfe8"
MINUS = "\N{MINUS SIGN}"
TEXT = 12  # pixels: 7 points where the figure is set in a column of 85 mm
LEFT = 84  # pixels to the left of a panel, for the names of its steps
RIGHT = 24  # pixels to the right of it that half of a "100.0" at its edge takes up

Record = dict[str, Any]


def draw(ladders: Sequence[Ladder]) -> alt.VConcatChart:
    """One panel for each ladder, on one scale."""
    import altair as alt

    span = _span(ladders)
    panels = [_panel(ladder, span, last=ladder is ladders[-1]) for ladder in ladders]
    figure: alt.VConcatChart = (
        alt.vconcat(*panels, spacing=26)
        .properties(padding=14, background="white", description=described(ladders))
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_axis(
            labelFontSize=TEXT, titleFontSize=TEXT, titleFontWeight="normal", labelColor=INK,
            titleColor=INK, domain=False, ticks=False, labelPadding=6, titlePadding=8,
            gridColor="#e4e4e4",
        )
        .configure_view(stroke=None)
    )  # fmt: skip
    return figure


def described(ladders: Sequence[Ladder]) -> str:
    """The figure in words, for who cannot see it."""
    return "; ".join(
        f"{titled(ladder)}: " + ", ".join(_told(ladder)) + ". " + "; ".join(sentences(ladder))
        for ladder in ladders
    )


def titled(ladder: Ladder) -> str:
    """Which model, where."""
    return f"{ladder.name} on {ladder.corpus}"


def _panel(
    ladder: Ladder, span: tuple[float, float], *, last: bool
) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    rows = list(_rows(ladder))
    count = len(ladder.seeds)
    space = "" if ladder.labels == "own" else f" ({ladder.labels})"
    known = (
        f"{len(ladder.classes)} classes{space}, {ladder.speakers} speakers, "
        f"{count} seed{'s' * (count > 1)}"
    )
    broken = [f"BROKE {', '.join(ladder.broken)}: UNRANKED"] if ladder.broken else []
    title = alt.TitleParams(
        titled(ladder),
        subtitle=[known, *broken],
        anchor="start",
        frame="group",
        fontSize=14,
        subtitleFontSize=TEXT,
        subtitleColor="#555555",
        offset=20,
        dx=-LEFT,
    )
    y = _place("place:Q", len(rows))
    x = _across("ua:Q", span, "UA %" if last else None)
    base = alt.Chart(inline(rows))
    path = base.mark_line(color=LINE, strokeWidth=1.5).encode(x=x, y=y, order="place:Q")
    whiskers = base.mark_rule(color=POINT, strokeWidth=2).encode(
        x=_across("low:Q", span, "UA %" if last else None), x2="high:Q", y=y
    )
    points = base.mark_point(size=70, opacity=1, stroke=POINT, strokeWidth=2).encode(
        x=x,
        y=y,
        fill=alt.Fill(
            "ranked:N",
            scale=alt.Scale(domain=["ranked", "not ranked"], range=[POINT, "white"]),
            legend=None,
        ),
        tooltip=["step:N", alt.Tooltip("ua:Q", format=".1f")],
    )
    # Each number once in white, as broad as what is behind it: the path runs through.
    numbers = [
        base.mark_text(dy=-13, fontSize=TEXT, **ink).encode(
            x=x, y=y, text=alt.Text("ua:Q", format=".1f")
        )
        for ink in ({"stroke": "white", "strokeWidth": 4}, {"color": INK})
    ]
    names = base.mark_text(
        align="right", baseline="middle", fontSize=TEXT, color=INK, lineBreak="\n", lineHeight=14
    ).encode(x=alt.value(-10), y=y, text="label:N")
    layers = (*_chance(ladder, x), path, whiskers, *numbers, points, names, *_steps(ladder))
    return alt.layer(*layers).properties(width=WIDTH, height=ROW * len(rows), title=title)


def _chance(ladder: Ladder, x: alt.X) -> list[alt.Chart]:
    """A dashed line where guessing would end up, and its name."""
    import altair as alt

    base = alt.Chart(inline([{"ua": 100 * ladder.chance, "name": "chance"}]))
    line = base.mark_rule(color=PALE, strokeDash=[4, 3]).encode(x=x)
    name = base.mark_text(
        align="left", baseline="bottom", dx=-4, dy=-3, fontSize=TEXT - 1, color="#555555"
    ).encode(x=x, y=alt.value(0), text="name:N")
    return [line, name]


def _steps(ladder: Ladder) -> list[alt.Chart]:
    """The differences, each between its two steps."""
    import altair as alt

    rungs = ladder.measured
    count = len(rungs)
    values = [
        {"place": i - 0.5, **_difference(rung, rung.inflation)}
        for i, rung in enumerate(rungs)
        if rung.inflation is not None
    ]
    head = alt.Chart(inline([{"name": "step above\ngives more"}]))
    texts = [
        head.mark_text(
            align="left", baseline="bottom", dy=-14, fontSize=TEXT - 1, color="#555555",
            lineBreak="\n", lineHeight=13,
        ).encode(x=alt.value(WIDTH + RIGHT), y=alt.value(0), text="name:N")
    ]  # fmt: skip
    base = alt.Chart(inline(values))
    for field, down in (("by", -7), ("interval", 7)):
        texts.append(
            base.mark_text(
                align="left",
                baseline="middle",
                fontSize=TEXT,
                fontWeight="bold" if field == "by" else "normal",
                dy=down,
            ).encode(
                x=alt.value(WIDTH + RIGHT),
                y=_place("place:Q", count),
                text=f"{field}:N",
                color=alt.Color("ink:N", scale=None),
            )
        )
    return texts if values else []


def _across(field: str, span: tuple[float, float], title: str | None) -> alt.X:
    import altair as alt

    return alt.X(
        field,
        scale=alt.Scale(domain=list(span), nice=False, zero=False),
        axis=alt.Axis(title=title, tickCount=5, format="d", labelFlush=False),
    )


def _place(field: str, count: int) -> alt.Y:
    """From the first step at the top to the last at the bottom."""
    import altair as alt

    return alt.Y(
        field, scale=alt.Scale(domain=[count - 0.5, -0.5], nice=False, zero=False), axis=None
    )


def _rows(ladder: Ladder) -> Iterator[Record]:
    for place, rung in enumerate(ladder.measured):
        assert rung.ua is not None
        low, high = rung.ua.clipped()
        yield {
            "place": place,
            "step": rung.step.title,
            "label": "\n".join(rung.step.label),
            "ranked": "ranked" if rung.ranked else "not ranked",
            "ua": _percent(rung.ua.estimate),
            "low": _percent(low),
            "high": _percent(high),
        }


def _difference(rung: Rung, by: Interval) -> Record:
    if rung.same_folds_as:
        return {"by": "the same", "interval": "folds", "ink": PALE}
    shown = not math.isnan(by.low) and not by.low <= 0 <= by.high and not rung.broken
    return {
        "by": "undefined" if math.isnan(by.estimate) else signed(by).replace("-", MINUS),
        "interval": bracket(by).replace("-", MINUS),
        "ink": INK if shown else PALE,
    }


def _told(ladder: Ladder) -> list[str]:
    return [f"{row['step']} {row['ua']:.1f}" for row in _rows(ladder) if row["ua"] is not None]


def _span(ladders: Sequence[Ladder]) -> tuple[float, float]:
    """From below the lowest end or chance to above the highest, in tens of points."""
    ends = [100 * ladder.chance for ladder in ladders]
    for ladder in ladders:
        for row in _rows(ladder):
            ends += [row[name] for name in ("ua", "low", "high") if row[name] is not None]
    return max(0.0, 10.0 * math.floor(min(ends) / 10 - 0.3)), min(
        100.0, 10.0 * math.ceil(max(ends) / 10)
    )


def _percent(share: float) -> float | None:
    """JSON has no NaN, and what is undefined is not drawn."""
    return None if math.isnan(share) else 100 * share
