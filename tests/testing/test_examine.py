from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from serbench.registry import load
from serbench.testing.examine import examine
from serbench.testing.leaky.honest import NearestMean


def test_an_honest_model_is_looked_at_in_every_way():
    seen = examine(NearestMean)
    checks = {"watch", "state", "invariance", "names", "folds", "features", "drawn_labels"}
    assert set(seen.checked) == checks
    assert seen.problems == ()
    assert seen.notes == ()


def test_a_feature_that_is_fitted_over_utterances_is_found():
    @dataclass(frozen=True)
    class Running:
        name: ClassVar[str] = "running"
        rate: int = 8000
        channel: str = "first"
        dims: int = 1
        extractor: str = "numpy"
        heard: ClassVar[list[float]] = []

        def extract(self, samples, rate):
            self.heard.append(float(np.abs(samples).mean()))
            return np.array([self.heard[-1] / np.mean(self.heard)], np.float32)

    class Fitted(NearestMean):
        recipes = (Running(),)

    assert "L21" in examine(Fitted).rules


class Adapting(NearestMean):
    """Standardises by source and target together, and says so."""

    def fit_adapted(self, train, target, *, seed):
        self.fit(train, seed=seed)
        self.mean_ = (self.mean_ + self.heard(target).mean(axis=0)) / 2
        return self


def test_a_model_that_adapts_may_hear_the_target():
    seen = examine(Adapting)
    assert seen.problems == ()
    assert "watch" not in seen.checked  # nothing was forbidden, so nothing was kept


def test_files_of_corpora_at_hand_are_closed(tmp_path):
    files = [tmp_path / f"{n}.wav" for n in range(3)]
    for path in files:
        path.write_bytes(b"RIFF")

    class Elsewhere(NearestMean):
        def fit(self, train, *, seed):
            files[0].read_bytes()
            return super().fit(train, seed=seed)

    ((problem,), clean) = (
        examine(Elsewhere, closed={"mine": files}).problems,
        examine(NearestMean, closed={"mine": files}).problems,
    )
    assert (problem.rule, problem.count, problem.examples) == ("L22", 1, ("0.wav",))
    assert "1 of 3 files of mine" in problem.message
    assert clean == ()
    assert "watch" in examine(Adapting, closed={"mine": files}).checked


class ByGroups(NearestMean):
    """Standardises each speaker's utterances by each other."""

    speaker_groups = True

    def predict_proba(self, test):
        heard = self.heard(test)
        for group in np.unique(test.groups):
            at = test.groups == group
            heard[at] += self.mean_ - heard[at].mean(axis=0)
        return self.shares(self.standardised(heard))


def test_a_model_that_asks_for_speakers_may_look_at_each_speakers_utterances():
    assert examine(ByGroups).problems == ()

    class TooFar(ByGroups):
        def standardised(self, heard):
            return (heard - heard.mean(axis=0)) / heard.std(axis=0)

    assert examine(TooFar).rules == {"L09"}


def test_two_faults_are_both_found():
    class Twice(NearestMean):
        def fit(self, train, *, seed):
            super().fit(train, seed=seed)
            folder = train._source._clips[0].path.parents[1] / "away"
            for path in folder.iterdir():
                path.read_bytes()
            return self

        def standardised(self, heard):
            return heard - heard.mean(axis=0)

    assert examine(Twice).rules == {"L09", "L22"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("prior", {}),
        ("svm-mfcc", {}),
        ("logreg", {}),
        ("random-forest", {}),
        ("lightsernet", {"epochs": 1}),
        ("timnet", {"epochs": 1}),
        ("gmtcnet", {"epochs": 1}),
        ("dblmm", {"epochs": 1}),
        ("sdcaff", {"epochs": 1}),
    ],
)
def test_what_ships_takes_no_shortcut(name, chosen):
    seen = examine(load("models", name), chosen)
    assert seen.problems == ()
    assert seen.notes == ()
