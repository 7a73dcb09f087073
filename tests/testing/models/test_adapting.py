"""A model that hears the target corpus: what it is shown of it, and what it may keep."""

from __future__ import annotations

import pytest

from serbench.testing.models import check_model


@pytest.fixture
def adapting(honest):
    class Adapting(honest):
        """Class means that are moved by how far the target's mean lies from the training set's."""

        def fit(self, train, *, seed):
            raise AssertionError("a model that adapts is trained by fit_adapted")

        def fit_adapted(self, train, target, *, seed):
            super().fit(train, seed=seed)
            self.mean_ = self._read(target).mean(0)
            return self

    return Adapting


def test_an_adapting_model_passes(adapting):
    check_model(adapting)


def test_a_model_with_two_ways_is_checked_in_the_one_that_it_declares(honest, adapting):
    class Either(adapting):
        target_access = "none"

        def fit(self, train, *, seed):
            return honest.fit(self, train, seed=seed)

        def fit_adapted(self, train, target, *, seed):
            raise AssertionError("not asked for")

    check_model(Either)


@pytest.mark.parametrize("name", ["y", "speakers", "target", "id", "path"])
def test_a_target_shows_sounds_and_no_more(adapting, refused, name):
    class Fault(adapting):
        def fit_adapted(self, train, target, *, seed):
            getattr(target, name)
            return super().fit_adapted(train, target, seed=seed)

    refused(Fault, f"reached for '{name}'")


def test_a_target_that_shows_its_speakers_would_be_more(adapting, refused):
    class Fault(adapting):
        def fit_adapted(self, train, target, *, seed):
            assert len(target.groups)
            return super().fit_adapted(train, target, seed=seed)

    refused(Fault, "which utterances have one speaker")


def test_a_target_that_is_not_heard_is_found(honest, adapting, refused):
    class Fault(adapting):
        def fit_adapted(self, train, target, *, seed):
            return honest.fit(self, train, seed=seed)

    assert "leave fit_adapted out" in refused(Fault, "reads nothing of the target").advice


def test_fit_adapted_returns_the_model(adapting, refused):
    class Fault(adapting):
        def fit_adapted(self, train, target, *, seed):
            super().fit_adapted(train, target, seed=seed)

    assert "end fit_adapted" in refused(Fault, "fit_adapted returned None").advice


def test_a_judgement_kept_from_the_target_is_found(adapting, refused):
    class Fault(adapting):
        def fit_adapted(self, train, target, *, seed):
            super().fit_adapted(train, target, seed=seed)
            self.said_ = super().predict_proba(target)
            return self

        def predict_proba(self, test):
            return self.said_ if len(test) == len(self.said_) else super().predict_proba(test)

    refused(Fault, "judged in another order gets other")


def test_a_target_of_another_size_is_tried(adapting, refused):
    class Fault(adapting):
        def fit_adapted(self, train, target, *, seed):
            super().fit_adapted(train, target, seed=seed)
            pairs = self._read(train)[::2] - self._read(target)  # 24 utterances, and 12
            self.mean_ = self.mean_ + 1e-6 * pairs.mean(0)
            return self

    error = refused(Fault, "adapted to 5 of 12 utterances .* ValueError")
    assert "len(target)" in error.advice


def test_labels_changed_while_adapting_are_found(adapting, refused):
    class Fault(adapting):
        def fit_adapted(self, train, target, *, seed):
            super().fit_adapted(train, target, seed=seed)
            train.y[:] = 0
            return self

    refused(Fault, "fit_adapted changed the training set's labels")
