"""Test utterances as a trained model sees them, laid out in a plane by t-SNE.

Neighbours in the plane are neighbours for the model; the axes have no unit, and neither distances
between groups nor their sizes mean anything. Colour and form are the class (or the form the
speaker), hollow is what the model got wrong. How well the classes lie apart is told by the
silhouette of the representations themselves, not of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from serbench.errors import UsageError
from serbench.figures.look import INK, RULE, TEXT, dressed

if TYPE_CHECKING:
    import altair as alt

    from serbench.representing import Represented

SIDE = 380  # of the panel, in pixels
# Of Okabe and Ito, told apart by whoever does not tell red from green; without their yellow, which
# is too pale for a point.
COLOURS = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a8a8a", "#222222",
)  # fmt: skip
FORMS = (
    "circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right",
    "triangle-left",
)  # fmt: skip
USUAL = 30.0  # perplexity
SEED = 0  # of the layout
Record = dict[str, Any]
# How it is read: for a caption.
NOTE = (
    "Colour is the class, hollow what the model got wrong. Distances between groups, and their "
    "sizes, mean nothing."
)


@dataclass(frozen=True, eq=False)
class Embedding:
    """A plane of utterances.

    Parameters
    ----------
    points
        Float64 [utterances, 2].
    silhouette
        Of the representations by class, from -1 to 1; NaN where a single class is there.
    """

    of: Represented
    points: NDArray[np.float64]
    perplexity: float
    silhouette: float


def embedded(found: Represented, perplexity: float | None = None) -> Embedding:
    """Lay representations out.

    Parameters
    ----------
    perplexity
        About how many neighbours a point has; None: 30, or a third of the utterances if that is
        less.

    Raises
    ------
    UsageError
        If there are too few utterances for it.
    """
    from sklearn.manifold import TSNE
    from sklearn.metrics import silhouette_score

    count = len(found.vectors)
    if count < 7:
        raise UsageError(f"{count} test utterances", expected="7 or more to lay out")
    near = min(USUAL, (count - 1) / 3) if perplexity is None else perplexity
    if not 1 <= near < count:
        raise UsageError(
            f"--perplexity {near:g}", expected=f"from 1 to below {count}, the test utterances"
        )
    layout = TSNE(2, perplexity=near, init="pca", learning_rate="auto", random_state=SEED)
    points = layout.fit_transform(found.vectors.astype(np.float64))
    groups = len(set(found.truth.tolist()))
    apart = float(silhouette_score(found.vectors, found.truth)) if 1 < groups < count else math.nan
    return Embedding(found, np.asarray(points, np.float64), near, apart)


def draw(embedding: Embedding, form: Literal["class", "speaker"] = "class") -> alt.LayerChart:
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

    found = embedding.of
    speakers = sorted(set(found.speakers))
    if form == "speaker" and len(speakers) > len(FORMS):
        raise UsageError(
            f"{len(speakers)} speakers", expected=f"{len(FORMS)} at most to have forms of their own"
        )
    there = [name for i, name in enumerate(found.classes) if (found.truth == i).any()]
    colours = [COLOURS[found.classes.index(name) % len(COLOURS)] for name in there]
    at = [found.classes.index(name) for name in there]
    forms = [FORMS[(i + i // len(FORMS)) % len(FORMS)] for i in at]
    values = [{**row, "right": row["said"] == row["truth"]} for row in data(embedding)]
    plain = alt.Axis(title=None, labels=False, grid=False)
    place: dict[str, Any] = {
        "x": alt.X("x:Q", axis=plain, scale=alt.Scale(zero=False, nice=False, padding=12)),
        "y": alt.Y("y:Q", axis=plain, scale=alt.Scale(zero=False, nice=False, padding=12)),
    }
    scale = alt.Scale(domain=there, range=colours)
    colour = alt.Stroke("truth:N", scale=scale, legend=alt.Legend(title="class"))
    by_class = form == "class"
    shape = alt.Shape(
        f"{'truth' if by_class else 'speaker'}:N",
        scale=alt.Scale(
            domain=there if by_class else speakers,
            range=forms if by_class else list(FORMS[: len(speakers)]),
        ),
        legend=alt.Legend(title="class" if by_class else "speaker"),
    )
    base = alt.Chart(alt.Data(values=tuple(values))).encode(**place)
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
        layers += _names(embedding, there, place)
    figure = (
        alt.layer(*layers)
        .properties(width=SIDE, height=SIDE, view=alt.ViewBackground(stroke=RULE))
        .resolve_scale(shape="shared", stroke="shared")
    )
    chart: alt.LayerChart = dressed(figure, described(embedding))
    return chart


def data(embedding: Embedding) -> list[Record]:
    """Each utterance, its place, what it is and what the model said."""
    found = embedding.of
    return [
        {
            "id": found.ids[i],
            "speaker": found.speakers[i],
            "truth": found.classes[found.truth[i]],
            "said": found.classes[found.said[i]],
            "x": round(float(x), 4),
            "y": round(float(y), 4),
        }
        for i, (x, y) in enumerate(embedding.points)
    ]


def described(embedding: Embedding) -> str:
    """The figure in words, for who cannot see it and for a caption."""
    found = embedding.of
    right = int((found.truth == found.said).sum())
    apart = (
        "" if math.isnan(embedding.silhouette)
        else f", silhouette by class {embedding.silhouette:.2f}"
    )  # fmt: skip
    return (
        f"t-SNE (perplexity {embedding.perplexity:.3g}, random state {SEED}) of "
        f"{len(found.ids)} test utterances of {found.test} in {found.vectors.shape[1]} dimensions"
        f"{apart}; {right} of them told right"
    )


def _names(embedding: Embedding, there: list[str], place: dict[str, Any]) -> list[alt.Chart]:
    import altair as alt

    found = embedding.of
    values = []
    for name in there:
        x, y = np.median(embedding.points[found.truth == found.classes.index(name)], axis=0)
        values.append({"x": float(x), "y": float(y), "text": name})
    base = alt.Chart(alt.Data(values=tuple(values))).encode(**place, text=alt.Text("text:N"))
    looks: tuple[dict[str, Any], ...] = ({"stroke": "white", "strokeWidth": 4}, {"color": INK})
    return [base.mark_text(fontSize=TEXT, fontWeight="bold", **one) for one in looks]
