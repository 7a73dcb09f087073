"""Within what a published number may lie from ours before anything is to be made of it.

Over folds, Nadeau and Bengio's correction allows for training sets that overlap:

    estimate +- t_{.975, k-1} sqrt((1/k + 1/(k-1)) s^2)

with s the standard deviation (ddof 1) of what k folds say. Of a mean over folds these are the
folds' scores; of a pooled score the jackknife's pseudo-values with a fold left out. Seeds are
averaged first. It is wide: a number within it cannot be told from ours by these folds, which is
not to say that the two are equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from serbench.intervals import LEVEL, Interval


@dataclass(frozen=True)
class Noise:
    """The standard error of ours less the published number, in shares of 1, and what it is over.

    ``over`` is "folds", "speakers" (one test set: those in it), "runs" or "corpora" (a mean over
    several, each with noise of its own).
    """

    se: float
    df: float
    over: str

    @property
    def half(self) -> float:
        """Half of the 95% interval."""
        from scipy.special import stdtrit

        return float(stdtrit(self.df, (1 + LEVEL) / 2)) * self.se

    def holds(self, difference: float) -> bool:
        """Whether a difference lies within it."""
        return abs(difference) <= self.half


def over_folds(values: ArrayLike) -> Noise | None:
    """Of one number a fold; None of fewer than two, and where they do not vary at all."""
    found = np.asarray(values, dtype=float)
    found = found[np.isfinite(found)]
    k = len(found)
    if k < 2:
        return None
    return _noise(math.sqrt((1 / k + 1 / (k - 1)) * float(found.var(ddof=1))), k - 1, "folds")


def over_speakers(interval: Interval) -> Noise | None:
    """Of a score whose interval has the speaker as its unit; None where it has no interval."""
    return _noise(interval.se, interval.df, "speakers")


def over_runs(sd: float, runs: int, printed_sd: float | None, printed_runs: int | None) -> Noise:
    """Of two means over runs, by Welch's formula; of ours alone where the paper prints no spread.

    It says how much a training varies, and nothing of other corpora.

    Parameters
    ----------
    sd, printed_sd
        Standard deviations over runs (ddof 1), ours of two runs or more.
    """
    ours = sd**2 / runs
    theirs = 0.0
    if printed_sd is not None and printed_runs is not None and printed_runs > 1:
        theirs = printed_sd**2 / printed_runs
    spread = ours**2 / (runs - 1) + (
        theirs**2 / (printed_runs - 1) if theirs and printed_runs else 0
    )
    df = (ours + theirs) ** 2 / spread if spread else runs - 1
    return Noise(math.sqrt(ours + theirs), df, "runs")


def of_mean(parts: Sequence[Noise | None]) -> Noise | None:
    """Of a mean over corpora, each with its own noise; None where one has none."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known:
        return None
    variances = [part.se**2 for part in known]
    spread = sum(v**2 / part.df for v, part in zip(variances, known, strict=True))
    return _noise(math.sqrt(sum(variances)) / len(known), sum(variances) ** 2 / spread, "corpora")


def _noise(se: float, df: float, over: str) -> Noise | None:
    usable = math.isfinite(se) and math.isfinite(df) and se > 0 and df > 0
    return Noise(se, df, over) if usable else None
