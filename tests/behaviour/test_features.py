from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from serbench.behaviour.features import check_features
from serbench.features.cache import FeatureCache
from serbench.features.frames import Mfcc
from serbench.features.sentence import Sentence
from serbench.sources import clip_of
from serbench.testing.studio import studio


@dataclass(frozen=True)
class Level:
    name: ClassVar[str] = "level"
    rate: int = 8000
    channel: str = "first"
    dims: int = 1
    extractor: str = "numpy"

    def extract(self, samples, rate):
        return np.array([np.abs(samples).mean()], np.float32)


@dataclass(frozen=True)
class RunningLevel(Level):
    """Relative to the mean of all that was ever extracted: fitted over every fold at once."""

    name: ClassVar[str] = "running-level"
    heard: ClassVar[list[float]] = []

    def extract(self, samples, rate):
        level = float(np.abs(samples).mean())
        self.heard.append(level)
        return np.array([level / np.mean(self.heard)], np.float32)


@pytest.fixture(scope="module")
def clips():
    with studio(seconds=0.2) as made:
        yield [clip_of(each) for each in made.utterances]


def test_features_of_one_utterance_alone_raise_nothing(clips, tmp_path):
    assert check_features(clips, [Level(), Mfcc()], FeatureCache(tmp_path)) == []


def test_a_feature_that_is_fitted_over_utterances_is_found(clips, tmp_path):
    problems = check_features(clips, [Level(), RunningLevel()], FeatureCache(tmp_path))
    (problem,) = problems
    assert problem.rule == "L21"
    assert "'running-level'" in problem.message
    assert 1 <= problem.count <= 4


def test_what_stands_in_the_cache_from_another_day_is_compared(clips, tmp_path):
    from serbench.features.key import Key

    cache = FeatureCache(tmp_path)
    for clip in clips:
        cache.store(Key.of(clip, Level()), np.ones(1, np.float32))
    (problem,) = check_features(clips, [Level()], cache)
    assert problem.count == 4


def test_features_of_texts_are_read_too(tmp_path):
    @dataclass(frozen=True)
    class Length:
        name: ClassVar[str] = "length"
        dims: int = 1
        extractor: str = "none"

        def extract_text(self, text):
            return np.array([len(text)], np.float32)

    assert check_features([Sentence("a"), Sentence("bc")], [Length()], FeatureCache(tmp_path)) == []


def test_no_utterance_is_no_problem(tmp_path):
    assert check_features([], [Level()], FeatureCache(tmp_path)) == []
