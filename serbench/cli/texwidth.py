r"""How wide text is in a table of LaTeX, in points at ``\footnotesize`` of a 10-point paper.

By the widths of Computer Modern at 8 points, kerning aside; Times, which most styles of conferences
set, is narrower.
"""

from __future__ import annotations

SIZE = 8.0  # points
# Thousandths of SIZE to the letters that are so wide (cmr8.tfm).
WIDTHS = {
    295: "!',.:;[]`il| ", 325: "fj", 354: "-", 383: "I", 414: "()tr", 420: "s", 473: "cez",
    502: '?"', 532: "$*/0123456789ago\\_{}~^", 546: "J", 561: "kqvxy", 591: "Sbdhnpu†‡", 650: "Z",
    664: "L", 694: "F", 723: "EP", 753: "B", 768: "CTw", 782: "R", 796: "AHNUVXY", 812: "D",
    827: "&+=<>@KOQ", 834: "G", 886: "#%m", 973: "M", 1091: "W",
}  # fmt: skip
OF = {letter: width for width, letters in WIDTHS.items() for letter in letters}
SIGN = 827  # of a minus, as text has it: a hyphen before a digit
RAISED = 0.75  # of SIZE: what stands as a superscript
UNKNOWN = 886  # of any other letter: as wide as an m


def width(text: str) -> float:
    """Points that a line of text takes, before anything of it is escaped."""
    total = 0.0
    for at, letter in enumerate(text):
        signed = letter == "-" and text[at + 1 : at + 2].isdigit() and not text[:at][-1:].isalnum()
        total += SIGN if signed else OF.get(letter, UNKNOWN)
    return SIZE * total / 1000
