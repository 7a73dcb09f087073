"""Where a model listens: a map with a row for each token and a column for each frame.

Every row sums to one. Strength is opacity of one hue, the strongest weight of the map at its full;
what is not a thousandth of that is not drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from serbench.attending import Attended
from serbench.figures.inline import inline
from serbench.figures.look import HUE, RULE, dressed

if TYPE_CHECKING:
    import altair as alt

WIDTH = 620  # of the map, in pixels
ROW = 7  # height of one, in pixels
LEAST = 1e-3  # of the strongest weight: below that nothing is drawn
# How it is read: for a caption.
NOTE = "Each row is what one token listens to and sums to one. Rows past the last word are padding."


def draw(found: Attended, axes: tuple[str, str] = ("column", "row")) -> alt.LayerChart:
    """The map of one utterance.

    Parameters
    ----------
    axes
        What a column and a row are.
    """
    import altair as alt

    rows, columns = found.weights.shape
    strongest = float(found.weights.max())
    cells = [
        {"row": int(i), "column": int(j), "to": int(j) + 1, "until": int(i) + 1,
         "weight": round(float(found.weights[i, j]), 5),
         "strength": round(float(found.weights[i, j]) / strongest, 3)}
        for i, j in np.argwhere(found.weights > LEAST * strongest)
    ]  # fmt: skip
    x = alt.X(
        "column:Q", title=axes[0], scale=alt.Scale(domain=[0, columns], nice=False, padding=0),
        axis=alt.Axis(grid=False, tickCount=8, format="d"),
    )  # fmt: skip
    y = alt.Y(
        "row:Q", title=axes[1],
        scale=alt.Scale(domain=[0, rows], reverse=True, nice=False, padding=0),
        axis=alt.Axis(grid=False, tickCount=6, format="d"),
    )  # fmt: skip
    squares = (
        alt.Chart(inline(cells))
        .mark_rect(color=HUE)
        .encode(
            x=x, x2="to:Q", y=y, y2="until:Q",
            fillOpacity=alt.FillOpacity("strength:Q", scale=None),
            tooltip=[alt.Tooltip("row:Q", title=axes[1]), alt.Tooltip("column:Q", title=axes[0]),
                     alt.Tooltip("weight:Q", format=".3f")],
        )
    )  # fmt: skip
    figure = alt.layer(squares).properties(
        width=WIDTH, height=max(80, ROW * rows), view=alt.ViewBackground(stroke=RULE)
    )
    chart: alt.LayerChart = dressed(figure, described(found))
    return chart


def described(found: Attended) -> str:
    """The figure in words, for who cannot see it and for a caption."""
    rows, columns = found.weights.shape
    peaks = found.weights.argmax(axis=1)
    spoken = f', "{found.text}"' if found.text else ""
    return (
        f"attention of {rows} tokens over {columns} frames in {found.id}{spoken}: {found.truth}, "
        f"told {found.said}; the strongest weight is {found.weights.max():.2f}, and the tokens "
        f"listen most to frames {peaks.min()} to {peaks.max()}"
    )
