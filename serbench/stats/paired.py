"""Tests of paired differences: one number a fold or a speaker, model A's score less model B's.

Folds of one corpus share most of what they train on, and utterances of one speaker resemble each
other, so that a plain t-test over either rejects far too often: 0.645 where 0.05 is promised, over
ten times ten folds. The default is Nadeau and Bengio's correction; the sign-flip test and
Wilcoxon's stand beside it, exact, and the plain one is there under the name "uncorrected".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.intervals import LEVEL
from serbench.stats.rounded import DECIMALS, rounded

MOST_EXACT = 40  # differences; their 2^40 sums are counted from two lists of 2^20
DRAWS = 100_000  # of the signs of more: a p of 0.05 to within 0.0014
PART = 1_000  # draws at once
EXACT_UNTIED, EXACT_TIED = 50, 13  # differences, of which scipy's Wilcoxon test is exact
SEED = 0
NOTHING = 1e-12  # what is equal but for rounding


@dataclass(frozen=True)
class Outcome:
    """What a test of paired differences found.

    Parameters
    ----------
    test
        "corrected", "uncorrected", "sign-flip", "wilcoxon"; or one of :mod:`serbench.stats.claims`.
    n
        Differences: of folds, speakers or corpora.
    estimate
        Their mean, or the difference of two pooled scores.
    statistic, p
        t, the mean, or Wilcoxon's smaller sum of ranks; the two-sided p. NaN of a single one.
    se, df, low, high
        Standard error, degrees of freedom and 95% interval; NaN of tests that have none.
    flags
        "single" (no inference from one difference), "degenerate" (all are equal and not zero: a
        t-test would give p = 0; the p is the sign-flip test's), "sampled" (of more than 40 the
        signs are drawn, not enumerated), "approximate" (Wilcoxon's p is the normal distribution's).
    """

    test: str
    n: int
    estimate: float
    statistic: float
    p: float
    se: float = math.nan
    df: float = math.nan
    low: float = math.nan
    high: float = math.nan
    flags: tuple[str, ...] = ()


def corrected(differences: ArrayLike, k: int) -> Outcome:
    """Nadeau and Bengio's corrected resampled t-test (2003).

    t = mean / sqrt((1/J + 1/(k-1)) s^2) on J - 1 degrees of freedom: 1/(k-1) is the size of a test
    set over that of its training set.

    Parameters
    ----------
    differences
        Of J = k r folds of r repeats.
    k
        Folds that the utterances, or the speakers, are dealt into.

    Raises
    ------
    ValueError
        If there are fewer than two folds, no difference, a number of differences that is no
        multiple of k, or one that is no number.
    """
    found = rounded(differences)
    if k < 2 or len(found) % k:
        raise ValueError(f"{len(found)} differences of {k} folds: not whole repeats of two or more")
    return _t("corrected", found, 1 / len(found) + 1 / (k - 1))


def uncorrected(differences: ArrayLike) -> Outcome:
    """The plain paired t-test, which takes the differences to be independent. To be compared with.

    Raises
    ------
    ValueError
        If there is no difference, or one that is no number.
    """
    found = rounded(differences)
    return _t("uncorrected", found, 1 / len(found))


def sign_flip(differences: ArrayLike) -> Outcome:
    """The sign-flip test of the mean: how many of the 2^n ways to set the signs reach as far.

    Exact up to 40 differences; of more, signs are drawn 100,000 times with a fixed seed, and
    p = (1 + those that reach as far) / (1 + draws).

    Raises
    ------
    ValueError
        If there is no difference, or one that is no number.
    """
    found = rounded(differences)
    flags = ("single",) if len(found) == 1 else ("sampled",) if len(found) > MOST_EXACT else ()
    p = math.nan if len(found) == 1 else _flipped(found)
    mean = float(found.mean())
    return Outcome("sign-flip", len(found), mean, mean, p, flags=flags)


def wilcoxon(differences: ArrayLike) -> Outcome:
    """Wilcoxon's signed-rank test, by scipy; zeros are dropped, and of zeros alone p is 1.

    It is exact of up to 50 differences, and where some are equal, or zero, of up to 13. Of more p
    is the normal approximation's, and flagged.

    Raises
    ------
    ValueError
        If there is no difference, or one that is no number.
    """
    found = rounded(differences)
    mean = float(found.mean())
    if len(found) == 1:
        return Outcome("wilcoxon", 1, mean, math.nan, math.nan, flags=("single",))
    if not found.any():
        return Outcome("wilcoxon", len(found), mean, 0.0, 1.0)
    from scipy import stats

    told = stats.wilcoxon(found)
    tied = len(np.unique(np.abs(found))) < len(found) or not found.all()
    flags = ("approximate",) if len(found) > (EXACT_TIED if tied else EXACT_UNTIED) else ()
    p = float(told.pvalue)
    return Outcome("wilcoxon", len(found), mean, float(told.statistic), p, flags=flags)


def smallest_p(n: int) -> float:
    """The smallest two-sided p that n differences can reach in the exact tests: 2 / 2^n.

    Of five or fewer it is above 0.05, however large they are.
    """
    return float(2.0 ** (1 - n))


def student(
    test: str, estimate: float, se: float, df: float, n: int, differences: ArrayLike
) -> Outcome:
    """The outcome of a t-test: its p, its interval.

    Parameters
    ----------
    differences
        What p is taken from, by their signs, where the standard error is zero.
    """
    from scipy.special import stdtr, stdtrit

    if se < NOTHING:
        found = rounded(differences)
        p, flags = (1.0, ()) if abs(estimate) < NOTHING else (_flipped(found), ("degenerate",))
        return Outcome(test, n, estimate, math.nan, p, 0.0, df, estimate, estimate, flags)
    t = estimate / se
    half = float(stdtrit(df, (1 + LEVEL) / 2)) * se
    p = 2 * float(stdtr(df, -abs(t)))
    return Outcome(test, n, estimate, t, p, se, df, estimate - half, estimate + half)


def _t(test: str, found: NDArray[np.float64], share: float) -> Outcome:
    """Student's t with the variance of the mean taken to be ``share`` times that of one."""
    n, mean = len(found), float(found.mean())
    if n == 1:
        return Outcome(test, 1, mean, math.nan, math.nan, flags=("single",))
    return student(test, mean, math.sqrt(share * float(found.var(ddof=1))), n - 1, n, found)


def _flipped(found: NDArray[np.float64]) -> float:
    """The share of all ways to set the signs whose sum is as far from zero, or farther."""
    whole = np.rint(found * 10**DECIMALS).astype(np.int64)  # sums of integers do not round
    far = abs(int(whole.sum()))
    if len(whole) > MOST_EXACT:
        return _drawn(whole, far)
    ahead, behind = (_sums(part) for part in np.array_split(whole, 2))
    behind.sort()
    above = len(behind) - np.searchsorted(behind, far - ahead, side="left")
    below = np.searchsorted(behind, -far - ahead, side="right")
    reached = int(above.sum() + below.sum()) if far else 2 ** len(whole)
    return reached / float(2 ** len(whole))


def _sums(part: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of all 2^n ways to set the signs."""
    sums = np.zeros(1, np.int64)
    for value in part:
        sums = np.concatenate([sums - value, sums + value])
    return sums


def _drawn(whole: NDArray[np.int64], far: int) -> float:
    generator, reached = np.random.default_rng(SEED), 0
    for _ in range(DRAWS // PART):
        signs = generator.choice(np.array([-1, 1]), (PART, len(whole)))
        reached += int((np.abs(signs @ whole) >= far).sum())
    return (1 + reached) / (1 + DRAWS)
