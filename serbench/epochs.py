"""A training epoch by epoch, as one set of utterances judges it: read from its stages.

A stage holds float16 probabilities, which is 3 to 4 decimal digits. At the last epoch the float32
predictions stand for it, so that a curve ends at the number that is scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench import metrics, sentiment
from serbench.errors import ModelError, StoreError
from serbench.predictions import Predictions
from serbench.ratings import Ratings
from serbench.session import Stage

Floats = NDArray[np.float64]
Judged = Predictions | Ratings
OF_CLASSES = ("ua", "wa")  # the metrics that choose where classes are told apart
LEAST = 2.0**-24  # above 0 in float16


class NoStages(StoreError):
    """A training that kept nothing of its epochs, and a rule that chooses among them."""


@dataclass(frozen=True)
class Curve:
    """A training, epoch by epoch, as one set of utterances judges it.

    Parameters
    ----------
    epochs
        Their numbers, ascending, int64 [epochs].
    loss, accuracy
        Of the training set (:class:`serbench.session.Stage`), float64 [epochs].
    counts
        What the judged set adds to its scores: confusion matrices [epochs, C, C], rows the truth,
        or on a scale :func:`serbench.sentiment.sums` [epochs, 64]. Those of several folds may be
        added.
    size
        The utterances of the judged set.
    distance
        From what is right, summed over the judged set, float64 [epochs]: the cross-entropy (nats),
        for which a probability of 0 counts as 2**-24, the least that a stage can hold above it; on
        a scale the absolute error.
    """

    epochs: NDArray[np.int64]
    loss: Floats
    accuracy: Floats
    counts: NDArray[np.int64] | Floats
    size: int
    distance: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that :meth:`score` knows."""
        return OF_CLASSES if self.counts.ndim == 3 else tuple(sentiment.SCORES)

    def score(self, metric: str) -> Floats:
        """A metric at every epoch, float64 [epochs]; NaN where it is undefined."""
        if metric not in self.names:
            raise ValueError(f"metric {metric!r}: one of {', '.join(self.names)}")
        if metric == "wa":
            return np.array([metrics.wa(one) for one in self.counts.astype(np.int64)])
        if metric == "ua":
            per_epoch = self.counts.astype(np.int64)
            return np.array([metrics.ua_fold(one[None])[0] for one in per_epoch])
        return np.array([sentiment.SCORES[metric](one) for one in self.counts])

    @property
    def ua(self) -> Floats:
        """UA over the classes that the set holds."""
        return self.score("ua")

    @property
    def wa(self) -> Floats:
        return self.score("wa")


def curve(stages: Sequence[Stage], test: str, said: Judged) -> Curve:
    """How a test set's scores go with the epochs.

    Parameters
    ----------
    stages
        Of all epochs, in their order.
    test
        The name of the set within them.
    said
        Its predictions after the last epoch, which hold what is right; rows in the same order.

    Raises
    ------
    NoStages
        If an epoch's answers were not kept.
    StoreError
        If they are of another number of utterances.
    """
    each = [answers_of(stage, test, said) for stage in stages]
    if not each:
        raise none_kept(test)
    last = said.probabilities if isinstance(said, Predictions) else said.values[:, None]
    answers = np.stack([*(one.astype(np.float32) for one in each[:-1]), last])
    if not np.isfinite(answers).all():
        raise ModelError(f"the stages of {test} hold NaN or infinity", expected="finite answers")
    return Curve(
        np.array([stage.epoch for stage in stages], dtype=np.int64),
        np.array([stage.loss for stage in stages], dtype=np.float64),
        np.array([stage.accuracy for stage in stages], dtype=np.float64),
        _confusions(said, answers) if isinstance(said, Predictions) else _sums(said, answers),
        len(said.ids),
        _distance(said, answers),
    )


def answers_of(stage: Stage, test: str, said: Judged) -> NDArray[np.float16]:
    """What was said of a test set after an epoch, float16 [utterances, columns].

    Raises
    ------
    NoStages
        If it was not kept.
    StoreError
        If it is of another number of utterances.
    """
    if test not in stage.probabilities:
        raise none_kept(test)
    held = stage.probabilities[test]
    if len(held) != len(said.ids):
        raise StoreError(
            f"the stages of {test} are of {len(held)} utterances",
            expected=f"the {len(said.ids)} of its predictions",
            advice="the next `serbench run` of the same command runs this trial again",
        )
    return held


def none_kept(test: str) -> NoStages:
    """What to say of a rule that finds nothing to choose from."""
    return NoStages(
        f"what was said of {test} after each epoch was not kept",
        expected="stages of all epochs, for a rule that chooses among them",
        advice="run a net that serbench trains, with --stages all; the last epoch needs none",
    )


def _confusions(said: Predictions, answers: NDArray[np.float32]) -> NDArray[np.int64]:
    """[epochs, C, C] of answers [epochs, utterances, C]; ties go to the lowest class."""
    epochs, _, classes = answers.shape
    decided = answers.argmax(axis=2)
    cells = (np.arange(epochs)[:, None] * classes + said.truth) * classes + decided
    counts = np.bincount(cells.reshape(-1), minlength=epochs * classes**2)
    return counts.astype(np.int64).reshape(epochs, classes, classes)


def _sums(said: Ratings, answers: NDArray[np.float32]) -> Floats:
    """[epochs, 64] of answers [epochs, utterances, 1]."""
    return np.concatenate([sentiment.sums(said.truth, one[:, 0]) for one in answers])


def _distance(said: Judged, answers: NDArray[np.float32]) -> Floats:
    """[epochs] of answers [epochs, utterances, columns]."""
    if isinstance(said, Ratings):
        errors: Floats = np.abs(answers[:, :, 0] - said.truth).sum(axis=1)
        return errors
    right = answers[:, np.arange(len(said.truth)), said.truth].astype(np.float64)
    total: Floats = -np.log(np.maximum(right, LEAST)).sum(axis=1)
    return total
