"""Something that survives from one fold's training into the next one's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from serbench.data import LabelledUtterances, Utterances
from serbench.testing.leaky.honest import NearestMean


class CarriedState(NearestMean):
    """Remembers every training utterance's label on its class, where the next fold finds it.

    What one fold tests, the others train on: from the second fold on, most answers are known. A
    network whose weights are not drawn anew for each fold does the same, less openly. Caught by
    rule L20: trained again on the same fold, after another, it answers otherwise.
    """

    known: ClassVar[Mapping[bytes, int]] = {}

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        heard = {train.waveform(i).tobytes(): int(train.y[i]) for i in range(len(train))}
        type(self).known = {**self.known, **heard}
        return super().fit(train, seed=seed)

    def predict_proba(self, test: Utterances) -> NDArray[Any]:
        said = super().predict_proba(test)
        for i in range(len(test)):
            answer = self.known.get(test.waveform(i).tobytes())
            if answer is not None:
                said[i] = np.eye(said.shape[1])[answer]
        return said
