"""Confusion matrices, pooled over folds and seeds: rows the true class, columns the predicted one.

Each cell tells the share of its row in per cent, and how many utterances that is. One hue of more
or less strength, so that it reads alike in print, on a dark page, and for whoever does not tell red
from green. Several models stand side by side, two in a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from serbench.figures.corpus import INK
from serbench.figures.inline import inline
from serbench.figures.room import Fits, Room, relabelled

if TYPE_CHECKING:
    import altair as alt

CELL = (54, 34)  # width and height, in pixels
FITS = Fits(least=36, most=64, briefs=2)  # one matrix below the other
HUE, SOFT = "#2f6cb2", "#555555"  # a blue of its own: a page makes it darker where it is dark
STRONGEST = 0.62  # opacity of a whole row: INK on it keeps a contrast of 5 to 1
ACROSS = 2  # matrices in a line
TEXT, SMALL = 12, 11  # pixels
# How it is read: for a caption.
NOTE = (
    "Rows are the truth and sum to 100%; below each share the number of utterances, pooled over "
    "folds and seeds."
)

Record = dict[str, Any]


@dataclass(frozen=True)
class Matrix:
    """One model's answers.

    Parameters
    ----------
    counts
        int64 [classes, classes], rows the truth.
    """

    name: str
    classes: tuple[str, ...]
    counts: NDArray[np.int64]

    def shares(self) -> NDArray[np.float64]:
        """Of each row, which sums to 1; NaN in a row without utterances."""
        sums = self.counts.sum(axis=1, keepdims=True)
        shares = np.full(self.counts.shape, np.nan)
        np.divide(self.counts, sums, out=shares, where=sums > 0)
        return shares


def draw(matrices: Sequence[Matrix], room: Room | None = None) -> alt.FacetChart:
    """One panel for each matrix, in this order; all of the same classes.

    Raises
    ------
    ValueError
        If there is none, or two share a name.
    """
    import altair as alt

    names = [one.name for one in matrices]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"confusion matrices of {names}: one or more is wanted, each named apart")
    values = [
        {
            "model": cell["model"], "truth": cell["truth"], "said": cell["said"], "n": cell["n"],
            "strength": STRONGEST * (cell["percent"] or 0) / 100,
            "told": "\N{EN DASH}" if cell["percent"] is None else f"{cell['percent']:.0f}%",
        }
        for cell in records(matrices)
    ]  # fmt: skip
    classes = matrices[0].classes
    cell, brief = (CELL[0], 0) if room is None else (room.panel, room.brief)
    wide = min(110, 7 * max(map(len, classes)))
    top: Any = {"orient": "top", "labelAngle": 0, "labelFontSize": SMALL,
                "labelExpr": relabelled(classes, cell)}  # fmt: skip
    x = alt.X("said:N", sort=list(classes), axis=alt.Axis(title="predicted", **top))
    y = alt.Y("truth:N", sort=list(classes), axis=alt.Axis(title="true", minExtent=wide))
    base = alt.Chart().encode(x=x, y=y)
    squares = base.mark_rect(color=HUE, cornerRadius=2).encode(
        fillOpacity=alt.FillOpacity("strength:Q", scale=None)
    )
    shares = base.mark_text(fontSize=TEXT, dy=-6, color=INK).encode(text="told:N")
    counts = base.mark_text(fontSize=SMALL, dy=8, color=INK).encode(
        text=alt.Text("n:Q", format=",d")
    )
    size = {"width": cell * len(classes), "height": CELL[1] * len(classes)}
    header = alt.Header(
        title=None, labelFontSize=14, labelFontWeight="bold", labelColor=INK, labelAnchor="start",
        labelPadding=8, labelLimit=size["width"],
    )  # fmt: skip
    figure: alt.FacetChart = (
        alt.layer(squares, shares, counts, data=inline(values))
        .properties(**size)
        .facet(
            facet=alt.Facet("model:N", sort=names, header=header),
            columns=1 if brief else min(ACROSS, len(names)),
            spacing=30,
        )
        .resolve_axis(x="independent", y="independent")
        .properties(padding=14, background="white", description=described(matrices))
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_axis(
            labelFontSize=TEXT, titleFontSize=TEXT, titleFontWeight="normal", labelColor=INK,
            titleColor=SOFT, domain=False, ticks=False, labelPadding=6, titlePadding=8, grid=False,
        )
        .configure_view(stroke=None)
    )  # fmt: skip
    return figure


def records(matrices: Sequence[Matrix]) -> Iterator[Record]:
    """Every cell: its share of the row in per cent, None where the row has no utterance."""
    for one in matrices:
        shares = one.shares()
        for i, truth in enumerate(one.classes):
            for j, said in enumerate(one.classes):
                share = shares[i, j]
                yield {
                    "model": one.name, "truth": truth, "said": said, "n": int(one.counts[i, j]),
                    "percent": None if np.isnan(share) else round(100 * float(share), 2),
                }  # fmt: skip


def described(matrices: Sequence[Matrix]) -> str:
    """The figure in words: each model's recalls, and what is taken for what most often."""
    return "; ".join(f"{one.name}: {_told(one)}" for one in matrices)


def _told(one: Matrix) -> str:
    shares = one.shares()
    recalls = ", ".join(
        f"{name} {100 * shares[i, i]:.0f}%" if one.counts[i].sum() else f"{name} none"
        for i, name in enumerate(one.classes)
    )
    wrong = np.where(np.eye(len(shares), dtype=bool), -1.0, np.nan_to_num(shares, nan=-1.0))
    i, j = np.unravel_index(int(wrong.argmax()), wrong.shape)
    if wrong[i, j] <= 0:
        return f"recall of {recalls}"
    most = f"{one.classes[i]} for {one.classes[j]}, {100 * wrong[i, j]:.0f}% of it"
    return f"recall of {recalls}; most often mistaken {most}"
