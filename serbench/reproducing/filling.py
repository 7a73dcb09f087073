"""Fills a paper's table in with what a results folder holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from serbench.literature import literature
from serbench.published import Published
from serbench.reproducing.measured import Measured, Measurements, Unfinished
from serbench.reproducing.page import Cell, Page, Row, Section
from serbench.reproducing.table import PaperTable, Part, behind, lines, pair_of
from serbench.reproducing.values import Value, mean, paired, value
from serbench.reproducing.wanted import asked_for, command, missing_corpora
from serbench.store import Store


def fill(
    table: PaperTable,
    store: Store | None,
    roots: Mapping[str, Path],
    numbers: Sequence[Published] | None = None,
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
    """
    every = literature() if numbers is None else numbers
    return _Filling(table, store, roots, every).page()


class _Filling:
    def __init__(
        self,
        table: PaperTable,
        store: Store | None,
        roots: Mapping[str, Path],
        numbers: Sequence[Published],
    ) -> None:
        self.table, self.roots, self.numbers = table, roots, numbers
        self.measurements = Measurements(store, asked_for(table, numbers))

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
        if not one.protocol:
            return Cell(one, "no protocol", notes=one.unmatched)
        if not one.model:
            return Cell(one, "not re-implemented", notes=("method not re-implemented",))
        return self._single(one)

    def _single(self, one: Published) -> Cell:
        found = self.measurements.beside(one)
        if not isinstance(found, Measured):
            return self._not_run(one, found)
        ours = value(found, one)
        if ours is None:
            return Cell(one, "not run", notes=("undefined: a class has no test utterance",))
        state = "deviates" if found.deviations else "measured"
        asked = command(one) if found.deviations else ""
        return Cell(one, state, ours, (*_told(found, asked), *_ways(one, ours)), asked)

    def _not_run(self, one: Published, found: Unfinished | None) -> Cell:
        lacking = missing_corpora(one, self.roots)
        asked = command(one)
        why = f" ({found.reason})" if found else ""
        if lacking:
            one_of = lacking[0] if len(lacking) == 1 else "NAME"
            told = f"{_listed(lacking)} not here{why}: serbench corpora add {one_of} DIR"
            return Cell(one, "no corpus", notes=(told,), command=asked, missing=lacking)
        return Cell(one, "not run", notes=(f"not run yet{why}: {asked}",), command=asked)

    def _mean(self, one: Published, parts: Sequence[Published]) -> Cell:
        """A mean over corpora, only where every one of them is measured."""
        if not parts:
            return Cell(one, "not re-implemented", notes=("method not re-implemented",))
        cells = [self._single(each) for each in parts]
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
        found = [self.measurements.beside(each) for each in (first, second)]
        for each, one_found in zip((first, second), found, strict=True):
            if not isinstance(one_found, Measured):
                cell = self._not_run(each, one_found)
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
            f"{each.model}, not the paper's settings: {', '.join(measured.deviations)}"
            for each, measured in ((first, ours), (second, theirs))
            if measured.deviations
        ]
        return Cell(one, "deviates" if off else "measured", p, (*off, told))


def _listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: "a, b and c"."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _told(found: Measured, asked: str) -> list[str]:
    """What is to be said of a measured row; ``asked``: what would run the paper's settings."""
    notes = []
    if found.deviations:
        told = ", ".join(found.deviations)
        notes.append(f"not the paper's settings: {told}; the paper's: {asked}")
    if found.held.broken:
        notes.append("broke " + " ".join(found.held.broken))
    if found.held.trials_done < found.held.trials_planned:
        notes.append(f"{found.held.trials_done} of {found.held.trials_planned} trials done")
    if found.others:
        notes.append(f"{found.others} more settings in the folder: serbench leaderboard")
    return notes


def _ways(one: Published, ours: Value) -> list[str]:
    """The score taken the other way, where the paper does not say which is its own."""
    if one.aggregation != "unknown" or ours.other is None:
        return []
    name = one.metric.removeprefix("recall_").upper()
    other = f"{100 * ours.other:.{one.decimals}f}"
    told = f"the paper does not say how it averages: ours is {ours.how}"
    return [f"{told}; {name} as a {ours.other_how} is {other}"]
