"""Paired differences, rounded: what is equal but for rounding is equal.

Float noise breaks ties, and with them the exact tests: 0.556 - 0.549 is not 0.566 - 0.559.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

DECIMALS = 10


def rounded(differences: ArrayLike, *, least: int = 1) -> NDArray[np.float64]:
    """Differences to ten decimals: float64 [n].

    Raises
    ------
    ValueError
        If there are fewer than ``least``, or one is no finite number.
    """
    found: NDArray[np.float64] = np.asarray(differences, np.float64).round(DECIMALS)
    if found.ndim != 1 or len(found) < least or not np.isfinite(found).all():
        raise ValueError(f"differences of shape {found.shape}: {least} or more finite numbers")
    return found
