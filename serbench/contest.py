"""All models of one board against each other: ranks as intervals, and letters.

A rank is no better than one more than the number of models that are significantly better, and no
worse than what the significantly worse leave. Beside it stands where the model came in 95 of 100
drawings of the speakers, or the corpora. Letters say the same pair by pair. The family that Holm's
adjustment is for is all pairs on the board, by the headline score alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench.duel import Duel, duel
from serbench.rank import Rank
from serbench.redrawn import redrawn
from serbench.staged import Scores
from serbench.stats.family import holm
from serbench.stats.letters import letters
from serbench.stats.ranks import intervals
from serbench.stats.stability import stability

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Contest:
    """What the tests say of a board.

    Parameters
    ----------
    ranks
        Of the models, in the order that they were given in.
    test
        By what p-values were made: a name of :mod:`serbench.stats.claims`; "" if there are none.
    units
        How many folds, speakers or corpora it rests on.
    silent
        Why there is no test; "" where there is.
    reference
        Which model the others are held against, by its place.
    """

    ranks: tuple[Rank, ...]
    test: str
    units: int
    silent: str
    reference: int = 0


def contest(scores: Sequence[Scores], reference: int | None = None) -> Contest:
    """Hold all models of one board against each other.

    Parameters
    ----------
    scores
        Of the models that are ranked, the best first; none is undefined.
    reference
        Whom the others are held against, by place; None: the leader, which the scores have chosen.

    Raises
    ------
    StoreError
        If they judge different utterances.
    """
    count = len(scores)
    if count < 2:
        return Contest((Rank(1, 1, None, "", None, math.nan),) * count, "", 0, "")
    pairs = list(itertools.combinations(range(count), 2))
    duels = {pair: duel(scores[pair[0]], scores[pair[1]]) for pair in pairs}
    adjusted = np.full((count, count), math.nan)
    family = holm([duels[pair].tested.p for pair in pairs])
    for (one, other), p in zip(pairs, family, strict=True):
        adjusted[one, other] = adjusted[other, one] = p
    silent = _silent(list(duels.values()))
    marks = ("",) * count if silent else letters(adjusted, list(range(count))).of
    extents = intervals(adjusted, [each.headline.estimate for each in scores])
    beside = _beside(duels, adjusted, reference)
    ranks = tuple(
        Rank(*extent, drawn, letter, *against)
        for extent, drawn, letter, against in zip(
            extents, _drawn(scores), marks, beside, strict=True
        )
    )
    shown = duels[0, 1].tested
    return Contest(ranks, "" if silent else shown.test, shown.n, silent, reference or 0)


Against = tuple[tuple[float, float, float] | None, float]


def _beside(
    duels: Mapping[tuple[int, int], Duel], adjusted: Floats, reference: int | None
) -> list[Against]:
    """Each model less the reference, and the p of that."""
    place = reference or 0
    count = len(adjusted)
    p = adjusted[place]
    if reference is not None:  # chosen before looking: the family is of the others alone
        others = [other for other in range(count) if other != place]
        own = [duels[min(place, other), max(place, other)].tested.p for other in others]
        p = np.full(count, math.nan)
        p[others] = holm(own)
    found: list[Against] = []
    for other in range(count):
        if other == place:
            found.append((None, math.nan))
            continue
        one = duels[min(place, other), max(place, other)].difference
        ends = (one.estimate, one.low, one.high)
        turned = ends if other < place else (-one.estimate, -one.high, -one.low)
        found.append((turned, float(p[other])))
    return found


def _silent(duels: Sequence[Duel]) -> str:
    """Why no pair allows a test; "" if one does."""
    reasons = [one.silent for one in duels]
    return reasons[0] if all(reasons) else ""


def _drawn(scores: Sequence[Scores]) -> list[tuple[int, int] | None]:
    """Where each model came in 95 of 100 drawings of the speakers, or of the corpora."""
    means = redrawn(scores)
    if means is None:
        return [None] * len(scores)
    found = stability(means)
    return [(int(low), int(high)) for low, high in zip(found.low, found.high, strict=True)]
