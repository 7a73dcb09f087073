"""Pictures as files, and as parts of a page: SVG, PDF, and their data."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from serbench.scorecache import ScoreCache, key
from serbench.site.inked import inked
from serbench.site.pictures import Picture
from serbench.site.written import as_csv, write


@dataclass(frozen=True)
class Drawn:
    """A picture that was drawn: ``svg`` is set into the page, ``files`` lie in its folder."""

    name: str
    title: str
    note: str
    description: str
    svg: str
    files: tuple[tuple[str, str], ...]  # what it is called on the page, and its path


def drawn(
    pictures: Iterable[Picture], root: Path, folder: str, cache: Path | None = None
) -> list[Drawn]:
    """Draw pictures, and write their files.

    Parameters
    ----------
    root, folder
        The site, and the folder of these pictures below it.
    cache
        What was drawn before is taken from here, by the SHA-256 of all that is drawn; the rest is
        kept here (:class:`serbench.scorecache.ScoreCache`).
    """
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):  # what is drawn is tested; to hold it to the schema takes longer
        return [_drawn(one, root, f"{folder}/{one.name}", cache) for one in pictures]


def _drawn(picture: Picture, root: Path, path: str, cache: Path | None) -> Drawn:
    svg, pdf = _converted(picture.chart.to_dict(validate=False), cache)
    write(root / f"{path}.svg", svg)
    (root / f"{path}.pdf").write_bytes(pdf)
    write(root / f"{path}.csv", as_csv(picture.records))
    return Drawn(
        picture.name,
        picture.title,
        picture.note,
        picture.description,
        inked(svg, picture.name, picture.title, picture.description),
        tuple((end.upper(), f"{path}.{end}") for end in ("svg", "pdf", "csv")),
    )


def _converted(chart: Mapping[str, Any], cache: Path | None) -> tuple[str, bytes]:
    """A chart as SVG and PDF, of which the same converter makes the same once more."""
    import vl_convert

    kept = None if cache is None else ScoreCache(cache)
    place = key(chart=chart, converter=version("vl-convert-python"))
    known = None if kept is None else kept.get(place)
    if known is not None:
        return known["svg"], base64.b64decode(known["pdf"])
    svg = vl_convert.vegalite_to_svg(dict(chart))
    pdf = vl_convert.svg_to_pdf(svg)
    if kept is not None:
        kept.put(place, {"svg": svg, "pdf": base64.b64encode(pdf).decode()})
    return svg, pdf
