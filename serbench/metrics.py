"""Scores of a classifier, each a formula over one confusion matrix.

Conventions, the same for every score here:

* A label is a class index 0..C-1. C and the order of the classes are fixed by the board's label
  space, never read off the data, so that a class without a test utterance stays a class.
* A confusion matrix holds counts, rows = truth, columns = prediction. n_c is the support of class c
  (its row's sum), h_c its hits (the diagonal). Headline scores pool the counts of all folds first.
* A mean over classes is undefined (NaN) when a class lacks support. It is never averaged around the
  gap and never filled with zero: either would make the score depend on which classes a fold
  happened to hold, or on whether the model ever predicted the absent one.
  Only the fold means skip a missing class, as the papers do, and `ua_fold` says how often.
* Nothing is rounded and nothing is a percentage: 0.7414 here, 74.1 where it is printed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.errors import ModelError

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


def confusion(truth: ArrayLike, predicted: ArrayLike, classes: int) -> Counts:
    """Count the utterances of each true class that went to each predicted class.

    Parameters
    ----------
    truth, predicted
        Class indices [n], whole numbers from 0 to ``classes`` - 1.
    classes
        C, the number of classes of the label space.

    Returns
    -------
    int64 [C, C], rows = truth; all zero for n = 0.

    Raises
    ------
    ValueError
        If the two differ in length, are not one-dimensional, or hold anything but class indices.

    Examples
    --------
    >>> confusion([0, 0, 1], [0, 1, 1], classes=2).tolist()
    [[1, 1], [0, 1]]

    """
    rows, columns = _indices(truth, "truth", classes), _indices(predicted, "predicted", classes)
    if rows.shape != columns.shape:
        raise ValueError(f"{rows.size} true labels but {columns.size} predicted ones")
    cells = np.bincount(rows * classes + columns, minlength=classes * classes)
    return cells.astype(np.int64).reshape(classes, classes)


def decide(probabilities: ArrayLike) -> NDArray[np.int64]:
    """The class of the highest probability in each row; ties go to the lowest index.

    Parameters
    ----------
    probabilities
        Probabilities or other finite scores [n, C].

    Returns
    -------
    int64 [n]

    Raises
    ------
    ModelError
        If a score is NaN or infinite: an arg max over NaN would name a class all the same.
    ValueError
        If the array is not two-dimensional.

    Examples
    --------
    >>> decide([[0.2, 0.8], [0.5, 0.5]]).tolist()
    [1, 0]

    """
    winners: NDArray[np.int64] = _scores(probabilities).argmax(axis=1).astype(np.int64)
    return winners


def tie_share(probabilities: ArrayLike) -> float:
    """The share of rows [n, C] whose highest score stands in more than one column; 0 for n = 0.

    Such a row was decided by the order of the classes and not by the model. Scores tie when they
    are equal to the last bit. Raises as `decide` does.

    >>> tie_share([[0.2, 0.8], [0.5, 0.5]])
    0.5
    """
    scores = _scores(probabilities)
    if not scores.size:
        return 0.0
    highest = scores.max(axis=1, keepdims=True)
    return float(np.mean((scores == highest).sum(axis=1) > 1))


def wa(confusion: Counts) -> float:
    """Weighted accuracy, WA = WAR = plain accuracy: sum_c h_c / sum_c n_c; NaN for an empty matrix.

    >>> wa(np.array([[3, 1], [0, 4]]))
    0.875
    """
    n = float(confusion.sum())
    return float(np.trace(confusion)) / n if n else float("nan")


def recalls(confusion: Counts) -> Floats:
    """The recall of each class, h_c / n_c, float [C]; NaN for a class without support.

    >>> recalls(np.array([[3, 1], [0, 0]])).tolist()
    [0.75, nan]
    """
    return _ratio(np.diagonal(confusion), confusion.sum(axis=1))


def ua(confusion: Counts) -> float:
    """Unweighted accuracy, UA = UAR: (1/C) sum_c h_c / n_c; NaN if any class lacks support.

    >>> ua(np.array([[3, 1], [0, 1]])), ua(np.array([[3, 1], [0, 0]]))
    (0.875, nan)
    """
    return float(recalls(confusion).mean())


def chance_adjusted_ua(confusion: Counts) -> float:
    """UA on a scale from 0 = chance to 1 = perfect: (UA - 1/C) / (1 - 1/C).

    C counts every class of the label space. Any predictor that ignores its input has an expected UA
    of 1/C, whatever it favours. NaN if UA is, or if C = 1, where chance is already perfect.

    >>> chance_adjusted_ua(np.array([[3, 1], [0, 1]]))
    0.75
    """
    classes = len(confusion)
    if classes == 1:
        return float("nan")
    return (ua(confusion) - 1 / classes) / (1 - 1 / classes)


def f1_scores(confusion: Counts) -> Floats:
    """The F1 of each class, 2 TP / (2 TP + FP + FN), float [C].

    2 TP + FP + FN is the class's row plus its column. NaN for a class absent from both; 0 for one
    without support that was predicted.

    >>> f1_scores(np.array([[3, 1], [1, 0]])).tolist()
    [0.75, 0.0]
    """
    return _ratio(2 * np.diagonal(confusion), confusion.sum(axis=0) + confusion.sum(axis=1))


def macro_f1(confusion: Counts) -> float:
    """The plain mean of the classes' F1; NaN if any class lacks support, as for UA.

    Were it NaN only for a class that is also never predicted, then one cell of a board would be
    defined for one model and undefined for the next.

    >>> macro_f1(np.array([[3, 1], [1, 0]]))
    0.375
    """
    if not confusion.sum(axis=1).all():
        return float("nan")
    return float(f1_scores(confusion).mean())


def weighted_f1(confusion: Counts) -> float:
    """The mean of the classes' F1, weighted by support: sum_c n_c F1_c / sum_c n_c.

    A class without support weighs nothing; NaN for an empty matrix. Truth and prediction cannot be
    exchanged: the weights are the truth's.

    >>> weighted_f1(np.array([[3, 1], [1, 0]]))
    0.6
    """
    support = confusion.sum(axis=1)
    n = int(support.sum())
    # A class absent from truth and prediction has F1 = NaN, and 0 * NaN would spoil the sum.
    return float(support @ np.nan_to_num(f1_scores(confusion))) / n if n else float("nan")


def ua_fold(confusions: Counts) -> tuple[float, int]:
    """UA as many papers print it: per fold over the classes it holds, then averaged over the folds.

    mean_f mean_{c: n_fc > 0} h_fc / n_fc. It differs from the pooled UA when folds differ in size
    or lack a class. A fold without any utterance is left out.

    Parameters
    ----------
    confusions
        Counts [folds, C, C].

    Returns
    -------
    The value, NaN if every fold is empty, and the number of (fold, class) cells left out.

    Examples
    --------
    >>> ua_fold(np.array([[[1, 1], [0, 0]], [[1, 0], [0, 1]]]))
    (0.75, 1)

    """
    per_fold = [recalls(fold) for fold in confusions]
    missing = sum(int(np.isnan(fold).sum()) for fold in per_fold)
    return _mean_of_known([_mean_of_known(fold) for fold in per_fold]), missing


def wa_fold(confusions: Counts) -> float:
    """The accuracy of each fold [folds, C, C], averaged over the folds that hold an utterance.

    >>> wa_fold(np.array([[[1, 1], [0, 0]], [[1, 0], [0, 1]]]))
    0.75
    """
    return _mean_of_known([wa(fold) for fold in confusions])


def _indices(labels: ArrayLike, name: str, classes: int) -> NDArray[np.int64]:
    values = np.asarray(labels)
    if values.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, not of shape {values.shape}")
    if values.size and values.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold class indices, not {values.dtype}")
    # A label of -1 or C would land, unnoticed, in a neighbouring row of the matrix.
    if values.size and not (values.min() >= 0 and values.max() < classes):
        raise ValueError(
            f"{name} must lie in 0..{classes - 1}, found {values.min()}..{values.max()}"
        )
    return values.astype(np.int64)


def _scores(probabilities: ArrayLike) -> Floats:
    scores = np.asarray(probabilities, dtype=np.float64)
    if scores.ndim != 2:
        raise ValueError(f"probabilities must be [n, C], not of shape {scores.shape}")
    broken = int((~np.isfinite(scores)).any(axis=1).sum())
    if broken:
        raise ModelError(
            f"{broken} of {len(scores)} rows of probabilities hold NaN or infinity",
            expected="finite probabilities, one column for each class",
            advice="look at the model's training loss and at the features it was given",
        )
    return scores


def _ratio(numerator: Counts, denominator: Counts) -> Floats:
    ratio = np.full(denominator.shape, np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return ratio


def _mean_of_known(values: ArrayLike) -> float:
    """Like np.nanmean, but NaN without a warning when nothing is known."""
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    return float(known.mean()) if known.size else float("nan")
