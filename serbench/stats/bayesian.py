"""What the differences make one believe: better, practically equal, or worse.

A p-value does not say how probable it is that two models are as good as equal. These do, given a
region of practical equivalence: differences of up to one point of UA, unless said otherwise.

On one corpus it is the Bayesian correlated t-test (Corani and Benavoli 2015), Nadeau and Bengio's
correction read as a posterior: Student's t about the mean over folds. With several seeds the t is
that of the test, which holds what seeds vary. Over corpora it is the Bayesian signed-rank test
(Benavoli and others 2017). The first, of one seed, and the last are baycomp's. That one draws from
the posterior; the seed is fixed, so that the same scores give the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.intervals import SEED
from serbench.stats.rounded import rounded

ROPE = 0.01  # one point
DRAWS = 50_000  # a probability of 0.95 to within 0.001


@dataclass(frozen=True)
class Belief:
    """Three probabilities, of sum 1.

    Parameters
    ----------
    first
        That the first model is better by more than the region of practical equivalence is wide.
    equivalent
        That the two are within it of one another. Zero where it has no width.
    second
        That the second is better by more.
    """

    first: float
    equivalent: float
    second: float


def correlated(differences: ArrayLike, k: int, rope: float = ROPE) -> Belief:
    """On one corpus: the Bayesian correlated t-test of the differences in its folds.

    Where all differences are equal, the posterior has no spread, and the belief is all or nothing.

    Parameters
    ----------
    differences
        The first model's score less the second's, of J = k r folds of r repeats.
    k
        Folds that the utterances, or the speakers, are dealt into.
    rope
        Half the width of the region of practical equivalence.

    Raises
    ------
    ValueError
        If there are fewer than two folds, a number of differences that is no multiple of k, one
        that is no number, or a width below zero.
    """
    found = _checked(differences, rope)
    if k < 2 or len(found) % k:
        raise ValueError(f"{len(found)} differences of {k} folds: not whole repeats of two or more")
    if np.ptp(found) == 0:  # the library would see a variance of 1e-36 in ten times 0.01
        return _certain(float(found[0]), rope)
    from baycomp import two_on_single

    return _belief(two_on_single(found, np.zeros_like(found), rope, runs=len(found) // k))


def posterior(estimate: float, se: float, df: float, rope: float = ROPE) -> Belief:
    """Of a t-test's difference, read as a posterior: Student's t about it, as wide as its error.

    Of the corrected t-test over the folds of one seed it is what :func:`correlated` gives.

    Parameters
    ----------
    estimate, se, df
        The difference that was tested, its standard error above zero, its degrees of freedom.
    rope
        Half the width of the region of practical equivalence.

    Raises
    ------
    ValueError
        If one is no number, there is no spread, or the width is below zero.
    """
    _check_width(rope)
    if not (np.isfinite([estimate, se, df]).all() and se > 0 and df > 0):
        raise ValueError(f"a t of {df:g} degrees of freedom about {estimate:g}, error {se:g}")
    from scipy.special import stdtr

    first = float(stdtr(df, (estimate - rope) / se))
    second = float(stdtr(df, (-estimate - rope) / se))
    return Belief(first, max(1 - first - second, 0.0), second)


def signed_rank(differences: ArrayLike, rope: float = ROPE) -> Belief:
    """Over corpora: the Bayesian signed-rank test of one difference a corpus.

    Parameters
    ----------
    differences
        The first model's score less the second's, of two corpora or more.
    rope
        Half the width of the region of practical equivalence.

    Raises
    ------
    ValueError
        If there are fewer, one is no number, or the width is below zero.
    """
    found = _checked(differences, rope)
    if not found.any():  # without a region the library goes by the last digit of its sums
        return _certain(0.0, rope)
    from baycomp import two_on_multiple

    nothing = np.zeros_like(found)
    return _belief(two_on_multiple(found, nothing, rope, nsamples=DRAWS, random_state=SEED))


def _checked(differences: ArrayLike, rope: float) -> NDArray[np.float64]:
    _check_width(rope)
    return rounded(differences, least=2)


def _check_width(rope: float) -> None:
    if not 0 <= rope < np.inf:
        raise ValueError(f"a region of practical equivalence of {rope:g} to either side")


def _certain(difference: float, rope: float) -> Belief:
    """Of one difference and no other."""
    if rope == difference == 0:
        return Belief(0.5, 0.0, 0.5)
    return Belief(
        float(difference > rope), float(abs(difference) <= rope), float(difference < -rope)
    )


def _belief(told: tuple[float, ...]) -> Belief:
    # Where the region has no width, there are two of them.
    first, *middle, second = (max(float(share), 0.0) for share in told)
    return Belief(first, middle[0] if middle else 0.0, second)
