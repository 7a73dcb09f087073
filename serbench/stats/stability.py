"""How firm the ranks of a board are: drawn again, from the same speakers or the same corpora.

Each draw is of whole units with replacement, the same for all models, so that what makes a unit
hard is hard for all of them. What comes back is where a model came in 95 of 100 draws, and how
often each one beat each other. It describes the board; it is no test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.intervals import DRAWS, LEVEL, SEED
from serbench.stats import ranks

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stability:
    """Of the ranks of m models over draws.

    Parameters
    ----------
    low, high
        The ends of each model's central 95% of ranks, int64 [m]: ranks that it did have.
    first
        In what share of the draws it came first, alone or beside others: float64 [m].
    wins
        In what share of the draws the model of the row beat that of the column; a tie counts half,
        as does a model against itself. float64 [m, m].
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    first: Floats
    wins: Floats


def stability(drawn: ArrayLike) -> Stability:
    """How firm the ranks are, of scores that were drawn together.

    Parameters
    ----------
    drawn
        [draws, models]: a row holds the scores of all models on one draw.

    Raises
    ------
    ValueError
        If there is no draw or no model, or a score is no finite number: a draw on which one model
        has no score says nothing of its rank.
    """
    found = np.asarray(drawn, np.float64)
    if found.ndim != 2 or not len(found):
        raise ValueError(f"scores of shape {found.shape}: a row for each draw, a column a model")
    placed = ranks.competition(found)
    tail = round((1 - LEVEL) / 2, 9)  # 0.025 to the last bit: it counts whole draws
    low, high = np.quantile(placed, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return Stability(
        low.astype(np.int64), high.astype(np.int64), (placed == 1).mean(axis=0), _wins(found)
    )


def drawn_means(scores: ArrayLike, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Mean scores over units drawn with replacement, the same for all models: [draws, models].

    Parameters
    ----------
    scores
        [units, models]: corpora, or speakers, of which a mean is the score.
    draws, seed
        How many, and of which stream; fixed, so that a board is the same each time.

    Raises
    ------
    ValueError
        If there is no unit, no model or no draw, or a score is missing.
    """
    found = np.asarray(scores, np.float64)
    if found.ndim != 2 or not found.size or draws < 1:
        raise ValueError(f"{draws} draws of scores of shape {found.shape}")
    if not np.isfinite(found).all():
        raise ValueError("a score is missing: means over other units are not to be compared")
    units = len(found)
    weights = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), draws)
    means: Floats = weights @ found / units
    return means


def _wins(drawn: Floats) -> Floats:
    models = drawn.shape[1]
    wins = np.full((models, models), 0.5)
    for model in range(models):
        lead = drawn[:, [model]] - drawn
        wins[model] = ((lead >= ranks.TIE) + 0.5 * (np.abs(lead) < ranks.TIE)).mean(axis=0)
    return wins
