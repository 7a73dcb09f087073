"""Encoders in batches of equal length: what one utterance alone would give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from serbench.errors import EncoderError, FeatureError
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.extract import Wanted, extract_ahead
from serbench.features.sentence import Sentence
from serbench.nets.encoders import EncoderFrames, EncoderLayers, TokenStates, audio
from serbench.nets.encoders.batches import equals
from serbench.nets.encoders.loaded import LoadedEncoder, loaded
from serbench.testing.encoders import tiny_audio_encoder

TEXTS = ["You are very happy!", "i am sad", "I am so angry", "you are not happy.", "", "sad"]


@pytest.fixture
def sounds(sound):
    """Four of one length, unlike each other, and a shorter one."""
    return [sound[:9000], 0.1 * sound[7000:], sound[5000:14000], sound[:7000], sound[3000:12000]]


@pytest.fixture(autouse=True)
def _batches_on_the_cpu_too(monkeypatch):
    monkeypatch.setitem(audio.AT_ONCE, "cpu", 30 * audio.RATE)


@pytest.fixture
def shapes(monkeypatch):
    """The shapes of what encoders are given."""
    seen = []
    states = LoadedEncoder.hidden_states

    def watched(self, **inputs):
        seen.append(next(iter(inputs.values())).shape)
        return states(self, **inputs)

    monkeypatch.setattr(LoadedEncoder, "hidden_states", watched)
    return seen


def alike(found, expected):
    for one, two in zip(found, expected, strict=True):
        assert (one.shape, one.dtype) == (two.shape, two.dtype)
        np.testing.assert_allclose(one, two, atol=1e-5)


class TestSound:
    @pytest.mark.parametrize("kind", ["wavlm", "hubert", "wav2vec2"])
    def test_batched_as_one_by_one(self, kind, sounds, shapes, tmp_path):
        """Their front ends normalise over time: padding would change what they give."""
        folder = tiny_audio_encoder(tmp_path / kind, kind=kind)
        recipes = [EncoderFrames.of(str(folder)), EncoderLayers.of(str(folder))]
        encoder = loaded(recipes[0].folder, recipes[0].weights, "cpu")
        assert encoder.model.config.feat_extract_norm == "group"
        for recipe in recipes:
            alone = [recipe.extract(each, 16000) for each in sounds]
            shapes.clear()
            alike(recipe.extract_many(sounds, 16000), alone)
            assert sorted(shapes) == [(1, 7000), (4, 9000)]

    def test_padding_would_have_changed_it(self, wavlm, sounds):
        """What the test above would see if shorter ones were padded."""
        recipe = EncoderFrames.of(str(wavlm))
        padded = np.pad(sounds[3], (0, 2000))
        frames = len(recipe.extract(sounds[3], 16000))
        found = recipe.extract(padded, 16000)[:frames]
        assert not np.allclose(found, recipe.extract(sounds[3], 16000), atol=1e-3)

    def test_those_that_are_cut_to_one_length_are_equals(self, wavlm, sounds, shapes):
        recipe = EncoderFrames.of(str(wavlm), frames=10)
        alone = [recipe.extract(each, 16000) for each in sounds]
        shapes.clear()
        alike(recipe.extract_many(sounds, 16000), alone)
        assert shapes == [(5, 400 + 9 * 320)]

    def test_one_by_one_on_the_cpu(self, monkeypatch):
        monkeypatch.undo()
        assert audio.AT_ONCE["cpu"] < 400
        assert equals([9000, 9000], audio.AT_ONCE["cpu"]) == [[0], [1]]

    def test_one_that_is_too_short(self, wavlm, sounds):
        with pytest.raises(FeatureError, match="399 samples"):
            EncoderFrames.of(str(wavlm)).extract_many([*sounds, sounds[0][:399]], 16000)

    def test_half_of_it_where_memory_runs_out(self, wavlm, sounds, monkeypatch):
        recipe = EncoderFrames.of(str(wavlm))
        alone = [recipe.extract(each, 16000) for each in sounds]
        states = LoadedEncoder.hidden_states
        tried = []

        def small(self, **inputs):
            tried.append(len(inputs["input_values"]))
            if tried[-1] > most:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return states(self, **inputs)

        monkeypatch.setattr(LoadedEncoder, "hidden_states", small)
        most = 1
        alike(recipe.extract_many(sounds, 16000), alone)
        assert sorted(tried) == [1, 1, 1, 1, 1, 2, 2, 4]
        most = 0
        with pytest.raises(EncoderError, match="no memory left for one utterance of 1 x"):
            recipe.extract_many(sounds, 16000)


class TestText:
    def test_batched_as_one_by_one(self, bert, shapes):
        recipe = TokenStates.of(str(bert))
        alone = [recipe.extract_text(text) for text in TEXTS]
        shapes.clear()
        alike(recipe.extract_texts(TEXTS), alone)
        assert len(shapes) < len(TEXTS)
        assert sum(count for count, _ in shapes) == len(TEXTS)


class TestCache:
    def test_equal_keys_and_values(self, wavlm, bert, sounds, shapes, tmp_path):
        clips = []
        for i, samples in enumerate(sounds):
            path = tmp_path / f"{i}.wav"
            soundfile.write(path, samples, 16000)
            clips.append(Clip.of(path))
        recipes = [EncoderFrames.of(str(wavlm)), EncoderLayers.of(str(wavlm))]
        want = [Wanted(recipe, clip) for clip in clips for recipe in recipes]
        want += [Wanted(TokenStates.of(str(bert)), Sentence(text)) for text in TEXTS]
        batched, apart = FeatureCache(tmp_path / "batched"), FeatureCache(tmp_path / "apart")
        assert extract_ahead(want, batched, workers=1) == len(want)
        assert max(count for count, _ in shapes) == 4
        for each in want:
            extract_ahead([each], apart, workers=1)
        names = [
            {path.relative_to(cache.folder) for path in cache.folder.rglob("*.array")}
            for cache in (batched, apart)
        ]
        assert names[0] == names[1]
        assert len(names[0]) == len(want)
        for each in want:
            one, two = (c.load(c.key(each.clip, each.recipe)) for c in (batched, apart))
            assert one.dtype == two.dtype
            atol = 2e-3 if one.dtype == np.float16 else 1e-5
            np.testing.assert_allclose(one.astype(np.float32), two, atol=atol)


def test_equals():
    assert equals([5, 3, 5, 5, 9], 10) == [[0, 2], [3], [1], [4]]
    assert equals([], 10) == []
    assert equals([100, 100], 10) == [[0], [1]]


def test_one_process_has_the_device(wavlm, bert):
    for recipe in (EncoderFrames.of(str(wavlm)), EncoderLayers.of(str(wavlm))):
        assert not recipe.one_process
    assert not replace(TokenStates.of(str(bert)), device="cpu").one_process
    if not torch.cuda.is_available():
        assert not replace(TokenStates.of(str(bert)), device="auto").one_process


@pytest.mark.gpu
def test_on_a_gpu_up_to_rounding(wavlm, bert, sounds):
    on_cpu = EncoderFrames.of(str(wavlm)).extract_many(sounds, 16000)
    recipe = EncoderFrames.of(str(wavlm), device="cuda")
    assert recipe.one_process
    for one, two in zip(recipe.extract_many(sounds, 16000), on_cpu, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-4)
    texts = TokenStates.of(str(bert), device="cuda").extract_texts(TEXTS)
    for one, two in zip(texts, TokenStates.of(str(bert)).extract_texts(TEXTS), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-4)
