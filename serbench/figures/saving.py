"""Charts as files: SVG, PNG, PDF, or a page that needs no network.

Nothing in a file says when or where it was drawn. Equal charts give equal bytes, but for PDF, where
the converter gives objects in another order each time.
"""

from __future__ import annotations

import html
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from serbench.errors import MissingExtra, UsageError
from serbench.writing import write_aside

if TYPE_CHECKING:
    import altair as alt

FORMATS = (".svg", ".png", ".pdf", ".html")
SCALE = 2.0  # pixels of a PNG for each of the chart's: sharp on paper and on dense screens


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


def save(chart: alt.TopLevelMixin, path: Path, title: str) -> None:
    """Write a chart to a file, whole or not at all.

    Parameters
    ----------
    path
        Its ending says the format.
    title
        What the picture is, for who cannot see it and for the tab of a browser.

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
    if kind == "svg":
        drawing = io.StringIO()
        chart.save(drawing, format="svg", engine="vl-convert")
        named = f"><title>{html.escape(title)}</title>"  # for screen readers
        write_aside(path, drawing.getvalue().replace(">", named, 1).encode())
        return
    picture = io.BytesIO()
    if kind == "png":
        chart.save(picture, format="png", engine="vl-convert", scale_factor=SCALE)
    else:
        with warnings.catch_warnings():  # of a scale that altair hands on, and nobody asked for
            warnings.simplefilter("ignore", UserWarning)
            chart.save(picture, format="pdf", engine="vl-convert")
    write_aside(path, picture.getvalue())


def _page(chart: alt.TopLevelMixin, title: str) -> str:
    """A page with everything in it; its menu saves the figure as SVG and PNG."""
    actions = {"export": True, "source": False, "compiled": False, "editor": False}
    page: str = chart.to_html(
        inline=True, output_div="figure", embed_options={"renderer": "svg", "actions": actions}
    )
    return page.replace("<html>", '<html lang="en">', 1).replace(
        "<head>", f"<head>\n  <title>{html.escape(title)}</title>", 1
    )
