"""Fills a paper's table in with what a results folder holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from serbench.literature import literature
from serbench.published import Published
from serbench.reproducing.beside import Beside
from serbench.reproducing.measured import Measured, Measurements, Sought
from serbench.reproducing.page import Cell, Page, Row, Section
from serbench.reproducing.table import PaperTable, Part, behind, lines, pair_of
from serbench.reproducing.values import mean, paired
from serbench.reproducing.wanted import soughts
from serbench.store import Store


def fill(
    table: PaperTable,
    store: Store | None,
    roots: Mapping[str, Path],
    numbers: Sequence[Published] | None = None,
    measured: Measurements | None = None,
) -> Page:
    """A paper's table with what a results folder holds.

    Parameters
    ----------
    store
        None: there is no results folder yet.
    roots
        Folders of corpora, named for this command.
    numbers
        Published ones; None: those that ship.
    measured
        What of the folder has been read, of this table at least; None: nothing has.
    """
    every = literature() if numbers is None else numbers
    read = measured or Measurements(store, soughts(table, every))
    return _Filling(table, Beside(read, roots), every).page()


class _Filling:
    def __init__(self, table: PaperTable, beside: Beside, numbers: Sequence[Published]) -> None:
        self.table, self.beside, self.numbers = table, beside, numbers

    def page(self) -> Page:
        sections = []
        for part in self.table.parts:
            rows = [
                Row(
                    line.method,
                    line.year,
                    tuple(None if one is None else self._cell(part, one) for one in line.numbers),
                )
                for line in lines(self.table, part, self.numbers)
            ]
            sections.append(Section(part, tuple(rows)))
        return Page(self.table, tuple(sections))

    def _cell(self, part: Part, one: Published) -> Cell:
        pair = pair_of(self.table, part, one, self.numbers)
        if pair is not None:
            return self._test(one, *pair)
        parts = behind(self.table, part, one, self.numbers)
        if parts != (one,):
            return self._mean(one, parts)
        return self.beside.cell(one)

    def _mean(self, one: Published, parts: Sequence[Published]) -> Cell:
        """A mean over corpora, only where every one of them is measured."""
        if not parts:
            return Cell(one, "not re-implemented", notes=("method not re-implemented",))
        cells = [self.beside.cell(each) for each in parts]
        known = [cell.ours for cell in cells if cell.ours is not None]
        if len(known) < len(cells):
            lacking = tuple(cell.published.corpora for cell in cells if cell.ours is None)
            told = f"{len(known)} of its {len(cells)} corpora measured; not {', '.join(lacking)}"
            gone = tuple(dict.fromkeys(name for cell in cells for name in cell.missing))
            return Cell(one, "no corpus" if gone else "not run", notes=(told,), missing=gone)
        deviating = [cell for cell in cells if cell.state == "deviates"]
        notes = dict.fromkeys(
            f"{cell.published.corpora}: {note}" for cell in deviating for note in cell.notes[:1]
        )
        return Cell(one, "deviates" if deviating else "measured", mean(known), tuple(notes))

    def _test(self, one: Published, first: Published, second: Published) -> Cell:
        """A p value: of the two methods' accuracies, fold by fold."""
        found = [self.beside.measurements.beside(Sought.of(each)) for each in (first, second)]
        for each, one_found in zip((first, second), found, strict=True):
            if not isinstance(one_found, Measured):
                cell = self.beside.without(each, one_found)
                return Cell(one, cell.state, None, cell.notes, cell.command, cell.missing)
        ours, theirs = (each for each in found if isinstance(each, Measured))
        result = paired(ours, theirs)
        if result is None:
            return Cell(one, "not run", notes=("the two were not measured on the same folds",))
        p, corrected, folds = result
        told = (
            f"paired t over {folds} folds, uncorrected, as papers print it; allowing for shared "
            f"training sets p = {corrected:.2g}"
        )
        off = [
            f"{each.model}, not the paper's: {', '.join(measured.deviations)}"
            for each, measured in ((first, ours), (second, theirs))
            if measured.deviations
        ]
        return Cell(one, "deviates" if off else "measured", p, (*off, told))
