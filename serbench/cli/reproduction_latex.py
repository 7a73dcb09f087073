r"""A paper's table or figure with ours beside it, for a paper: LaTeX with booktabs.

Each float holds its own notes, below its table. What is too high for a page is several floats of
one number, each with the notes that it needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from serbench.cli.floated import COLUMN, LEAST, SPARE, escaped, labelled, signs
from serbench.cli.reproduction_formats import note_of
from serbench.cli.reproduction_marks import MARKS, numbers, parted
from serbench.cli.reproductions import NONE, Grid, Sheet
from serbench.cli.texwidth import RAISED, width

PAGE = 540.0  # points of \textheight in article at 10 points on letter paper, less a line
LINE, NOTE, CAPTION = 9.5, 8.0, 12.0  # points from one line to the next of each
SMALL = 0.9  # of \footnotesize to \scriptsize, in which notes are set: 7/8, code being wider
AROUND = 5.0  # points around a rule or between two tables
MARK = 1.2  # of a mark to text made smaller: small types are cut wider
GAP = 6.0  # points between two columns: twice \tabcolsep
ONE_OF_TWO = 229.0  # points of a column of article in two columns


def as_latex(sheet: Sheet) -> str:
    r"""Floating tables with caption, label and notes; they need the package booktabs, and UTF-8."""
    floats = _floats(sheet)
    tables = [one for grids in floats for one in _tables(grids)]
    smaller = any(one.total > COLUMN - SPARE for one in tables)
    wide = any(one.total > ONE_OF_TWO for one in tables)
    packages = "booktabs,graphicx" if smaller else "booktabs"
    lines = [rf"% needs \usepackage{{{packages}}}"]
    if len(floats) > 1:
        lines.append(f"% {len(floats)} floats of one number, for one page does not hold it all")
    for at, grids in enumerate(floats):
        lines += _float(sheet, grids, first=at == 0, star="*" if wide else "")
    return "\n".join([*lines, ""])


@dataclass(frozen=True)
class _Table:
    """Parts that have the same columns, as one table.

    Parameters
    ----------
    widths
        Points of each column, text folded where that is needed.
    natural
        The same with nothing folded.
    gaps
        Points after each column.
    """

    grids: Sequence[Grid]
    widths: Sequence[float]
    natural: Sequence[float]
    gaps: Sequence[float]

    @property
    def total(self) -> float:
        return sum(self.widths) + sum(self.gaps)

    @property
    def height(self) -> float:
        """Points, about."""
        rows = [[grid.names, *grid.lines] for grid in self.grids]
        lines = sum(self._lines(row) for grid in rows for row in grid)
        rules = 3 + 2 * (len(self.grids) - 1)
        return LINE * (lines + len(self.grids)) + AROUND * rules

    def _lines(self, row: Sequence[str]) -> int:
        return max(
            math.ceil(width(parted(cell)[0]) / points) if points else 1
            for cell, points in zip(row, self.widths, strict=True)
        )

    def text(self) -> list[str]:
        texts = self.grids[0].texts
        cut = {at for at in range(texts) if self.widths[at] < self.natural[at]}
        columns = ""
        for at, gap in enumerate(self.gaps):
            told = f"p{{{self.widths[at]:.0f}pt}}" if at in cut else "l" if at < texts else "r"
            last = at == len(self.gaps) - 1
            columns += told + (f"@{{\\hspace{{{gap:.0f}pt}}}}" if gap != GAP and not last else "")
        trailing = f"\\hspace{{{self.gaps[-1]:.0f}pt}}" if self.gaps[-1] else ""
        smaller = self.total > COLUMN - SPARE
        return [
            *([r"\resizebox{\linewidth}{!}{%"] if smaller else []),
            rf"\begin{{tabular}}{{@{{}}{columns}@{{{trailing}}}}}",
            r"\toprule",
            *self._parts(cut),
            r"\bottomrule",
            r"\end{tabular}" + "}" * smaller,
        ]

    def _parts(self, cut: set[int]) -> list[str]:
        """The rows of all parts; headings again only where they are others."""
        lines: list[str] = []
        before: tuple[str, ...] = ()
        for grid in self.grids:
            lines += [r"\midrule"] if lines else []
            if grid.names != before:
                lines += [" & ".join(map(_text, grid.names)) + r" \\", r"\midrule"]
            if grid.title:
                title = rf"\multicolumn{{{len(grid.names)}}}{{@{{}}l}}"
                lines.append(rf"{title}{{\itshape {_text(grid.title)}}} \\")
            for line in grid.lines:
                cells = (_cell(one, at, grid, cut) for at, one in enumerate(line))
                lines.append(" & ".join(cells) + r" \\")
            before = grid.names
        return lines


def _float(sheet: Sheet, grids: Sequence[Grid], *, first: bool, star: str) -> list[str]:
    begun = [rf"\begin{{table{star}}}", r"\centering\footnotesize", r"\setlength{\tabcolsep}{3pt}"]
    if first:
        caption = f"{sheet.heading} ({sheet.citation})"
        begun += [rf"\caption{{{_text(caption)}.}}", rf"\label{{tab:{labelled(sheet.name)}}}"]
    else:
        begun += [r"\addtocounter{table}{-1}", rf"\caption{{{_text(sheet.heading)} (continued).}}"]
    lines = []
    for one in _tables(grids):
        lines += [*one.text(), r"\par\medskip"]
    told = [*(sheet.lines if first else ()), *_notes(sheet, grids)]
    below = [rf"{_text(note)}\par" for note in told]
    if below:
        opens = r"\begin{minipage}{\linewidth}\raggedright\scriptsize"
        lines += [opens, *below, r"\end{minipage}"]
    return [*begun, *lines, rf"\end{{table{star}}}"]


def _notes(sheet: Sheet, grids: Iterable[Grid]) -> list[str]:
    """The notes that these parts point at."""
    cells = (cell for grid in grids for line in grid.lines for cell in line)
    return [
        note_of(at, sheet.notes[at - 1]) for at in sorted({n for c in cells for n in numbers(c)})
    ]


def _floats(sheet: Sheet) -> list[list[Grid]]:
    """The parts of each float: as many as a page holds with their notes."""
    found: list[list[Grid]] = [[]]
    for grid in _cut(sheet, sheet.grids):
        if found[-1] and _height(sheet, [*found[-1], grid], first=len(found) == 1) > PAGE:
            found.append([])
        found[-1].append(grid)
    return found


def _cut(sheet: Sheet, grids: Iterable[Grid]) -> list[Grid]:
    """Parts that fit a page each, those that do not in halves."""
    found = []
    for grid in grids:
        half = len(grid.lines) // 2
        while 0 < half < len(grid.lines) and grid.lines[half][0].startswith(" "):
            half += 1  # what stands beneath a row stays with it
        if 0 < half < len(grid.lines) and _height(sheet, [grid], first=True) > PAGE:
            parts = (grid.lines[:half], grid.lines[half:])
            found += _cut(sheet, [Grid(grid.title, grid.names, part, grid.texts) for part in parts])
        else:
            found.append(grid)
    return found


def _height(sheet: Sheet, grids: Sequence[Grid], *, first: bool) -> float:
    """Points of a float, about."""
    told = [*(sheet.lines if first else ()), *_notes(sheet, grids)]
    notes = sum(math.ceil(SMALL * width(parted(note)[0]) / COLUMN) for note in told)
    caption = sheet.heading + (sheet.citation if first else "")
    captions = 2 + math.ceil(1.25 * width(caption) / COLUMN)
    tables = sum(one.height + AROUND for one in _tables(grids))
    return CAPTION * captions + tables + NOTE * notes


def _tables(grids: Sequence[Grid]) -> list[_Table]:
    """Parts that follow each other and have as many columns make one table."""
    found: list[list[Grid]] = []
    for grid in grids:
        if found and _shape(found[-1][0]) == _shape(grid):
            found[-1].append(grid)
        else:
            found.append([grid])
    return [_measured(alike) for alike in found]


def _shape(grid: Grid) -> tuple[int, int]:
    return len(grid.names), grid.texts


def _measured(grids: Sequence[Grid]) -> _Table:
    """How wide its columns are: text folds where they are too wide, the widest first."""
    texts = grids[0].texts
    rows = [row for grid in grids for row in (grid.names, *grid.lines)]
    columns = [[parted(cell) for cell in column] for column in zip(*rows, strict=True)]
    natural, gaps = [], []
    for at, cells in enumerate(columns):
        marks = max(RAISED * MARK * width(marks) for _, marks in cells)
        natural.append(max(width(text) for text, _ in cells) + (marks if at < texts else 0))
        gaps.append(max(GAP, marks + 4) if at >= texts else GAP)
    gaps[-1] = gaps[-1] - 4 if gaps[-1] > GAP else 0
    widths = list(natural)
    while (over := sum(widths) + sum(gaps) - COLUMN + SPARE) > 0:
        able = [at for at in range(texts) if widths[at] > LEAST]
        if not able:
            break
        widest = max(able, key=lambda at: widths[at])
        widths[widest] = max(widths[widest] - over, LEAST)
    return _Table(grids, widths, natural, gaps)


def _cell(text: str, at: int, grid: Grid, cut: set[int]) -> str:
    """A cell: marks beside a number take no room of its own, what stands beneath is set in."""
    if at < grid.texts:
        indent = r"\quad " if text.startswith("  ") else ""
        folds = r"\raggedright\let\\\tabularnewline\hangindent1em " if at in cut else ""
        return folds + indent + _text(text.strip())
    number, marks = parted(text)
    beside = rf"\rlap{{\textsuperscript{{{marks}}}}}" if marks else ""
    return ("--" if number == NONE else _text(number)) + beside


def _text(text: str) -> str:
    """Text that LaTeX sets as it is, its marks raised."""
    parts, end = [], 0
    for marks in MARKS.finditer(text):
        parts += [_plain(text[end : marks.start()]), rf"\textsuperscript{{{marks[1]}}}"]
        end = marks.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    return signs(escaped(text).replace("±", r"$\pm$").replace('"', "''"))
