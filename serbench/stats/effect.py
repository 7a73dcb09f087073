"""How large a difference is, beside whether there is one; and how small one could have been seen.

A difference in points with its interval comes first. These say it in other words: in standard
deviations of the paired differences, in ranks, in wins and losses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from serbench.intervals import LEVEL
from serbench.stats.rounded import rounded

POWER = 0.8


@dataclass(frozen=True)
class Effect:
    """Of n paired differences.

    Parameters
    ----------
    d
        Their mean in their own standard deviations (ddof=1): d_z. NaN where these are zero.
    hedges
        d with Hedges's correction for few, 1 - 3/(4(n-1) - 1). NaN of two, where that is zero.
    rank_biserial
        Matched pairs: sum of ranks in favour less that against, over that of all. From -1 to 1.
    wins, ties, losses
        Differences above, at and below zero.
    """

    d: float
    hedges: float
    rank_biserial: float
    wins: int
    ties: int
    losses: int


def effect(differences: ArrayLike) -> Effect:
    """The effect sizes of paired differences [n].

    Raises
    ------
    ValueError
        If there are fewer than two, or one is no number.
    """
    from scipy.stats import rankdata

    found = rounded(differences, least=2)
    spread = float(found.std(ddof=1))
    d = float(found.mean()) / spread if np.ptp(found) else math.nan
    moved = found[found != 0]
    ranks = rankdata(np.abs(moved))
    balance = float((ranks * np.sign(moved)).sum() / ranks.sum()) if len(moved) else 0.0
    wins, losses = int((found > 0).sum()), int((found < 0).sum())
    correction = 1 - 3 / (4 * (len(found) - 1) - 1) if len(found) > 2 else math.nan
    return Effect(d, d * correction, balance, wins, len(found) - wins - losses, losses)


def detectable(se: float, df: float, alpha: float = 1 - LEVEL) -> float:
    """The smallest difference that a two-sided t-test at alpha would have seen 80 times in 100.

    (t_{1 - alpha/2, df} + t_{.8, df}) SE, in the unit of the standard error. "No difference was
    found" says little where this is large.
    """
    from scipy.special import stdtrit

    return float(stdtrit(df, 1 - alpha / 2) + stdtrit(df, POWER)) * se
