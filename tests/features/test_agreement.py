"""What torch computed is kept only where librosa agrees, and never under librosa's name."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

from serbench.errors import FeatureError, UsageError
from serbench.features import agreement
from serbench.features.agreement import few, settled
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.compute import compute
from serbench.features.extract import Wanted, extract_ahead
from serbench.features.extraction import REFERENCE, Extraction
from serbench.features.frames import FrameDescriptors, LogMel, Mfcc
from serbench.features.functionals import Functionals
from serbench.features.key import Key
from serbench.nets import spectra

MFCC = Mfcc(mel_bands=40, fft=512, hop=256)
WORSE = 0.002  # dB, twice what is borne


@pytest.fixture(autouse=True)
def _nothing_found_yet(monkeypatch):
    monkeypatch.setattr(agreement, "_FOUND", {})


@pytest.fixture
def by_torch(cache) -> FeatureCache:
    return cache.under(Extraction.of("torch", "cpu"))


@pytest.fixture
def off(monkeypatch):
    """Torch gives one recipe a little wrong for sounds of more than so many samples."""

    def spoil(recipe, beyond=0):
        right = spectra.extract_many

        def wrong(which, sounds, rate, device):
            return [
                array + np.float32(WORSE if which == recipe and len(sound) > beyond else 0)
                for array, sound in zip(right(which, sounds, rate, device), sounds, strict=True)
            ]

        monkeypatch.setattr(spectra, "extract_many", wrong)

    return spoil


def all_of(clips, *recipes):
    return [Wanted(recipe, clip) for clip in clips for recipe in recipes]


def stored(cache):
    return {path.name for path in cache.folder.rglob("*.array")}


class TestKeys:
    def test_torch_has_keys_of_its_own(self, make_clips, cache, by_torch):
        (clip,) = make_clips(1)
        for recipe in (LogMel(), MFCC):
            assert cache.key(clip, recipe) == Key.of(clip, recipe)
            assert by_torch.key(clip, recipe) != Key.of(clip, recipe)
            compute(clip, recipe, by_torch)
            assert cache.load(Key.of(clip, recipe)) is None
            compute(clip, recipe, cache)
            one, two = (each.load(each.key(clip, recipe)) for each in (cache, by_torch))
            np.testing.assert_allclose(one, two, atol=1e-3)

    def test_other_recipes_are_computed_as_ever(self, make_clips, cache, by_torch):
        class Derived(LogMel):
            pass

        (clip,) = make_clips(1)
        for recipe in (FrameDescriptors(), Functionals(of=MFCC), Derived()):
            assert by_torch.key(clip, recipe) == cache.key(clip, recipe)
        compute(clip, Functionals(of=MFCC), by_torch)
        assert cache.has(Key.of(clip, Functionals(of=MFCC)))

    def test_the_version_the_device_and_the_reference_are_named(self, monkeypatch):
        import librosa
        import torch

        found = Extraction.of("torch", "cpu")
        named = f"torch {torch.__version__} cpu, within 0.001 of librosa {librosa.__version__}"
        assert found.extractor(MFCC) == named
        assert found.extractor(FrameDescriptors()) == f"librosa {librosa.__version__}"
        assert REFERENCE.extractor(MFCC) == f"librosa {librosa.__version__}"
        assert pickle.loads(pickle.dumps(found)) == found

    def test_refusals_of_names(self):
        assert Extraction.of("reference", "no matter") == REFERENCE
        with pytest.raises(
            UsageError, match=r"features by 'nnaudio'\nexpected: reference or torch"
        ):
            Extraction.of("nnaudio")
        with pytest.raises(UsageError, match="'meta'"):
            Extraction.of("torch", "meta")

    def test_another_torch_computes_nothing_under_this_name(self, make_clips, cache):
        (clip,) = make_clips(1)
        other = cache.under(replace(Extraction.of("torch", "cpu"), version="torch 9 cuda"))
        with pytest.raises(FeatureError, match="to be computed by torch 9 cuda; here is torch 2"):
            compute(clip, LogMel(), other)
        assert not stored(cache)


class TestSettled:
    def test_agreement(self, make_clips, cache, by_torch):
        clips = make_clips(7)
        told = []
        found = settled(all_of(clips, LogMel(), MFCC), by_torch, told.append)
        assert found.extraction == by_torch.extraction
        assert (told, stored(cache)) == ([], set())
        assert extract_ahead(all_of(clips, LogMel(), MFCC), found) == 14
        for clip in clips:
            for recipe in (LogMel(), MFCC):
                expected = recipe.extract(*clip.waveform(recipe.rate, recipe.channel))
                np.testing.assert_allclose(compute(clip, recipe, found), expected, atol=1e-3)
        assert len(stored(cache)) == 14

    def test_what_differs_is_librosas(self, make_clips, cache, by_torch, off):
        off(MFCC)
        clips = make_clips(4)
        told = []
        found = settled(all_of(clips, LogMel(), MFCC), by_torch, told.append)
        assert found.extraction == by_torch.extraction.without(MFCC)
        (note,) = told
        assert note.startswith("the recipe 'mfcc' by torch differs from librosa")
        assert re.search(r"by 0\.0020?\d* dB, more than 0\.001; librosa", note)
        extract_ahead(all_of(clips, LogMel(), MFCC), found)
        assert all(cache.has(Key.of(clip, MFCC)) for clip in clips)
        assert not any(by_torch.has(by_torch.key(clip, MFCC)) for clip in clips)
        assert not any(cache.has(Key.of(clip, LogMel())) for clip in clips)
        assert found.key(clips[0], MFCC) == Key.of(clips[0], MFCC)
        np.testing.assert_array_equal(
            compute(clips[0], MFCC, found), compute(clips[0], MFCC, cache)
        )

    def test_the_longest_is_asked(self, make_clips, by_torch, off):
        clips = make_clips(9)
        longest = max(clips, key=lambda clip: clip.duration)
        off(MFCC, beyond=round(longest.duration * longest.rate) - 1)
        told = []
        assert settled(all_of(clips, MFCC), by_torch, told.append) is not by_torch
        assert len(told) == 1

    def test_a_device_that_fails_is_refused(self, make_clips, by_torch, monkeypatch):
        def fails(*_):
            raise RuntimeError("CUDA error: an illegal memory access")

        monkeypatch.setattr(spectra, "extract_many", fails)
        told = []
        found = settled(all_of(make_clips(2), MFCC), by_torch, told.append)
        assert not found.extraction.covers(MFCC)
        assert "by torch fails: CUDA error" in told[0]

    def test_what_is_there_is_not_asked_again(self, make_clips, by_torch, off):
        clips = make_clips(2)
        extract_ahead(all_of(clips, MFCC), settled(all_of(clips, MFCC), by_torch, print))
        off(MFCC)
        told = []
        assert settled(all_of(clips, MFCC), by_torch, told.append) is by_torch
        assert told == []

    def test_sounds_that_cannot_be_computed_are_not_asked(self, make_clips, by_torch):
        short, long = make_clips(2, seconds=0.1)
        recipe = Mfcc(hop=256, fft=512, deltas=1)  # nine frames take 0.128 s
        assert settled(all_of([short, long], recipe), by_torch, print) is by_torch
        with pytest.raises(FeatureError, match=r"000\.wav: 0\.1000 s"):
            extract_ahead(all_of([short, short, long], recipe), by_torch)

    def test_few(self):
        clips = [
            Clip(__file__, None, None, f"{(7 * i) % 20:02}", 16000, 1, 1.0 + i) for i in range(20)
        ]
        drawn = few(clips)
        assert [clip.duration for clip in drawn[:2]] == [1.0, 20.0]
        assert [clip.samples for clip in drawn] == ["00", "13", "01", "02", "03"]
        assert few(clips[::-1]) == drawn
        assert few(clips[:1]) == clips[:1]


class TestUnsettled:
    """A worker that finds an array missing, or a script that asks nobody before."""

    def test_nothing_unverified_is_kept(self, make_clips, cache, by_torch, off):
        off(MFCC)
        clips = make_clips(3)
        with pytest.raises(FeatureError, match=r"'mfcc' by torch differs .* by 0\.002"):
            extract_ahead(all_of(clips, MFCC), by_torch)
        with pytest.raises(FeatureError, match="--features reference"):
            compute(clips[0], MFCC, by_torch)
        assert not stored(cache)

    def test_one_verdict_for_all(self, make_clips, cache, by_torch, off):
        """Not even those that agree are kept where others do not."""
        clips = make_clips(3)
        off(MFCC, beyond=round(clips[1].duration * clips[1].rate))
        with pytest.raises(FeatureError):
            extract_ahead(all_of(clips, MFCC), by_torch)
        assert not stored(cache)

    def test_asked_once(self, make_clips, by_torch, monkeypatch):
        clips = make_clips(3)
        asked = []
        extract = LogMel.extract
        monkeypatch.setattr(
            LogMel, "extract", lambda *given: asked.append(given) or extract(*given)
        )
        for clip in clips:
            compute(clip, LogMel(), by_torch)
        assert len(asked) == 2
