"""Ranks of models: by one score, over several corpora, and as an interval.

Scores are better when higher, and rank 1 is the best. Two scores closer than a billionth are equal:
what is left of their difference is rounding.

A rank by score says nothing of how sure it is, so a board shows an interval: no better than
one more than the number of models that are significantly better, no worse than the number of models
less those that are significantly worse.

A mean over corpora is only taken of models that have all of them. Averaging over what is there
would reward leaving out a hard corpus: of three models with mean scores of .55, .55 and .53, the
last one comes first as soon as its worst corpus is missing, by mean score and by mean rank alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.stats.apart import apart

TIE = 1e-9

Floats = NDArray[np.float64]


def competition(scores: ArrayLike) -> NDArray[np.int64]:
    """Ranks 1, 2, 2, 4: models that tie share the smallest. int64, of the shape of the scores.

    Parameters
    ----------
    scores
        [..., models]

    Raises
    ------
    ValueError
        If there is no model, or a score is no finite number.
    """
    above, _ = _above_and_beside(_finite(scores))
    return above + 1


def average(scores: ArrayLike) -> Floats:
    """Ranks 1, 2.5, 2.5, 4: models that tie share the mean. float64, of the shape of the scores.

    Parameters
    ----------
    scores
        [..., models]

    Raises
    ------
    ValueError
        If there is no model, or a score is no finite number.
    """
    above, beside = _above_and_beside(_finite(scores))
    return above + 1 + beside / 2


def mean_ranks(scores: ArrayLike) -> Floats:
    """Each model's mean over the corpora of its average ranks: float64 [models].

    Parameters
    ----------
    scores
        [corpora, models]

    Raises
    ------
    ValueError
        If a model has no score on a corpus, naming it and the corpus by number; or if there is no
        model or no corpus.
    """
    ranks: Floats = average(_whole(scores)).mean(axis=0)
    return ranks


def borda(scores: ArrayLike) -> Floats:
    """How many models each one beats, summed over the corpora; a tie is half: float64 [models].

    Parameters
    ----------
    scores
        [corpora, models]

    Raises
    ------
    ValueError
        As for `mean_ranks`.
    """
    found = _whole(scores)
    points: Floats = (found.shape[1] - average(found)).sum(axis=0)
    return points


def intervals(adjusted: ArrayLike, scores: ArrayLike) -> list[tuple[int, int]]:
    """The first and last rank that the tests leave to each model.

    Parameters
    ----------
    adjusted
        Adjusted p-values [models, models]; NaN where there was no test.
    scores
        [models]. Of two models that are told apart, the one with the higher score is better, and
        none if they have the same.

    Raises
    ------
    ValueError
        If the p-values are none, are not the same both ways round, or are not those of as many
        models; or if a score is no finite number.
    """
    found, told = _finite(scores), apart(adjusted)
    if found.shape != (len(told),):
        raise ValueError(f"scores of shape {found.shape} beside p-values of {len(told)} models")
    better = told & (found[np.newaxis, :] > found[:, np.newaxis])
    worse = told & (found[np.newaxis, :] < found[:, np.newaxis])
    first, last = 1 + better.sum(axis=1), len(told) - worse.sum(axis=1)
    return [(int(low), int(high)) for low, high in zip(first, last, strict=True)]


def _above_and_beside(scores: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many models each one is behind, and how many others it ties with."""
    above = np.zeros(scores.shape, np.int64)
    below = np.zeros(scores.shape, np.int64)
    for model in range(scores.shape[-1]):
        lead = scores[..., model, np.newaxis] - scores
        above += lead >= TIE
        below += lead <= -TIE
    return above, scores.shape[-1] - 1 - above - below


def _finite(scores: ArrayLike) -> Floats:
    found = np.asarray(scores, np.float64)
    if found.ndim < 1 or not found.shape[-1]:
        raise ValueError(f"scores of shape {found.shape}: no model")
    if not np.isfinite(found).all():
        raise ValueError("a score that is no finite number has no rank")
    return found


def _whole(scores: ArrayLike) -> Floats:
    found = np.asarray(scores, np.float64)
    if found.ndim != 2 or not found.size:
        raise ValueError(f"scores of shape {found.shape}: a row for each corpus, a column a model")
    missing = np.argwhere(~np.isfinite(found))
    if len(missing):
        corpus, model = (int(place) for place in missing[0])
        raise ValueError(
            f"{len(missing)} of {found.size} scores are missing, the first of model {model} on "
            f"corpus {corpus}: a mean over the others would reward leaving out the hard ones"
        )
    return found
