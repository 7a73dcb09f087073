"""What each speaker and each fold contributes to a headline score, for two models to be compared.

A board's scores are pooled, and a difference of pooled scores has no variance of its own. Its parts
have: the utterances of each class that each speaker got right, and the score of each fold. ACC7 of
a sentiment is the recall of a single class, so that one form serves both tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from serbench.errors import StoreError

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64 | np.float64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """The parts of one model's headline score on one test corpus.

    Parameters
    ----------
    seeds, speakers, folds
        What the axes are of: R, S and F names.
    hits
        Utterances that were told right [R, S, C].
    support
        Utterances there are [S, C], the same for all seeds.
    by_fold
        The score of each fold [R, F], over the classes that it holds.
    """

    seeds: tuple[int, ...]
    speakers: tuple[str, ...]
    folds: tuple[str, ...]
    hits: Numbers
    support: NDArray[np.int64]
    by_fold: Floats

    @cached_property
    def by_seed(self) -> Floats:
        """The pooled score of each seed [R]; NaN where a class has no utterance."""
        return _score(self.hits.sum(axis=1), self.support.sum(axis=0))

    @cached_property
    def pseudo_values(self) -> Floats:
        """The jackknife's pseudo-values [S, R], as :func:`serbench.intervals.pseudo_values`.

        Those of a difference are the difference of these. NaN where a speaker alone speaks a class.
        """
        count = len(self.speakers)
        without = _score(
            self.hits.sum(axis=1, keepdims=True) - self.hits,
            self.support.sum(axis=0) - self.support,
        )
        values: Floats = count * self.by_seed[:, np.newaxis] - (count - 1) * without
        return values.T

    @cached_property
    def by_speaker(self) -> Floats:
        """The score of each speaker [S] over the classes spoken, the mean over seeds."""
        spoken = self.support > 0
        recall = self.hits.mean(axis=0) / np.where(spoken, self.support, 1)
        return (recall * spoken).sum(axis=1) / spoken.sum(axis=1)  # type: ignore[no-any-return]

    def of_seeds(self, seeds: tuple[int, ...]) -> Evidence:
        """That of these seeds alone."""
        kept = [self.seeds.index(seed) for seed in seeds]
        return Evidence(
            seeds, self.speakers, self.folds, self.hits[kept], self.support, self.by_fold[kept]
        )

    def drawn(self, weights: Numbers) -> Floats:
        """The score, the mean over seeds, of speakers drawn so often each [draws, S]: [draws].

        NaN of a draw without a class.
        """
        hits: Floats = weights @ self.hits.mean(axis=0)
        return _score(hits, weights.astype(np.int64) @ self.support)


class NoSharedSeed(StoreError):
    """Two models were trained with different seeds, and cannot be held against each other."""


def paired(
    first: Evidence, second: Evidence, steady: tuple[bool, bool] = (False, False)
) -> tuple[Evidence, Evidence]:
    """Two models' parts, seed by seed: of the seeds that both have.

    Parameters
    ----------
    steady
        Whether the first, and the second, has no chance in it. Such a model has the same answer
        under every seed, so that its single one stands beside each of the other's. That of a model
        with chance would not: what another seed had given is not known.

    Raises
    ------
    NoSharedSeed
        If no seed is left.
    StoreError
        If they are of other speakers, folds or utterances.
    """
    alike = (
        first.speakers == second.speakers
        and first.folds == second.folds
        and np.array_equal(first.support, second.support)
    )
    if not alike:
        raise StoreError(
            "two rows of one board judge different utterances",
            expected="the same ones in the same folds",
        )
    if any(one and len(of.seeds) == 1 for one, of in zip(steady, (first, second), strict=True)):
        return first, second  # numpy repeats the single one
    shared = tuple(seed for seed in first.seeds if seed in second.seeds)
    if not shared:
        raise NoSharedSeed(
            "two rows of one board share no seed",
            expected="runs of both with one seed at least that is the same",
        )
    return first.of_seeds(shared), second.of_seeds(shared)


def _score(hits: Numbers, support: Numbers) -> Floats:
    """The mean over classes [..., C] of hits over support; NaN where a class has none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        score: Floats = (hits / np.where(support > 0, support, np.nan)).mean(axis=-1)
    return score
