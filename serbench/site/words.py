"""What the pages say of boards and protocols beside their numbers, handed over by who asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serbench.site.masthead import Masthead

if TYPE_CHECKING:
    from markupsafe import Markup

COMMANDS = re.compile(r"(?<!\w)--[a-z]|\bserbench [a-z]")  # who reads a page has no command line
MARKED = re.compile(r"[^\w\s(\[\"'`]")  # the beginning of a line that explains a mark
CODE = re.compile("`([^`]+)`")


@dataclass(frozen=True)
class Said:
    """Of one board: its heading, notes below its table, and what its rows' flags mean."""

    heading: str
    notes: tuple[str, ...]
    flags: Mapping[str, str]


@dataclass(frozen=True)
class Words:
    """The words of a site.

    Parameters
    ----------
    boards
        In the order of the boards.
    protocols
        Of each registered protocol its title, and its card: what is told, under which heading.
    masthead
        What stands on every page.
    """

    boards: tuple[Said, ...]
    protocols: Mapping[str, tuple[str, Mapping[str, str]]]
    masthead: Masthead


def for_pages(lines: Iterable[str]) -> list[str]:
    """Those notes that are for who reads a page, as sentences.

    Pages put marks of their own at their numbers; notes that explain those of a terminal are left
    out, and so is what speaks of commands and their options.
    """
    return [sentence(line) for line in lines if not COMMANDS.search(line) and not _marks(line)]


def coded(text: str) -> Markup:
    """Text with what stands between backticks set as code; all of it escaped."""
    from markupsafe import Markup, escape

    parts = CODE.split(text)  # text, code, text, ...
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part)
        for at, part in enumerate(parts)
    )


def sentence(line: str) -> str:
    """With a capital and a full stop; a line that defines a word ("val: ...") begins with it."""
    first = line.split(maxsplit=1)[0] if line.strip() else ""
    head = line if first.endswith(":") or first == "p" else line[:1].upper() + line[1:]
    return head if head.endswith((".", "?", "!")) else f"{head}."


def _marks(line: str) -> bool:
    return bool(MARKED.match(line))
