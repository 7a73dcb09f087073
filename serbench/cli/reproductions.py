"""A paper's table with ours beside it as text: cells, headings and notes, whatever the format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from serbench.cli.reproduction_marks import marked
from serbench.reproducing.footnotes import Footnotes
from serbench.reproducing.page import Cell, Page, Row, Section
from serbench.stats.from_summary import CAVEAT

WITHIN = "~"
NONE = "-"
MOST_BESIDE = 3  # columns of a paper's table that ours stand beside; of more, ours stand beneath

NOISES = {
    "folds": "within fold noise",
    "speakers": "within speaker noise",
    "runs": "within run noise",
    "corpora": "within the corpora's fold noise",
}
HALF = "half of the 95% interval of"
SAME = (
    "where the paper's {what} are these same ones the real noise is smaller, and seeds tell more: "
    "serbench run --seeds 5"
)
INSIDE = {
    "folds": f"{HALF} ours over its folds, which allows for shared training sets (Nadeau and "
    "Bengio): how far ours would move with other folds or speakers; " + SAME.format(what="folds"),
    "speakers": f"{HALF} ours over the speakers of the one test set: how far ours would move with "
    "others; " + SAME.format(what="speakers"),
    "runs": f"{HALF} the difference, from how ours varies with its seed, and the paper's with its "
    f"own where it prints that ({CAVEAT}; nothing of other speakers or corpora)",
    "corpora": f"{HALF} the mean, from the folds of each corpus: how far ours would move with "
    "other folds or speakers; " + SAME.format(what="folds"),
}

STATES = {
    "measured": "measured",
    "deviates": "measured otherwise than in the paper",
    "not run": "not run yet",
    "no corpus": "not run yet, of a corpus that is not here",
    "not re-implemented": "of a method that is not re-implemented",
    "no protocol": "of a protocol that is not known",
}


class Stated(Protocol):
    """What is measured, or why not: one of ``STATES``."""

    @property
    def state(self) -> str: ...


@dataclass(frozen=True)
class Grid:
    """One part of a page as text; a cell holds its marks as :mod:`reproduction_marks` has them."""

    title: str
    names: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    texts: int  # columns of text at the left


@dataclass(frozen=True)
class Sheet:
    """A table or figure of a paper as text, whatever it is written as.

    Parameters
    ----------
    name
        What it is asked for by.
    lines
        What holds of all of it, a paragraph each.
    notes
        The numbered ones, from 1 up.
    """

    name: str
    heading: str
    citation: str
    grids: tuple[Grid, ...]
    lines: tuple[str, ...]
    notes: tuple[str, ...]


def sheet(page: Page, *, beneath: bool) -> Sheet:
    """A table as text.

    Parameters
    ----------
    beneath
        Ours stand in rows of their own beneath the paper's, and not in columns beside them.
    """
    notes = Footnotes.of(page)
    make = _beneath if beneath else _beside
    found = tuple(make(section, notes) for section in page.sections)
    own = [page.table.note] if page.table.note else []
    lines = (
        summary(page.cells, "numbers"), *legend(page.cells), *own,
        *(f"all of it: {note}" for note in notes.general), *references(page),
    )  # fmt: skip
    title = f"{page.table.paper}, Table {page.table.table}: {page.table.title}"
    return Sheet(page.table.name, title, page.table.citation, found, lines, tuple(notes.texts))


def wide(page: Page) -> bool:
    """Whether a table has too many columns for ours to stand beside each."""
    return any(len(section.part.columns) > MOST_BESIDE for section in page.sections)


def legend(cells: Sequence[Cell]) -> list[str]:
    """What the marks at numbers mean, and what holds of all of them; only what is needed."""
    told = []
    hows: dict[str, dict[str, None]] = {}
    for cell in cells:
        if cell.ours:
            hows.setdefault(cell.ours.how, {})[_metric(cell)] = None
    if hows:
        each = [f"{', '.join(metrics)}: {how}" for how, metrics in hows.items()]
        told.append(f"ours: measured here ({'; '.join(each)})")
    if any(cell.state == "deviates" for cell in cells):
        told.append(
            "(in parentheses): measured, but with other settings, folds or data than the paper's, "
            "as its note says or its row's"
        )
    if any(cell.difference is not None for cell in cells):
        told.append("diff: ours less the paper's, in points")
    told += [_noise(over, cells) for over in _noises(cells)]
    if any(cell.difference is not None and cell.within is None for cell in cells):
        told.append("?: noise not known, for there are too few folds or runs, or they do not vary")
    return told


def references(page: Page) -> list[str]:
    """What a number in square brackets is, where a paper sets one beside a method."""
    methods = (row.method for section in page.sections for row in section.rows)
    found = next((one for one in methods if re.search(r"\[\d+\]$", one)), "")
    return [f"[{found.rpartition('[')[2]}: in the paper's own list of references"] if found else []


def _metric(cell: Cell) -> str:
    name = cell.published.metric
    return name if name == "p" else name.removeprefix("recall_").upper()


def _noises(cells: Sequence[Cell]) -> list[str]:
    found = (cell.ours.noise for cell in cells if cell.ours and cell.difference is not None)
    return list(dict.fromkeys(noise.over for noise in found if noise is not None))


def _noise(over: str, cells: Sequence[Cell]) -> str:
    name, what = NOISES[over], INSIDE[over]
    own = [cell for cell in cells if cell.difference is not None and _over(cell) == over]
    verdict = (
        f"{WITHIN} {name}, which is not to say that the two are equal"
        if any(cell.within for cell in own)
        else f"No number lies {name}"
    )
    several = len(_noises(cells)) > 1  # whose noise is which, where there are two kinds
    which = f" ({', '.join(dict.fromkeys(map(_named_cell, own)))})" if several else ""
    return f"± {what}{which}. {verdict}"


def _named_cell(cell: Cell) -> str:
    return f"{cell.published.method} on {cell.published.corpora}"


def _over(cell: Cell) -> str:
    return cell.ours.noise.over if cell.ours and cell.ours.noise else ""


def summary(parts: Sequence[Stated], what: str) -> str:
    """How much is measured: of "numbers", say."""
    states = [part.state for part in parts]
    each = [f"{states.count(name)} {words}" for name, words in STATES.items() if name in states]
    return f"{len(states)} {what if len(states) != 1 else what[:-1]}: {', '.join(each)}"


def ours_text(cell: Cell) -> str:
    """Our number with the paper's decimals; in parentheses where the settings are others."""
    if cell.ours is None:
        return NONE
    if cell.published.unit == "p":
        number = cell.ours.number
        text = "<0.0001" if number < 0.0001 else f"{number:.4f}"
    else:
        decimals = cell.published.decimals
        text = f"{100 * cell.ours.number:.{decimals}f}"
        if cell.published.spread is not None and cell.ours.sd is not None:
            text += f"±{100 * cell.ours.sd:.2f}"
    return f"({text})" if cell.state == "deviates" else text


def difference_text(cell: Cell) -> str:
    """Ours less the paper's with half of its noise's interval, and whether it lies within."""
    if cell.difference is None:
        return ""
    decimals = cell.published.decimals
    text = f"{cell.difference:+.{decimals}f}"
    if cell.ours is None or cell.ours.noise is None:
        return f"{text}?"
    return f"{text}±{100 * cell.ours.noise.half:.{decimals}f}{WITHIN * bool(cell.within)}"


def published_text(cell: Cell) -> str:
    """The paper's number as it is printed."""
    one = cell.published
    return one.value if one.spread is None else f"{one.value}±{one.spread:.2f}"


def _beside(section: Section, notes: Footnotes) -> Grid:
    part = section.part
    points = [column.metric != "p" for column in part.columns]
    names = ["method", *(["year"] if part.years else [])]
    for column, has in zip(part.columns, points, strict=True):
        names += [column.heading, "ours", *(["diff"] if has else [])]
    lines = []
    for row in section.rows:
        line = _named(section, row, notes)
        for cell, has in zip(row.cells, points, strict=True):
            if cell is None:
                line += ["", "", *([""] if has else [])]
                continue
            printed = published_text(cell) + marked(notes.of_published(row, cell))
            own = ours_text(cell) + marked(notes.of_ours(row, cell))
            line += [printed, own, *([difference_text(cell)] if has else [])]
        lines.append(tuple(line))
    return Grid(part.title, tuple(names), tuple(lines), 2 if part.years else 1)


def _beneath(section: Section, notes: Footnotes) -> Grid:
    part = section.part
    names = ["method", *(["year"] if part.years else []), *(c.heading for c in part.columns)]
    year = [""] if part.years else []
    lines = []
    for row in section.rows:
        printed = _named(section, row, notes)
        own, difference = ["  ours", *year], ["  diff", *year]
        for cell in row.cells:
            if cell is None:
                printed, own, difference = [*printed, ""], [*own, ""], [*difference, ""]
                continue
            printed.append(published_text(cell) + marked(notes.of_published(row, cell)))
            own.append(ours_text(cell) + marked(notes.of_ours(row, cell)))
            difference.append(difference_text(cell))
        lines.append(tuple(printed))
        if any(cell is not None and cell.ours is not None for cell in row.cells):
            lines += [tuple(own), tuple(difference)]
        elif any(text not in {"", NONE} for text in own[1:]):
            lines.append(tuple(own))
    return Grid(part.title, tuple(names), tuple(lines), 2 if part.years else 1)


def _named(section: Section, row: Row, notes: Footnotes) -> list[str]:
    name = row.method + marked(notes.of_row(row))
    return [name, *([row.year] if section.part.years else [])]
