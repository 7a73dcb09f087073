"""Marks at numbers, and the words for them below the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from serbench.rows import Row
from serbench.site.reasons import remarked

# No asterisk, which papers give to methods, and no letters, which tests give to models.
SIGNS = "\N{DAGGER}\N{DOUBLE DAGGER}\N{SECTION SIGN}\N{PILCROW SIGN}\N{DOUBLE VERTICAL LINE}"


@dataclass(frozen=True)
class Mark:
    """A mark: ``anchor`` is the place of its words on the page."""

    sign: str
    anchor: str
    text: str


def marks(rows: Iterable[Row], flags: Mapping[str, str]) -> dict[str, Mark]:
    """A mark for each flag that the table shows, in the order of the rows.

    Flags that are the reason why a row is not ranked have none: the row says it in words.
    """
    found = dict.fromkeys(flag for row in rows for flag in remarked(row))
    return {
        flag: Mark(_sign(at), f"note-{at + 1}", flags.get(flag, flag))
        for at, flag in enumerate(found)
    }


def _sign(at: int) -> str:
    """The signs in their turn, then all of them twice."""
    return SIGNS[at % len(SIGNS)] * (at // len(SIGNS) + 1)
