"""A scanned corpus seen through a label space: who is in it, and under which class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from serbench.corpus import Corpus, Utterance
from serbench.errors import ProtocolError
from serbench.labels import Classes, LabelSpace
from serbench.scan import Scan
from serbench.splitters import Row


class Cohort:
    """The labelled utterances of a corpus, in the order of their ids.

    Attributes
    ----------
    task
        The classes, fixed by the adapter and the label space, never by the data.
    utterances
        Those that the label space keeps.
    y
        int64 [utterances]: the index of each one's class.
    """

    def __init__(self, corpus: Corpus, scan: Scan, labels: LabelSpace) -> None:
        self.corpus = corpus.card.name
        self.scan = scan
        self.labels = labels
        self.task: Classes = labels.task(corpus.labels)
        if len(self.task.names) < 2:
            raise ProtocolError(
                f"the label space {labels.name!r} leaves {len(self.task.names)} class "
                f"of {self.corpus}",
                expected="two or more",
            )
        index = {name: i for i, name in enumerate(self.task.names)}
        kept = [
            (utterance, index[label])
            for utterance in scan.utterances
            if utterance.emotion and (label := labels.label(utterance.emotion)) is not None
        ]
        self.utterances: tuple[Utterance, ...] = tuple(utterance for utterance, _ in kept)
        self.y: NDArray[np.int64] = np.array([label for _, label in kept], dtype=np.int64)
        self._position = {utterance.id: i for i, utterance in enumerate(self.utterances)}

    def table(self) -> list[Row]:
        """What a split may depend on."""
        return [
            Row(
                utterance.id,
                utterance.file,
                utterance.speaker,
                utterance.session or "",
                self.task.names[int(label)],
            )
            for utterance, label in zip(self.utterances, self.y, strict=True)
        ]

    def positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Where these ids stand in ``utterances``."""
        return np.array([self._position[name] for name in ids], dtype=np.int64)
