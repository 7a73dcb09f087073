"""A paper's table with ours beside each number, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serbench.published import Published
from serbench.reproducing.table import PaperTable, Part
from serbench.reproducing.values import Value

STATES = ("measured", "deviates", "not run", "no corpus", "not re-implemented", "no protocol")


@dataclass(frozen=True)
class Cell:
    """One number of the table, and ours.

    Parameters
    ----------
    published
        The paper's.
    state
        One of ``STATES``; "deviates": measured with other settings, folds or data than the paper's.
    ours
        None unless it is measured.
    notes
        What a reader must know of ours, or why there is none, a clause each.
    command
        What runs it, where it could be run; "" where not.
    missing
        Corpora that it needs and that are not here.
    """

    published: Published
    state: str
    ours: Value | None = None
    notes: tuple[str, ...] = ()
    command: str = ""
    missing: tuple[str, ...] = ()

    @property
    def difference(self) -> float | None:
        """Ours less the paper's, in points; None where there is none, or it is a p."""
        share = self.published.share
        return None if self.ours is None or share is None else 100 * (self.ours.number - share)

    @property
    def within(self) -> bool | None:
        """Whether the paper's number lies within the noise of ours; None: not known."""
        difference = self.difference
        if difference is None or self.ours is None or self.ours.noise is None:
            return None
        return self.ours.noise.holds(difference / 100)

    def record(self) -> dict[str, Any]:
        """Flat, for scripts: shares as percentages, as the paper has them."""
        ours, one = self.ours, self.published
        noise = None if ours is None else ours.noise
        scale = 1 if one.unit == "p" else 100
        other = None if ours is None else ours.other
        return {
            "table": one.table, "method": one.method, "corpora": one.corpora,
            "metric": one.metric, "protocol": one.protocol, "labels": one.labels,
            "selection": one.selection, "aggregation": one.aggregation,
            "published": one.number, "printed": one.value, "source": one.source,
            "model": one.model, "settings": one.settings,
            "state": self.state,
            "ours": None if ours is None else scale * ours.number,
            "how": None if ours is None else ours.how,
            "other": None if other is None else scale * other,
            "other_how": None if ours is None else ours.other_how,
            "difference": self.difference,
            "noise": None if noise is None else 100 * noise.half,
            "noise_over": None if noise is None else noise.over,
            "within_noise": self.within,
            "notes": list(self.notes),
            "command": self.command,
            "missing_corpora": list(self.missing),
            "doubts": list(one.doubts), "query": one.query,
        }  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of the paper's table."""

    method: str
    year: str
    cells: tuple[Cell | None, ...]  # None: the paper prints nothing there


@dataclass(frozen=True)
class Section:
    """A part of the paper's table, filled in."""

    part: Part
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Page:
    """A paper's table, filled in."""

    table: PaperTable
    sections: tuple[Section, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(
            cell
            for section in self.sections
            for row in section.rows
            for cell in row.cells
            if cell is not None
        )

    def record(self) -> dict[str, Any]:
        """The page as a JSON object."""
        return {
            "name": self.table.name,
            "paper": self.table.paper,
            "title": self.table.title,
            "citation": self.table.citation,
            "note": self.table.note,
            "cells": self.records(),
        }

    def records(self) -> list[dict[str, Any]]:
        """Its cells as flat JSON objects, row by row."""
        return [
            {"reproduction": self.table.name, "part": section.part.title, **cell.record()}
            for section in self.sections
            for row in section.rows
            for cell in row.cells
            if cell is not None
        ]
