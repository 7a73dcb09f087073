"""Pictures as files, and as parts of a page: SVG, PDF, and their data."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from serbench.canonical import digest
from serbench.scorecache import ScoreCache, key
from serbench.site import pictures
from serbench.site.inked import inked
from serbench.site.picture import Picture
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
    shown: Iterable[Picture], root: Path, folder: str, cache: Path | None = None
) -> list[Drawn]:
    """Draw pictures, and write their files.

    Parameters
    ----------
    shown
        The pictures of one page.
    root, folder
        The site, and the folder of these pictures below it.
    cache
        What was drawn before is taken from here, by the SHA-256 of all that it is drawn from and
        of the code that draws; the rest is kept here (:class:`serbench.scorecache.ScoreCache`).
    """
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):  # what is drawn is tested; to hold it to the schema takes longer
        return [_drawn(one, root, f"{folder}/{one.name}", cache) for one in shown]


def _drawn(picture: Picture, root: Path, path: str, cache: Path | None) -> Drawn:
    svg, pdf = _converted(picture, cache)
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


def _converted(picture: Picture, cache: Path | None) -> tuple[str, bytes]:
    """A picture as SVG and PDF: the same code makes the same of the same once more."""
    kept = None if cache is None else ScoreCache(cache)
    place = key(
        picture=[picture.name, picture.description, list(picture.records), picture.beside],
        code=_code(),
    )
    known = None if kept is None else kept.get(place)
    if known is not None:
        return known["svg"], base64.b64decode(known["pdf"])
    import vl_convert

    svg = vl_convert.vegalite_to_svg(dict(picture.draw().to_dict(validate=False)))
    pdf = vl_convert.svg_to_pdf(svg)
    if kept is not None:
        kept.put(place, {"svg": svg, "pdf": base64.b64encode(pdf).decode()})
    return svg, pdf


@functools.cache
def _code() -> str:
    """A digest of all that draws: the modules of figures, and the libraries' versions."""
    import serbench.figures

    folder = Path(serbench.figures.__file__).parent
    found = hashlib.sha256(Path(pictures.__file__).read_bytes())
    for path in sorted(folder.glob("*.py")):
        found.update(path.read_bytes())
    drawing = ("altair", "vl-convert-python")
    return digest([found.hexdigest(), *map(version, drawing)])
