"""A paper's figure with what a results folder holds of it, panel by panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.curves import Course, courses
from serbench.literature import literature
from serbench.published import Published
from serbench.reproducing.beside import Beside, told
from serbench.reproducing.figure import Panel, PaperFigure, printed
from serbench.reproducing.measured import Measured, Measurements
from serbench.reproducing.page import Cell
from serbench.reproducing.values import counts_of
from serbench.reproducing.wanted import beside_all, command
from serbench.store import Store

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shown:
    """A panel, filled in.

    Parameters
    ----------
    state
        One of :data:`serbench.reproducing.page.STATES`.
    cells
        What is printed of it, ours beside.
    notes, command, missing
        As of :class:`serbench.reproducing.page.Cell`.
    measured
        None: it is not.
    counts
        Utterances pooled over folds and seeds, int64 [classes, classes], rows the truth, at the
        epoch that the panel's rule chose; None where nothing is measured.
    course
        Epoch by epoch, of a figure of curves; None where no epochs were kept.
    """

    panel: Panel
    state: str
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    command: str
    missing: tuple[str, ...] = ()
    measured: Measured | None = None
    counts: Counts | None = None
    course: Course | None = None

    @property
    def deviations(self) -> tuple[str, ...]:
        """What is not the paper's, a clause each."""
        return (*self.panel.instead, *(self.measured.deviations if self.measured else ()))

    @property
    def classes(self) -> tuple[str, ...]:
        """In the order of ``counts``; the released matrix's where nothing is measured."""
        if self.measured is None:
            return tuple(self.panel.classes)
        return tuple(next(iter(self.measured.held.told.values())).classes)

    @property
    def released(self) -> Counts | None:
        """The authors' own matrix, in the order of ``classes``; None where there is none."""
        if not self.panel.counts:
            return None
        at = [list(self.panel.classes).index(name) for name in self.classes]
        return np.asarray(self.panel.counts, dtype=np.int64)[np.ix_(at, at)]

    def record(self) -> dict[str, Any]:
        """The panel as a JSON object."""
        panel, measured, released = self.panel, self.measured, self.released
        return {
            "panel": panel.title, "method": panel.method, "model": panel.model,
            "settings": dict(panel.settings), "protocol": panel.protocol, "corpora": panel.corpus,
            "labels": panel.labels, "selection": panel.selection, "state": self.state,
            "variant": measured.variant if measured else None,
            "deviations": list(self.deviations), "notes": list(self.notes),
            "command": self.command, "missing_corpora": list(self.missing),
            "numbers": [cell.record() for cell in self.cells],
            "classes": list(self.classes),
            "released": None if released is None else released.tolist(),
            "counts": None if self.counts is None else self.counts.tolist(),
            "epochs": dict(ends(self.course)) if self.course else None,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Picture:
    """A paper's figure, filled in."""

    figure: PaperFigure
    panels: tuple[Shown, ...]

    @property
    def heading(self) -> str:
        """Which figure of which paper."""
        number = f", Fig. {self.figure.figure}" if self.figure.figure else ""
        return f"{self.figure.paper}{number}: {self.figure.title}"

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All that the paper prints of it."""
        return tuple(cell for shown in self.panels for cell in shown.cells)

    @property
    def drawable(self) -> tuple[Shown, ...]:
        """The panels that there is something to draw of."""
        kind = self.figure.kind
        return tuple(
            shown
            for shown in self.panels
            if (shown.course if kind == "curves" else shown.measured) is not None
        )

    def record(self) -> dict[str, Any]:
        """The figure as a JSON object."""
        figure = self.figure
        return {
            "name": figure.name, "paper": figure.paper, "figure": figure.figure,
            "kind": figure.kind, "title": figure.title, "citation": figure.citation,
            "note": figure.note, "panels": [shown.record() for shown in self.panels],
        }  # fmt: skip

    def records(self) -> list[dict[str, Any]]:
        """Its numbers as flat JSON objects of one shape: shares as percentages, counts as such."""
        return [one for shown in self.panels for one in self._flat(shown)]

    def _flat(self, shown: Shown) -> Iterator[dict[str, Any]]:
        panel = shown.panel
        own = {
            "reproduction": self.figure.name, "panel": panel.title, "model": panel.model,
            "variant": shown.measured.variant if shown.measured else "", "corpora": panel.corpus,
            "protocol": panel.protocol, "state": shown.state,
        }  # fmt: skip
        bare = {
            "selection": panel.selection, "quantity": "", "truth": "", "said": "",
            "published": None, "ours": None, "difference": None, "noise": None,
            "noise_over": None, "within_noise": None, "source": "",
        }  # fmt: skip
        for cell in shown.cells:
            one = cell.record()
            kept = ("published", "ours", "difference", "noise", "noise_over", "within_noise",
                    "source", "selection")  # fmt: skip
            yield own | bare | {"quantity": one["metric"]} | {name: one[name] for name in kept}
        for name, number in ends(shown.course) if shown.course else ():
            yield own | bare | {"quantity": name, "ours": number}
        released, ours = shown.released, shown.counts
        for i, truth in enumerate(shown.classes):
            for j, said in enumerate(shown.classes):
                yield own | bare | {
                    "quantity": "utterances", "truth": truth, "said": said,
                    "published": None if released is None else int(released[i, j]),
                    "ours": None if ours is None else int(ours[i, j]),
                }  # fmt: skip
        if not shown.cells and not shown.classes and not shown.course:
            yield own | bare


def picture(
    figure: PaperFigure,
    store: Store | None,
    roots: Mapping[str, Path],
    numbers: Sequence[Published] | None = None,
    measured: Measurements | None = None,
) -> Picture:
    """A paper's figure with what a results folder holds of it.

    Parameters
    ----------
    store
        None: there is no results folder yet.
    roots
        Folders of corpora, named for this command.
    numbers
        Published ones; None: those that ship.
    measured
        What of the folder has been read, of this figure at least; None: nothing has.
    """
    every = literature() if numbers is None else numbers
    found = {panel.title: printed(figure, panel, every) for panel in figure.panels}
    beside = Beside(measured or Measurements(store, beside_all(figure, every)), roots)
    return Picture(
        figure,
        tuple(_shown(figure, panel, found[panel.title], beside, store) for panel in figure.panels),
    )


def ends(course: Course) -> Iterator[tuple[str, float]]:
    """What curves have come to at the last epoch: losses, and accuracies in per cent."""
    yield "epochs", len(course.epochs)
    yield "training_loss", float(course.loss[-1])
    yield "test_loss", float(course.test_loss[-1])
    yield "training_accuracy", 100 * float(course.accuracy[-1])
    for name, scores in course.scores.items():
        yield f"test_{name}", 100 * float(scores[-1])


def _shown(
    figure: PaperFigure,
    panel: Panel,
    numbers: Sequence[Published],
    beside: Beside,
    store: Store | None,
) -> Shown:
    cells = tuple(beside.cell(one) for one in numbers)
    found = beside.measurements.beside(panel.sought)
    if not isinstance(found, Measured):
        lack = beside.lack(panel.sought, found)
        notes = (lack.note, *panel.instead)
        return Shown(panel, lack.state, cells, notes, lack.command, lack.missing)
    asked = command(panel.sought)
    course = _course(store, panel, found) if store and figure.kind == "curves" else None
    more = [] if course or figure.kind != "curves" else ["its epochs were not kept"]
    return Shown(
        panel,
        "deviates" if found.deviations or panel.instead else "measured",
        cells,
        (*told(found, asked, panel.instead), *more),
        asked,
        measured=found,
        counts=counts_of(found, "wa").sum(axis=(0, 1)),
        course=course,
    )


def _course(store: Store, panel: Panel, found: Measured) -> Course | None:
    """The curves of a measured row."""
    near = courses(
        store, corpora=[panel.corpus], protocols=[panel.protocol], models=[panel.model]
    )  # fmt: skip
    return next(
        (
            course
            for course in near
            if course.corpora == (panel.corpus,)
            and (course.labels, course.variant) == (panel.labels, found.variant)
        ),
        None,
    )
