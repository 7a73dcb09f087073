"""The shares of the classes in the training set, whatever is said: what any model must beat."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from serbench.data import LabelledUtterances, Utterances


class Prior:
    """Predicts each class with its share of the training set, and so always the most frequent one.

    Its UA is 1 / classes by construction; its WA shows what the imbalance alone is worth.
    """

    version = "1"
    inputs: frozenset[str] = frozenset()
    deterministic = True

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        del seed
        counts = np.bincount(train.y, minlength=len(train.task.names))  # type: ignore[union-attr]
        self.shares_: NDArray[np.float64] = counts / counts.sum()
        return self

    def predict_proba(self, test: Utterances) -> NDArray[np.float64]:
        return np.tile(self.shares_, (len(test), 1))
