"""Holds a model to the contract: the test that every model should pass before it is run.

>>> from serbench.testing.models import check_model
>>> def test_my_model():
...     check_model(MyModel, {"hidden": 8, "epochs": 2})
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serbench.access import needed_access
from serbench.errors import ModelError, SerbenchError
from serbench.model import Factory, Model, is_deterministic, settings
from serbench.testing.subject import EVERYONE, TASK, TEST, TRAIN, Array, Subject, Y

SEED = 7
FEW = EVERYONE[:5]  # of another size than the test set, than a batch, and than the training set
ALIKE = 1e-4  # a difference that rounding alone explains, as a share of the largest value
LEARNT = 0.9  # of the training set told apart: from here on the columns' order can be seen,
CONFIDENT = 0.25  # where a column leads by so much


def check_model(factory: Factory, chosen: Mapping[str, Any] | None = None) -> None:
    """Train a model on 24 make-believe utterances, and see whether it keeps the contract.

    That is:

    * a constructor that can be recorded; features, inputs and targets that are declared; settings
      for a corpus that it takes; no path of this machine in a trial;
    * nothing reached for but what the contract names, and training labels left as they were;
    * probabilities of the right shape, finite, that sum to one, also for a class that training
      never showed; columns in the order of ``task.names`` (seen where the model has learned its
      training set);
    * the same again from the same seed, whatever else draws random numbers;
    * a judgement that hangs on the utterance alone and not on what is judged beside it (of a model
      that asks for speaker groups: on the utterances of its speaker);
    * of ``represent`` and ``attention``, where they are offered: finite arrays, a row an utterance,
      the same again, and representations that hang on the utterance alone;
    * of ``parameters_for``: a number above 0, and that of the trained module;
    * of a model that adapts: it hears the target, and adapts to a few utterances as well as to all
      that it is asked about later;
    * of a :class:`serbench.nets.net.Net`: trained alike while a test set is probed after each
      epoch; saved and loaded it predicts the same to the last bit; where there is a GPU, the CPU
      agrees with it; if it says that it is stackable, two trainings that are computed at once end
      where they end one by one (:func:`serbench.testing.stacking.check_stacking`).

    Whether it learns anything is not asked.

    Parameters
    ----------
    factory
        The class, or whatever makes the model from keywords.
    chosen
        Settings in place of its defaults, to make it small.

    Raises
    ------
    ModelError
        For the first promise that is broken.
    UsageError
        If there are no such settings, or the constructor refuses them.
    """
    subject = Subject(factory, settings(factory, chosen or {}))
    model = subject.train(SEED)
    net = _as_net(model)
    questions = [_Question("predicts", subject.predicted)]
    if net.represents(subject) if net else callable(getattr(model, "represent", None)):
        questions.append(_Question("represents", subject.represented))
    for question in questions:
        _expect_steady(question, model)
        _expect_independent(question, model)
    _expect_order(subject, model)
    if callable(getattr(model, "attention", None)):
        _expect_steady(_Question("attends", subject.attended), model)
    _check_size(model)
    again = subject.train(SEED)
    for question in questions:
        _expect_same(
            question.ask(model, EVERYONE),
            question.ask(again, EVERYONE),
            f"trained twice with seed {SEED}, the model {question.verb} otherwise the second time",
            advice="take every random number from a generator that is seeded with `seed`",
        )
    if needed_access(model) == "unlabelled":
        _expect_any_target(subject)
    if net:
        net.check(subject)
    if is_deterministic(model):
        _expect_same(
            subject.predicted(model),
            subject.predicted(subject.train(SEED + 1)),
            "the model declares itself deterministic, and predicts otherwise with another seed",
            advice="leave out `deterministic`",
        )


@dataclass(frozen=True)
class _Question:
    """What a model is asked of utterances, by rows."""

    verb: str  # "predicts"
    ask: Callable[[Model, Sequence[int]], Array]


def _as_net(model: Model) -> Any:
    """The further checks of a net; None of anything else, without importing torch for it."""
    if "serbench.nets.net" not in sys.modules:
        return None
    from serbench.nets.net import Net
    from serbench.testing.nets import ExaminedNet

    return ExaminedNet(model, SEED) if isinstance(model, Net) else None


def _expect_steady(question: _Question, model: Model) -> None:
    """The same again, and again after global random numbers were drawn elsewhere."""
    said = question.ask(model, EVERYONE)
    _expect_same(
        said,
        question.ask(model, EVERYONE),
        f"the model {question.verb} otherwise when asked again",
    )
    _stir()
    _expect_same(
        said,
        question.ask(model, EVERYONE),
        f"the model {question.verb} otherwise once the global random numbers of Python, numpy or "
        "torch have moved on",
        advice="draw none to predict, or draw them from a generator of the model's own",
    )


def _expect_same(said: Array, again: Array, found: str, advice: str = "") -> None:
    if said.shape != again.shape:
        raise ModelError(
            f"{found} ({again.shape} instead of {said.shape})", expected="the same", advice=advice
        )
    if not np.array_equal(said, again):
        far = np.abs(said - again).max()
        raise ModelError(
            f"{found} (values differ by up to {far:.2g})",
            expected="equal values, to the last bit",
            advice=advice,
        )


def _expect_independent(question: _Question, model: Model) -> None:
    """An utterance is judged alike alone, beside one other, and in any order."""
    said = question.ask(model, EVERYONE)
    order = np.random.default_rng(0).permutation(len(EVERYONE)).tolist()
    parts = {
        "alone": [[row] for row in EVERYONE],
        "in pairs": [list(EVERYONE[at : at + 2]) for at in range(0, len(EVERYONE), 2)],
        "in another order": [order],
    }
    if needed_access(model) == "speaker-norm":
        speakers = [TEST.speaker(row) for row in EVERYONE]
        alone = [[row for row in EVERYONE if speakers[row] == who] for who in sorted({*speakers})]
        parts = {"beside its speaker's others alone": alone, "in another order": [order]}
    within = ALIKE * max(1.0, float(np.abs(said).max()))
    what = {"predicts": "probabilities", "represents": "representation"}[question.verb]
    for how, groups in parts.items():
        for rows in groups:
            part = question.ask(model, rows)
            far = np.abs(part - said[rows]).max() if part.shape == said[rows].shape else np.inf
            if far > within:
                raise ModelError(
                    f"an utterance judged {how} gets other {what} than among all (by {far:.2g})",
                    expected=f"a judgement that hangs on the utterance alone, within {within:.2g}",
                    advice="take no statistics of the test set: normalise by the training set's, "
                    "mask padding, and put layers such as BatchNorm into evaluation mode",
                )


def _expect_any_target(subject: Subject) -> None:
    """What a model adapts to need not be what it is asked about, nor of that size."""
    try:
        subject.predicted(subject.train(SEED, target=FEW))
    except Exception as error:
        reason = (
            error.found if isinstance(error, SerbenchError) else f"{type(error).__name__}: {error}"
        )
        raise ModelError(
            f"adapted to {len(FEW)} of {len(EVERYONE)} utterances and asked about all, the model "
            f"fails: {reason}",
            expected="a model that judges any utterance, heard before or not",
            advice="keep no judgement of the target, and take its size from len(target)",
        ) from error


def _expect_order(subject: Subject, model: Model) -> None:
    """Columns follow ``task.names``: of a model that has learned its training set, this shows.

    The columns are matched with the classes as well as can be. Where that names nearly every
    training utterance, and those that the columns as they stand name otherwise are given to the
    matched column with confidence, the order is another. (A net that has hardly been trained may
    prefer a wrong column too, but not by much.)
    """
    from scipy.optimize import linear_sum_assignment

    said = subject.predicted(model, range(len(TRAIN)), TRAIN)
    table = np.zeros((len(TASK.names), len(TASK.names)))
    np.add.at(table, (Y, said.argmax(1)), 1 / len(Y))
    classes, columns = linear_sum_assignment(-table)
    moved = columns[Y] != Y
    if table[classes, columns].sum() < LEARNT or not moved.any():
        return
    rows = np.flatnonzero(moved)
    if (said[rows, columns[Y[rows]]] - said[rows, Y[rows]]).mean() < CONFIDENT:
        return
    order = ", ".join(f"{TASK.names[c]} in column {columns[c]}" for c in np.unique(Y[rows]))
    raise ModelError(
        f"the probability columns are not in the order of task.names: the training set has {order}",
        expected=f"a column a class, in the order of task.names, here {', '.join(TASK.names)}; "
        "also of classes that training never showed",
        advice="index columns by the numbers in `y`, as they are",
    )


def _check_size(model: Any) -> None:
    if not callable(getattr(model, "parameters_for", None)):
        return
    count = model.parameters_for(TASK)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ModelError(
            f"parameters_for returned {count!r}",
            expected="how many parameters are trained, a whole number of 1 or more",
            advice="leave the method out, if there are none",
        )


def _stir() -> None:
    """Move the global random numbers on, as anything else in a process may."""
    random.random()  # noqa: S311  the global generators are what is meant
    np.random.random()  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.rand(1)
