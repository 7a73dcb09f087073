"""A bar of four parts, told apart by their signs as well as their colours."""

from __future__ import annotations

from rich.text import Text

from serbench.status import Line

PARTS = (
    ("done", "█", "#", "green"),
    ("running", "▒", ">", "cyan"),
    ("failed", "✗", "x", "bold red"),
    ("missing", "·", ".", "dim"),
)


def bar(line: Line, width: int, *, ascii_only: bool) -> Text:
    """How far a row is. What is not nothing is seen: the largest part gives way."""
    counts = [getattr(line, what) for what, *_ in PARTS]
    cells = [
        max(1, round(width * count / max(1, line.planned))) if count else 0 for count in counts
    ]
    if sum(cells):
        cells[cells.index(max(cells))] += width - sum(cells)
    text = Text(no_wrap=True)
    for (_, sign, plain, style), length in zip(PARTS, cells, strict=True):
        text.append((plain if ascii_only else sign) * length, style)
    return text


def legend(*, ascii_only: bool) -> str:
    """What the signs say."""
    return "  ".join(f"{plain if ascii_only else sign} {what}" for what, sign, plain, _ in PARTS)
