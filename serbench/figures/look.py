"""How figures look: one type, a few inks, and sizes that can still be read in a column of a paper.

A pixel is 1/96 inch in an SVG, so that the smallest text is 8.25 points where the figure is set at
its own size; in a PDF it is a point. Strength is given by opacity over one hue, and what is told
apart by colour is told apart by form or by a name beside it too: it reads alike in grey and on a
dark page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from serbench.figures.corpus import INK, PALE
from serbench.figures.inline import inline

if TYPE_CHECKING:
    import altair as alt

__all__ = [
    "HUE",
    "INK",
    "LETTER",
    "LINE",
    "MINUS",
    "PALE",
    "RULE",
    "SMALL",
    "SOFT",
    "TEXT",
    "across",
    "column",
    "down",
    "dressed",
    "entitled",
    "names",
    "names_width",
    "signed",
    "span",
]

SOFT, RULE, HUE = "#555555", "#e4e4e4", "#2f6db3"
TEXT, SMALL = 12, 11  # pixels
LETTER = 6.4  # pixels of one, at TEXT
LINE = 26  # pixels of a row
MINUS = "\N{MINUS SIGN}"
TITLE = 14  # pixels
HALF = 18  # letters of a line of a name that takes two


def dressed(figure: Any, description: str) -> Any:
    """A figure with its margins, type and description, on a white ground."""
    return (
        figure.properties(padding=14, background="white", description=description)
        .configure(font="Helvetica, Arial, sans-serif", aria=False)  # the description says it
        .configure_axis(
            labelFontSize=TEXT, titleFontSize=TEXT, titleFontWeight="normal", labelColor=INK,
            titleColor=INK, domain=False, ticks=False, labelPadding=6, titlePadding=8,
            gridColor=RULE,
        )
        .configure_legend(labelFontSize=TEXT, titleFontSize=TEXT, titleFontWeight="normal")
        .configure_view(stroke=None)
    )  # fmt: skip


def entitled(figure: Any, title: str | Sequence[str], below: Sequence[str] = ()) -> Any:
    """A figure under a title, and lines below that; a caption makes both needless."""
    import altair as alt

    lines = [title] if isinstance(title, str) else list(title)

    shown = alt.TitleParams(
        lines if len(lines) > 1 else lines[0],
        subtitle=list(below),
        anchor="start",
        frame="bounds",
        fontSize=TITLE,
        subtitleFontSize=TEXT,
        subtitleColor=SOFT,
        color=INK,
        offset=14,
    )
    margins = figure.padding
    if isinstance(margins, dict):  # laid out by hand: nobody else makes room for the title
        room = 22 + (TITLE + 3) * (len(lines) - 1) + TITLE + (TEXT + 3) * len(below)
        figure = figure.properties(padding={**margins, "top": margins.get("top", 0) + room})
        shown.frame, shown.dx = "group", -margins.get("left", 0) + 14
    return figure.properties(title=shown)


def down(count: int, field: str = "place:Q") -> alt.Y:
    """Rows from the top: place 0, 1, ... of so many."""
    import altair as alt

    scale = alt.Scale(domain=[count - 0.5, -0.5], nice=False, zero=False, padding=0)
    return alt.Y(field, scale=scale, axis=None)


def across(field: str, ends: tuple[float, float], title: str | None, **axis: Any) -> alt.X:
    """A scale from left to right, with its ticks below."""
    import altair as alt

    ticks = {"format": "d", **({} if "values" in axis else {"tickCount": 6}), **axis}
    return alt.X(
        field,
        scale=alt.Scale(domain=list(ends), nice=False, zero=False, padding=0),
        axis=alt.Axis(title=title, labelFlush=False, **ticks),
    )


def column(
    rows: Sequence[dict[str, Any]],
    field: str,
    x: float,
    *,
    heading: str = "",
    align: Literal["left", "right"] = "left",
    ink: str | None = None,
) -> list[alt.Chart]:
    """A column of text beside a panel of rows, and its heading above the first.

    Parameters
    ----------
    x
        Where it begins, or under ``align="right"`` ends: pixels from the panel's left edge.
    ink
        The field with each row's colour; None: all are INK.
    """
    import altair as alt

    text: dict[str, Any] = {"align": align, "baseline": "middle", "fontSize": TEXT}
    color = alt.ColorValue(INK) if ink is None else alt.Color(f"{ink}:N", scale=None)
    kept = ("place", field, *([] if ink is None else [ink]))
    bare = [{key: row[key] for key in kept} for row in rows]  # every layer has its own copy
    drawn = [
        alt.Chart(inline(bare))
        .mark_text(**text)
        .encode(x=alt.XValue(x), y=down(len(rows)), text=alt.Text(f"{field}:N"), color=color)
    ]
    if heading:
        above = alt.Chart(inline([{"text": heading}]))
        drawn.append(
            above.mark_text(
                align=align, baseline="bottom", fontSize=SMALL, color=SOFT, dy=-4, lineBreak="\n",
                lineHeight=13,
            ).encode(x=alt.XValue(x), y=alt.YValue(0), text=alt.Text("text:N"))
        )  # fmt: skip
    return drawn


def names(rows: Sequence[dict[str, Any]], x: float, *, brief: bool = False) -> list[alt.Chart]:
    """The names of rows, ending at ``x``; briefly, a long one takes two lines, settings below."""
    if not brief:
        return column(rows, "name", x, align="right")
    import altair as alt

    drawn = []
    lines: dict[int, list[dict[str, Any]]] = {0: [], -7: [], 7: []}
    for row in rows:
        first, second = halved(row["name"])
        ink = row.get("label", INK)
        lines[-7 if second else 0].append({"place": row["place"], "text": first, "ink": ink})
        lines[7] += [{"place": row["place"], "text": second, "ink": SOFT}] if second else []
    for dy, told in lines.items():
        text = alt.Chart(inline(told)).mark_text(
            align="right", baseline="middle", dy=dy, fontSize=SMALL if dy > 0 else TEXT
        )
        drawn += [
            text.encode(
                x=alt.XValue(x), y=down(len(rows)), text="text:N",
                color=alt.Color("ink:N", scale=None),
            )
        ] if told else []  # fmt: skip
    return drawn


def names_width(rows: Sequence[dict[str, Any]], *, brief: bool = False) -> float:
    """About how many pixels they take."""
    lines = [line for row in rows for line in (halved(row["name"]) if brief else (row["name"],))]
    return LETTER * max(map(len, lines))


def halved(name: str) -> tuple[str, str]:
    """A name in two lines, the model and the rest; what is short takes one."""
    if len(name) <= HALF:
        return name, ""
    first, _, second = name.partition(" ")
    return _cut(first), _cut(second)


def _cut(text: str) -> str:
    return text if len(text) <= HALF else text[: HALF - 1] + "\N{HORIZONTAL ELLIPSIS}"


def span(values: Sequence[float], step: float = 10.0, spare: float = 0.2) -> tuple[float, float]:
    """From below the least to above the most, in whole steps."""
    low, high = min(values), max(values)
    return step * math.floor(low / step - spare), step * math.ceil(high / step + spare)


def signed(points: float) -> str:
    """Points with their sign, one decimal: "+3.1"; what rounds to nothing has none."""
    text = f"{points:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", MINUS)
