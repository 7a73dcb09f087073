"""A paper's figure, drawn from what was measured, by the figures that there are of each kind.

Its title says which figure of which paper, and the lines below it what of it is not the paper's.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from serbench.attending import Attended
from serbench.figures import attention, confusion, curves, embedding
from serbench.figures.look import INK, LETTER, SOFT, TEXT, dressed, entitled
from serbench.plane import laid_out
from serbench.representing import Represented
from serbench.reproducing.again import Seen
from serbench.reproducing.picture import Picture, Shown
from serbench.reproducing.values import RECALL

if TYPE_CHECKING:
    import altair as alt

ACROSS = 2  # panels in a line
WIDE = 100  # characters of a line below the title; below that of a panel, as many as its width


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
        chart: Any = curves.draw(found)
        words = curves.described(found)
    elif kind == "confusion":
        chart, words = _confusions(picture)
    else:
        chart, words = _inside(picture, seen)
    lines = [part for line in below(picture) for part in textwrap.wrap(line, WIDE)]
    return entitled(chart, picture.heading, lines), f"{picture.heading}. {words}"


def below(picture: Picture) -> list[str]:
    """What of the figure is not the paper's, and what of the paper's is not in it."""
    lines = []
    off: dict[str, list[str]] = {}
    for shown in picture.drawable:
        if shown.deviations:
            off.setdefault(", ".join(shown.deviations), []).append(shown.panel.method)
    many = len({shown.panel.method for shown in picture.panels}) > 1
    for what, methods in off.items():
        whose = f" of {' and '.join(dict.fromkeys(methods))}" if many else ""
        lines.append(f"not the paper's{whose}: {what}")
    lines += [told for shown in picture.drawable if (told := _printed(shown))]
    gone = [shown for shown in picture.panels if shown not in picture.drawable]
    if gone:
        told = ", ".join(
            f"{one.panel.title} ({'corpus not here' if one.missing else 'not run'})" for one in gone
        )
        lines.append(f"left out: {told}")
    return lines


def _printed(shown: Shown) -> str:
    """The recalls that the paper prints of a matrix, where it released none; "": it prints none."""
    recalls = [cell for cell in shown.cells if cell.published.metric.startswith(RECALL)]
    if shown.panel.counts or not recalls:
        return ""
    each = ", ".join(
        f"{cell.published.metric.removeprefix(RECALL)} {cell.published.value}" for cell in recalls
    )
    return f"recalls that the paper prints of {shown.panel.method}: {each}"


def _confusions(picture: Picture) -> tuple[Any, str]:
    """All matrices, those of the same classes side by side."""
    import altair as alt

    several = len({shown.panel.corpus for shown in picture.drawable}) > 1
    alike: dict[tuple[str, ...], list[confusion.Matrix]] = {}
    for shown in picture.drawable:
        name = shown.panel.title if several else shown.panel.method
        alike.setdefault(shown.classes, []).extend(_matrices(shown, name))
    charts = [confusion.draw(matrices) for matrices in alike.values()]
    words = "; ".join(confusion.described(matrices) for matrices in alike.values())
    if len(charts) == 1:
        return charts[0], words
    return dressed(alt.vconcat(*map(_undressed, charts), spacing=30), words), words


def _matrices(shown: Shown, name: str) -> list[confusion.Matrix]:
    """The authors' own, if they released it, and ours."""
    released, ours = shown.released, shown.counts
    found = []
    if released is not None:
        found.append(confusion.Matrix(f"{name}, released", shown.classes, released))
    if ours is not None:
        found.append(confusion.Matrix(f"{name}, measured", shown.classes, ours))
    return found


def _inside(picture: Picture, seen: Sequence[Seen]) -> tuple[alt.VConcatChart, str]:
    """Panels of their own, two in a line."""
    import altair as alt

    charts, words = [], []
    for one in seen:
        if isinstance(one.inside, Attended):
            chart: Any = attention.draw(one.inside, picture.figure.axes)
            told, lines, width = (
                attention.described(one.inside),
                _spoken(one.inside),
                attention.WIDTH,
            )
        else:
            chart, told, lines = _plane(one.inside)
            width = embedding.SIDE
        words.append(f"{one.shown.panel.title}: {told}")
        below_it = [part for line in lines for part in textwrap.wrap(line, int(width / LETTER))]
        charts.append(_bare(chart, one.shown.panel.title, below_it))
    lines_of = [charts[at : at + ACROSS] for at in range(0, len(charts), ACROSS)]
    figure = alt.vconcat(*(alt.hconcat(*line, spacing=30) for line in lines_of), spacing=30)
    described = "; ".join(words)
    return dressed(figure, described), described


def _plane(found: Represented) -> tuple[Any, str, list[str]]:
    laid = laid_out(found)
    words = embedding.described(laid)
    first, _, rest = words.partition(" of ")
    return embedding.draw(laid), words, [first, rest]


def _spoken(found: Attended) -> list[str]:
    spoken = f': "{found.text}"' if found.text else ""
    strongest = f"full colour: a weight of {found.weights.max():.2f}"
    return [f"{found.id}{spoken}", f"{found.truth}, told {found.said}; {strongest}"]


def _bare(chart: Any, title: str, lines: Sequence[str]) -> Any:
    """A chart as a panel of another, under a title of its own."""
    import altair as alt

    panel = _undressed(chart)
    panel.title = alt.TitleParams(
        title, subtitle=list(lines), anchor="start", fontSize=TEXT + 1, subtitleFontSize=TEXT,
        color=INK, subtitleColor=SOFT, offset=8,
    )  # fmt: skip
    return panel


def _undressed(chart: Any) -> Any:
    """A chart as a part of another: only the whole may say how it is dressed."""
    import altair as alt

    part = chart.copy(deep=False)
    for name in ("config", "padding", "background", "description"):
        setattr(part, name, alt.Undefined)
    return part
