"""The trials behind a row of a board, with what each scored by itself.

They are looked at and never ranked: a fold of one speaker says something of that speaker alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from serbench.by_fold import natural, of_classes, of_sentiment
from serbench.gathered import hold
from serbench.ratings import Ratings
from serbench.scores import Field
from serbench.store import Plan, Store

OF_CLASSES = ("ua", "wa", "n_missing")


@dataclass(frozen=True)
class Line:
    """One test set of one trial.

    ``scores`` of classes are ``ua``, the mean recall over the classes that it holds, ``wa``, and
    ``n_missing``, how many classes it lacks; of a sentiment those of
    :data:`serbench.sentiment.SCORES`. None: undefined.
    """

    trial: str
    seed: int
    fold: str
    test: str
    n_utterances: int
    n_speakers: int
    scores: dict[str, Field]

    def record(self) -> dict[str, Any]:
        """A flat JSON object."""
        return {
            "trial": self.trial, "seed": self.seed, "fold": self.fold, "test": self.test,
            "n_utterances": self.n_utterances, "n_speakers": self.n_speakers, **self.scores,
        }  # fmt: skip


def listed(store: Store, rows: Sequence[Sequence[Plan]]) -> list[Line]:
    """Every finished test set of some rows, by seed and then by fold, 2 before 10.

    Parameters
    ----------
    rows
        The plans of each row.

    Raises
    ------
    StoreError
        If a row is of a task that has no scores.
    """
    lines = []
    for plans in rows:
        held = hold(store, plans)
        for (seed, fold, test), said in held.said.items():
            scores = of_sentiment(said) if isinstance(said, Ratings) else of_classes(said)
            where = held.trials[seed, fold], seed, fold, test
            lines.append(Line(*where, len(said.ids), len(set(said.speakers)), scores))
    return sorted(lines, key=lambda one: (one.seed, natural(one.fold), one.test, one.trial))
