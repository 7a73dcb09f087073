"""Two printed results, "mean and standard deviation over n runs", and no more: Welch's t-test.

A paper's table often leaves nothing else to go by. What varies from run to run is the seed, so a
small p says that other seeds would not have turned the order round: on these corpora, these
speakers and these splits. It says nothing of other speakers or corpora. Nor can runs be paired that
are not printed. Hence the flag, and no such p counts towards letters or ranks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from serbench.intervals import LEVEL

CAVEAT = "seed noise only, unpaired"


@dataclass(frozen=True)
class Summary:
    """A printed result.

    Parameters
    ----------
    mean, std
        In one unit, shares or points. The standard deviation is taken to be that of a sample
        (ddof=1). numpy's default is not: of 10 runs it is smaller by a factor of 1.054, and t too
        large by as much.
    n
        Runs.

    Raises
    ------
    ValueError
        If there are fewer than two runs, the mean is no finite number, or the deviation is none or
        below zero.
    """

    mean: float
    std: float
    n: int

    def __post_init__(self) -> None:
        if self.n < 2:
            raise ValueError(f"{self.n} runs: a standard deviation needs two")
        if not (math.isfinite(self.mean) and math.isfinite(self.std) and self.std >= 0):
            raise ValueError(f"{self.mean:g} with a standard deviation of {self.std:g}")


@dataclass(frozen=True)
class Welch:
    """What Welch's test of two summaries found.

    Parameters
    ----------
    estimate
        The first mean less the second.
    t, df, p
        The statistic, Welch's and Satterthwaite's degrees of freedom, and the two-sided p.
    low, high
        The 95% interval of the difference.
    se
        The standard error of the difference.
    flags
        Always "seed noise only, unpaired"; and "degenerate" if neither result varies: then there is
        no test, and p is NaN, or 1 for equal means.
    """

    estimate: float
    t: float
    df: float
    p: float
    low: float
    high: float
    se: float
    flags: tuple[str, ...] = (CAVEAT,)


def welch(first: Summary, second: Summary) -> Welch:
    """Welch's t-test, which lets the two vary differently.

    Examples
    --------
    >>> found = welch(Summary(34.49, 0.43, 10), Summary(32.37, 0.27, 10))
    >>> round(found.t, 2), found.flags
    (13.2, ('seed noise only, unpaired',))
    """
    difference = first.mean - second.mean
    ours, theirs = first.std**2 / first.n, second.std**2 / second.n
    variance = ours + theirs
    if variance == 0:
        p = math.nan if difference else 1.0
        flags = (CAVEAT, "degenerate")
        return Welch(difference, math.nan, math.nan, p, difference, difference, 0.0, flags)
    from scipy.special import stdtr, stdtrit

    df = variance**2 / (ours**2 / (first.n - 1) + theirs**2 / (second.n - 1))
    t = difference / math.sqrt(variance)
    se = math.sqrt(variance)
    half = float(stdtrit(df, (1 + LEVEL) / 2)) * se
    p = 2 * float(stdtr(df, -abs(t)))
    return Welch(difference, t, df, p, difference - half, difference + half, se)
