from __future__ import annotations

import sys

import numpy as np
import pytest

from serbench import bench
from serbench.access import needed_access
from serbench.boards import boards
from serbench.cli.progress import Screen
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import MissingExtra, ModelError, UsageError
from serbench.features import egemaps
from serbench.features.egemaps import Egemaps
from serbench.labels import Classes, Scale
from serbench.request import Request
from serbench.store import Store
from serbench_baselines.svm import CompareSVM, EgemapsSVM, MfccSVM
from serbench_baselines.vectors import by_speaker

FOUR = Classes(("anger", "boredom", "neutral", "sadness"))
LINEAR_AND_RBF = [CompareSVM(), CompareSVM(kernel="rbf", c=1.0), EgemapsSVM(), MfccSVM()]


class Vectors:
    """Noise, with the class in the first columns; the last column is constant."""

    def __init__(self, spread=1.0, classes=3, constant=5.0):
        self.spread, self.classes, self.constant = spread, classes, constant

    def feature(self, row, recipe):
        rng = np.random.default_rng(row)
        vector = self.spread * rng.standard_normal(recipe.dims).astype(np.float32)
        vector[: recipe.dims // 4] += row % self.classes
        vector[-1] = self.constant
        return vector


def train(of=None, n=24, task=FOUR, y=None):
    rows = np.arange(n)
    of = of or Vectors()
    y = np.array([0, 2, 3])[rows % 3] if y is None else y
    return LabelledUtterances(task, of, rows, y=y, speakers=rows % 2)


def unseen(of=None, n=18, task=FOUR):
    return Utterances(task, of or Vectors(), np.arange(100, 100 + n))


@pytest.mark.parametrize("model", LINEAR_AND_RBF, ids=lambda model: type(model).__name__)
def test_the_likeliest_class_is_the_machines_own(model):
    noise = Vectors(spread=4.0)  # hard enough that pairwise votes tie
    model.fit(train(noise), seed=0)
    said = model.predict_proba(unseen(noise, 60))
    named = model.pipeline_.predict(
        np.stack([noise.feature(100 + i, model.recipe) for i in range(60)])
    )
    assert (said.argmax(1) == named).all()
    assert np.allclose(said.sum(1), 1)
    assert not said[:, 1].any()  # of boredom there is no training utterance
    assert len(set(named)) == 3


def test_what_stands_for_probabilities_is_a_softmax_of_votes():
    model = CompareSVM().fit(train(Vectors(spread=4.0)), seed=0)
    vectors = np.stack([Vectors(spread=4.0).feature(100 + i, model.recipe) for i in range(60)])
    svc = model.pipeline_[-1]
    svc.decision_function_shape = "ovo"
    pairs = model.pipeline_.decision_function(vectors)  # 0 against 2, 0 against 3, 2 against 3
    svc.decision_function_shape = "ovr"
    wins = np.stack(
        [
            (pairs[:, 0] > 0) * 1 + (pairs[:, 1] > 0),
            (pairs[:, 0] <= 0) * 1 + (pairs[:, 2] > 0),
            (pairs[:, 1] <= 0) * 1 + (pairs[:, 2] <= 0),
        ],
        axis=1,
    )
    clear = np.stack(
        [pairs[:, 0] + pairs[:, 1], pairs[:, 2] - pairs[:, 0], -pairs[:, 1] - pairs[:, 2]], axis=1
    )
    values = wins + clear / (3 * (abs(clear) + 1))
    shares = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    decided = np.sort(wins, axis=1)[:, -1] == 2
    assert decided.any()
    said = model.predict_proba(unseen(Vectors(spread=4.0), 60))[:, [0, 2, 3]]
    assert np.allclose(said[decided], shares[decided], atol=2e-6)


def test_the_machines_class_is_still_the_likeliest_in_float32(monkeypatch):
    model = MfccSVM().fit(train(), seed=0)
    model.pipeline_ = Tied(model.pipeline_.classes_)
    said = model.predict_proba(unseen(n=3)).astype(np.float32)
    assert said.argmax(1).tolist() == [3, 3, 0]


class Tied:
    """Values that all but tie, or that another class leads by confidence."""

    def __init__(self, classes):
        self.classes_ = classes

    def decision_function(self, vectors):
        return np.array([[1.0, 0.5, 1.0 + 1e-12], [1.2, 1.1, 1.0], [1.0, 1.2, 1.1]])

    def predict(self, vectors):
        return np.array([3, 3, 0])


def test_two_classes_are_told_apart_by_the_plane():
    model = CompareSVM().fit(train(Vectors(2.0, 2), y=np.arange(24) % 2 * 3), seed=0)
    vectors = np.stack([Vectors(2.0, 2).feature(100 + i, model.recipe) for i in range(18)])
    seen = np.stack([Vectors(2.0, 2).feature(i, model.recipe) for i in range(24)])[:, :-1]
    svc = model.pipeline_[-1]
    z = (vectors[:, :-1] - seen.mean(0)) / seen.std(0)
    side = z @ svc.coef_[0] + svc.intercept_[0]
    assert (svc.C, svc.kernel) == (1e-3, "linear")
    said = model.predict_proba(unseen(Vectors(2.0, 2)))
    # As float64 sums of a few thousand float32 products.
    assert np.allclose(said[:, 3], 1 / (1 + np.exp(-2 * side)), atol=1e-4)
    assert np.allclose(said[:, 0], 1 - said[:, 3])
    assert (said[:, 3] > 0.5).any()
    assert (said[:, 0] > 0.5).any()


@pytest.mark.parametrize("model", LINEAR_AND_RBF, ids=lambda model: type(model).__name__)
def test_what_is_constant_in_training_says_nothing(model):
    model.fit(train(), seed=0)
    usual, moved = model.predict_proba(unseen()), model.predict_proba(unseen(Vectors(constant=1e6)))
    assert np.array_equal(usual, moved)


def test_one_class_is_refused_by_name():
    with pytest.raises(ModelError, match="of neutral alone"):
        MfccSVM().fit(train(y=np.full(24, 2)), seed=0)


def test_the_same_vector_throughout_is_refused():
    with pytest.raises(ModelError, match="24 training utterances has the same functionals"):
        MfccSVM().fit(train(Vectors(spread=0.0, classes=1)), seed=0)


def test_other_tasks_are_refused():
    with pytest.raises(ModelError, match="tells classes apart"):
        MfccSVM().fit(train(task=Scale(-3, 3), y=np.zeros(24)), seed=0)


def test_it_says_so_when_it_is_not_trained():
    with pytest.raises(ModelError, match="not trained"):
        MfccSVM().predict_proba(unseen())


def test_no_utterances_are_judged_to_nothing():
    assert MfccSVM().fit(train(), seed=0).predict_proba(unseen(n=0)).shape == (0, 4)


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (MfccSVM, {"c": 0}),
        (EgemapsSVM, {"c": -1.0}),
        (CompareSVM, {"kernel": "poly"}),
        (MfccSVM, {"channel": "left"}),
        (EgemapsSVM, {"channel": "left"}),
        (CompareSVM, {"channel": 1}),
    ],
)
def test_settings_out_of_range_are_refused_at_once(make, wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        make(**wrong)


def test_the_vectors_are_the_named_ones():
    assert CompareSVM(channel="mean").recipes == (
        Egemaps(feature_set="ComParE_2016", channel="mean"),
    )
    assert [make().recipe.dims for make in (EgemapsSVM, MfccSVM, CompareSVM)] == [88, 480, 6373]


def test_without_opensmile_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opensmile", None)
    egemaps._smile.cache_clear()
    with pytest.raises(MissingExtra, match=r"pip install 'serbench\[opensmile\]'"):
        CompareSVM().recipe.extract(np.zeros(16000, np.float32), 16000)


@pytest.mark.slow
@pytest.mark.corpus("EMO-DB")
@pytest.mark.timeout(600)
def test_compare_svm_on_emodb(real_corpus, tmp_path):
    """scikit-learn and openSMILE in a script of twenty lines give UA 0.7880 and WA 0.8019."""
    pytest.importorskip("opensmile")
    request = Request(
        models=[("svm-compare2016", {})], protocols=["loso"], corpora=["emodb"],
        results=tmp_path / "results", cache=tmp_path / "cache",
        roots={"emodb": real_corpus("EMO-DB")},
    )  # fmt: skip
    assert bench.run(request, Screen(quiet=True)).failures == {}
    (board,) = boards(Store(request.results))
    assert board.rows[0].ua == pytest.approx(0.7880, abs=5e-5)
    assert board.rows[0].wa == pytest.approx(0.8019, abs=5e-5)


def test_standardising_by_speaker_takes_a_speakers_own_level_away():
    vectors = np.array([[1.0, 5.0], [3.0, 5.0], [101.0, 9.0], [103.0, 7.0], [8.0, 8.0]])
    told = by_speaker(vectors, np.array([0, 0, 1, 1, 2]))
    np.testing.assert_allclose(told, [[-1, 0], [1, 0], [-1, 1], [1, -1], [0, 0]])


def test_it_asks_for_speakers_only_when_it_standardises_by_them():
    assert needed_access(MfccSVM(standardise="speaker")) == "speaker-norm"
    assert needed_access(MfccSVM()) == "none"
    with pytest.raises(UsageError, match="standardise=session"):
        MfccSVM(standardise="session")
