"""From the predictions of a row's trials to its scores, and nothing but from these.

Scores are pooled: what the folds of a seed counted is summed before the score is taken, and the
seeds' scores are averaged. What papers often print of classes, the mean over folds, stands beside.
Intervals have the speaker as their unit (:mod:`serbench.intervals`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from serbench import metrics, sentiment, tally
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
    confusion: NDArray[Any]  # int64; float64 where a trial is scored as chance
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


def class_scores(
    trials: Mapping[tuple[int, str], Predictions], chance: Collection[tuple[int, str]] = ()
) -> ClassScores:
    """Score a complete grid of trials.

    Parameters
    ----------
    trials
        Predictions by (seed, fold); every seed has every fold.
    chance
        Trials that gave nothing: of these only the right classes are read, and every class is told
        as often as any other, so that each has the recall 1/C.

    Raises
    ------
    StoreError
        If two folds of a seed judge one utterance, or the classes or utterances differ between
        trials: then these are not the trials of one row.
    """
    seeds, folds, utterances = tally.by_seed(trials)
    classes = tally.one({p.classes for p in trials.values()}, "classes")
    speakers = tally.speakers(trials.values())
    blind = {id(trials[place]) for place in chance}
    counts = np.stack(
        [tally.counts(said, speakers, len(classes), blind) for said in seeds.values()]
    )
    confusions = [
        np.stack([tally.confusion(p, len(classes), id(p) in blind) for p in said])
        for said in seeds.values()
    ]
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
            support=tally.support(counts),
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
    seeds, folds, utterances = tally.by_seed(trials)
    speakers = tally.speakers(trials.values())
    sums = np.stack([tally.sums(said, speakers) for said in seeds.values()])
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


def _acc7(ratings: Ratings) -> float:
    return sentiment.acc7(ratings.truth, ratings.values) if ratings.ids else math.nan
