"""Within what a published number may lie from ours before anything is to be made of it.

Over runs of the same folds it is how much a training varies with its seed. Where the paper prints a
spread of its own runs, this is Welch's formula; where it prints none, its number is taken to be the
mean of as many runs as it tells (one, if it does not), which vary as ours do:

    difference +- t_{.975, n-1} s sqrt(1/n + 1/m)

with s the standard deviation (ddof 1) over our n runs, and m the paper's.

Over folds it is how far ours would move with other folds or speakers. Nadeau and Bengio's
correction allows for training sets that overlap:

    estimate +- t_{.975, k-1} sqrt((1/k + 1/(k-1)) s^2)

with s the standard deviation (ddof 1) of what k folds say. Of a mean over folds these are the
folds' scores; of a pooled score the jackknife's pseudo-values with a fold left out. Seeds are
averaged first. Where the paper's folds are these same ones, how hard each is is common to both
numbers and no noise between them: this is then too wide, and only runs tell how much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from serbench.intervals import LEVEL, Interval
from serbench.stats.from_summary import Summary, welch


@dataclass(frozen=True)
class Noise:
    """A standard error in shares of 1, and what it is over.

    ``over`` is "runs", of the difference between ours and the published number; or "folds",
    "speakers" (one test set: those in it) or "corpora" (a mean over several, each with noise of its
    own), of our number alone.
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


def over_runs(
    sd: float, runs: int, printed_sd: float | None = None, printed_runs: int | None = None
) -> Noise | None:
    """Of two means over runs; None where ours do not vary, or there are fewer than two.

    It says how much a training varies, and nothing of other speakers or corpora.

    Parameters
    ----------
    sd, printed_sd
        Standard deviations over runs (ddof 1), in shares of 1; the paper's None where it prints
        none.
    runs, printed_runs
        Of how many; the paper's None where it does not say.
    """
    if runs < 2:
        return None
    if printed_sd is not None and printed_runs is not None and printed_runs > 1:
        found = welch(Summary(0.0, sd, runs), Summary(0.0, printed_sd, printed_runs))
        return _noise(found.se, found.df, "runs")
    return _noise(sd * math.sqrt(1 / runs + 1 / (printed_runs or 1)), runs - 1, "runs")


def of_mean(parts: Sequence[Noise | None]) -> Noise | None:
    """Of a mean over corpora, each with its own noise; None where one has none.

    It is over runs where every one of them is.
    """
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known:
        return None
    variances = [part.se**2 for part in known]
    spread = sum(v**2 / part.df for v, part in zip(variances, known, strict=True))
    over = "runs" if all(part.over == "runs" for part in known) else "corpora"
    return _noise(math.sqrt(sum(variances)) / len(known), sum(variances) ** 2 / spread, over)


def _noise(se: float, df: float, over: str) -> Noise | None:
    usable = math.isfinite(se) and math.isfinite(df) and se > 0 and df > 0
    return Noise(se, df, over) if usable else None
