from __future__ import annotations

import numpy as np
import pytest

from serbench.behaviour.folds import check_folds
from serbench.data import LabelledUtterances, Utterances
from serbench.testing.leaky.honest import NearestMean
from serbench.testing.subject import TASK, TEST, TRAIN, Y

WHO = np.array([TRAIN.speaker(row) for row in range(len(TRAIN))])
POOL = {}


def _fold(held_out):
    rows = np.flatnonzero(held_out != WHO)
    train = LabelledUtterances(TASK, TRAIN, rows, y=Y[rows], speakers=WHO[rows])
    return train, Utterances(TASK, TRAIN, np.flatnonzero(held_out == WHO))


def _found(make):
    return check_folds(lambda fold: make().fit(fold[0], seed=0), _fold(0), [_fold(1)])


def test_an_honest_model_is_the_same_again():
    assert _found(NearestMean) == []


@pytest.fixture
def pool():
    POOL.clear()
    yield POOL
    POOL.clear()


def test_a_global_that_trainings_share_is_found_and_named(pool):
    class Warm(NearestMean):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            pool["centres"] = self.centres_ = (self.centres_ + pool.get("centres", 0)) / 2
            return self

    (problem,) = _found(Warm)
    assert problem.rule == "L20"
    assert problem.count == 12
    assert f"{__name__}:POOL[centres]" in problem.message


def test_a_seed_that_sets_nothing_is_found():
    rng = np.random.default_rng(0)

    class Drawing(NearestMean):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_ = self.centres_ + rng.normal(size=self.centres_.shape)
            return self

    (problem,) = _found(Drawing)
    assert problem.rule == "L20"
    assert "same seed" in problem.message


@pytest.mark.slow  # imports torch and librosa
def test_a_net_is_the_same_again():
    from serbench_baselines.timnet import TIMNet

    test = Utterances(TASK, TEST, range(4))
    train, other = _fold(0)[0], _fold(1)

    def fit(fold):
        return TIMNet(epochs=1).fit(fold[0], seed=0)

    assert check_folds(fit, (train, test), [other]) == []
