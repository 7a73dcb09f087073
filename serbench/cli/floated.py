r"""A table of a paper: a float with booktabs, its caption, its label and its notes.

It is to stand in a paper as it is, so it knows how wide it gets. What has text folds first; a table
that is still too wide is made smaller as a whole, which is the last resort. Cells and headings are
plain text until they are escaped here; a line break within one makes two lines of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from serbench.cli.texwidth import width

COLUMN = 345.0  # points of \linewidth in article at 10 points, one column
BOTH = 410.0  # of both columns in article at 10 points, two columns; other styles have more
BETWEEN = 6.0  # points between two columns of a table: twice \tabcolsep
SPARE = 4.0  # points, for what kerning or another type makes of a width
LEAST, TWO_LINES = 110.0, 0.6  # points of folded text, or its share, that still reads well
SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}",
    "†": r"$\dagger$", "‡": r"$\ddagger$", "§": r"$\mathsection$", "¶": r"$\mathparagraph$",
    "‖": r"$\|$",  # of the text's own encoding, these would bring a bitmap font into the PDF
}  # fmt: skip
WORDS = re.compile(r"\s+|(?<=-)")  # a line may end after a hyphen too
RANKS = re.compile(r"^(\d+)-(\d+)$")
SIGN = re.compile(r"(?<![\w.-])([+-])(?=\d)")
QUOTED = re.compile(r"`([^`]+)`")
MARKS = re.compile(r"(?:[†‡§¶‖]+,?)+|(?<=\w)\[\d+(?:,\d+)*\](?=\)?$)|^\[\d+\](?= )")


@dataclass(frozen=True)
class Floated:
    """A table to be.

    Parameters
    ----------
    headings, rows
        Plain text, as many cells in each row as there are headings.
    left
        Columns whose text begins at the left.
    rules
        Rows above which a line is drawn.
    notes
        A paragraph each, below the table.
    wide
        Over both columns of a two-column paper.
    """

    caption: str
    label: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: Collection[int]
    rules: Collection[int] = ()
    notes: Sequence[str] = ()
    wide: bool = False

    @property
    def room(self) -> float:
        """Points that there are."""
        return (BOTH if self.wide else COLUMN) - SPARE

    @property
    def natural(self) -> list[float]:
        """Points of each column, with nothing folded."""
        return [
            max(max(map(width, cell.split("\n"))) for cell in cells)
            for cells in zip(self.headings, *self.rows, strict=True)
        ]

    @property
    def folded(self) -> list[float]:
        """The same, with columns of text as narrow as they need to be, the widest first."""
        found = self.natural
        least = [self._longest(at) if at in self.left else found[at] for at in range(len(found))]
        while (over := _total(found) - self.room) > 0:
            able = [at for at in range(len(found)) if found[at] > least[at]]
            if not able:
                break
            widest = max(able, key=lambda at: found[at])
            found[widest] = max(found[widest] - over, least[widest])
        return found

    @property
    def fits(self) -> bool:
        """Whether it does, and folded text is not too narrow to be read well."""
        found = self.folded
        both = zip(found, self.natural, strict=True)
        both = zip(found, self.natural, strict=True)
        read = all(now >= min(LEAST, TWO_LINES * was) for now, was in both)
        return read and _total(found) <= self.room

    def text(self) -> str:
        """The lines of a .tex file."""
        widths, wanted = self.folded, self.natural
        cut = {at for at in self.left if widths[at] < wanted[at]}
        columns = "".join(
            f"p{{{widths[at] + 1:.0f}pt}}" if at in cut else "l" if at in self.left else "r"
            for at in range(len(widths))
        )
        smaller = _total(widths) > self.room
        star = "*" if self.wide else ""
        packages = r"\usepackage{booktabs,graphicx}" if smaller else r"\usepackage{booktabs}"
        fits = "two-column paper, over both" if self.wide else "one-column paper"
        return "\n".join(
            [
                f"% needs {packages}",
                f"% about {min(_total(widths), self.room):.0f} pt wide, for a {fits}"
                + (" (made smaller to fit)" if smaller else "")
                + ("" if self.wide else "; over both columns of a two-column one: --wide"),
                rf"\begin{{table{star}}}",
                r"\centering",
                r"\footnotesize",
                r"\setlength{\tabcolsep}{3pt}",
                rf"\caption{{{escaped(self.caption)}.}}",
                rf"\label{{tab:{self.label}}}",
                *([r"\resizebox{\linewidth}{!}{%"] if smaller else []),
                rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
                r"\toprule",
                " & ".join(self._heading(at) for at in range(len(widths))) + r" \\",
                r"\midrule",
                *self._body(cut),
                r"\bottomrule",
                r"\end{tabular}" + "}" * smaller,
                *self._notes(),
                rf"\end{{table{star}}}",
                "",
            ]
        )

    def _body(self, cut: Collection[int]) -> list[str]:
        lines: list[str] = []
        for number, row in enumerate(self.rows):
            lines += [r"\midrule"] if number in self.rules else []
            told = (self._cell(text, at, cut) for at, text in enumerate(row))
            lines.append(" & ".join(told) + r" \\")
        return lines

    def _cell(self, text: str, at: int, cut: Collection[int]) -> str:
        if at in cut:  # its next lines stand back; \raggedright takes the row's end for its own
            return rf"\raggedright\let\\\tabularnewline\hangindent1em {cell(text)}" if text else ""
        return stacked([cell(line) for line in text.split("\n")], "t", left=at in self.left)

    def _heading(self, at: int) -> str:
        lines = self.headings[at].split("\n")
        return stacked([escaped(line) for line in lines], "b", left=at in self.left)

    def _notes(self) -> list[str]:
        if not self.notes:
            return []
        return [
            r"\par\medskip",
            r"\begin{minipage}{\linewidth}\raggedright\footnotesize",
            *(rf"{cell(note)}\par" for note in self.notes),
            r"\end{minipage}",
        ]

    def _longest(self, at: int) -> float:
        """Points of the longest word of a column, which nothing breaks."""
        words = (
            word for row in (self.headings, *self.rows) for word in (WORDS.split(row[at]))
        )  # fmt: skip
        return 10 + max(map(width, words))


def _total(widths: Sequence[float]) -> float:
    return sum(widths) + BETWEEN * (len(widths) - 1)


def labelled(heading: str) -> str:
    """What a table is referred to by."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def escaped(text: str) -> str:
    """Text as LaTeX prints it; what stands between backticks is set as code."""
    parts = QUOTED.split(text)
    found = [
        rf"\texttt{{{_escaped(part)}}}" if at % 2 else _escaped(part)
        for at, part in enumerate(parts)
    ]
    return "".join(found)


def _escaped(text: str) -> str:
    found = "".join(SPECIAL.get(letter, letter) for letter in text)
    return found.replace("--", "-{}-")  # of an option: two hyphens would be one dash


def cell(text: str) -> str:
    """A cell of text or numbers, or a note: its marks raised, its signs as long as a minus is."""
    parts, end = [], 0
    for mark in MARKS.finditer(text):
        raised = mark[0].strip("[],")
        parts += [
            signs(escaped(text[end : mark.start()])),
            rf"\textsuperscript{{{escaped(raised)}}}",
        ]
        end = mark.end()
    parts.append(signs(escaped(text[end:])))
    return RANKS.sub(r"\1--\2", "".join(parts))


def signs(text: str) -> str:
    """Signs before numbers, as long as a minus is and not as a hyphen."""
    return SIGN.sub(r"$\1$", text)


def stacked(lines: Sequence[str], at: str, *, left: bool) -> str:
    """Lines above one another in one cell; ``at`` says which of them is level with the row."""
    if len(lines) == 1:
        return lines[0]
    told = r" \\ ".join(f"{{{line}}}" if line.startswith("[") else line for line in lines)
    return rf"\begin{{tabular}}[{at}]{{@{{}}{'l' if left else 'r'}@{{}}}}{told}\end{{tabular}}"
