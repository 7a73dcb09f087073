"""What a model makes of the utterances of one test set, for a picture of it.

Its training is done again (:mod:`serbench.retraining`): results keep no weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench import metrics
from serbench.assignment import Assignment
from serbench.errors import ModelError
from serbench.request import Request
from serbench.retraining import retrained, same_answers
from serbench.watcher import Watcher


@dataclass(frozen=True, eq=False)
class Represented:
    """The utterances of a test set as a trained model sees them.

    Parameters
    ----------
    trial, title
        Its id, and what it is called.
    vectors
        Float32 [utterances, dims].
    classes
        Their names; ``truth`` and ``said`` count in them, int64 [utterances].
    same
        In how many utterances the stored trial gave the same answer; None: it is not there.
    """

    trial: str
    title: str
    test: str
    vectors: NDArray[np.float32]
    classes: tuple[str, ...]
    truth: NDArray[np.int64]
    said: NDArray[np.int64]
    speakers: tuple[str, ...]
    ids: tuple[str, ...]
    same: int | None


def represented(
    request: Request, *, fold: str | None, seed: int, test: str | None, watcher: Watcher
) -> Represented:
    """Train one trial of a request of one model, and ask what it makes of a test set.

    Parameters
    ----------
    fold, test
        None: the only one there is.

    Raises
    ------
    ModelError
        If the model represents nothing, or gives what cannot be drawn.
    SerbenchError
        As of :func:`serbench.retraining.retrained`.
    """
    again = retrained(
        request, fold=fold, seed=seed, test=test, able="represent", watcher=watcher,
        unable=(
            "represents nothing",
            "a model with represent(test) -> [utterances, dims], as every net has",
        ),
    )  # fmt: skip
    return _asked(again.assignment, again.test)


def _asked(assignment: Assignment, test: str) -> Represented:
    """What the trained model makes of a test set, in the order that answers are stored in."""
    model, judged = assignment.model, assignment.sets[test]
    pool, rows = assignment.here.pool, assignment.rows[test]
    vectors = np.asarray(model.represent(judged.test))  # type: ignore[attr-defined]
    if vectors.ndim != 2 or len(vectors) != len(judged.test) or not np.isfinite(vectors).all():
        raise ModelError(
            f"represent gave an array of shape {vectors.shape}",
            expected=f"finite numbers, [{len(judged.test)}, dims]",
        )
    said = metrics.decide(np.asarray(model.predict_proba(judged.test)))[judged.places]
    utterances = [pool.utterances[int(row)] for row in rows]
    return Represented(
        trial=assignment.job.trial.id,
        title=assignment.job.trial.title,
        test=test,
        vectors=vectors[judged.places].astype(np.float32),
        classes=pool.classes(),
        truth=pool.y[rows].astype(np.int64),
        said=said,
        speakers=tuple(utterance.speaker for utterance in utterances),
        ids=tuple(utterance.id for utterance in utterances),
        same=same_answers(assignment, test, said),
    )
