"""A label that is spelt by a file's name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.data import Utterances
from serbench.testing.leaky.honest import NearestMean


class PathReader(NearestMean):
    """Digs the file's name out of what it is handed, and answers by it.

    ``03a01Fa.wav`` says happiness to whoever knows EMO-DB. No public name of a test set leads
    there, so it takes private ones. Caught by rule L18: of the same sound in a file of another
    name, it answers otherwise.
    """

    def predict_proba(self, test: Utterances) -> NDArray[Any]:
        said = super().predict_proba(test)
        source: Any = test._source  # noqa: SLF001  the fault
        names: tuple[str, ...] = test.task.names  # type: ignore[union-attr]
        for i, row in enumerate(test._rows):  # noqa: SLF001
            word = source._clips[int(row)].path.name.partition("-")[0]  # noqa: SLF001
            if word in names:
                said[i] = np.eye(len(names))[names.index(word)]
        return said
