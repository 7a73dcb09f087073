"""A paper's figure, drawn from what was measured, by the figures that there are of each kind.

Its title says which figure of which paper, and the lines below it what of it is not the paper's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from serbench.attending import Attended
from serbench.figures import attention, confusion, curves, embedding
from serbench.figures.look import INK, SOFT, TEXT, dressed, entitled
from serbench.representing import Represented
from serbench.reproducing.again import Seen
from serbench.reproducing.picture import Picture, Shown

if TYPE_CHECKING:
    import altair as alt

ACROSS = 2  # panels in a line
WIDE = 100  # characters of a line below the title


def draw(picture: Picture, seen: Sequence[Seen] = ()) -> tuple[Any, str]:
    """The figure of all panels that are measured, and what it shows, in words.

    Parameters
    ----------
    seen
        What the nets make of their test sets, for a figure that shows it.

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    kind = picture.figure.kind
    if not (seen if kind in {"tsne", "attention"} else picture.drawable):
        raise ValueError(f"nothing of {picture.figure.name} is measured")
    if kind == "curves":
        found = [shown.course for shown in picture.drawable if shown.course is not None]
        chart, words = curves.draw(found), curves.described(found)
    elif kind == "confusion":
        matrices = [one for shown in picture.drawable for one in _matrices(shown)]
        chart, words = confusion.draw(matrices), confusion.described(matrices)  # type: ignore[assignment]
    else:
        chart, words = _inside(picture, seen)
    lines = below(picture)
    return entitled(chart, picture.heading, lines), f"{picture.heading}. {words}"


def below(picture: Picture) -> list[str]:
    """What of the figure is not the paper's, and what of the paper's is not in it."""
    import textwrap

    lines = []
    off: dict[str, list[str]] = {}
    for shown in picture.drawable:
        if shown.deviations:
            off.setdefault(", ".join(shown.deviations), []).append(shown.panel.method)
    many = len({shown.panel.method for shown in picture.panels}) > 1
    for what, methods in off.items():
        whose = f" of {' and '.join(dict.fromkeys(methods))}" if many else ""
        lines.append(f"not the paper's settings{whose}: {what}")
    gone = [shown for shown in picture.panels if shown not in picture.drawable]
    if gone:
        told = ", ".join(
            f"{one.panel.title} ({'corpus not here' if one.missing else 'not run'})" for one in gone
        )
        lines.append(f"left out: {told}")
    return [part for line in lines for part in textwrap.wrap(line, WIDE)]


def _matrices(shown: Shown) -> list[confusion.Matrix]:
    """The authors' own, if they released it, and ours."""
    released, ours = shown.released, shown.counts
    found = []
    if released is not None:
        found.append(confusion.Matrix(f"{shown.panel.method}, released", shown.classes, released))
    if ours is not None:
        name = f"{shown.panel.method}, {'measured' if released is not None else 'here'}"
        found.append(confusion.Matrix(name, shown.classes, ours))
    return found


def _inside(picture: Picture, seen: Sequence[Seen]) -> tuple[alt.VConcatChart, str]:
    """Panels of their own, two in a line."""
    import altair as alt

    charts, words = [], []
    for one in seen:
        if isinstance(one.inside, Attended):
            chart: Any = attention.draw(one.inside, picture.figure.axes)
            told, lines = attention.described(one.inside), _spoken(one.inside)
        else:
            chart, told, lines = _plane(one.inside)
        words.append(f"{one.shown.panel.title}: {told}")
        charts.append(_bare(chart, one.shown.panel.title, lines))
    lines_of = [charts[at : at + ACROSS] for at in range(0, len(charts), ACROSS)]
    figure = alt.vconcat(*(alt.hconcat(*line, spacing=30) for line in lines_of), spacing=30)
    described = "; ".join(words)
    return dressed(figure, described), described


def _plane(found: Represented) -> tuple[Any, str, list[str]]:
    laid = embedding.embedded(found)
    words = embedding.described(laid)
    first, _, rest = words.partition(" of ")
    return embedding.draw(laid), words, [first, rest]


def _spoken(found: Attended) -> list[str]:
    spoken = f': "{found.text}"' if found.text else ""
    return [f"{found.id}{spoken}", f"{found.truth}, told {found.said}"]


def _bare(chart: Any, title: str, lines: Sequence[str]) -> Any:
    """A chart as a panel of another: only the whole may say how it is dressed."""
    import altair as alt

    panel = chart.copy(deep=False)
    for name in ("config", "padding", "background", "description"):
        setattr(panel, name, alt.Undefined)
    panel.title = alt.TitleParams(
        title, subtitle=list(lines), anchor="start", fontSize=TEXT + 1, subtitleFontSize=TEXT,
        color=INK, subtitleColor=SOFT, offset=8,
    )  # fmt: skip
    return panel
