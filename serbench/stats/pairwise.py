"""Every pair of models over several corpora: Wilcoxon's signed-rank test, with Holm's adjustment.

The corpus is the unit, one score each. A pair's own p rests on the scores of these two models
alone, and a further model changes only what it is adjusted for. Of five corpora or fewer the
smallest p that the test can give is above 0.05, so none is made and the reason is given in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.stats.apart import ALPHA
from serbench.stats.effect import effect
from serbench.stats.family import holm
from serbench.stats.paired import smallest_p, wilcoxon

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pairwise:
    """The p-values of all pairs of models.

    Parameters
    ----------
    p, adjusted
        As the test gave them, and after Holm over all pairs: float64 [models, models], symmetric;
        NaN on the diagonal, and throughout where no test was made.
    leads
        Whom the test favours, from -1 to 1: the sum of ranks for the row's model less that for the
        column's, over that of all. NaN on the diagonal.
    reason
        Why no test was made, or an empty string.
    """

    p: Floats
    adjusted: Floats
    leads: Floats
    reason: str = ""


def pairwise(scores: ArrayLike) -> Pairwise:
    """Test every pair of models.

    Parameters
    ----------
    scores
        [corpora, models]

    Raises
    ------
    ValueError
        If there is no corpus or no model, or a score is no finite number.
    """
    found = np.asarray(scores, np.float64)
    if found.ndim != 2 or not found.size or not np.isfinite(found).all():
        raise ValueError(f"scores of shape {found.shape}: finite, a row a corpus, a column a model")
    corpora, models = found.shape
    p, adjusted, leads = np.full((3, models, models), np.nan)
    if smallest_p(corpora) > ALPHA:
        noun = "corpus" if corpora == 1 else "corpora"
        return Pairwise(p, adjusted, leads, f"{corpora} {noun}: Wilcoxon cannot reach {ALPHA}")
    pairs = list(combinations(range(models), 2))
    raw = [wilcoxon(found[:, one] - found[:, other]).p for one, other in pairs]
    for (one, other), value, after in zip(pairs, raw, holm(raw), strict=True):
        p[one, other] = p[other, one] = value
        adjusted[one, other] = adjusted[other, one] = after
        leads[one, other] = effect(found[:, one] - found[:, other]).rank_biserial
        leads[other, one] = -leads[one, other]
    return Pairwise(p, adjusted, leads)
