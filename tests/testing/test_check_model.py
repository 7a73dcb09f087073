from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from serbench.errors import ModelError, UsageError
from serbench.testing.models import TASK, check_model
from serbench_baselines.dblmm import DBLMM, BiLSTMLld, BiLSTMLogMel


@dataclass(frozen=True)
class Energy:
    """Level and zero crossings of the whole utterance."""

    name: ClassVar[str] = "energy"
    rate: int = 8000
    channel: str = "first"
    dims: int = 2
    extractor: str = "numpy"

    def extract(self, samples, rate):
        level = np.log(np.abs(samples).mean() + 1e-6)
        return np.array([level, (np.diff(np.sign(samples)) != 0).mean()], np.float32)


class Honest:
    """Nearest class means. The faults below are each one change to it."""

    recipes = (Energy(),)

    def __init__(self, *, softness: float = 1.0) -> None:
        self.softness = softness

    def fit(self, train, *, seed):
        x = self._read(train)
        self.mean_, self.deviation_ = x.mean(0), x.std(0)
        x = (x - self.mean_) / self.deviation_
        self.centres_ = np.stack(
            [
                x[train.y == k].mean(0) if (train.y == k).any() else np.full(2, 1e3)
                for k in range(len(train.task.names))
            ]
        )
        return self

    def predict_proba(self, test):
        x = (self._read(test) - self.mean_) / self.deviation_
        far = np.linalg.norm(x[:, None] - self.centres_, axis=2) / self.softness
        weight = np.exp(far.min(1, keepdims=True) - far)
        return weight / weight.sum(1, keepdims=True)

    def _read(self, data):
        return np.stack([data.feature(i, Energy()) for i in range(len(data))])


def test_an_honest_model_passes():
    check_model(Honest)
    check_model(Honest, {"softness": 0.5})


@pytest.mark.parametrize("factory", [DBLMM, BiLSTMLogMel, BiLSTMLld])
@pytest.mark.parametrize("peephole", [False, True])
def test_nets_pass(factory, peephole):
    check_model(factory, {"hidden": 4, "epochs": 2, "learning_rate": 1e-3, "peephole": peephole})


def _refused(factory, message):
    with pytest.raises(ModelError, match=message) as error:
        check_model(factory)
    assert error.value.expected
    return error.value


def test_normalising_by_the_test_set_is_found():
    class Fault(Honest):
        def predict_proba(self, test):
            x = self._read(test)
            self.mean_, self.deviation_ = x.mean(0), x.std(0) + 1e-3
            return super().predict_proba(test)

    error = _refused(Fault, "judged alone gets other probabilities")
    assert "statistics of the test set" in error.advice


def test_a_judgement_by_position_is_found():
    class Fault(Honest):
        def predict_proba(self, test):
            said = super().predict_proba(test)
            said[0] = np.roll(said[0], 1)
            return said

    _refused(Fault, "gets other probabilities")


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
def test_what_is_no_table_of_probabilities_is_found(wrong):
    class Fault(Honest):
        def predict_proba(self, test):
            return wrong(super().predict_proba(test))

    with pytest.raises(ModelError, match="predict_proba returned"):
        check_model(Fault)


def test_a_class_that_training_never_showed_must_stay_finite():
    class Fault(Honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_[TASK.names.index("boredom")] = np.nan  # the mean of nothing
            return self

    with pytest.raises(ModelError, match="NaN"):
        check_model(Fault)


@pytest.mark.parametrize("source", ["fresh", "numpy", "torch"])
def test_random_predictions_are_found(source):
    def draw(n):
        import torch

        if source == "fresh":
            return np.random.default_rng().dirichlet(np.ones(4), n)
        if source == "numpy":
            return np.random.dirichlet(np.ones(4), n)  # noqa: NPY002
        return torch.rand(n, 4).softmax(1).numpy()

    class Fault(Honest):
        def predict_proba(self, test):
            return draw(len(test))

    error = _refused(Fault, "otherwise when asked again")
    assert "last bit" in error.expected


def test_a_judgement_that_hangs_on_the_global_generator_is_found():
    class Fault(Honest):
        def predict_proba(self, test):
            state = np.random.get_state()  # noqa: NPY002
            said = super().predict_proba(test) + np.random.random()  # noqa: NPY002
            np.random.set_state(state)  # noqa: NPY002
            return said / said.sum(1, keepdims=True)

    _refused(Fault, "global random numbers")


def test_a_training_without_the_seed_is_found():
    class Fault(Honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_ += np.random.default_rng().normal(0, 0.1, self.centres_.shape)
            return self

    error = _refused(Fault, "trained twice with seed")
    assert "seeded with `seed`" in error.advice


def test_a_false_claim_of_determinism_is_found():
    class Fault(Honest):
        deterministic = True

        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_ += np.random.default_rng(seed).normal(0, 0.1, self.centres_.shape)
            return self

    _refused(Fault, "declares itself deterministic")


@pytest.mark.parametrize("what", ["y", "speakers", "target"])
def test_changed_labels_are_found(what):
    class Fault(Honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            array = train.target("gender") if what == "target" else getattr(train, what)
            array[0] += 1
            return self

    _refused(Fault, "in place")


def test_a_fit_that_returns_nothing_is_found():
    class Fault(Honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)

    assert _refused(Fault, "fit returned None").advice == "end fit with `return self`"


def test_undeclared_features_are_found():
    class Fault(Honest):
        recipes = ()

    _refused(Fault, "did not declare")


def test_unknown_inputs_and_false_recipes_are_found():
    class Video(Honest):
        inputs = frozenset({"audio", "video"})

    class Names(Honest):
        recipes = ("mfcc",)

    _refused(Video, "video")
    _refused(Names, "'mfcc'")


def test_constructors_that_cannot_be_recorded_are_found():
    class Positional(Honest):
        def __init__(self, softness):
            super().__init__(softness=softness)

    class Unspeakable(Honest):
        def __init__(self, *, softness=np.float32(1)):  # noqa: B008
            super().__init__(softness=softness)

    _refused(Positional, "no default")
    _refused(Unspeakable, "JSON")
    with pytest.raises(UsageError, match="hardness"):
        check_model(Honest, {"hardness": 1})
