"""What was told of utterances, counted by seed, speaker and class: what scores are taken from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from serbench import metrics, sentiment
from serbench.errors import StoreError
from serbench.predictions import Predictions
from serbench.ratings import Ratings

T = TypeVar("T")


class Judged(Protocol):
    """A test set of one trial, whatever was said of it."""

    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def speakers(self) -> tuple[str, ...]: ...


J = TypeVar("J", bound=Judged)


def by_seed(
    trials: Mapping[tuple[int, str], J],
) -> tuple[dict[int, list[J]], tuple[str, ...], int]:
    """What each seed judged by fold, the folds in the order of their names, how many utterances."""
    by_seed: dict[int, list[J]] = defaultdict(list)
    names: dict[int, list[str]] = defaultdict(list)
    for (seed, fold), judged in sorted(trials.items(), key=lambda item: item[0]):
        by_seed[seed].append(judged)
        names[seed].append(fold)
    folds = one({tuple(of_seed) for of_seed in names.values()}, "folds")
    covered = one({_covered(said) for said in by_seed.values()}, "utterances")
    if not covered:
        raise StoreError("the trials of one row judge no utterance")
    return dict(by_seed), folds, len(covered)


def _covered(folds: Iterable[Judged]) -> frozenset[str]:
    """The utterances judged by the folds of one seed, each once."""
    seen: set[str] = set()
    for name in (name for judged in folds for name in judged.ids):
        if name in seen:
            raise StoreError(
                f"{name} is judged in two folds of one seed", expected="each utterance once"
            )
        seen.add(name)
    return frozenset(seen)


def speakers(trials: Iterable[Judged]) -> dict[str, int]:
    """Everyone who speaks, and their place among all."""
    names = sorted({name for judged in trials for name in judged.speakers})
    return {name: place for place, name in enumerate(names)}


def who(judged: Judged, speakers: Mapping[str, int]) -> NDArray[np.int64]:
    return np.array([speakers[name] for name in judged.speakers], dtype=np.int64)


def confusion(predictions: Predictions, classes: int, blind: bool) -> NDArray[Any]:
    if blind:
        support = np.bincount(predictions.truth, minlength=classes)
        return np.repeat(support[:, np.newaxis] / classes, classes, axis=1)
    decided = metrics.decide(predictions.probabilities)
    return metrics.confusion(predictions.truth, decided, classes)


def counts(
    folds: Iterable[Predictions], speakers: Mapping[str, int], classes: int, blind: Collection[int]
) -> NDArray[Any]:
    """Counts [speakers, classes, classes] over all folds of one seed, whole but for blind ones."""
    counts: NDArray[Any] = np.zeros((len(speakers), classes, classes), dtype=np.int64)
    for predictions in folds:
        if id(predictions) in blind:
            where = (who(predictions, speakers), predictions.truth)
            there = np.bincount(
                np.ravel_multi_index(where, counts.shape[:2]), minlength=counts[..., 0].size
            ).reshape(counts.shape[:2])
            counts = counts + there[..., np.newaxis] / classes
            continue
        decided = metrics.decide(predictions.probabilities)
        cells = np.ravel_multi_index(
            (who(predictions, speakers), predictions.truth, decided), counts.shape
        )
        counts = counts + np.bincount(cells, minlength=counts.size).reshape(counts.shape)
    return counts


def support(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Utterances of each speaker and class [S, C], of counts [R, S, C, C]."""
    support: NDArray[np.int64] = counts.sum(axis=3).round().astype(np.int64)
    if (support != support[0]).any():
        raise StoreError("the seeds of one row differ in the right classes of their utterances")
    first: NDArray[np.int64] = support[0]
    return first


def sums(folds: Sequence[Ratings], speakers: Mapping[str, int]) -> NDArray[np.float64]:
    """What each speaker contributes [speakers, ...] over all folds of one seed."""
    return sentiment.sums(
        np.concatenate([ratings.truth for ratings in folds]),
        np.concatenate([ratings.values for ratings in folds]),
        np.concatenate([who(ratings, speakers) for ratings in folds]),
        len(speakers),
    )


def one(values: set[T], what: str) -> T:
    if len(values) != 1:
        raise StoreError(f"the trials of one row differ in their {what}")
    return values.pop()
