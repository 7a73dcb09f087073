"""From the predictions of a row's trials to its scores, and nothing but from these.

Scores are pooled: what the folds of a seed counted is summed before the score is taken, and the
seeds' scores are averaged. What papers often print of classes, the mean over folds, stands beside.
Intervals have the speaker as their unit (:mod:`serbench.intervals`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from serbench import metrics, sentiment
from serbench.errors import StoreError
from serbench.evidence import Evidence
from serbench.intervals import Interval, jackknife_over_seeds
from serbench.predictions import Predictions
from serbench.ratings import Ratings

T = TypeVar("T")
Field = float | int | None


@dataclass(frozen=True)
class ClassScores:
    """The scores of one model that tells classes apart.

    ``ua_fold`` and ``wa_fold`` are means over folds, then seeds; ``missing`` is the number of
    (fold, class) cells without a test utterance, which ``ua_fold`` leaves out.
    ``confusion`` is pooled over folds and seeds, rows the truth.
    """

    FIELDS: ClassVar = (
        *("ua", "ua_low", "ua_high", "wa", "wa_low", "wa_high"),
        *("macro_f1", "ua_fold", "wa_fold", "n_missing"),
    )

    ua: Interval
    wa: Interval
    macro_f1: float
    ua_fold: float
    wa_fold: float
    missing: int
    confusion: NDArray[np.int64]
    classes: tuple[str, ...]
    utterances: int
    speakers: int
    tied: float  # share of rows whose highest probability is shared
    evidence: Evidence  # of UA

    @property
    def headline(self) -> Interval:
        """What a board sorts by, the highest first: UA."""
        return self.ua

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know of the headline's interval."""
        return self.ua.flags

    def record(self) -> dict[str, Field]:
        """The values of ``FIELDS``: shares of 1, intervals cut to 0..1, None where undefined."""
        return {
            **ends("ua", self.ua),
            **ends("wa", self.wa),
            "macro_f1": known(self.macro_f1),
            "ua_fold": known(self.ua_fold),
            "wa_fold": known(self.wa_fold),
            "n_missing": self.missing,
        }


@dataclass(frozen=True)
class ScaleScores:
    """The scores of one model that rates sentiment from -3 to 3 (:mod:`serbench.sentiment`).

    Parameters
    ----------
    intervals
        Name of a field of :class:`serbench.sentiment.SentimentScores` to its score.
    """

    FIELDS: ClassVar = tuple(
        name + end for name in sentiment.SCORES for end in ("", "_low", "_high")
    )
    REACH: ClassVar = {"mae": (0.0, math.inf), "correlation": (-1.0, 1.0)}  # others: 0 to 1

    intervals: Mapping[str, Interval]
    utterances: int
    speakers: int
    evidence: Evidence  # of ACC7

    @property
    def headline(self) -> Interval:
        """What a board sorts by, the highest first: ACC7.

        It is the one score that papers on CMU-MOSEI print, and all by the same formula: ACC2 and F1
        come in two conventions, and SWRR prints no MAE.
        """
        return self.intervals["acc7"]

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know of any of the intervals. An undefined score is None already."""
        found = dict.fromkeys(flag for one in self.intervals.values() for flag in one.flags)
        return tuple(flag for flag in found if flag != "undefined")

    def record(self) -> dict[str, Field]:
        """The values of ``FIELDS``, intervals cut to what the score can reach, None: undefined."""
        return {
            field: value
            for name, interval in self.intervals.items()
            for field, value in ends(name, interval, *self.REACH.get(name, (0.0, 1.0))).items()
        }


def class_scores(trials: Mapping[tuple[int, str], Predictions]) -> ClassScores:
    """Score a complete grid of trials.

    Parameters
    ----------
    trials
        Predictions by (seed, fold); every seed has every fold.

    Raises
    ------
    StoreError
        If two folds of a seed judge one utterance, or the classes or utterances differ between
        trials: then these are not the trials of one row.
    """
    seeds, folds, utterances = _by_seed(trials)
    classes = _one({p.classes for p in trials.values()}, "classes")
    speakers = _speakers(trials.values())
    counts = np.stack([_counts(said, speakers, len(classes)) for said in seeds.values()])
    confusions = [np.stack([_confusion(p, len(classes)) for p in said]) for said in seeds.values()]
    fold_means = [metrics.ua_fold(matrices) for matrices in confusions]
    pooled = counts.sum(axis=1)
    return ClassScores(
        ua=jackknife_over_seeds(counts, metrics.ua),
        wa=jackknife_over_seeds(counts, metrics.wa),
        macro_f1=float(np.mean([metrics.macro_f1(confusion) for confusion in pooled])),
        ua_fold=float(np.mean([mean for mean, _ in fold_means])),
        wa_fold=float(np.mean([metrics.wa_fold(matrices) for matrices in confusions])),
        missing=fold_means[0][1],
        confusion=pooled.sum(axis=0),
        classes=classes,
        utterances=utterances,
        speakers=len(speakers),
        tied=float(np.mean([metrics.tie_share(p.probabilities) for p in trials.values()])),
        evidence=Evidence(
            seeds=tuple(seeds),
            speakers=tuple(speakers),
            folds=folds,
            hits=np.diagonal(counts, axis1=2, axis2=3),
            support=_support(counts),
            by_fold=np.array([[metrics.ua_fold(f[None])[0] for f in m] for m in confusions]),
        ),
    )


def scale_scores(trials: Mapping[tuple[int, str], Ratings]) -> ScaleScores:
    """Score a complete grid of trials.

    Parameters
    ----------
    trials
        Ratings of a sentiment from -3 to 3 by (seed, fold); every seed has every fold.

    Raises
    ------
    StoreError
        If two folds of a seed judge one utterance, or the utterances differ between trials.
    """
    seeds, folds, utterances = _by_seed(trials)
    speakers = _speakers(trials.values())
    sums = np.stack([_sums(said, speakers) for said in seeds.values()])
    sevens = np.array([[sentiment.sevens(one) for one in seed] for seed in sums])
    return ScaleScores(
        {name: jackknife_over_seeds(sums, score) for name, score in sentiment.SCORES.items()},
        utterances=utterances,
        speakers=len(speakers),
        evidence=Evidence(
            seeds=tuple(seeds),
            speakers=tuple(speakers),
            folds=folds,
            hits=np.trace(sevens, axis1=2, axis2=3)[..., np.newaxis],
            support=sevens[0].sum(axis=(1, 2))[:, np.newaxis],
            by_fold=np.array(
                [[_acc7(ratings) for ratings in said] for said in seeds.values()], np.float64
            ),
        ),
    )


def known(value: float) -> float | None:
    """JSON has no NaN: a score or an end that does not exist is null."""
    return None if math.isnan(value) else float(value)


def ends(name: str, interval: Interval, least: float = 0.0, most: float = 1.0) -> dict[str, Field]:
    """A score and its interval's ends, cut to what the score can reach, as flat JSON fields."""
    low, high = interval.clipped(least, most)
    return {
        name: known(interval.estimate),
        f"{name}_low": known(low),
        f"{name}_high": known(high),
    }


class _Judged(Protocol):
    """A test set of one trial, whatever was said of it."""

    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def speakers(self) -> tuple[str, ...]: ...


J = TypeVar("J", bound=_Judged)


def _by_seed(
    trials: Mapping[tuple[int, str], J],
) -> tuple[dict[int, list[J]], tuple[str, ...], int]:
    """What each seed judged by fold, the folds in the order of their names, how many utterances."""
    by_seed: dict[int, list[J]] = defaultdict(list)
    names: dict[int, list[str]] = defaultdict(list)
    for (seed, fold), judged in sorted(trials.items(), key=lambda item: item[0]):
        by_seed[seed].append(judged)
        names[seed].append(fold)
    folds = _one({tuple(of_seed) for of_seed in names.values()}, "folds")
    covered = _one({_covered(said) for said in by_seed.values()}, "utterances")
    if not covered:
        raise StoreError("the trials of one row judge no utterance")
    return dict(by_seed), folds, len(covered)


def _covered(folds: Iterable[_Judged]) -> frozenset[str]:
    """The utterances judged by the folds of one seed, each once."""
    seen: set[str] = set()
    for name in (name for judged in folds for name in judged.ids):
        if name in seen:
            raise StoreError(
                f"{name} is judged in two folds of one seed", expected="each utterance once"
            )
        seen.add(name)
    return frozenset(seen)


def _speakers(trials: Iterable[_Judged]) -> dict[str, int]:
    """Everyone who speaks, and their place among all."""
    names = sorted({name for judged in trials for name in judged.speakers})
    return {name: place for place, name in enumerate(names)}


def _who(judged: _Judged, speakers: Mapping[str, int]) -> NDArray[np.int64]:
    return np.array([speakers[name] for name in judged.speakers], dtype=np.int64)


def _confusion(predictions: Predictions, classes: int) -> NDArray[np.int64]:
    decided = metrics.decide(predictions.probabilities)
    return metrics.confusion(predictions.truth, decided, classes)


def _counts(
    folds: Iterable[Predictions], speakers: Mapping[str, int], classes: int
) -> NDArray[np.int64]:
    """Counts [speakers, classes, classes] over all folds of one seed."""
    counts = np.zeros((len(speakers), classes, classes), dtype=np.int64)
    for predictions in folds:
        decided = metrics.decide(predictions.probabilities)
        where = (_who(predictions, speakers), predictions.truth, decided)
        cells = np.ravel_multi_index(where, counts.shape)
        counts += np.bincount(cells, minlength=counts.size).reshape(counts.shape)
    return counts


def _support(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Utterances of each speaker and class [S, C], of counts [R, S, C, C]."""
    support: NDArray[np.int64] = counts.sum(axis=3)
    if (support != support[0]).any():
        raise StoreError("the seeds of one row differ in the right classes of their utterances")
    first: NDArray[np.int64] = support[0]
    return first


def _acc7(ratings: Ratings) -> float:
    return sentiment.acc7(ratings.truth, ratings.values) if ratings.ids else math.nan


def _sums(folds: Sequence[Ratings], speakers: Mapping[str, int]) -> NDArray[np.float64]:
    """What each speaker contributes [speakers, ...] over all folds of one seed."""
    return sentiment.sums(
        np.concatenate([ratings.truth for ratings in folds]),
        np.concatenate([ratings.values for ratings in folds]),
        np.concatenate([_who(ratings, speakers) for ratings in folds]),
        len(speakers),
    )


def _one(values: set[T], what: str) -> T:
    if len(values) != 1:
        raise StoreError(f"the trials of one row differ in their {what}")
    return values.pop()
