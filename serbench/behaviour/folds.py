"""Whether a training leaves something behind for the next one (rule L20).

A class attribute, a global dictionary or a warm start lets a model of the second fold know what the
first was trained on, and there stand the second fold's test utterances. So one fold is trained
twice, with another in between: it must come out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from serbench.behaviour.invariance import TOLERANCE, differs
from serbench.behaviour.problem import Problem
from serbench.behaviour.state import change, shared_state_of
from serbench.data import LabelledUtterances, Utterances
from serbench.model import Model, answer

Fold = tuple[LabelledUtterances, Utterances]


def check_folds(
    fit: Callable[[Fold], Model],
    first: Fold,
    others: Sequence[Fold],
    *,
    tolerance: float = TOLERANCE,
) -> list[Problem]:
    """Train on a fold, on others, and on the first again.

    Best asked in a process in which the model was not trained before: what it carries from earlier
    trainings stands on both sides of the comparison.

    Parameters
    ----------
    fit
        Trains a new model on a fold, each time with the same seed. (The fold's test set is there
        for a model that adapts to it.) A net with few epochs does.
    first, others
        Folds to train on and to ask about. Each of ``others`` trains on what ``first`` is tested
        on, else nothing that is carried over would help.
    tolerance
        As in :func:`serbench.behaviour.invariance.check_answers`.

    Raises
    ------
    ModelError
        If an answer breaks the contract.
    """
    model = fit(first)
    said, held = answer(model, first[1]), shared_state_of(model)
    for other in others:
        fit(other)
    model = fit(first)
    moved = differs(first[1].task, said, answer(model, first[1]), tolerance)
    if not moved.any():
        return []
    left = change(held, shared_state_of(model)).every
    meanwhile = "another was" if len(others) == 1 else f"{len(others)} others were"
    kept = f", and what all models of its class share has changed: {left[0]}" if left else ""
    return [
        Problem.of(
            "L20",
            f"trained with the same seed on the same fold before and after {meanwhile} trained "
            f"on, the model answers otherwise{kept}",
            (f"test utterance {row}" for row in np.flatnonzero(moved)),
        )
    ]
