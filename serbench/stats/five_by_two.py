"""Five times two folds: Dietterich's t-test, and Alpaydin's F-test over all ten differences.

The halves of a two-fold split do not overlap, so the variance within a repeat is honest where that
over ten folds is not. Dietterich's t (1998) rests its numerator on one of the ten differences, so
that the order of the folds moves it. Alpaydin's F (1999) takes all ten and does not depend on their
order: it is the test to go by, and the t is shown beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from serbench.stats.rounded import rounded

REPEATS, FOLDS = 5, 2


@dataclass(frozen=True)
class FiveByTwo:
    """What the two tests of ten differences found.

    Parameters
    ----------
    estimate
        The mean difference.
    t, t_p
        Dietterich's statistic on 5 degrees of freedom, with its two-sided p.
    f, f_p
        Alpaydin's on 10 and 5, with its p.
    flags
        "degenerate": in each repeat the two differences are the same, and not all are zero. Both
        statistics would be infinite; they are NaN, and so are their p.
    """

    estimate: float
    t: float
    t_p: float
    f: float
    f_p: float
    flags: tuple[str, ...] = ()


def five_by_two(differences: ArrayLike) -> FiveByTwo:
    """Both tests. Of differences that are all zero, p is 1.

    With p_ij the difference in fold j of repeat i, and s_i^2 its variance within the repeat:
    t = p_11 / sqrt(sum_i s_i^2 / 5) and F = sum_ij p_ij^2 / (2 sum_i s_i^2).

    Parameters
    ----------
    differences
        One model's score less the other's [5, 2]: a row a repeat, a column a fold.

    Raises
    ------
    ValueError
        If they are not five times two, or one is no number.
    """
    given = np.asarray(differences, np.float64)
    if given.shape != (REPEATS, FOLDS):
        raise ValueError(f"differences of shape {given.shape}: {REPEATS} repeats of {FOLDS} folds")
    p = rounded(given.ravel()).reshape(given.shape)
    within = float(np.square(p[:, 0] - p[:, 1]).sum()) / 2
    mean = float(p.mean())
    if not p.any():
        return FiveByTwo(mean, 0.0, 1.0, 0.0, 1.0)
    if within == 0:
        return FiveByTwo(mean, math.nan, math.nan, math.nan, math.nan, ("degenerate",))
    from scipy.special import fdtrc, stdtr

    t = float(p[0, 0]) / math.sqrt(within / REPEATS)
    f = float(np.square(p).sum()) / (FOLDS * within)
    t_p = 2 * float(stdtr(REPEATS, -abs(t)))
    f_p = float(fdtrc(REPEATS * FOLDS, REPEATS, f))
    return FiveByTwo(mean, t, t_p, f, f_p)
