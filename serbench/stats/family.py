"""Several tests at once: what their p-values are worth as a family.

A family is all pairs of models on one board, or all models against a reference, by the headline
score alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment (1979), in the order given.

    The i-th smallest of m is multiplied by m - i + 1, and none falls below one that is smaller. A
    NaN, of a pair that allows no test, stays one, and the family is of the others.

    Raises
    ------
    ValueError
        If one is no probability.
    """
    given = np.asarray(p, np.float64)
    if ((given < 0) | (given > 1)).any():
        raise ValueError(f"p-values from {np.nanmin(given):g} to {np.nanmax(given):g}")
    tested = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    steps = given[order] * np.arange(len(order), 0, -1)
    adjusted = np.full(len(given), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return [float(value) for value in adjusted]
