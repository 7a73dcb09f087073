"""What the canaries said of every test utterance of every fold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from serbench import metrics
from serbench.canaries.lookup import Said
from serbench.errors import UnknownName
from serbench.predictions import Predictions
from serbench.ratings import Ratings


@dataclass(frozen=True)
class Decisions:
    """One test set of one fold: what is right of it, and what each canary said.

    ``truth`` and what stands ``by`` the name of a canary are int64 indices into the classes, or
    float64 values on a scale, [utterances], in the order of ids.
    """

    ids: tuple[str, ...]
    speakers: tuple[str, ...]
    truth: Said
    by: Mapping[str, Said]


@dataclass(frozen=True)
class Flock:
    """All canaries of a protocol.

    Parameters
    ----------
    classes
        In their order; empty for a scale.
    decisions
        By fold and test set.
    """

    classes: tuple[str, ...]
    decisions: Mapping[tuple[str, str], Decisions]

    @property
    def names(self) -> tuple[str, ...]:
        """The canaries that had something to look at."""
        return tuple(next(iter(self.decisions.values())).by) if self.decisions else ()

    def only(self, names: Collection[str]) -> Flock:
        """Those of these names alone."""
        return replace(
            self,
            decisions={
                place: replace(d, by={name: said for name, said in d.by.items() if name in names})
                for place, d in self.decisions.items()
            },
        )

    def confusion(self, name: str) -> NDArray[np.int64]:
        """Counts [classes, classes] of a canary, rows the truth, pooled over folds and test sets.

        Raises
        ------
        UnknownName
            If there is no such canary here.
        ValueError
            If the task is a scale.
        """
        self.require(name)
        if not self.classes:
            raise ValueError("values on a scale have no confusion matrix")
        total = np.zeros((len(self.classes), len(self.classes)), dtype=np.int64)
        for decisions in self.decisions.values():
            total += metrics.confusion(decisions.truth, decisions.by[name], len(self.classes))
        return total

    def require(self, name: str) -> None:
        """Raise an UnknownName unless there is such a canary here."""
        if name not in self.names:
            raise UnknownName(
                f"no canary {name!r} was at work", expected=", ".join(self.names) or "none was"
            )


def as_predictions(flock: Flock, name: str) -> dict[tuple[str, str], Predictions]:
    """What a canary said of classes, as a model's predictions, to be scored as those are.

    Probabilities are 1 for the class that it named.

    Raises
    ------
    UnknownName
        If there is no such canary in the flock.
    """
    flock.require(name)
    certain = np.eye(len(flock.classes), dtype=np.float32)
    return {
        place: Predictions(flock.classes, d.ids, d.speakers, d.truth, certain[d.by[name]])
        for place, d in flock.decisions.items()
    }


def as_ratings(flock: Flock, name: str) -> dict[tuple[str, str], Ratings]:
    """What a canary said on a scale, as a model's ratings.

    Raises
    ------
    UnknownName
        If there is no such canary in the flock.
    """
    flock.require(name)
    return {
        place: Ratings(d.ids, d.speakers, d.truth, d.by[name].astype(np.float32))
        for place, d in flock.decisions.items()
    }
