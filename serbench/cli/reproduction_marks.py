"""The marks of notes in a paper's table: numbers, raised, as of the printed scores of a board.

Raised, for beside a number "[8]" would be read as a reference, and papers set such beside methods.
A cell holds its marks between two letters that no text has, until a format says how they look.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

OPENS, CLOSES = "\ue000", "\ue001"
MARKS = re.compile(f"{OPENS}([\\d,]+){CLOSES}")
HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def marked(numbers: Sequence[int]) -> str:
    """The marks of these notes, as a cell holds them; "" of none."""
    return f"{OPENS}{','.join(map(str, numbers))}{CLOSES}" if numbers else ""


def raised(text: str) -> str:
    """A cell as a terminal and Markdown show it."""
    return MARKS.sub(lambda marks: marks[1].translate(HIGH), text)


def parted(text: str) -> tuple[str, str]:
    """What a cell says, and its marks: "8,15"."""
    return MARKS.sub("", text), ",".join(MARKS.findall(text))


def numbers(text: str) -> list[int]:
    """The notes that a cell points at."""
    return [int(one) for marks in MARKS.findall(text) for one in marks.split(",")]
