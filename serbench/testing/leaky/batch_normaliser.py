"""Standardising test utterances by each other."""

from __future__ import annotations

import numpy as np

from serbench.testing.leaky.honest import Array, NearestMean


class BatchNormaliser(NearestMean):
    """Standardises what it is asked about by the mean and deviation of just that.

    A z-score over the test set, as many a published script computes. In use, speech comes one
    utterance at a time, and there is no test set to standardise by. Caught by rule L09: an answer
    depends on which other utterances are asked about with it.
    """

    def standardised(self, heard: Array) -> Array:
        return np.asarray((heard - heard.mean(axis=0)) / (heard.std(axis=0) + 1e-9))
