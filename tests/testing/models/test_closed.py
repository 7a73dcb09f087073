"""What a model may reach for of a training set and of a test set, and what it leaves as it was."""

from __future__ import annotations

import pytest

from serbench.testing.models import check_model


@pytest.mark.parametrize("name", ["_source", "_rows", "_recipes"])
def test_a_model_that_digs_is_found(honest, refused, name):
    class Trains(honest):
        def fit(self, train, *, seed):
            getattr(train.subset(range(24)), name)
            return super().fit(train, seed=seed)

    class Judges(honest):
        def predict_proba(self, test):
            assert hasattr(test, name)
            return super().predict_proba(test)

    assert "nothing else of an utterance" in refused(Trains, f"{name}' of a training set").expected
    refused(Judges, f"{name}' of a test set")


@pytest.mark.parametrize("name", ["y", "ids", "paths", "speakers"])
def test_a_test_set_has_no_labels_and_no_ids(honest, refused, name):
    class Fault(honest):
        def predict_proba(self, test):
            getattr(test, name)
            return super().predict_proba(test)

    class Careful(honest):
        def predict_proba(self, test):
            assert not hasattr(test, name)
            return super().predict_proba(test)

    refused(Fault, f"reached for '{name}' of a test set")
    check_model(Careful)


def test_utterances_are_not_to_be_assigned_to(honest, refused):
    class Fault(honest):
        def fit(self, train, *, seed):
            train.y = train.y % 2
            return super().fit(train, seed=seed)

    refused(Fault, "assigned to 'y'")


@pytest.mark.parametrize("what", ["y", "speakers", "target"])
def test_changed_labels_are_found(honest, refused, what):
    class Fault(honest):
        targets = frozenset({"gender"})

        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            array = train.target("gender") if what == "target" else getattr(train, what)
            array[0] += 1
            return self

    refused(Fault, "in place")


def test_a_fit_that_returns_nothing_is_found(honest, refused):
    class Fault(honest):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)

    assert refused(Fault, "fit returned None").advice == "end fit with `return self`"
