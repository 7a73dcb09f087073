"""A paper's figure as text: its panels, what is printed of them, and what it is drawn of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from serbench import metrics
from serbench.cli.reproduction_marks import marked
from serbench.cli.reproductions import (
    NONE,
    STATES,
    Grid,
    Sheet,
    difference_text,
    legend,
    ours_text,
    published_text,
    summary,
)
from serbench.reproducing.footnotes import Footnotes, doubts
from serbench.reproducing.page import Cell
from serbench.reproducing.picture import Counts, Picture, Shown, ends
from serbench.reproducing.values import RECALL

RULES = {"last": "last epoch", "best-on-test": "best epoch on the test fold",
         "best-on-test-per-metric": "best epoch on the test fold, by itself"}  # fmt: skip


def pictured(picture: Picture) -> Sheet:
    """A figure as text."""
    figure, notes = picture.figure, Footnotes(())
    grids = [_panels(picture, notes)]
    grids += _numbers(picture, notes)
    if figure.kind == "curves":
        grids += _curves(picture)
    if figure.kind in {"confusion", "tsne"}:
        grids += [grid for shown in picture.panels for grid in _matrices(shown)]
    own = [figure.note] if figure.note else []
    lines = (summary(picture.panels, "panels"), *legend(picture.cells), *own)
    return Sheet(
        figure.name, picture.heading, figure.citation, tuple(grids), lines, tuple(notes.texts)
    )


def _panels(picture: Picture, notes: Footnotes) -> Grid:
    lines = []
    for shown in picture.panels:
        panel = shown.panel
        variant = " ".join(f"{name}={value}" for name, value in panel.settings.items())
        trained = f"{panel.model} {variant} under {panel.protocol}"
        lines.append((panel.title + marked(notes.marks(shown.notes)), trained, STATES[shown.state]))
    return Grid("", ("panel", "the paper's training", "here"), tuple(lines), 3)


def _numbers(picture: Picture, notes: Footnotes) -> list[Grid]:
    """What is printed of each panel, and the recalls that are not."""
    found = []
    for shown in picture.panels:
        lines: list[tuple[str, ...]] = []
        for cell in shown.cells:
            # What the panel's own note says is said there.
            ours = marked(notes.marks(note for note in cell.notes if note not in shown.notes))
            printed = published_text(cell) + marked(notes.marks(doubts(cell)))
            lines.append((_named(cell), printed, ours_text(cell) + ours, difference_text(cell)))
        told = {cell.published.metric for cell in shown.cells}
        for metric, name, score in _pooled(shown) if picture.figure.kind != "curves" else ():
            if metric not in told:
                text = f"({100 * score:.2f})" if shown.deviations else f"{100 * score:.2f}"
                lines.append((f"{name}, pooled", NONE, text, ""))
        names: tuple[str, ...] = ("number", "paper", "ours", "diff")
        if lines and not shown.cells:  # the paper has nothing to compare with
            names, lines = ("number", "ours"), [(line[0], line[2]) for line in lines]
        if lines:
            found.append(Grid(shown.panel.title, names, tuple(lines), 1))
    return found


def _pooled(shown: Shown) -> Iterator[tuple[str, str, float]]:
    """Ours: a metric, its name and its value, of the classes that have an utterance."""
    if shown.counts is None:
        return
    yield "wa", "WA", metrics.wa(shown.counts)
    if np.isfinite(ua := metrics.ua(shown.counts)):
        yield "ua", "UA", ua
    for name, recall in zip(shown.classes, metrics.recalls(shown.counts), strict=True):
        if np.isfinite(recall):
            yield RECALL + name, f"recall of {name}", float(recall)


def _named(cell: Cell) -> str:
    one = cell.published
    name = one.metric
    text = f"recall of {name.removeprefix(RECALL)}" if name.startswith(RECALL) else name.upper()
    rule = RULES.get(str(one.selection), "")
    table = f"Table {one.table}" if one.table.isalnum() and one.table != "text" else one.table
    return ", ".join(part for part in (text, table, rule) if part)


def _curves(picture: Picture) -> list[Grid]:
    """What the curves have come to."""
    lines = []
    for shown in picture.drawable:
        if shown.course is not None:
            end = dict(ends(shown.course))
            lines.append(
                (
                    shown.panel.title, str(shown.course.folds), f"{end['epochs']:.0f}",
                    f"{end['training_loss']:.3f}", f"{end['test_loss']:.3f}",
                    f"{end['training_accuracy']:.2f}",
                    *(f"{end[f'test_{name}']:.2f}" for name in ("wa", "ua")),
                )
            )  # fmt: skip
    names = ("panel", "folds", "epochs", "training loss", "test loss",
             "training accuracy", "WA", "UA")  # fmt: skip
    return [Grid("measured, at the last epoch", names, tuple(lines), 1)] if lines else []


def _matrices(shown: Shown) -> Iterator[Grid]:
    """Confusion matrices in per cent of each row: the authors' released one, and ours."""
    both = (("released by the authors", shown.released), ("measured", shown.counts))
    for whose, counts in both:
        if counts is not None:
            names = ("truth", *shown.classes, "utterances")
            title = f"{shown.panel.title}, {whose}: per cent of each row"
            yield Grid(title, names, tuple(_rows(shown, counts)), 1)


def _rows(shown: Shown, counts: Counts) -> Iterator[tuple[str, ...]]:
    for name, row in zip(shown.classes, counts, strict=True):
        total = int(row.sum())
        shares = (f"{100 * n / total:.1f}" if total else NONE for n in row)
        yield (name, *shares, str(total))
