"""What a model need not have: representations, attention, further targets, its size."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.testing.models import check_model


@pytest.fixture
def everything(honest):
    class Everything(honest):
        """All that a model may offer, and all of it well."""

        inputs = frozenset({"audio", "text"})
        targets = frozenset({"gender"})
        instead = {"gender": "--set gender=false"}  # noqa: RUF012
        corpus_settings = {"emodb": {"softness": 2.0}}  # noqa: RUF012
        deterministic = True

        def fit(self, train, *, seed):
            assert set(train.target("gender")) == {0, 1}
            assert all(train.text(i) for i in range(len(train)))
            learnt, held = train.holdout(0.5, seed)
            assert len(learnt) == len(held) == len(train.subset(range(12))) == 12
            return super().fit(train, seed=seed)

        def represent(self, test):
            return (self._read(test) - self.mean_) / self.deviation_

        def attention(self, test):
            return np.ones((len(test), 3, 4), np.float32)

        def parameters_for(self, task):
            return 2 * len(task.names) + 4

    return Everything


def test_a_model_that_offers_everything_passes(everything):
    check_model(everything)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda said: said[:-1],
        lambda said: said[:, 0],
        lambda said: said[:, None],
        lambda said: said[:, :0],
        lambda said: said > 0,
        lambda said: said * np.inf,
        lambda said: [row[: 1 + i % 2] for i, row in enumerate(said)],
    ],
)
def test_what_is_no_representation_is_found(everything, refused, wrong):
    class Fault(everything):
        def represent(self, test):
            return wrong(super().represent(test))

    refused(Fault, "represent returned")


def test_a_representation_by_the_test_set_is_found(everything, refused):
    class Fault(everything):
        def represent(self, test):
            x = self._read(test)
            return x - x.mean(0)

    assert "representation" in refused(Fault, "judged alone gets other representation").found


def test_a_random_representation_is_found(everything, refused):
    class Fault(everything):
        def represent(self, test):
            return np.random.default_rng().normal(size=(len(test), 2))

    refused(Fault, "represents otherwise when asked again")


def test_a_representation_without_the_seed_is_found(everything, refused):
    class Fault(everything):
        deterministic = False

        def fit(self, train, *, seed):
            self.turned_ = np.random.default_rng().normal()
            return super().fit(train, seed=seed)

        def represent(self, test):
            return super().represent(test) * self.turned_

    refused(Fault, "trained twice with seed 7, the model represents otherwise")


@pytest.mark.parametrize(
    "wrong", [lambda said: said[:-1], lambda said: said[:, 0, 0], lambda said: said * np.nan]
)
def test_what_is_no_attention_is_found(everything, refused, wrong):
    class Fault(everything):
        def attention(self, test):
            return wrong(super().attention(test))

    refused(Fault, "attention returned")


def test_attention_that_changes_is_found(everything, refused):
    class Fault(everything):
        def attention(self, test):
            return np.random.default_rng().random((len(test), 3))

    refused(Fault, "attends otherwise when asked again")


@pytest.mark.parametrize("count", [0, -1, 2.5, None, True])
def test_a_size_that_is_none_is_found(everything, refused, count):
    class Fault(everything):
        def parameters_for(self, task):
            return count

    refused(Fault, "parameters_for returned")
