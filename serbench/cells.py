"""Scores of a model that was trained on some corpora and tested on others, cell by cell.

A cell is one training side and one test corpus. A board shows the plain mean over cells; its
interval has the corpus as its unit, and there is none with fewer than four (every pair shares its
corpora with others). Each cell has an interval of its own, with the target's speakers as the unit.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from serbench.errors import StoreError
from serbench.intervals import Interval, leave_one_corpus_out
from serbench.predictions import Predictions
from serbench.protocols import PAIR
from serbench.scores import ClassScores, Field, class_scores, ends, known

NONE = float("nan")
REST = "the rest"  # the training side that is every corpus but the target


@dataclass(frozen=True)
class Cell:
    """One training side against one test corpus.

    ``ua_sd`` and ``wa_sd`` are standard deviations over seeds (ddof 1), NaN of one seed.
    """

    source: str
    target: str
    scores: ClassScores
    ua_sd: float
    wa_sd: float

    def record(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "target": self.target,
            **self.scores.record(),
            "ua_sd": known(self.ua_sd),
            "wa_sd": known(self.wa_sd),
            "n_utterances": self.scores.utterances,
            "n_speakers": self.scores.speakers,
            "flags": list(self.scores.flags),
        }


@dataclass(frozen=True)
class CellScores:
    """The scores of one model over all cells.

    ``ua`` and ``wa`` are means over cells, of the seeds' means; ``ua_sd`` and ``wa_sd`` the
    standard deviation over seeds (ddof 1) of the mean over cells, which is what papers print as +-:
    it says how much a training varies, and nothing of other corpora.
    """

    FIELDS: ClassVar = (*ClassScores.FIELDS, "ua_sd", "wa_sd", "cells")

    cells: tuple[Cell, ...]
    ua: Interval
    wa: Interval
    ua_sd: float
    wa_sd: float

    @property
    def headline(self) -> Interval:
        """What a board sorts by, the highest first: UA."""
        return self.ua

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know of the headline's interval."""
        return self.ua.flags

    @property
    def utterances(self) -> int:
        """Of all test corpora, each counted once."""
        return sum({cell.target: cell.scores.utterances for cell in self.cells}.values())

    @property
    def speakers(self) -> int:
        """Of all test corpora, each counted once."""
        return sum({cell.target: cell.scores.speakers for cell in self.cells}.values())

    @property
    def confusion(self) -> NDArray[Any]:
        """Pooled over cells and seeds, rows the truth."""
        total: NDArray[Any] = np.sum([cell.scores.confusion for cell in self.cells], axis=0)
        return total

    @property
    def classes(self) -> tuple[str, ...]:
        return self.cells[0].scores.classes

    @property
    def tied(self) -> float:
        """Share of rows whose highest probability is shared."""
        return float(np.mean([cell.scores.tied for cell in self.cells]))

    def record(self) -> dict[str, Any]:
        """The values of ``FIELDS``, as of :class:`serbench.scores.ClassScores`."""
        means: dict[str, Field] = {
            name: known(float(np.mean([getattr(cell.scores, name) for cell in self.cells])))
            for name in ("macro_f1", "ua_fold", "wa_fold")
        }
        return {
            **ends("ua", self.ua),
            **ends("wa", self.wa),
            **means,
            "n_missing": sum(cell.scores.missing for cell in self.cells),
            "ua_sd": known(self.ua_sd),
            "wa_sd": known(self.wa_sd),
            "cells": [cell.record() for cell in self.cells],
        }


def cell_scores(
    trials: Mapping[tuple[int, str, str], Predictions],
    chance: Collection[tuple[int, str, str]] = (),
) -> CellScores:
    """Score a complete grid of trials.

    Parameters
    ----------
    trials
        Predictions by (seed, fold, test corpus); every seed has every fold.
    chance
        Those that gave nothing, as of :func:`serbench.scores.class_scores`.

    Raises
    ------
    StoreError
        If the seeds differ in their cells.
    """
    grid: dict[tuple[str, str], dict[int, Predictions]] = defaultdict(dict)
    for (seed, fold, target), said in trials.items():
        grid[source_of(fold, target), target][seed] = said
    blind = {id(trials[place]) for place in chance}
    seeds = sorted({seed for seed, _, _ in trials})
    if any(sorted(cell) != seeds for cell in grid.values()):
        raise StoreError("the seeds of one row differ in their pairs of corpora")
    each = {
        pair: {
            seed: class_scores({(seed, ""): said}, [(seed, "")] if id(said) in blind else [])
            for seed, said in cell.items()
        }
        for pair, cell in sorted(grid.items())
    }
    cells = tuple(
        Cell(
            *pair,
            scores=class_scores(
                {(seed, ""): said for seed, said in grid[pair].items()},
                [(seed, "") for seed, said in grid[pair].items() if id(said) in blind],
            ),
            ua_sd=_sd([one.ua.estimate for one in by_seed.values()]),
            wa_sd=_sd([one.wa.estimate for one in by_seed.values()]),
        )
        for pair, by_seed in each.items()
    )
    return CellScores(
        cells,
        ua=_over_corpora({(c.source, c.target): c.scores.ua.estimate for c in cells}),
        wa=_over_corpora({(c.source, c.target): c.scores.wa.estimate for c in cells}),
        ua_sd=_sd([_mean(each, seed, "ua") for seed in seeds]),
        wa_sd=_sd([_mean(each, seed, "wa") for seed in seeds]),
    )


def source_of(fold: str, target: str) -> str:
    """The training side of a fold: a corpus, or the rest where the fold is named by its target."""
    source = fold.partition(PAIR)[0]
    return REST if source == target else source


def _over_corpora(values: Mapping[tuple[str, str], float]) -> Interval:
    found = leave_one_corpus_out(values)
    if all(source == REST for source, _ in values) and "undefined" not in found.flags:
        # Any two of these trainings share all corpora but two: no left-out corpus is left out.
        return dataclasses.replace(
            found, low=NONE, high=NONE, se=NONE, df=NONE, method="none", flags=("shared_training",)
        )
    return found


def _mean(
    each: Mapping[tuple[str, str], Mapping[int, ClassScores]], seed: int, metric: str
) -> float:
    return float(np.mean([getattr(by_seed[seed], metric).estimate for by_seed in each.values()]))


def _sd(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
