"""A measured score as the paper takes it, pooled or a mean over folds, and its noise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench import metrics, sentiment
from serbench.cells import CellScores
from serbench.intervals import pseudo_values
from serbench.predictions import Predictions
from serbench.published import Published
from serbench.reproducing.measured import Measured
from serbench.reproducing.noise import Noise, of_mean, over_folds, over_runs, over_speakers
from serbench.scores import ClassScores, ScaleScores, known
from serbench.stats.paired import corrected, uncorrected

Counts = NDArray[np.int64]
RECALL = "recall_"
POOLED, FOLDS = "pooled", "mean over folds"
RATED = ("truth", "values")  # of ratings


@dataclass(frozen=True)
class Value:
    """A measured number.

    Parameters
    ----------
    number
        A share of 1; of a test its p.
    how
        "pooled", "mean over folds", "mean over the pairs", "mean over corpora" or a test's name.
    other, other_how
        The same scores taken the other way; None where there is no other.
    noise
        None where it is not known.
    sd
        Over runs, where it is a mean over several (ddof 1).
    """

    number: float
    how: str
    other: float | None = None
    other_how: str = ""
    noise: Noise | None = None
    sd: float | None = None


def value(measured: Measured, one: Published) -> Value | None:
    """Ours beside a published number; None where it is undefined."""
    scores = measured.scores
    if isinstance(scores, ScaleScores):
        found = _of_scale(measured, scores, one)
    elif isinstance(scores, CellScores):
        found = _of_pairs(measured, scores, one)
    else:
        found = _of_classes(measured, scores, one)
    return None if found is None or not math.isfinite(found.number) else found


def mean(values: Sequence[Value]) -> Value:
    """The plain mean over corpora, as papers take it."""
    others = [one.other for one in values if one.other is not None]
    return Value(
        float(np.mean([one.number for one in values])),
        "mean over corpora",
        other=float(np.mean(others)) if len(others) == len(values) else None,
        other_how=values[0].other_how,
        noise=of_mean([one.noise for one in values]),
    )


def paired(first: Measured, second: Measured) -> tuple[Value, float, int] | None:
    """The plain paired t-test of two models' accuracies over folds, as papers print it.

    Returns
    -------
    Its p, that of the test that allows for shared training sets, and the number of folds. None
    where the folds of the two are not the same, or there are fewer than two.
    """
    ours, theirs = (
        _by_fold(counts_of(one, "wa"), metrics.wa).mean(axis=0) for one in (first, second)
    )
    same = first.held.row["split"] == second.held.row["split"] and len(ours) == len(theirs)
    if not same or len(ours) < 2:
        return None
    differences = ours - theirs
    plain = uncorrected(differences).p
    return Value(plain, "paired t, uncorrected"), corrected(differences, len(ours)).p, len(ours)


def _of_scale(measured: Measured, scores: ScaleScores, one: Published) -> Value | None:
    interval = scores.intervals.get(one.metric)
    if interval is None:
        return None
    said: Any = measured.said(one.metric)
    by_seed = []
    for seed in sorted({seed for seed, _, _ in said}):
        own = [ratings for (of, _, _), ratings in said.items() if of == seed]
        truth, told = (np.concatenate([getattr(r, name) for r in own]) for name in RATED)
        by_seed.append(sentiment.SCORES[one.metric](sentiment.sums(truth, told).sum(axis=0)))
    noise = _over_runs(measured, one, by_seed) or over_speakers(interval)
    return Value(interval.estimate, POOLED, noise=noise)


def _of_pairs(measured: Measured, scores: CellScores, one: Published) -> Value | None:
    if one.metric not in {"ua", "wa"}:
        return None
    sd = getattr(scores, f"{one.metric}_sd")
    noise = _noise_of_runs(sd, measured.n_seeds, one) if math.isfinite(sd) else None
    return Value(
        getattr(scores, one.metric).estimate, "mean over the pairs", noise=noise, sd=known(sd)
    )


def _over_runs(
    measured: Measured, one: Published, by_seed: Sequence[float] | NDArray[np.float64]
) -> Noise | None:
    """The noise over runs, where the paper's folds are these and a seed makes a difference."""
    same = measured.own_folds and not one.other_draw
    if not (same and measured.by_chance and len(by_seed) > 1):
        return None
    return _noise_of_runs(float(np.std(by_seed, ddof=1)), len(by_seed), one)


def _noise_of_runs(sd: float, runs: int, one: Published) -> Noise | None:
    printed = None if one.spread is None else one.spread / 100
    return over_runs(sd, runs, printed, one.n_runs)


def _of_classes(measured: Measured, scores: ClassScores, one: Published) -> Value | None:
    score = _score(one.metric, scores.classes)
    if score is None:
        return None
    counts = counts_of(measured, one.metric)
    pooled = [score(seed.sum(axis=0)) for seed in counts]
    number = float(np.mean(pooled))
    by_seed = _by_fold(counts, score)
    if by_seed.shape[1] == 1:  # one test set
        interval = getattr(scores, one.metric, None)
        spread = None if interval is None else over_speakers(interval)
        return Value(number, POOLED, noise=_over_runs(measured, one, pooled) or spread)
    by_fold = by_seed.mean(axis=0)
    there = np.isfinite(by_fold)
    folds = float(by_fold[there].mean()) if there.any() else math.nan
    if one.aggregation == "fold_mean":
        spread = _over_runs(measured, one, by_seed[:, there].mean(axis=1)) or over_folds(by_fold)
        return Value(folds, FOLDS, number, POOLED, spread)
    values = pseudo_values(counts, score)  # a fold left out, as a speaker is elsewhere
    spread = over_folds(values.mean(axis=1)) if np.isfinite(values).all() else over_folds(by_fold)
    return Value(number, POOLED, folds, FOLDS, _over_runs(measured, one, pooled) or spread)


def _score(metric: str, classes: Sequence[str]) -> Callable[[Counts], float] | None:
    """What a confusion matrix gives. A class without utterances is left out of a fold's UA."""
    if metric == "wa":
        return metrics.wa
    if metric == "ua":
        return metrics.ua
    if metric.startswith(RECALL) and metric.removeprefix(RECALL) in classes:
        at = list(classes).index(metric.removeprefix(RECALL))
        return lambda counts: float(metrics.recalls(counts)[at])
    return None


def _by_fold(counts: Counts, score: Callable[[Counts], float]) -> NDArray[np.float64]:
    """The score of each fold [seeds, folds]; NaN where a fold has none."""
    if score is metrics.ua:
        found = [[metrics.ua_fold(fold[None])[0] for fold in seed] for seed in counts]
    else:
        found = [[score(fold) for fold in seed] for seed in counts]
    return np.asarray(found, dtype=np.float64)


def counts_of(measured: Measured, metric: str) -> Counts:
    """Confusion matrices [seeds, folds, classes, classes], folds in the order of their names."""
    said: Any = measured.said(metric)
    seeds = sorted({seed for seed, _, _ in said})
    folds = sorted({fold for _, fold, _ in said})
    by_fold = {(seed, fold): one for (seed, fold, _), one in said.items()}
    return np.stack(
        [np.stack([_confusion(by_fold[seed, fold]) for fold in folds]) for seed in seeds]
    )


def _confusion(said: Predictions) -> Counts:
    decided = metrics.decide(said.probabilities)
    return metrics.confusion(said.truth, decided, len(said.classes))
