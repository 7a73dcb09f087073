"""Which models of a board the tests tell apart.

Letters, rank intervals and the bars of a diagram all read this off one matrix of p-values, adjusted
for the family of all pairs. A pair that allowed no test (NaN) is not told apart: to find nothing is
not to find that two models are equal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

ALPHA = 0.05


def apart(adjusted: ArrayLike) -> NDArray[np.bool_]:
    """Whether each pair of models is told apart at 5%: bool [models, models], no model from itself.

    Parameters
    ----------
    adjusted
        Adjusted p-values [models, models], symmetric; NaN where there was no test. The diagonal is
        not read.

    Raises
    ------
    ValueError
        If the matrix is not square, not symmetric, or holds what is no probability.
    """
    p = np.array(adjusted, np.float64)
    if p.ndim != 2 or p.shape[0] != p.shape[1]:
        raise ValueError(f"p-values of shape {p.shape}: a row and a column for each model")
    np.fill_diagonal(p, np.nan)
    if ((p < 0) | (p > 1)).any():
        raise ValueError(f"p-values from {np.nanmin(p):g} to {np.nanmax(p):g}")
    if not np.array_equal(p, p.T, equal_nan=True):
        raise ValueError("p-values that are not the same both ways round")
    told: NDArray[np.bool_] = p < ALPHA
    return told


def untested(adjusted: ArrayLike) -> int:
    """How many pairs of models allowed no test, of p-values [models, models]."""
    p = np.asarray(adjusted, np.float64)
    return int(np.isnan(p[np.triu_indices(len(p), 1)]).sum())
