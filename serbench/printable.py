"""Text of unknown origin, made fit for a terminal and for JSON: no control character is left."""

from __future__ import annotations

LONGEST = 300  # characters of a line


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


def _fit(text: str) -> str:
    """Halves of surrogate pairs, which no stream takes, are not printable either."""
    return "".join(each if each.isprintable() else " " if each.isspace() else "?" for each in text)
