"""Pairs of which the test favours one model and the scores the other.

A test over folds, each counting once, and a score pooled over utterances ask two questions, and a
large fold can turn the one's answer round without the other's; so can one corpus the mean over
corpora, which a test by ranks looks past. To such a pair a small p gives no order: it is shown, and
not told apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.stats.apart import apart
from serbench.stats.ranks import TIE


def contrary(adjusted: ArrayLike, leads: ArrayLike, scores: ArrayLike) -> NDArray[np.bool_]:
    """Which pairs are told apart by a test that favours the lower score: bool [models, models].

    Parameters
    ----------
    adjusted
        Adjusted p-values [models, models]; NaN where there was no test.
    leads
        By how much the test favours the row's model over the column's [models, models]; NaN where
        there was no test.
    scores
        [models], better when higher.

    Raises
    ------
    ValueError
        If the p-values are none.
    """
    found = np.asarray(scores, np.float64)
    gaps = found[:, np.newaxis] - found[np.newaxis, :]
    gaps[np.abs(gaps) < TIE] = 0.0
    against: NDArray[np.bool_] = apart(adjusted) & (np.asarray(leads) * gaps < 0)
    return against
