"""Models over several corpora, each on its own: one protocol, one label space, one rule.

A model's score is the plain mean of its UA over the corpora, each corpus counting once, and only a
model with every cell has one. What was not run is never averaged around: such a model stands below
the line, unranked, with the cells that it has, and is held against the reference on those same
cells.

Tests between models take the corpus as their unit: Wilcoxon's over every pair with Holm's
adjustment, from six corpora on. Friedman's test says whether the models differ at all, and
Nemenyi's distance belongs to the diagram that readers know; neither decides anything.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.board import Board
from serbench.grid import Entry, Grid, grids
from serbench.intervals import FEWEST_CORPORA
from serbench.protocols import Selection
from serbench.rank import FIELDS as RANK_FIELDS
from serbench.rank import Rank
from serbench.scores import known
from serbench.stats import omnibus, ranks
from serbench.stats.apart import ALPHA
from serbench.stats.contrary import contrary
from serbench.stats.letters import letters
from serbench.stats.paired import smallest_p
from serbench.stats.pairwise import pairwise
from serbench.stats.stability import drawn_means, stability

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Overall:
    """All models under one protocol, over corpora.

    Parameters
    ----------
    classes
        How many each corpus tells apart.
    entries
        First those that are ranked, the best first; then those that are not, then canaries.
    left_out
        Boards of a corpus of which another stands in the table, and corpora where UA is undefined.
    competing
        Models that are held against each other, whether shown or not.
    adjusted
        Holm's p-values of the ranked models [models, models], in their order; NaN without a test.
    silent
        Why no test was made; "" where one was.
    contrary
        Pairs of which the test is significant and favours the lower mean: they are not told apart.
    friedman, nemenyi
        None with fewer than three ranked models.
    """

    protocol: str
    target_access: str
    selection: Selection
    labels: str
    corpora: tuple[str, ...]
    classes: tuple[int, ...]
    entries: tuple[Entry, ...]
    left_out: tuple[str, ...]
    competing: int
    adjusted: Floats
    silent: str
    contrary: int
    reference: str
    friedman: omnibus.Friedman | None
    nemenyi: omnibus.Nemenyi | None

    @property
    def ranked(self) -> tuple[Entry, ...]:
        """The models that are, the best first."""
        return tuple(entry for entry in self.entries if entry.rank is not None)

    @property
    def pairs(self) -> int:
        """Of models that are held against each other."""
        return self.competing * (self.competing - 1) // 2

    @property
    def powerless(self) -> str:
        """Why no pair can be told apart although there is a test; "" where one can.

        The smallest p of the test, times the pairs that Holm's adjustment is over.
        """
        pairs = self.pairs
        least = smallest_p(len(self.corpora))
        if self.silent or not pairs or least * pairs <= ALPHA:
            return ""
        return (
            f"{len(self.corpora)} corpora: Wilcoxon's smallest p is {least:.2g}, and over {pairs} "
            f"pairs {min(1.0, least * pairs):.2g}: no two models can be told apart"
        )

    def record(self) -> dict[str, Any]:
        """The table's own fields, as JSON."""
        friedman, nemenyi = self.friedman, self.nemenyi
        return {
            "protocol": self.protocol,
            "target_access": self.target_access,
            "selection": self.selection,
            "labels": self.labels,
            "corpora": list(self.corpora),
            "n_classes": list(self.classes),
            "left_out": list(self.left_out),
            "n_ranked": self.competing,
            "test": "wilcoxon" if self.competing > 1 and not self.silent else "",
            "no_test": self.silent or self.powerless,
            "contrary": self.contrary,
            "reference": self.reference,
            "friedman_chi2": known(friedman.chi2) if friedman else None,
            "friedman_p": known(friedman.chi2_p) if friedman else None,
            "iman_davenport_f": _finite(friedman.f) if friedman else None,
            "iman_davenport_p": known(friedman.f_p) if friedman else None,
            "nemenyi_cd": known(nemenyi.critical) if nemenyi else None,
        }

    def records(self) -> list[dict[str, Any]]:
        """A flat JSON object for each model, with the table's own fields."""
        return [self.record() | self._entry(entry) for entry in self.entries]

    def _entry(self, entry: Entry) -> dict[str, Any]:
        standing = dict.fromkeys(RANK_FIELDS) if entry.rank is None else entry.rank.record()
        return {
            "model": entry.model,
            "version": entry.version,
            "variant": entry.variant,
            "canary": entry.canary,
            "ranked": entry.rank is not None,
            "why_not": "; ".join(entry.why),
            "cells_done": entry.done,
            "cells_failed": len(entry.failed),
            "ua": known(entry.mean),
            "mean_rank": known(entry.mean_rank),
            "borda": known(entry.borda),
            **standing,
            "delta": known(entry.delta),
            "delta_cells": entry.shared,
            "cells": [
                {"corpus": cell.corpus, "ua": known(cell.ua), "state": cell.state}
                for cell in entry.cells
            ],
        }


def overall(boards: Iterable[Board]) -> list[Overall]:
    """Tables of models over corpora: one for each protocol, access, label space and rule.

    Parameters
    ----------
    boards
        Those to be summed up (:func:`serbench.grid.grids`).
    """
    return [_table(grid) for grid in grids(boards)]


def of_models(table: Overall, models: Collection[str]) -> Overall:
    """A table with these models alone; their ranks are among all that are in it."""
    return replace(table, entries=tuple(e for e in table.entries if e.canary or e.model in models))


def _table(grid: Grid) -> Overall:
    able = [
        entry for entry in grid.entries if entry.whole and not entry.why and not entry.canary
    ]  # fmt: skip
    able.sort(key=_order)
    others = [entry for entry in grid.entries if entry not in able]
    scores = np.array([[cell.ua for cell in entry.cells] for entry in able]).T
    adjusted, silent = np.full((len(able), len(able)), math.nan), ""
    friedman, nemenyi, against = None, None, 0
    if len(able) > 1:
        tested = pairwise(scores)
        adjusted, silent = tested.adjusted, tested.reason
        turned = contrary(adjusted, tested.leads, [entry.mean for entry in able])
        adjusted[turned], against = math.nan, int(turned.sum()) // 2
    if len(able) >= omnibus.FEWEST_MODELS:
        friedman, nemenyi = omnibus.friedman(scores), omnibus.nemenyi(scores)
    standing = _placed(able, scores, adjusted, silent)
    reference = standing[0] if standing else _reference(others)
    told = [_against(entry, reference) for entry in (*standing, *others)]
    first = grid.boards[0]
    return Overall(
        protocol=first.protocol,
        target_access=first.target_access,
        selection=grid.selection,
        labels=first.labels,
        corpora=tuple(board.corpora[0] for board in grid.boards),
        classes=tuple(len(board.task.names) for board in grid.boards),  # type: ignore[union-attr]
        entries=tuple(sorted(told, key=_order)),
        left_out=grid.left_out,
        competing=len(able),
        adjusted=adjusted,
        silent=silent,
        contrary=against,
        reference=reference.name if reference else "",
        friedman=friedman,
        nemenyi=nemenyi,
    )


def _placed(able: Sequence[Entry], scores: Floats, adjusted: Floats, silent: str) -> list[Entry]:
    """The models that can be ranked, with their ranks."""
    if not able:
        return []
    means = [entry.mean for entry in able]
    extents = ranks.intervals(adjusted, means)
    marks = ("",) * len(able)
    if len(able) > 1 and not silent:
        marks = letters(adjusted, list(range(len(able)))).of
    drawn: list[tuple[int, int] | None] = [None] * len(able)
    if len(able) > 1 and len(scores) >= FEWEST_CORPORA:
        firm = stability(drawn_means(scores))
        drawn = [(int(low), int(high)) for low, high in zip(firm.low, firm.high, strict=True)]
    mean_ranks, borda = ranks.mean_ranks(scores), ranks.borda(scores)
    return [
        replace(
            entry,
            rank=Rank(*extents[i], drawn[i], marks[i], None, float(adjusted[0, i])),
            mean_rank=float(mean_ranks[i]),
            borda=float(borda[i]),
        )
        for i, entry in enumerate(able)
    ]


def _reference(among: Sequence[Entry]) -> Entry | None:
    """Where no model is ranked: the one with the most cells, and of several the best there."""
    models = [entry for entry in among if not entry.canary and entry.done]
    if not models:
        return None
    return max(models, key=lambda entry: (entry.done, _mean_of_known(entry), entry.model))


def _mean_of_known(entry: Entry) -> float:
    """To choose a reference by among models of equally many cells; shown nowhere."""
    return float(np.mean([cell.ua for cell in entry.cells if not math.isnan(cell.ua)]))


def _against(entry: Entry, reference: Entry | None) -> Entry:
    """A model less the reference, on the cells that both have."""
    if reference is None or (entry.model, entry.version, entry.variant) == (
        reference.model, reference.version, reference.variant,
    ):  # fmt: skip
        return entry
    gaps = [
        own.ua - its.ua
        for own, its in zip(entry.cells, reference.cells, strict=True)
        if not math.isnan(own.ua - its.ua)
    ]
    return replace(entry, shared=len(gaps), delta=float(np.mean(gaps)) if gaps else math.nan)


def _order(entry: Entry) -> tuple[Any, ...]:
    group = 2 if entry.canary else 0 if entry.rank is not None else 1
    best = -round(entry.mean, 9) if entry.whole else 0.0  # what ties goes by its name
    return (group, not entry.whole, -entry.done, best, entry.model, entry.variant, entry.version)


def _finite(value: float) -> float | None:
    """JSON has no infinity; what is unanimous has its p alone."""
    return value if math.isfinite(value) else None
