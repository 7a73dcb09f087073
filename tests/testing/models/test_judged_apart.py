"""A judgement hangs on the utterance, or on its speaker's, and not on the rest of the test set."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.testing.models import check_model


def test_normalising_by_the_test_set_is_found(honest, refused):
    class Fault(honest):
        def predict_proba(self, test):
            x = self._read(test)
            self.mean_, self.deviation_ = x.mean(0), x.std(0) + 1e-3
            return super().predict_proba(test)

    error = refused(Fault, "judged alone gets other probabilities")
    assert "statistics of the test set" in error.advice


def test_a_judgement_by_position_is_found(honest, refused):
    class Fault(honest):
        def predict_proba(self, test):
            said = super().predict_proba(test)
            said[0] = np.roll(said[0], 1)
            return said

    refused(Fault, "gets other probabilities")


@pytest.fixture
def grouped(honest):
    class Grouped(honest):
        """Each speaker's utterances about their own mean."""

        speaker_groups = True

        def predict_proba(self, test):
            x = self._read(test)
            for group in np.unique(test.groups):
                own = test.groups == group
                x[own] -= x[own].mean(0) - self.mean_
            x = (x - self.mean_) / self.deviation_
            far = np.linalg.norm(x[:, None] - self.centres_, axis=2)
            weight = np.exp(far.min(1, keepdims=True) - far)
            return weight / weight.sum(1, keepdims=True)

    return Grouped


def test_a_model_that_asks_for_speaker_groups_passes(grouped):
    check_model(grouped)


def test_groups_that_are_not_asked_for_are_not_shown(grouped, refused):
    class Fault(grouped):
        speaker_groups = False

    refused(Fault, "which utterances have one speaker")


def test_a_grouped_judgement_by_the_whole_test_set_is_found(grouped, refused):
    class Fault(grouped):
        def predict_proba(self, test):
            said = super().predict_proba(test)
            shifted = said / (said.mean(0) + 1e-3)
            return shifted / shifted.sum(1, keepdims=True)

    refused(Fault, "beside its speaker's others alone gets other")
