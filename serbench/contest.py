"""All models of one board against each other: ranks as intervals, and letters.

A rank is no better than one more than the number of models that are significantly better, and no
worse than what the significantly worse leave. Beside it stands where the model came in 95 of 100
drawings of the speakers, or the corpora. Letters say the same pair by pair. The family that Holm's
adjustment is for is all pairs on the board, by the headline score alone.

Where the test favours the model with the lower score, the pair is not told apart.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from serbench.duel import Duel, duel
from serbench.rank import Rank
from serbench.redrawn import redrawn
from serbench.staged import Scores
from serbench.stats.contrary import contrary
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
        By what p-values were made: names of :mod:`serbench.stats.names`, joined by "+" where pairs
        of one seed and of several took two forms of it; "" if there are none.
    units
        How many folds, speakers or corpora it rests on.
    silent
        Why there is no test; "" where there is.
    reference
        Which model the others are held against, by its place.
    remarks
        What must be known of how many of the pairs: "contrary", the test favours the lower score,
        so that they are not told apart; "untested"; "degenerate", the differences of all folds are
        the same, and p is the sign-flip test's; "fewer_seeds", they are held against each other on
        the seeds that both have, and one has more.
    """

    ranks: tuple[Rank, ...]
    test: str
    units: int
    silent: str
    reference: int = 0
    remarks: Mapping[str, int] = field(default_factory=dict)


def contest(
    scores: Sequence[Scores],
    reference: int | None = None,
    steady: Sequence[bool] | None = None,
) -> Contest:
    """Hold all models of one board against each other.

    Parameters
    ----------
    scores
        Of the models that are ranked, the best first; none is undefined.
    reference
        Whom the others are held against, by place; None: the leader, which the scores have chosen.
    steady
        Which models have no chance in them (:func:`serbench.evidence.paired`); None: none.

    Raises
    ------
    StoreError
        If they judge different utterances.
    """
    count = len(scores)
    if count < 2:
        return Contest((Rank(1, 1, None, "", None, math.nan),) * count, "", 0, "")
    pairs = list(itertools.combinations(range(count), 2))
    chanceless = [False] * count if steady is None else list(steady)
    duels = {
        (one, other): duel(scores[one], scores[other], (chanceless[one], chanceless[other]))
        for one, other in pairs
    }
    adjusted = np.full((count, count), math.nan)
    family = holm([duels[pair].tested.p for pair in pairs])
    for (one, other), p in zip(pairs, family, strict=True):
        adjusted[one, other] = adjusted[other, one] = p
    estimates = [each.headline.estimate for each in scores]
    against = _against(duels, adjusted, estimates)
    adjusted[against] = math.nan
    silent = _silent(list(duels.values()))
    marks = ("",) * count if silent else letters(adjusted, list(range(count))).of
    extents = intervals(adjusted, estimates)
    beside = _beside(duels, adjusted, reference, against)
    ranks = tuple(
        Rank(*extent, drawn, letter, *against)
        for extent, drawn, letter, against in zip(
            extents, _drawn(scores), marks, beside, strict=True
        )
    )
    tests = dict.fromkeys(one.tested.test for one in duels.values() if not one.silent)
    units = max(one.tested.n for one in duels.values())
    remarks = _remarks(duels.values(), int(against.sum()) // 2)
    return Contest(ranks, "+".join(sorted(tests)), units, silent, reference or 0, remarks)


Pairs = Mapping[tuple[int, int], Duel]
Beside = tuple[tuple[float, float, float] | None, float]


def _against(duels: Pairs, adjusted: Floats, scores: Sequence[float]) -> NDArray[np.bool_]:
    """Pairs that the test, or the seeds that both have, order otherwise than the scores do."""
    leads, gaps = np.full((2, *adjusted.shape), math.nan)
    for (one, other), told in duels.items():
        leads[one, other], gaps[one, other] = told.tested.estimate, told.difference.estimate
        leads[other, one], gaps[other, one] = -leads[one, other], -gaps[one, other]
    return contrary(adjusted, leads, scores) | contrary(adjusted, gaps, scores)


def _remarks(duels: Iterable[Duel], against: int) -> dict[str, int]:
    """How many pairs there is something to say of."""
    every = list(duels)
    found = {
        "contrary": against,
        "untested": sum(bool(one.silent) for one in every),
        "degenerate": sum("degenerate" in one.tested.flags for one in every),
        "fewer_seeds": sum(one.fewer for one in every),
    }
    return {name: found[name] for name in sorted(found) if found[name]}


def _beside(
    duels: Pairs, adjusted: Floats, reference: int | None, against: NDArray[np.bool_]
) -> list[Beside]:
    """Each model less the reference, and the p of that."""
    place = reference or 0
    count = len(adjusted)
    p = adjusted[place]
    if reference is not None:  # chosen before looking: the family is of the others alone
        others = [other for other in range(count) if other != place]
        own = [duels[min(place, other), max(place, other)].tested.p for other in others]
        p = np.full(count, math.nan)
        p[others] = holm(own)
        p[against[place]] = math.nan
    found: list[Beside] = []
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
