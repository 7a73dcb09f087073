"""Scores of a sentiment from -3 to 3, as a number, as seven classes and as two.

The two-class scores come in two conventions that papers mix, and that differ by points on the same
predictions. Both are given, and never under one name:

* ``non0``: utterances whose true sentiment is 0 are left out; positive against negative. A
  prediction of exactly 0 counts as negative. What SWRR prints.
* ``has0``: all utterances; not negative against negative.

Formulas are those of MMSA's evaluation, whose numbers the CMU-MOSEI literature compares. Nothing is
rounded and nothing is a percentage.

Each score is a function of :func:`sums` over utterances, so that what a group of them contributes
can be taken away again: that is what intervals by :mod:`serbench.intervals` live on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.errors import ModelError
from serbench.labels import Scale
from serbench.metrics import wa
from serbench.metrics import weighted_f1 as weighted_f1_of

Convention = Literal["non0", "has0"]
Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
SCALE = Scale(-3.0, 3.0)
SEVEN = 7  # whole numbers on it
CONSTANT = 1e-5  # of its root mean square: a standard deviation that sums of squares cannot tell

# Where the parts of `sums` lie: confusion matrices row by row, then sums over utterances.
_SEVEN = slice(0, SEVEN**2)
_SIDES: Mapping[Convention, slice] = {
    "non0": slice(SEVEN**2, SEVEN**2 + 4),
    "has0": slice(SEVEN**2 + 4, SEVEN**2 + 8),
}
_MOMENTS = slice(SEVEN**2 + 8, SEVEN**2 + 15)  # 1, |y - p|, y, p, y y, p p, y p


@dataclass(frozen=True)
class SentimentScores:
    """All that is printed of one set of predictions.

    ``correlation`` is Pearson's, NaN where either side is constant (its standard deviation is
    below 1e-5 of its root mean square); two-class scores are NaN where the convention leaves no
    utterance.
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
    total = _total(truth, predicted)
    return SentimentScores(**{name: score(total) for name, score in SCORES.items()})


def acc7(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Share of utterances whose sentiment falls on the same of -3, -2, ..., 3.

    Both are clipped to -3..3 and rounded, halves to the even neighbour as numpy does: rounding
    halves up would give another score.

    Examples
    --------
    >>> acc7([1.0, -0.5], [1.4, 0.2])
    1.0
    """
    return _acc7(_total(truth, predicted))


def acc2(truth: ArrayLike, predicted: ArrayLike, convention: Convention) -> float:
    """Share of utterances on the right side, in one of the two conventions.

    Examples
    --------
    >>> acc2([1.0, 0.0, -1.0], [0.5, -0.5, -2.0], "non0")
    1.0
    >>> acc2([1.0, 0.0, -1.0], [0.5, -0.5, -2.0], "has0")
    0.6666666666666666
    """
    return wa(_sides(_total(truth, predicted), convention))


def weighted_f1(truth: ArrayLike, predicted: ArrayLike, convention: Convention) -> float:
    """F1 of each side, averaged by how many utterances truly lie there.

    The arguments are not exchangeable: with them swapped, as in MISA's code, the sides are weighted
    by the predictions.
    """
    return weighted_f1_of(_sides(_total(truth, predicted), convention))


def sums(
    truth: ArrayLike, predicted: ArrayLike, groups: ArrayLike | None = None, count: int = 1
) -> Floats:
    """What each group of utterances contributes to the scores.

    Parameters
    ----------
    truth, predicted
        Sentiments [n].
    groups
        Whose each utterance is, whole numbers [n] from 0 to ``count`` - 1; None: all one's.
    count
        How many groups there are.

    Returns
    -------
    float64 [count, 64]. Rows may be added, and subtracted; ``SCORES`` reads their sum.

    Raises
    ------
    ModelError
        If a prediction is NaN or infinite.
    ValueError
        If truth and predictions differ in length, or are empty.
    """
    y, p = _pair(truth, predicted)
    who = np.zeros(len(y), np.int64) if groups is None else np.asarray(groups, dtype=np.int64)
    kept = y != 0
    moments = (np.ones_like(y), np.abs(y - p), y, p, y * y, p * p, y * p)
    return np.hstack(
        [
            _cells(who, _nearest(y), _nearest(p), count, SEVEN),
            _cells(who[kept], y[kept] > 0, p[kept] > 0, count, 2),
            _cells(who, y >= 0, p >= 0, count, 2),
            np.stack([np.bincount(who, moment, minlength=count) for moment in moments], axis=1),
        ]
    )


def sevens(total: Floats) -> Counts:
    """The confusion matrix of the seven whole numbers [7, 7], rows the truth, of a row of `sums`.

    ACC7 is its accuracy.
    """
    return _matrix(total[_SEVEN], SEVEN)


def _cells(
    who: NDArray[np.int64],
    truth: NDArray[np.int64] | NDArray[np.bool_],
    said: NDArray[np.int64] | NDArray[np.bool_],
    count: int,
    classes: int,
) -> Floats:
    """A confusion matrix of each group, as a row."""
    cells = (who * classes + truth) * classes + said
    held = np.bincount(cells, minlength=count * classes**2)
    return held.reshape(count, classes**2).astype(np.float64)


def _nearest(sentiments: Floats) -> NDArray[np.int64]:
    """0 for -3 and below, ..., 6 for 3 and above."""
    nearest: Floats = np.rint(sentiments.clip(SCALE.low, SCALE.high))
    return (nearest - SCALE.low).astype(np.int64)


def _sides(total: Floats, convention: Convention) -> Counts:
    if convention not in _SIDES:
        raise ValueError(f"convention {convention!r}: non0 or has0")
    return _matrix(total[_SIDES[convention]], 2)


def _acc7(total: Floats) -> float:
    return wa(sevens(total))


def _matrix(cells: Floats, classes: int) -> Counts:
    """Whole numbers, which double precision holds exactly."""
    matrix: Counts = cells.reshape(classes, classes).astype(np.int64)
    return matrix


def _mae(total: Floats) -> float:
    n, error, *_ = total[_MOMENTS]
    return float(error / n) if n else float("nan")


def _correlation(total: Floats) -> float:
    """(n S_yp - S_y S_p) / sqrt((n S_yy - S_y^2) (n S_pp - S_p^2))."""
    n, _, y, p, yy, pp, yp = total[_MOMENTS].tolist()
    of_y, of_p = n * yy - y * y, n * pp - p * p
    if of_y <= CONSTANT**2 * n * yy or of_p <= CONSTANT**2 * n * pp:
        return float("nan")
    return float((n * yp - y * p) / np.sqrt(of_y * of_p))


SCORES: Mapping[str, Callable[[Floats], float]] = MappingProxyType(
    {
        "acc7": _acc7,
        "acc2_non0": lambda total: wa(_sides(total, "non0")),
        "f1_non0": lambda total: weighted_f1_of(_sides(total, "non0")),
        "acc2_has0": lambda total: wa(_sides(total, "has0")),
        "f1_has0": lambda total: weighted_f1_of(_sides(total, "has0")),
        "mae": _mae,
        "correlation": _correlation,
    }
)
"""Name of a field of :class:`SentimentScores` to the score of one row of :func:`sums`."""


def _total(truth: ArrayLike, predicted: ArrayLike) -> Floats:
    total: Floats = sums(truth, predicted)[0]
    return total


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
