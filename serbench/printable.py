"""Text of unknown origin, made fit for a terminal, for JSON and for the cell of a spreadsheet."""

from __future__ import annotations

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula
# Names may begin with a minus sign (videos of CMU-MOSEI do), and whoever joins two tables by them
# needs them as they are. Such a one calls nothing.
_NAME = re.compile(r"-[\w./ \[\]-]*")
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
LONGEST = 300  # characters of a line


def unfit(value: object) -> str | None:
    r"""The first text in JSON values that a terminal or a page would obey; None if all are fit.

    Control characters but tab and line feed, marks that turn the direction of writing around, and
    halves of surrogate pairs.

    >>> unfit({"model": {"name": "\x1b[31mred"}}), unfit({"note": "two\nlines"})
    ('\x1b[31mred', None)
    """
    if isinstance(value, str):
        return value if _OBEYED.search(value) else None
    if isinstance(value, dict):
        return next(filter(None, (unfit(each) for pair in value.items() for each in pair)), None)
    if isinstance(value, list):
        return next(filter(None, map(unfit, value)), None)
    return None


def one_line(text: object, most: int = LONGEST) -> str:
    r"""What was read, on one line and not too long.

    >>> one_line("epoch 3\n\x1b[31mred")
    'epoch 3 ?[31mred'
    """
    whole = str(text)
    line = " ".join(_fit(whole[: 4 * most]).split())
    return line if len(line) <= most and len(whole) <= 4 * most else line[: most - 1] + "…"


def many_lines(text: object) -> str:
    r"""What was read, with its line breaks.

    >>> many_lines("Traceback\n\tline 1\x07")
    'Traceback\n    line 1?'
    """
    return "\n".join(_fit(line.expandtabs(4)) for line in str(text).splitlines())


def name_cell(name: str) -> str:
    """A name as the cell of a CSV file: one that a spreadsheet would run gets an apostrophe.

    :func:`cell_name` takes it off again.

    >>> name_cell("=1+1"), name_cell("-3g5yACwYnA"), name_cell("-1+cmd|'/C calc'!A0")
    ("'=1+1", '-3g5yACwYnA', "'-1+cmd|'/C calc'!A0")
    """
    return f"'{name}" if _runs(name.lstrip("'")) else name


def cell_name(cell: str) -> str:
    """The name in a cell that :func:`name_cell` wrote, or anybody else.

    >>> cell_name("'=1+1"), cell_name("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and _runs(cell.lstrip("'")) else cell


def _runs(text: str) -> bool:
    return text.startswith(FORMULA) and _NAME.fullmatch(text) is None


def _fit(text: str) -> str:
    """Halves of surrogate pairs, which no stream takes, are not printable either."""
    return "".join(each if each.isprintable() else " " if each.isspace() else "?" for each in text)
