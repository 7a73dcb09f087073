"""What is known of the training set's labels alone, whatever is said: what any model must beat."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from serbench.data import LabelledUtterances, Utterances
from serbench.labels import Scale


class Prior:
    """Says the same of every utterance.

    Of classes: each one's share of the training set, and so always the most frequent class. Its UA
    is 1 / classes by construction; its WA shows what the imbalance alone is worth.

    On a scale: the median of the training set, which no other constant has a lower mean absolute
    error than. Its correlation is undefined, or without meaning where the folds' medians differ.
    """

    version = "1"
    inputs: frozenset[str] = frozenset()
    deterministic = True

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        del seed
        if isinstance(train.task, Scale):
            self.median_ = float(np.median(train.y))
        else:
            counts = np.bincount(train.y, minlength=len(train.task.names))
            self.shares_: NDArray[np.float64] = counts / counts.sum()
        return self

    def predict_proba(self, test: Utterances) -> NDArray[np.float64]:
        """The classes' shares, float64 [utterances, classes]."""
        return np.tile(self.shares_, (len(test), 1))

    def predict(self, test: Utterances) -> NDArray[np.float64]:
        """The median, float64 [utterances]."""
        return np.full(len(test), self.median_)
