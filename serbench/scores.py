"""From the predictions of a row's trials to its scores, and nothing but from these.

UA and WA are pooled: the confusion matrices of all folds are summed before the metric is taken, for
each seed, and the seeds' scores are averaged. What papers often print, the mean over folds, stands
beside. Intervals have the speaker as their unit (:mod:`serbench.intervals`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from serbench import metrics
from serbench.errors import StoreError
from serbench.intervals import Interval, jackknife_over_seeds
from serbench.predictions import Predictions

T = TypeVar("T")


@dataclass(frozen=True)
class Score:
    """The scores of one model on one board.

    ``ua_fold`` and ``wa_fold`` are means over folds, then seeds; ``missing`` is the number of
    (fold, class) cells without a test utterance, which ``ua_fold`` leaves out.
    ``confusion`` is pooled over folds and seeds, rows the truth.
    """

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


def score(trials: Mapping[tuple[int, str], Predictions]) -> Score:
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
    by_seed: dict[int, dict[str, Predictions]] = defaultdict(dict)
    for (seed, fold), predictions in sorted(trials.items()):
        by_seed[seed][fold] = predictions
    classes = _one({p.classes for p in trials.values()}, "classes")
    ids = _one({_covered(folds.values()) for folds in by_seed.values()}, "utterances")
    speakers = sorted({name for p in trials.values() for name in p.speakers})
    counts = np.stack(
        [_by_speaker(folds.values(), speakers, len(classes)) for folds in by_seed.values()]
    )
    folds = [
        np.stack([_confusion(p, len(classes)) for p in folds.values()])
        for folds in by_seed.values()
    ]
    fold_means = [metrics.ua_fold(confusions) for confusions in folds]
    pooled = counts.sum(axis=1)
    return Score(
        ua=jackknife_over_seeds(counts, metrics.ua),
        wa=jackknife_over_seeds(counts, metrics.wa),
        macro_f1=float(np.mean([metrics.macro_f1(confusion) for confusion in pooled])),
        ua_fold=float(np.mean([mean for mean, _ in fold_means])),
        wa_fold=float(np.mean([metrics.wa_fold(confusions) for confusions in folds])),
        missing=fold_means[0][1],
        confusion=pooled.sum(axis=0),
        classes=classes,
        utterances=len(ids),
        speakers=len(speakers),
        tied=float(np.mean([metrics.tie_share(p.probabilities) for p in trials.values()])),
    )


def _covered(folds: Iterable[Predictions]) -> frozenset[str]:
    """The utterances judged by the folds of one seed, each once."""
    ids = [name for predictions in folds for name in predictions.ids]
    if len(ids) != len(set(ids)):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise StoreError(
            f"{twice} is judged in two folds of one seed", expected="each utterance once"
        )
    return frozenset(ids)


def _confusion(predictions: Predictions, classes: int) -> NDArray[np.int64]:
    decided = metrics.decide(predictions.probabilities)
    return metrics.confusion(predictions.truth, decided, classes)


def _by_speaker(
    folds: Iterable[Predictions], speakers: list[str], classes: int
) -> NDArray[np.int64]:
    """Counts [speakers, classes, classes] over all folds of one seed."""
    index = {name: i for i, name in enumerate(speakers)}
    counts = np.zeros((len(speakers), classes, classes), dtype=np.int64)
    for predictions in folds:
        who = np.array([index[name] for name in predictions.speakers])
        decided = metrics.decide(predictions.probabilities)
        cells = np.ravel_multi_index((who, predictions.truth, decided), counts.shape)
        counts += np.bincount(cells, minlength=counts.size).reshape(counts.shape)
    return counts


def _one(values: set[T], what: str) -> T:
    if len(values) != 1:
        raise StoreError(f"the trials of one row differ in their {what}")
    return values.pop()
