"""Where a model listens in one utterance of a test set, for a picture of it.

Its training is done again (:mod:`serbench.retraining`): results keep no weights. The
utterance is chosen by a rule, never by hand: the first of the fold, by its id, that the model told
right, or the first one at all where none was.
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
class Attended:
    """An utterance as a trained model listens to it.

    Parameters
    ----------
    title
        Of the trial.
    weights
        Float32 [rows, columns]: how much each row, a token, listens to each column, a frame.
    text
        What is spoken; "": the corpus does not say.
    truth, said
        Names of classes.
    same, count
        In how many of the test utterances the stored trial gave the same answer, None where it is
        not there, and how many there are.
    """

    title: str
    test: str
    id: str
    text: str
    truth: str
    said: str
    weights: NDArray[np.float32]
    same: int | None
    count: int


def attended(request: Request, *, fold: str | None, seed: int, watcher: Watcher) -> Attended:
    """Train one trial of a request of one model, and ask where it listens.

    Parameters
    ----------
    fold
        None: the only one there is.

    Raises
    ------
    UsageError
        If there is no such fold.
    ModelError
        If the model has no attention to show, or gives none that can be drawn.
    SerbenchError
        As of any run, in words.
    """
    again = retrained(
        request, fold=fold, seed=seed, test=None, able="attention", watcher=watcher,
        unable=(
            "has no attention to show",
            "a model with attention(test) -> [utterances, rows, columns], as swrr has",
        ),
    )  # fmt: skip
    return _asked(again.assignment, again.test)


def _asked(assignment: Assignment, test: str) -> Attended:
    model, judged = assignment.model, assignment.sets[test]
    pool, rows = assignment.here.pool, assignment.rows[test]
    utterances = [pool.utterances[int(row)] for row in rows]
    said = metrics.decide(np.asarray(model.predict_proba(judged.test)))[judged.places]
    truth, classes = pool.y[rows].astype(np.int64), pool.classes()
    at = chosen([one.id for one in utterances], truth == said)
    weights = np.asarray(model.attention(judged.test))  # type: ignore[attr-defined]
    if weights.ndim != 3 or len(weights) != len(judged.test) or not np.isfinite(weights).all():
        raise ModelError(
            f"attention gave an array of shape {weights.shape}",
            expected=f"finite numbers, [{len(judged.test)}, rows, columns]",
        )
    return Attended(
        title=assignment.job.trial.title,
        test=test,
        id=utterances[at].id,
        text=utterances[at].text or "",
        truth=classes[int(truth[at])],
        said=classes[int(said[at])],
        weights=weights[judged.places[at]].astype(np.float32),
        same=same_answers(assignment, test, said),
        count=len(utterances),
    )


def chosen(ids: list[str], right: NDArray[np.bool_]) -> int:
    """The place of the first id among those that were told right; among all, if none was."""
    among = np.flatnonzero(right) if right.any() else np.arange(len(ids))
    return int(min(among, key=lambda at: ids[at]))
