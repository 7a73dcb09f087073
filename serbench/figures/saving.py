"""Charts as files: SVG, PNG, PDF, or a page that needs no network.

Nothing in a file says when or where it was drawn. Equal charts give equal bytes, but for PDF, where
the converter gives objects in another order each time.
"""

from __future__ import annotations

import html
import io
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.errors import MissingExtra, UsageError
from serbench.writing import write_aside

if TYPE_CHECKING:
    import altair as alt

FORMATS = (".svg", ".png", ".pdf", ".html")
INCH = 72  # points, and pixels of a chart at its own size
SCREEN, PRINT = 144.0, 300.0  # pixels of a PNG to the inch: at a chart's own size, and on paper


def check(path: Path) -> None:
    """Find out before any work whether a figure can be saved under this name.

    Raises
    ------
    UsageError
        If its ending is none of :data:`FORMATS`.
    MissingExtra
        If the packages that draw are not installed.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError(
            f"--figure {path}", expected="a file name that ends in " + ", ".join(FORMATS)
        )
    try:
        import altair as alt  # noqa: F401
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise MissingExtra(error.name or "altair", "report", "a figure") from error


def save(chart: alt.TopLevelMixin, path: Path, title: str, scale: float | None = None) -> None:
    """Write a chart to a file, whole or not at all.

    Parameters
    ----------
    path
        Its ending says the format.
    title
        What the picture is, for who cannot see it and for the tab of a browser.
    scale
        Points on paper for each pixel of the chart. None: its own size, a point a pixel, but of an
        SVG, whose pixels are the screen's. A page on its own has no such size.

    Raises
    ------
    UsageError, MissingExtra
        As :func:`check`.
    StoreError
        If the file cannot be written.
    """
    check(path)
    kind = path.suffix.lower()[1:]
    if kind == "html":
        write_aside(path, _page(chart, title).encode())
        return
    import vl_convert

    with warnings.catch_warnings():  # of a scale that altair hands on, and nobody asked for
        warnings.simplefilter("ignore", UserWarning)
        drawing = io.StringIO()
        chart.save(drawing, format="svg", engine="vl-convert")
    svg = drawing.getvalue()
    if kind == "svg":
        named = f"><title>{html.escape(title)}</title>"  # for screen readers
        sized = svg if scale is None else _sized(svg, scale, "pt")
        write_aside(path, sized.replace(">", named, 1).encode())
    elif kind == "pdf":
        write_aside(path, vl_convert.svg_to_pdf(svg if scale is None else _sized(svg, scale)))
    else:
        density = SCREEN if scale is None else PRINT
        # Its density is stamped on it: what sets it by that gets the size that was meant.
        png = vl_convert.svg_to_png(svg, scale=1.0 if scale is None else scale, ppi=density)
        write_aside(path, png)


def _sized(svg: str, scale: float, unit: str = "") -> str:
    """A drawing of another size: all that is in it follows, by its view box."""
    head, end, rest = svg.partition(">")

    def scaled(size: re.Match[str]) -> str:
        return f' {size[1]}="{float(size[2]) * scale:.2f}{unit}"'

    return re.sub(r' (width|height)="([\d.]+)"', scaled, head) + end + rest


def _page(chart: alt.TopLevelMixin, title: str) -> str:
    """A page with everything in it; its menu saves the figure as SVG and PNG."""
    actions = {"export": True, "source": False, "compiled": False, "editor": False}
    page: str = chart.to_html(
        inline=True, output_div="figure", embed_options={"renderer": "svg", "actions": actions}
    )
    return page.replace("<html>", '<html lang="en">', 1).replace(
        "<head>", f"<head>\n  <title>{html.escape(title)}</title>", 1
    )
