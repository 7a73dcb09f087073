"""Scores of a sentiment from -3 to 3, as a number, as seven classes and as two.

The two-class scores come in two conventions that papers mix, and that differ by points on the same
predictions. Both are given, and never under one name:

* ``non0``: utterances whose true sentiment is 0 are left out; positive against negative. A
  prediction of exactly 0 counts as negative. What SWRR prints.
* ``has0``: all utterances; not negative against negative.

Formulas are those of MMSA's evaluation, whose numbers the CMU-MOSEI literature compares. Nothing is
rounded and nothing is a percentage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.errors import ModelError

Convention = Literal["non0", "has0"]
Floats = NDArray[np.float64]
LOW, HIGH = -3.0, 3.0


@dataclass(frozen=True)
class SentimentScores:
    """All that is printed of one set of predictions.

    ``correlation`` is Pearson's, NaN where either side is constant; two-class scores are NaN where
    the convention leaves no utterance.
    """

    acc7: float
    acc2_non0: float
    f1_non0: float
    acc2_has0: float
    f1_has0: float
    mae: float
    correlation: float


def sentiment_scores(truth: ArrayLike, predicted: ArrayLike) -> SentimentScores:
    """Every score at once.

    Parameters
    ----------
    truth, predicted
        Sentiments [n].

    Raises
    ------
    ModelError
        If a prediction is NaN or infinite.
    ValueError
        If the two differ in length, or are empty.
    """
    y, p = _pair(truth, predicted)
    return SentimentScores(
        acc7=acc7(y, p),
        acc2_non0=acc2(y, p, "non0"),
        f1_non0=weighted_f1(y, p, "non0"),
        acc2_has0=acc2(y, p, "has0"),
        f1_has0=weighted_f1(y, p, "has0"),
        mae=float(np.abs(y - p).mean()),
        correlation=_correlation(y, p),
    )


def acc7(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Share of utterances whose sentiment falls on the same of -3, -2, ..., 3.

    Both are clipped to -3..3 and rounded, halves to the even neighbour as numpy does: rounding
    halves up would give another score.

    Examples
    --------
    >>> acc7([1.0, -0.5], [1.4, 0.2])
    1.0
    """
    y, p = _pair(truth, predicted)
    return float((np.rint(y.clip(LOW, HIGH)) == np.rint(p.clip(LOW, HIGH))).mean())


def acc2(truth: ArrayLike, predicted: ArrayLike, convention: Convention) -> float:
    """Share of utterances on the right side, in one of the two conventions.

    Examples
    --------
    >>> acc2([1.0, 0.0, -1.0], [0.5, -0.5, -2.0], "non0")
    1.0
    >>> acc2([1.0, 0.0, -1.0], [0.5, -0.5, -2.0], "has0")
    0.6666666666666666
    """
    right, said = _sides(truth, predicted, convention)
    return float((right == said).mean()) if len(right) else float("nan")


def weighted_f1(truth: ArrayLike, predicted: ArrayLike, convention: Convention) -> float:
    """F1 of each side, averaged by how many utterances truly lie there.

    The arguments are not exchangeable: with them swapped, as in MISA's code, the sides are weighted
    by the predictions.
    """
    right, said = _sides(truth, predicted, convention)
    if not len(right):
        return float("nan")
    total = 0.0
    for side in (False, True):
        support = np.count_nonzero(right == side)
        hits = np.count_nonzero((right == side) & (said == side))
        named = np.count_nonzero(said == side)
        total += support * (2 * hits / (support + named) if support + named else 0.0)
    return total / len(right)


def _sides(
    truth: ArrayLike, predicted: ArrayLike, convention: Convention
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which are positive (non0), or not negative (has0)."""
    y, p = _pair(truth, predicted)
    if convention == "has0":
        return y >= 0, p >= 0
    if convention == "non0":
        kept = y != 0
        return y[kept] > 0, p[kept] > 0
    raise ValueError(f"convention {convention!r}: non0 or has0")


def _correlation(y: Floats, p: Floats) -> float:
    if np.ptp(y) == 0 or np.ptp(p) == 0:
        return float("nan")
    return float(np.corrcoef(y, p)[0, 1])


def _pair(truth: ArrayLike, predicted: ArrayLike) -> tuple[Floats, Floats]:
    y, p = np.asarray(truth, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 1 or not len(y):
        raise ValueError(f"true sentiments of shape {y.shape}, predicted ones of shape {p.shape}")
    if not np.isfinite(y).all():
        raise ValueError("a true sentiment is NaN or infinite")
    if not np.isfinite(p).all():
        raise ModelError(
            f"{np.count_nonzero(~np.isfinite(p))} predicted sentiments are NaN or infinite",
            expected="a finite number for each utterance",
        )
    return y, p
