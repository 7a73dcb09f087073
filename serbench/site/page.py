"""How a page is put together: templates, in which nothing is set unescaped but drawn figures."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serbench.errors import MissingExtra

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from serbench.site.masthead import Masthead

ADDRESS = re.compile(r"https?://[^\s<>\"')\]}]+")
TEMPLATES = Path(__file__).parent / "templates"


def check() -> None:
    """Find out before any work whether pages can be written.

    Raises
    ------
    MissingExtra
        If the packages that write and draw are not installed.
    """
    try:
        import altair as alt  # noqa: F401
        import jinja2  # noqa: F401
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise MissingExtra(error.name or "jinja2", "report", "the site") from error


def page(template: str, address: str, masthead: Masthead, **known: Any) -> str:
    """A page.

    Parameters
    ----------
    template
        Its template's name, without an ending.
    address
        Where it will lie below the root of the site.
    masthead
        What stands on every page.
    known
        What the template shows. Text is escaped, whatever it holds.
    """
    return (
        _environment()
        .get_template(f"{template}.html")
        .render(up="../" * address.count("/"), address=address, masthead=masthead, **known)
    )


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    from serbench.site import atlas, badges, words

    made.filters.update(zip=_zipped, linked=_linked, coded=words.coded, sentence=words.sentence)
    style, script = (_source(name) for name in ("style.css", "site.js"))
    made.globals.update(
        style=style,
        script=script,
        policy=_policy(style, script),
        badges=badges.badges,
        model_href=atlas.model_href,
        corpus_href=atlas.corpus_href,
        protocol_href=atlas.protocol_href,
    )
    return made


def _zipped(one: Iterable[Any], other: Iterable[Any]) -> list[tuple[Any, Any]]:
    return list(zip(one, other, strict=True))


def _linked(text: str) -> Markup:
    """Text with its addresses as links that lead out; all else escaped."""
    from markupsafe import Markup, escape

    parts, end = [], 0
    for found in ADDRESS.finditer(text):
        link = found[0].rstrip(".,;:")
        parts.append(escape(text[end : found.start()]))
        parts.append(Markup('<a rel="noreferrer" href="{0}">{0}</a>').format(link))
        end = found.start() + len(link)
    return Markup("").join([*parts, escape(text[end:])])


def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """What a browser may load for a page: its own style and script by their SHA-256, and nothing.

    Both stand in the page. Files beside it would have to be allowed as "self", of which browsers
    think differently where a page is opened from a disk.
    """
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src '{_sha256(style)}'; script-src '{_sha256(script)}'"
    )


def _sha256(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
