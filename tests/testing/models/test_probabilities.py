"""What a model answers: a table of probabilities, its columns in the order of the task."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.errors import ModelError
from serbench.testing.models import check_model
from serbench.testing.subject import TASK


def test_an_honest_model_passes(honest):
    check_model(honest)
    check_model(honest, {"softness": 0.5})


@pytest.mark.parametrize(
    "wrong",
    [
        lambda said: said[:, :3],
        lambda said: said[:-1],
        lambda said: said.argmax(1),
        lambda said: said * 2,
        lambda said: said * np.nan,
        lambda said: said - 0.1 * np.array([1, -1, 1, -1]),
    ],
)
def test_what_is_no_table_of_probabilities_is_found(honest, wrong):
    class Fault(honest):
        def predict_proba(self, test):
            return wrong(super().predict_proba(test))

    with pytest.raises(ModelError, match="predict_proba returned"):
        check_model(Fault)


def test_a_class_that_training_never_showed_must_stay_finite(honest):
    class Fault(honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_[TASK.names.index("boredom")] = np.nan  # the mean of nothing
            return self

    with pytest.raises(ModelError, match="NaN"):
        check_model(Fault)


@pytest.fixture
def memory(honest):
    class Memory(honest):
        """The nearest training utterance: tells its training set apart to the last."""

        def fit(self, train, *, seed):
            self.seen_, self.y_ = self._read(train), train.y.copy()
            return self

        def columns(self):
            return self.y_

        def predict_proba(self, test):
            far = np.linalg.norm((self._read(test)[:, None] - self.seen_) * [1, 10], axis=2)
            return np.eye(4)[self.columns()[far.argmin(1)]]

    return Memory


def test_columns_in_the_tasks_order_pass(memory):
    check_model(memory)


@pytest.mark.parametrize(
    "order",
    [
        lambda y: np.unique(y, return_inverse=True)[1],  # the absent class comes last
        lambda y: np.argsort(np.argsort(TASK.names))[y],  # alphabetical
        lambda y: 3 - y,
        lambda y: (y + 1) % 4,
    ],
)
def test_columns_in_another_order_are_found(memory, refused, order):
    class Fault(memory):
        def columns(self):
            return order(self.y_)

    error = refused(Fault, "not in the order of task.names")
    assert "sadness, boredom, neutral, anger" in error.expected


def test_a_model_that_has_hardly_learned_may_prefer_a_class_it_never_saw(memory):
    class Beginner(memory):
        def predict_proba(self, test):
            said = 0.9 * np.full((len(test), 4), 0.25) + 0.1 * super().predict_proba(test)
            said[:, 1] += 2 * (said[:, 2] - 0.25)  # boredom wherever it is neutral
            return said / said.sum(1, keepdims=True)

    check_model(Beginner)
