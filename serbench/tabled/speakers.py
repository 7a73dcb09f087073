"""Speakers whom a table spells in two ways, so that one person would stand on both sides."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from serbench.corpus import Entry, Finding


def alike(table: Path, entries: Iterable[tuple[int, Entry]]) -> Iterator[Finding]:
    """A finding for each speaker of several spellings.

    Spreadsheets make 3 of 03, and 3.0 where a cell of the column is empty; people write Ann and
    ann. Whoever in a corpus is two people by that, has to be told apart by more.

    Parameters
    ----------
    table
        The table, for messages.
    entries
        Line number and entry of each row.
    """
    first: dict[str, int] = {}  # line of each spelling
    for line, entry in entries:
        first.setdefault(entry.speaker, line)
    spelt: dict[str, list[str]] = defaultdict(list)
    for speaker in first:
        spelt[_folded(speaker, _STEPS)].append(speaker)
    for several in spelt.values():
        if len(several) > 1:
            said = " and ".join(f"{speaker!r} (line {first[speaker]})" for speaker in several)
            yield Finding(
                "annotation",
                f"{table}: the speakers {said} differ in {_difference(several)} alone: one person?",
            )


def _number(speaker: str) -> str:
    """Without zeros that leave a number what it is: 03, 3.0 and 3; S03 and S3."""
    whole = re.sub(r"^(\d+)\.0+$", r"\1", speaker)
    return re.sub(r"(?<![\d.])0+(?=\d)", "", whole)


# What may differ in the name of one person, in the order in which it is taken away.
_STEPS: dict[str, Callable[[str], str]] = {
    "forms of letters": lambda speaker: unicodedata.normalize("NFKC", speaker),  # full-width ones
    "blanks": lambda speaker: "".join(speaker.split()),
    "capitals": str.casefold,
    "zeros": _number,
}


def _folded(speaker: str, steps: Iterable[str]) -> str:
    for step in steps:
        speaker = _STEPS[step](speaker)
    return speaker


def _difference(several: Iterable[str]) -> str:
    """Those steps without which the spellings would not be one."""
    needed = [
        name
        for name in _STEPS
        if len({_folded(one, [step for step in _STEPS if step != name]) for one in several}) > 1
    ]
    return " and ".join(needed or _STEPS)
