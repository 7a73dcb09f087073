from __future__ import annotations

import numpy as np
import pytest

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, UsageError
from serbench.labels import Classes
from serbench_baselines.classics import Forest, LogReg
from serbench_baselines.svm import CompareSVM, EgemapsSVM, MfccSVM

FOUR = Classes(("anger", "boredom", "neutral", "sadness"))


class Vectors:
    """Noise, with the class in the first columns."""

    def feature(self, row, recipe):
        vector = np.random.default_rng(row).standard_normal(recipe.dims).astype(np.float32)
        vector[: recipe.dims // 4] += row % 3
        return vector


def train(n=48, y=None):
    rows = np.arange(n)
    y = np.array([0, 2, 3])[rows % 3] if y is None else y
    return LabelledUtterances(FOUR, Vectors(), rows, y=y, speakers=rows % 2)


def unseen(n=30):
    return Utterances(FOUR, Vectors(), np.arange(102, 102 + n))


@pytest.mark.parametrize("model", [LogReg(), Forest(trees=60)])
def test_it_learns_and_gives_nothing_to_what_it_never_saw(model):
    said = model.fit(train(), seed=0).predict_proba(unseen())
    assert (said.argmax(1) == np.array([0, 2, 3])[np.arange(102, 132) % 3]).mean() > 0.9
    assert np.allclose(said.sum(1), 1)
    assert not said[:, 1].any()


def test_logistic_regression_is_a_softmax_of_planes():
    model = LogReg(c=0.5).fit(train(), seed=0)
    seen, vectors = (
        np.stack([Vectors().feature(row, model.recipe) for row in rows])
        for rows in (range(48), range(102, 132))
    )
    regression = model.pipeline_[-1]
    z = (vectors - seen.mean(0)) / seen.std(0)
    values = np.exp(z @ regression.coef_.T + regression.intercept_)
    wanted = values / values.sum(1, keepdims=True)
    assert regression.C == 0.5
    assert np.allclose(model.predict_proba(unseen())[:, [0, 2, 3]], wanted, atol=1e-4)


def test_the_forest_is_a_mean_over_trees():
    model = Forest(trees=7, leaf=3).fit(train(), seed=4)
    forest = model.pipeline_[-1]
    vectors = np.stack([Vectors().feature(row, model.recipe) for row in range(102, 132)])
    wanted = np.mean([tree.predict_proba(vectors) for tree in forest.estimators_], axis=0)
    assert len(forest.estimators_) == 7
    assert min(tree.tree_.n_node_samples.min() for tree in forest.estimators_) >= 3
    assert np.allclose(model.predict_proba(unseen())[:, [0, 2, 3]], wanted)


def test_the_forest_follows_its_seed():
    said = [Forest(trees=5).fit(train(), seed=seed).predict_proba(unseen()) for seed in (0, 0, 1)]
    assert np.array_equal(said[0], said[1])
    assert not np.array_equal(said[0], said[2])


def test_a_regression_that_does_not_arrive_is_an_error():
    with pytest.raises(ModelError, match="has not converged after 3 iterations"):
        LogReg(iterations=3).fit(train(), seed=0)


@pytest.mark.parametrize("make", [LogReg, Forest])
@pytest.mark.parametrize(
    ("features", "svm"), [("mfcc", MfccSVM), ("egemaps", EgemapsSVM), ("compare", CompareSVM)]
)
def test_vectors_are_shared_with_the_machines(make, features, svm):
    assert make(features=features).recipes == svm().recipes
    assert make().recipes == MfccSVM().recipes  # which needs no openSMILE
    (recipe,) = make(features=features, channel="mean").recipes
    assert recipe.channel == "mean"


@pytest.mark.parametrize("model", [LogReg(), Forest(trees=2)])
def test_one_class_is_refused_by_name(model):
    with pytest.raises(ModelError, match="of neutral alone"):
        model.fit(train(y=np.full(48, 2)), seed=0)


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (LogReg, {"features": "mffc"}),
        (LogReg, {"c": 0.0}),
        (LogReg, {"c": float("nan")}),
        (LogReg, {"channel": "left"}),
        (LogReg, {"features": ["mfcc"]}),
        (LogReg, {"iterations": 0}),
        (Forest, {"features": ""}),
        (Forest, {"trees": 0}),
        (Forest, {"leaf": 0}),
        (Forest, {"channel": "left", "features": "compare"}),
    ],
)
def test_settings_out_of_range_are_refused_at_once(make, wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        make(**wrong)
