"""A figure laid out anew for the column of a paper that it is to stand in.

A figure is drawn in pixels, its smallest text 11 of them high, and set at the largest scale at
which it fits and that leaves this text at 7 points or above. What can be narrower is its panels (or
the cells of its grid), and what it writes out beside them; where neither is enough it is refused.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from serbench.errors import UsageError

if TYPE_CHECKING:
    import altair as alt

WIDTHS = {"column": 252.0, "text": 516.0}  # points: of a column, and of both, in IEEE's style
SMALLEST = 11  # pixels of the smallest text of any figure
READ = 7.0  # points of the smallest text that is still read
SCALES = (0.75, READ / SMALLEST)  # points a pixel: text of 12 pixels is 9 points, or 7.6
LETTER = 6.4  # pixels of one, at 12
SPARE = 1.5  # pixels that rounding may take
TRIES = 4  # times that a figure is drawn again to take off what it is too wide by
PROBE = 40.0  # pixels by which a panel is widened to find out what that does to the whole


@dataclass(frozen=True)
class Room:
    """What a figure is laid out for.

    Parameters
    ----------
    whole
        Pixels of the whole figure.
    panel
        Pixels of a panel; of a grid, of one cell.
    brief
        How much is left out or put elsewhere: 0 is nothing.
    """

    whole: float
    panel: float
    brief: int = 0

    def titled(self, title: str, below: Sequence[str]) -> tuple[list[str], list[str]]:
        """A title, which is larger and bold, and the lines below it, broken to fit."""
        letters = int((self.whole - 40) / LETTER)
        broken = [part for line in below for part in textwrap.wrap(line, max(12, letters))]
        return textwrap.wrap(title, max(12, int(0.75 * letters))), broken


@dataclass(frozen=True)
class Fits:
    """How far a figure can be bent.

    Parameters
    ----------
    least, most
        Pixels of a panel (or a cell): below the one it cannot be read, above the other it is bare.
    briefs
        How many layouts there are, from the fullest to the briefest.
    """

    least: float
    most: float
    briefs: int = 1


def points(width: str) -> float:
    """The width that is meant: "column", "text" or a number of points.

    Raises
    ------
    UsageError
        If it is none of them.
    """
    if width in WIDTHS:
        return WIDTHS[width]
    try:
        found = float(width.removesuffix("pt"))
    except ValueError:
        found = 0.0
    if not 0 < found < 10_000:
        named = ", ".join(f"{name} ({at:.0f} pt)" for name, at in WIDTHS.items())
        raise UsageError(f"--width {width}", expected=f"{named}, or a number of points")
    return found


def fitted(
    draw: Callable[[Room], alt.TopLevelMixin], fits: Fits, width: float
) -> tuple[alt.TopLevelMixin, float]:
    """The figure at this width, and its scale: points a pixel.

    Parameters
    ----------
    draw
        The whole figure, its title included, as it is laid out for some room.
    width
        Points.

    Raises
    ------
    UsageError
        If no layout is narrow enough, with the least width that there is.
    """
    from altair.utils.schemapi import debug_mode

    narrowest = float("inf")
    with debug_mode(False):  # to hold each of them to the schema takes longer than to draw it
        for brief in range(fits.briefs):
            for scale in SCALES:
                whole = width / scale - SPARE
                panel, least = _panel(draw, fits, Room(whole, fits.least, brief))
                narrowest = min(narrowest, (least + SPARE) * SCALES[-1])
                if panel >= fits.least:
                    return _no_wider(draw, Room(whole, min(panel, fits.most), brief)), scale
    raise UsageError(
        f"--width {width:g}: the figure cannot be that narrow with text of {READ:g} points",
        expected=f"{-(-narrowest // 1):.0f} points at least",
        advice="a larger --width, or fewer models by --model",
    )


def _no_wider(draw: Callable[[Room], alt.TopLevelMixin], room: Room) -> alt.TopLevelMixin:
    """The figure in its room; a little is taken off where its parts do not grow alike."""
    for _ in range(TRIES):
        chart = draw(room)
        over = measured(chart) - room.whole
        if over <= 0:
            break
        room = replace(room, panel=room.panel - over)
    return chart


def _panel(
    draw: Callable[[Room], alt.TopLevelMixin], fits: Fits, room: Room
) -> tuple[float, float]:
    """The pixels of a panel with which the figure fills its room, and those of it with the least.

    The whole grows in proportion to its panels.
    """
    narrow = measured(draw(room))
    if narrow > room.whole:
        return 0.0, narrow
    broad = measured(draw(Room(room.whole, room.panel + PROBE, room.brief)))
    if broad <= narrow:  # something else is what makes it so wide
        return fits.most, narrow
    return room.panel + PROBE * (room.whole - narrow) / (broad - narrow), narrow


def measured(chart: Any) -> float:
    """Pixels of a figure's width, as it is drawn."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg(chart.to_dict(validate=False))
    found = re.search(r'<svg[^>]* width="([\d.]+)"', svg)
    assert found is not None
    return float(found[1])


def relabelled(labels: Sequence[str], pixels: float) -> Any:
    """What an axis writes for labels in so little room, as an expression of Vega.

    Those that are too long are cut and end in a stop, as far as that leaves no two alike.
    """
    import altair as alt

    letters = max(3, int(pixels / LETTER) - 1)
    while letters < max(map(len, labels)):
        told = [one if len(one) <= letters + 1 else f"{one[:letters]}." for one in labels]
        if len(set(told)) == len(labels):
            return f"({json.dumps(dict(zip(labels, told, strict=True)))})[datum.label]"
        letters += 1
    return alt.Undefined


def ticks(pixels: float) -> int:
    """How many numbers an axis of this width has room for."""
    return max(2, min(6, int(pixels / 42)))
