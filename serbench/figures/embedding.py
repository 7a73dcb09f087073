"""Test utterances as a trained model sees them, laid out in a plane by t-SNE.

Neighbours in the plane are neighbours for the model; the axes have no unit, and neither distances
between groups nor their sizes mean anything. Colour and form are the class (or the form the
speaker), hollow is what the model got wrong. How well the classes lie apart is told by the
silhouette of the representations themselves, not of the picture.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from serbench.errors import UsageError
from serbench.figures.inline import inline
from serbench.figures.look import INK, RULE, TEXT, dressed
from serbench.figures.room import Fits, Room
from serbench.plane import SEED, Plane

if TYPE_CHECKING:
    import altair as alt


SIDE = 380  # of the panel, in pixels
FITS = Fits(least=170, most=480, briefs=2)  # the key below the panel
# Of Okabe and Ito, told apart by whoever does not tell red from green; without their yellow, which
# is too pale for a point.
COLOURS = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a8a8a", "#222222",
)  # fmt: skip
FORMS = (
    "circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right",
    "triangle-left",
)  # fmt: skip
Record = dict[str, Any]
# How it is read: for a caption.
NOTE = (
    "Colour is the class, hollow what the model got wrong. Distances between groups, and their "
    "sizes, mean nothing."
)


def draw(
    plane: Plane, form: Literal["class", "speaker"] = "class", room: Room | None = None
) -> alt.LayerChart:
    """The plane.

    Parameters
    ----------
    form
        What a point's form tells beside its colour, which is the class.

    Raises
    ------
    UsageError
        If it is the speaker, and there are more of them than forms.
    """
    import altair as alt

    speakers = sorted(set(plane.speakers))
    if form == "speaker" and len(speakers) > len(FORMS):
        raise UsageError(
            f"{len(speakers)} speakers", expected=f"{len(FORMS)} at most to have forms of their own"
        )
    there = [name for i, name in enumerate(plane.classes) if i in plane.truth]
    side, brief = (SIDE, 0) if room is None else (room.panel, room.brief)
    key: dict[str, Any] = {"orient": "bottom", "columns": 3} if brief else {}
    colours = [COLOURS[plane.classes.index(name) % len(COLOURS)] for name in there]
    at = [plane.classes.index(name) for name in there]
    forms = [FORMS[(i + i // len(FORMS)) % len(FORMS)] for i in at]
    values = [{**row, "right": row["said"] == row["truth"]} for row in data(plane)]
    plain = alt.Axis(title=None, labels=False, grid=False)
    place: dict[str, Any] = {
        "x": alt.X("x:Q", axis=plain, scale=alt.Scale(zero=False, nice=False, padding=12)),
        "y": alt.Y("y:Q", axis=plain, scale=alt.Scale(zero=False, nice=False, padding=12)),
    }
    scale = alt.Scale(domain=there, range=colours)
    colour = alt.Stroke("truth:N", scale=scale, legend=alt.Legend(title="class", **key))
    by_class = form == "class"
    shape = alt.Shape(
        f"{'truth' if by_class else 'speaker'}:N",
        scale=alt.Scale(
            domain=there if by_class else speakers,
            range=forms if by_class else list(FORMS[: len(speakers)]),
        ),
        legend=alt.Legend(title="class" if by_class else "speaker", **key),
    )
    base = alt.Chart(inline(values)).encode(**place)
    tips = [alt.Tooltip(f"{name}:N") for name in ("id", "truth", "said", "speaker")]
    wrong = base.transform_filter("!datum.right").mark_point(
        filled=False, size=52, strokeWidth=1.6, opacity=1
    )
    right = base.transform_filter("datum.right").mark_point(size=52, strokeWidth=1.6, opacity=0.9)
    fill = alt.Fill("truth:N", scale=scale, legend=None)
    layers: list[Any] = [
        wrong.encode(stroke=colour, shape=shape, tooltip=tips),
        right.encode(stroke=colour, fill=fill, shape=shape, tooltip=tips),
    ]
    if not by_class:  # colour alone would be lost in grey: the name stands amid its points
        layers += _names(plane, there, place)
    figure = (
        alt.layer(*layers)
        .properties(width=side, height=side, view=alt.ViewBackground(stroke=RULE))
        .resolve_scale(shape="shared", stroke="shared")
    )
    chart: alt.LayerChart = dressed(figure, described(plane))
    return chart


def data(plane: Plane) -> list[Record]:
    """Each utterance, its place, what it is and what the model said."""
    return [
        {
            "id": plane.ids[i],
            "speaker": plane.speakers[i],
            "truth": plane.classes[plane.truth[i]],
            "said": plane.classes[plane.said[i]],
            "x": x,
            "y": y,
        }
        for i, (x, y) in enumerate(plane.points)
    ]


def described(plane: Plane) -> str:
    """The figure in words, for who cannot see it and for a caption."""
    right = sum(map(operator.eq, plane.truth, plane.said))
    apart = (
        "" if plane.silhouette is None else f", silhouette by class {plane.silhouette:.2f}"
    )  # fmt: skip
    return (
        f"t-SNE (perplexity {plane.perplexity:.3g}, random state {SEED}) of "
        f"{len(plane.ids)} test utterances of {plane.test} in {plane.dims} dimensions"
        f"{apart}; {right} of them told right"
    )


def _names(plane: Plane, there: list[str], place: dict[str, Any]) -> list[alt.Chart]:
    import altair as alt

    values = []
    for name in there:
        of_class = np.array(plane.truth) == plane.classes.index(name)
        x, y = np.median(np.array(plane.points)[of_class], axis=0)
        values.append({"x": float(x), "y": float(y), "text": name})
    base = alt.Chart(inline(values)).encode(**place, text=alt.Text("text:N"))
    looks: tuple[dict[str, Any], ...] = ({"stroke": "white", "strokeWidth": 4}, {"color": INK})
    return [base.mark_text(fontSize=TEXT, fontWeight="bold", **one) for one in looks]
