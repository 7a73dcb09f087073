"""Utterances computed together: in groups that fit, and each none the worse for the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import soundfile

from serbench.errors import AudioError, CacheError, FeatureError
from serbench.features import together
from serbench.features.clip import Clip
from serbench.features.compute import compute
from serbench.features.extract import Wanted, extract_ahead
from serbench.features.extraction import REFERENCE
from serbench.features.sentence import Sentence
from serbench.features.together import fill_together, grouped, in_one_process, many_of

CALLS: list[list[int]] = []


@dataclass(frozen=True)
class Loudness:
    """Computes many at once, and refuses all if one of them is quiet."""

    name: ClassVar[str] = "loudness"
    rate: ClassVar[int] = 16000
    channel: ClassVar[str] = "first"
    dims: ClassVar[int] = 1
    extractor: ClassVar[str] = "loudness 1"

    one_process: bool = True
    gives: int = 0  # arrays more than were asked for

    def extract(self, samples, rate):
        if np.abs(samples).max() < 0.01:
            raise FeatureError("too quiet")
        return np.array([samples.std()], np.float32)

    def extract_many(self, sounds, rate):
        CALLS.append([len(sound) for sound in sounds])
        arrays = [self.extract(sound, rate) for sound in sounds]
        return arrays + arrays[:1] * self.gives


@pytest.fixture(autouse=True)
def _no_calls():
    CALLS.clear()


def clip(seconds: float, rate: int = 16000, name: str = "a") -> Clip:
    return Clip(Path(name), None, None, name, rate, 1, seconds)


class TestGroups:
    def test_workers_are_handed_equal_lengths(self):
        clips = [clip(2.0, name="a"), clip(1.0), clip(2.0, name="b"), clip(2.0, 8000, "c")]
        groups = {frozenset(group) for group in grouped(clips, one_process=False)}
        assert groups == {
            frozenset({clips[0], clips[2]}),
            frozenset({clips[1]}),
            frozenset({clips[3]}),
        }

    def test_no_more_than_a_minute(self):
        clips = [clip(25.0, name=str(i)) for i in range(5)]
        sizes = [len(group) for group in grouped(clips, one_process=False)]
        assert sizes == [2, 2, 1]
        assert [len(group) for group in grouped([clip(3600.0)], one_process=False)] == [1]

    def test_one_process_takes_all_lengths(self):
        clips = [clip(float(i), name=str(i)) for i in range(1, 80)]
        (first, *further) = grouped(clips, one_process=True)
        assert first[0].duration == 79.0
        assert sum(each.duration for each in first) <= 1800.0
        assert sum(len(group) for group in further) + len(first) == 79

    def test_sentences(self):
        texts = [Sentence("word " * n) for n in (1, 3, 2, 400)]
        groups = list(grouped(texts, one_process=False))
        assert [len(group) for group in groups] == [1, 3]


class TestValues:
    def test_together_as_alone(self, make_clips, cache):
        recipe = Loudness()
        clips = make_clips(5)
        assert extract_ahead([Wanted(recipe, each) for each in clips], cache) == 5
        assert [len(call) for call in CALLS] == [5]
        for each in clips:
            expected = recipe.extract(*each.waveform(16000, "first"))
            np.testing.assert_array_equal(compute(each, recipe, cache), expected)

    def test_what_is_wrong_with_one(self, make_clips, cache, tmp_path):
        clips = make_clips(4)
        soundfile.write(tmp_path / "quiet.wav", np.full(4000, 0.001), 16000)
        quiet = Clip.of(tmp_path / "quiet.wav")
        clips[1].path.write_bytes(b"")
        results = fill_together((*clips, quiet), Loudness(), cache)
        assert [type(result) for result in results] == [
            np.ndarray,
            AudioError,
            np.ndarray,
            np.ndarray,
            FeatureError,
        ]
        assert "quiet.wav: too quiet" in str(results[-1])
        done = []
        with pytest.raises(FeatureError) as caught:
            extract_ahead(
                [Wanted(Loudness(), each) for each in (clips[0], quiet)],
                cache,
                progress=lambda *now: done.append(now),
            )
        assert caught.value.found.endswith("quiet.wav: too quiet")
        assert done[-1] == (1, 1)

    def test_a_recipe_that_gives_too_many_is_asked_one_by_one(self, make_clips, cache):
        clips = make_clips(3)
        recipe = Loudness(gives=1)
        results = fill_together(tuple(clips), recipe, cache)
        for each, result in zip(clips, results, strict=True):
            np.testing.assert_array_equal(result, recipe.extract(*each.waveform(16000, "first")))

    def test_a_full_disk_is_for_all(self, make_clips, cache, monkeypatch):
        def full(*_):
            raise CacheError("the disk is full")

        monkeypatch.setattr(type(cache), "store", full)
        with pytest.raises(CacheError, match="the disk is full"):
            extract_ahead([Wanted(Loudness(), each) for each in make_clips(3)], cache)

    def test_one_process_has_the_device(self, make_clips, cache, monkeypatch):
        monkeypatch.setattr("serbench.features.extract.share_out", None)
        monkeypatch.setattr(together, "WAVE", 1.1)
        clips = make_clips(6)
        assert extract_ahead([Wanted(Loudness(), each) for each in clips], cache, workers=2) == 6
        assert [len(call) for call in CALLS] == [3, 3]
        assert in_one_process(Loudness(), REFERENCE)
        assert not in_one_process(Loudness(one_process=False), REFERENCE)

    def test_recipes_that_compute_one_at_a_time(self):
        from serbench.features.frames import LogMel

        assert many_of(LogMel(), REFERENCE) is None
        assert many_of(Loudness(), REFERENCE) is not None
