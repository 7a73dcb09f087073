"""The same again: of a model asked twice, and of one trained twice with one seed."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize("source", ["fresh", "numpy", "torch"])
def test_random_predictions_are_found(honest, refused, source):
    def draw(n):
        import torch

        if source == "fresh":
            return np.random.default_rng().dirichlet(np.ones(4), n)
        if source == "numpy":
            return np.random.dirichlet(np.ones(4), n)  # noqa: NPY002
        return torch.rand(n, 4).softmax(1).numpy()

    class Fault(honest):
        def predict_proba(self, test):
            return draw(len(test))

    error = refused(Fault, "otherwise when asked again")
    assert "last bit" in error.expected


def test_a_judgement_that_hangs_on_the_global_generator_is_found(honest, refused):
    class Fault(honest):
        def predict_proba(self, test):
            state = np.random.get_state()  # noqa: NPY002
            said = super().predict_proba(test) + np.random.random()  # noqa: NPY002
            np.random.set_state(state)  # noqa: NPY002
            return said / said.sum(1, keepdims=True)

    refused(Fault, "global random numbers")


def test_a_training_without_the_seed_is_found(honest, refused):
    class Fault(honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_ += np.random.default_rng().normal(0, 0.1, self.centres_.shape)
            return self

    error = refused(Fault, "trained twice with seed")
    assert "seeded with `seed`" in error.advice


def test_a_false_claim_of_determinism_is_found(honest, refused):
    class Fault(honest):
        deterministic = True

        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            self.centres_ += np.random.default_rng(seed).normal(0, 0.1, self.centres_.shape)
            return self

    refused(Fault, "declares itself deterministic")
