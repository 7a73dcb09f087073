"""A corpus at a glance: utterances by emotion and speaker, and how long they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from serbench.corpus import CorpusCard
from serbench.figures.counts import Counts
from serbench.figures.inline import inline
from serbench.figures.room import Fits, Room, relabelled
from serbench.scan import Scan

if TYPE_CHECKING:
    import altair as alt

CELL = (74, 24)  # width and height of a cell, in pixels
FITS = Fits(least=35, most=84)
INK, PALE = "#222222", "#8a8a8a"
# One hue from light to dark: read alike by whoever does not tell red from green, and in print.
SHADES = ("#f3f7fc", "#9cc3e6", "#2f6db3")  # of none, of half the largest number, of the largest
LIGHT_INK_FROM = 0.85  # of the largest number: where white is read better than INK
BAR = "#4f8bc9"
MEDIAN = 3  # thickness of its line, in pixels
NARROWEST = 3 * MEDIAN  # box that its line leaves something of, to both sides
FAR = 4  # times the 95 % quantile, beyond which a duration squeezes all others
TICKS = tuple(mark * 10.0**power for power in range(-3, 5) for mark in (1, 2, 5))  # seconds
ALL = "all"
# How it is read: for a caption.
NOTE = (
    "Numbers are utterances. A box spans the middle half of the durations, the line in it their "
    "median, whiskers 5 to 95%, dots the shortest and the longest."
)
GENDER = {"female": "f", "male": "m"}


def draw(card: CorpusCard, scan: Scan, room: Room | None = None) -> alt.VConcatChart:
    """Two panels under one title: a heat map with its numbers, and boxes of durations.

    A box spans the middle half, its line the median, its whiskers 5 % to 95 %, its dots the
    shortest and the longest.
    """
    import altair as alt

    counts = Counts.of(scan.utterances)
    release = scan.release + _marks(scan)
    size = (
        f"{len(scan.utterances):,} utterances, {len(counts.speakers):,} speakers, "
        f"{counts.hours:.2f} hours"
    )
    heading, told, large, small = [card.title], [release, size], 22, 14
    if room is not None:
        heading, told = room.titled(card.title, told)
        large, small = 15, 12
    title = alt.TitleParams(
        heading if len(heading) > 1 else heading[0],
        subtitle=told,
        anchor="start",
        frame="bounds",
        fontSize=large,
        subtitleFontSize=small,
        subtitleColor=INK,
        subtitlePadding=6,
        offset=18,
    )
    panels = alt.vconcat(_heat_map(counts, room), _boxes(counts, room), spacing=34)
    figure: alt.VConcatChart = (
        panels.properties(
            title=title,
            padding=20 if room is None else 14,
            background="white",
            description=f"{card.title}, {release}: {size}. {_by(counts)}, and durations.",
        )
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_axis(
            labelFontSize=13, titleFontSize=13, titleFontWeight="normal", labelColor=INK,
            titleColor=INK, domain=False, ticks=False, labelPadding=8, titlePadding=10,
        )
        .configure_view(stroke=None)
    )  # fmt: skip
    return figure


def _heat_map(counts: Counts, room: Room | None) -> alt.LayerChart:
    import altair as alt

    cell = CELL[0] if room is None else room.panel

    columns, rows = (*counts.emotions, ALL), (*counts.rows, ALL)
    largest = max(counts.cells.values())
    name = {row: _named(row, counts) for row in counts.rows} | {ALL: ALL}
    values: list[dict[str, Any]] = [
        {"row": name[row], "emotion": emotion, "n": n, "ink": _ink(n, largest)}
        for row in counts.rows
        for emotion in counts.emotions
        for n in [counts.cells[row, emotion]]
    ]
    sums = [{"row": name[row], "emotion": ALL, "n": counts.of_row(row)} for row in counts.rows]
    sums += [{"row": ALL, "emotion": e, "n": counts.of_emotion(e)} for e in counts.emotions]
    sums.append({"row": ALL, "emotion": ALL, "n": len(counts.utterances)})
    x = alt.X(
        "emotion:N",
        sort=None,
        scale=alt.Scale(domain=list(columns), paddingInner=0.04),
        axis=alt.Axis(
            orient="top", title=None, labelAngle=0, labelExpr=relabelled(columns, 0.94 * cell)
        ),
    )
    y = alt.Y(
        "row:N",
        sort=None,
        scale=alt.Scale(domain=[name[row] for row in rows], paddingInner=0.08),
        axis=_names(counts),
    )
    squares = alt.Chart(inline(values)).encode(x=x, y=y)
    heat = squares.mark_rect(cornerRadius=2).encode(
        color=alt.Color(
            "n:Q",
            scale=alt.Scale(domain=[0, largest / 2, largest], range=list(SHADES)),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("row:N", title=counts.by),
            alt.Tooltip("emotion:N"),
            alt.Tooltip("n:Q", title="utterances"),
        ],
    )
    numbers = squares.mark_text(fontSize=13).encode(
        text=alt.Text("n:Q", format=",d"),
        color=alt.Color("ink:N", scale=None),
    )
    margins = (
        alt.Chart(inline(sums))
        .mark_text(fontSize=13, color=INK, fontWeight="bold")
        .encode(x=x, y=y, text=alt.Text("n:Q", format=",d"))
    )
    size = {"width": cell * len(columns), "height": CELL[1] * len(rows)}
    layers = (heat + numbers + margins).resolve_scale(color="independent")
    heat_map: alt.LayerChart = layers.properties(**size, title=_panel(_by(counts), room))
    return heat_map


def _boxes(counts: Counts, room: Room | None) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    values = [
        {"emotion": emotion, **quantiles.record()}
        for emotion, quantiles in counts.durations.items()
    ]
    width = (CELL[0] if room is None else room.panel) * (len(counts.emotions) + 1)
    y = alt.Y(
        "emotion:N",
        sort=None,
        scale=alt.Scale(domain=list(counts.emotions), paddingInner=0.4, paddingOuter=0.3),
        axis=_names(counts),
    )
    scale, axis = _seconds(counts)
    logarithmic = scale.to_dict().get("type") == "log"
    open_ = [box for box in values if _drawn_width(box, values, width, logarithmic) >= NARROWEST]
    base = alt.Chart(inline(values)).encode(y=y)
    tips = [
        alt.Tooltip(f"{name}:Q", format=".2f", title=f"{name} (s)")
        for name in values[0]
        if name != "emotion"
    ]
    whiskers = base.mark_rule(color=BAR, strokeWidth=2).encode(
        x=alt.X("q05:Q", scale=scale, axis=axis), x2="q95:Q"
    )
    boxes = base.mark_bar(color=BAR, cornerRadius=2, height=alt.RelativeBandSize(0.9)).encode(
        x=alt.X("q25:Q", scale=scale, axis=axis), x2="q75:Q", tooltip=["emotion:N", *tips]
    )
    # White on its box: without one, as of a single utterance, it would be a gap in the dot.
    medians = (
        alt.Chart(inline(open_))
        .mark_tick(color="white", thickness=MEDIAN, opacity=1, height=alt.RelativeBandSize(0.9))
        .encode(y=y, x=alt.X("median:Q", scale=scale, axis=axis))
    )
    ends = [
        base.mark_circle(color=BAR, size=34, opacity=1).encode(
            x=alt.X(f"{end}:Q", scale=scale, axis=axis)
        )
        for end in ("min", "max")
    ]
    return alt.layer(whiskers, *ends, boxes, medians).properties(
        width=width,
        height=30 * len(values),
        title=_panel(
            "Durations", room, "box: middle half and median, line: 5 to 95 %, dots: extremes"
        ),
    )


def _drawn_width(
    box: Mapping[str, Any], boxes: Sequence[Mapping[str, Any]], width: float, logarithmic: bool
) -> float:
    """About how wide the box of the middle half is drawn, in pixels of a panel's width."""

    def place(seconds: float) -> float:
        return math.log(max(seconds, TICKS[0])) if logarithmic else seconds

    low, high = (place(end(b[key] for b in boxes)) for end, key in ((min, "min"), (max, "max")))
    return 0.0 if low == high else width * (place(box["q75"]) - place(box["q25"])) / (high - low)


def _seconds(counts: Counts) -> tuple[alt.Scale, alt.Axis]:
    """The axis of durations: logarithmic where a few are far longer than the rest."""
    import altair as alt

    shortest = min(quantiles.values[0] for quantiles in counts.durations.values())
    longest = max(quantiles.values[-1] for quantiles in counts.durations.values())
    usual = max(quantiles.values[-2] for quantiles in counts.durations.values())
    line: dict[str, Any] = {"grid": True, "gridColor": "#e4e4e4", "labelFlush": False}
    if longest <= FAR * usual:
        scale = alt.Scale(domain=[shortest, longest], nice=True, zero=False)
        return scale, alt.Axis(title="seconds", tickCount=8, **line)
    ticks = [mark for mark in TICKS if shortest <= mark <= longest]
    return (
        alt.Scale(domain=[shortest, longest], type="log", padding=8),
        alt.Axis(title="seconds (logarithmic)", values=ticks, format="~g", **line),
    )


def _marks(scan: Scan) -> str:
    """What keeps the folder from being the release that it is taken for."""
    marks = ["PARTIAL"] if scan.partial else []
    if any(finding.kind == "altered" for finding in scan.findings):
        marks.append("sounds are not the release's")
    return f" ({', '.join(marks)})" if marks else ""


def _names(counts: Counts) -> alt.Axis:
    """The axis of rows, as wide in both panels, so that they stand in line."""
    import altair as alt

    longest = max(
        len(name) for name in (*(_named(r, counts) for r in counts.rows), *counts.emotions)
    )
    width = min(200, 10 + 7.5 * longest)  # pixels, at 13 a letter's height
    return alt.Axis(title=None, labelLimit=200, minExtent=width, maxExtent=width)


def _by(counts: Counts) -> str:
    return "Utterances by " + ("" if counts.by == "corpus" else f"{counts.by} and ") + "emotion"


def _ink(n: int, largest: int) -> str:
    """The colour of a number on its cell: a zero steps back, a dark cell has light ink."""
    if n == 0:
        return PALE
    return "white" if n > LIGHT_INK_FROM * largest else INK


def _panel(text: str, room: Room | None, explained: str = "") -> alt.TitleParams:
    import altair as alt

    return alt.TitleParams(
        text,
        subtitle=explained if room is None else room.titled(text, [explained])[1],
        anchor="start",
        fontSize=15,
        fontWeight="bold",
        subtitleFontSize=12,
        subtitleColor="#555555",
        offset=12,
    )


def _named(row: str, counts: Counts) -> str:
    """A speaker with the letter of the gender, where that is known."""
    if counts.by == "corpus":
        return f"{len(counts.speakers):,} speakers"
    gender = counts.genders.get(row) if counts.by == "speaker" else None
    return f"{row} ({GENDER.get(gender, gender)})" if gender else row
