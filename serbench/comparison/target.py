"""Two models held against each other on each test corpus, with its speakers as units."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from serbench.cells import CellScores
from serbench.comparison.shown import shown
from serbench.duel import NEITHER, Steady
from serbench.evidence import Evidence, paired
from serbench.stats.claims import system
from serbench.stats.paired import Outcome


@dataclass(frozen=True)
class Target:
    """The difference on one test corpus, the mean over what was trained on; speakers are units."""

    corpus: str
    sources: int
    difference: Outcome


def by_target(one: CellScores, other: CellScores, steady: Steady = NEITHER) -> tuple[Target, ...]:
    """The differences on each test corpus: its speakers are drawn once for all its pairs.

    Raises
    ------
    StoreError
        As :func:`serbench.evidence.paired`.
    """
    theirs = {(cell.source, cell.target): cell.scores.evidence for cell in other.cells}
    grouped: dict[str, list[tuple[Evidence, Evidence]]] = defaultdict(list)
    for cell in one.cells:
        pair = paired(cell.scores.evidence, theirs[cell.source, cell.target], steady)
        grouped[cell.target].append(pair)
    found = []
    for corpus, pairs in sorted(grouped.items()):
        values = np.mean([a.pseudo_values - b.pseudo_values for a, b in pairs], axis=0)
        estimate = float(np.mean([(a.by_seed - b.by_seed).mean() for a, b in pairs]))
        told = (
            system(values, estimate)
            if np.isfinite(values).all()
            else Outcome("jackknife", len(values), estimate, math.nan, math.nan,
                         flags=("class_single_speaker",))
        )  # fmt: skip
        found.append(Target(corpus, len(pairs), shown(told)))
    return tuple(found)
