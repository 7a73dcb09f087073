"""Rules that cut several corpora at once: each corpus is heard whole, on one side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from serbench.errors import ProtocolError
from serbench.splitters import Cut, Row


@dataclass(frozen=True)
class EachToOthers:
    """A fold for each corpus, which is trained on whole; every other corpus is a test set, whole.

    With K corpora these are the K (K - 1) ordered pairs of source and target, at K trainings.
    """

    kind: ClassVar[str] = "each-to-others"
    across: ClassVar[bool] = True

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        del seed  # nothing is drawn
        corpus = _corpora(table)
        for name in sorted(set(corpus)):
            yield Cut(name, np.flatnonzero(corpus == name), np.flatnonzero(corpus != name))


@dataclass(frozen=True)
class LeaveOneCorpusOut:
    """A fold for each corpus, which is tested on whole after training on all of the others."""

    kind: ClassVar[str] = "leave-one-corpus-out"
    across: ClassVar[bool] = True

    def folds(self, table: Sequence[Row], seed: int) -> Iterator[Cut]:
        del seed  # nothing is drawn
        corpus = _corpora(table)
        for name in sorted(set(corpus)):
            yield Cut(name, np.flatnonzero(corpus != name), np.flatnonzero(corpus == name))


def _corpora(table: Sequence[Row]) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    corpus = np.array([row.corpus for row in table])
    names = sorted(set(corpus))
    if len(names) < 2:
        raise ProtocolError(
            f"{len(names)} corpus" + (f" ({names[0]})" if names else ""),
            expected="two or more: one to train on, another to test on",
            advice="give --corpus for each of them, such as --corpus emodb --corpus ravdess",
        )
    return corpus
