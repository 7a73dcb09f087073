"""Do the models of a board differ at all? Friedman's test over corpora, and Nemenyi's distance.

Friedman's test comes in three forms. Demsar (2006) prints the statistic without a correction for
ties, and prefers the F that Iman and Davenport made of it, which is less conservative; scipy
corrects for ties. All three are given, because papers print any of them under the one name.

Nemenyi's critical difference belongs to the diagram that readers know, and decides nothing here. It
holds mean ranks against one another, and a model's ranks depend on who else is on the board: to add
a model can make the difference of two others significant, or no longer so, without one of their
scores having moved (Benavoli, Corani and Mangili 2016). What decides is `pairwise`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.intervals import LEVEL
from serbench.stats import ranks

Floats = NDArray[np.float64]
FEWEST_MODELS = 3
FEWEST_CORPORA = 2


@dataclass(frozen=True, eq=False)
class Friedman:
    """Of n corpora and k models.

    Parameters
    ----------
    mean_ranks
        Float64 [k], 1 the best; models that tie on a corpus share the mean of their ranks.
    chi2, chi2_p
        Demsar's statistic, not corrected for ties, on k - 1 degrees of freedom.
    tied, tied_p
        The same, corrected for ties, as scipy has it.
    f, f_p
        Iman and Davenport's, from ``chi2``, on k - 1 and (k - 1)(n - 1).
    flags
        "unanimous": all corpora rank the models alike, without a tie. F is infinite, and its p is
        exact in place of zero: (1/k!)^(n - 1).
    """

    mean_ranks: Floats
    chi2: float
    chi2_p: float
    tied: float
    tied_p: float
    f: float
    f_p: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Nemenyi:
    """Differences of mean ranks, to be drawn and not to be gone by.

    Parameters
    ----------
    critical
        The difference of mean ranks that is significant at 5% among all pairs.
    p
        Of each pair, by the studentized range: float64 [k, k], symmetric, NaN on the diagonal.
    """

    critical: float
    p: Floats


def friedman(scores: ArrayLike) -> Friedman:
    """Friedman's test in its three forms. Where no corpus prefers a model to another, p is 1.

    Parameters
    ----------
    scores
        [corpora, models], of at least two and three.

    Raises
    ------
    ValueError
        If there are fewer, or a score is missing.
    """
    placed = _placed(scores)
    n, k = placed.shape
    mean = placed.mean(axis=0)
    chi2 = 12 * n / (k * (k + 1)) * float(np.square(mean - (k + 1) / 2).sum())
    # The ranks of a corpus have a variance of (k^2 - 1) / 12, or less if some of them tie.
    spread = float(placed.var(axis=1).mean()) / ((k * k - 1) / 12)
    if spread < 1e-12:
        return Friedman(mean, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0)
    from scipy.special import chdtrc, fdtrc

    tied = chi2 / spread
    chi2_p, tied_p = float(chdtrc(k - 1, chi2)), float(chdtrc(k - 1, tied))
    left = n * (k - 1) - chi2
    if left < 1e-9:
        exact = math.exp(-(n - 1) * math.lgamma(k + 1))
        return Friedman(mean, chi2, chi2_p, tied, tied_p, math.inf, exact, ("unanimous",))
    f = (n - 1) * chi2 / left
    f_p = float(fdtrc(k - 1, (k - 1) * (n - 1), f))
    return Friedman(mean, chi2, chi2_p, tied, tied_p, f, f_p)


def nemenyi(scores: ArrayLike) -> Nemenyi:
    """Nemenyi's critical difference and p-values, which decide nothing: see above.

    Parameters
    ----------
    scores
        [corpora, models], of at least two and three.

    Raises
    ------
    ValueError
        If there are fewer, or a score is missing.
    """
    from scipy.stats import studentized_range

    placed = _placed(scores)
    n, k = placed.shape
    se = math.sqrt(k * (k + 1) / (12 * n))  # the studentized range divides it by sqrt(2)
    mean = placed.mean(axis=0)
    rows, columns = np.triu_indices(k, 1)
    p = np.full((k, k), np.nan)
    found = studentized_range.sf(np.abs(mean[rows] - mean[columns]) / se, k, np.inf)
    p[rows, columns] = p[columns, rows] = np.clip(found, 0, 1)
    return Nemenyi(float(studentized_range.ppf(LEVEL, k, np.inf)) * se, p)


def _placed(scores: ArrayLike) -> Floats:
    """The models' average ranks on each corpus."""
    found = np.asarray(scores, np.float64)
    if found.ndim != 2 or len(found) < FEWEST_CORPORA or found.shape[1] < FEWEST_MODELS:
        raise ValueError(
            f"scores of shape {found.shape}: {FEWEST_CORPORA} corpora or more of "
            f"{FEWEST_MODELS} models or more"
        )
    return ranks.average(found)
