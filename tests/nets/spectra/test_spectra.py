"""Log-mel and MFCC by torch: librosa's values, and each sound's own whatever its company."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from serbench.audio import read
from serbench.errors import FeatureError, UsageError
from serbench.features.frames import LogMel, Mfcc
from serbench.features.spectrum import Framing
from serbench.nets.spectra import device_of, extract_many
from serbench.nets.spectra.tape import laid

TOLERANCE = 1e-3  # dB
RECIPES = [
    LogMel(),
    LogMel(bands=30, low_hz=50.0, high_hz=7000.0, window="hann", fft=1024, hop_ms=7.5),
    LogMel(fft=401),
    Mfcc(),
    Mfcc(deltas=1, top_db=None),
    Mfcc(deltas=2, top_db=20.0, hop=128, fft=512),
    Mfcc(rate=22050, coefficients=39, length=30000),
    Mfcc(rate=22050, coefficients=13, length=5000, shape="hamming", deltas=2),
    Mfcc(coefficients=60, mel_bands=80, window=768, hop=384, low_hz=20.0, high_hz=6000.0),
    Mfcc(fft=256, hop=300, mel_bands=24),  # a hop longer than the frame
]


def named(recipe):
    return f"{recipe.name}-{recipe.rate}-{RECIPES.index(recipe)}"


def sounds(count=6):
    """Speech-like noises of 0.3 to 2 s, loud and soft, with silence in them: float32."""
    rng = np.random.default_rng(0)
    made = []
    for i in range(count):
        t = np.arange(4800 + 5003 * i) / 16000
        tone = np.sin(2 * np.pi * (120 + 80 * t) * t) * np.clip(np.sin(5 * t) + 0.3, 0, 1)
        y = 10.0 ** -(i % 4) * (tone + 0.003 * rng.standard_normal(t.size))
        y[: t.size // 6] = 0
        made.append(y.astype(np.float32))
    return made


def worst(found, expected):
    assert [one.shape for one in found] == [two.shape for two in expected]
    assert all(one.dtype == np.float32 for one in found)
    return max(float(np.abs(one - two).max()) for one, two in zip(found, expected, strict=True))


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
class TestValues:
    def test_librosas(self, recipe):
        expected = [recipe.extract(sound, recipe.rate) for sound in sounds()]
        found = extract_many(recipe, sounds(), recipe.rate, "cpu")
        assert worst(found, expected) < TOLERANCE

    def test_each_its_own_whatever_the_others_are(self, recipe):
        """To the last bit, wherever it stands among them."""
        every = sounds()
        order = list(range(len(every)))
        random.Random(0).shuffle(order)
        alone = [extract_many(recipe, [sound], recipe.rate, "cpu")[0] for sound in every]
        together = extract_many(recipe, every, recipe.rate, "cpu")
        shuffled = extract_many(recipe, [every[i] for i in order], recipe.rate, "cpu")
        for i, sound in enumerate(alone):
            np.testing.assert_array_equal(together[i], sound)
            np.testing.assert_array_equal(shuffled[order.index(i)], sound)


class TestEdges:
    def test_silence(self):
        silent = np.zeros(5000, np.float32)
        for recipe in (LogMel(), Mfcc(deltas=2, hop=160)):
            (found,) = extract_many(recipe, [silent], 16000, "cpu")
            np.testing.assert_allclose(found, recipe.extract(silent, 16000), atol=TOLERANCE)

    @pytest.mark.filterwarnings("ignore:n_fft=.* is too large")
    def test_a_few_samples(self):
        for recipe in (LogMel(), Mfcc()):
            for n in (1, 2, 159, 160, 161, 511, 512, 513):
                sound = np.full(n, 0.3, np.float32)
                (found,) = extract_many(recipe, [sound], 16000, "cpu")
                np.testing.assert_allclose(found, recipe.extract(sound, 16000), atol=TOLERANCE)

    def test_just_nine_frames(self):
        recipe = Mfcc(deltas=2)
        few, more = sounds(2)[1][: 8 * 512], sounds(2)[1]
        found = extract_many(recipe, [few, more], 16000, "cpu")
        assert worst(found, [recipe.extract(each, 16000) for each in (few, more)]) < TOLERANCE

    def test_none(self):
        assert extract_many(LogMel(), [], 16000, "cpu") == []

    def test_arrays_are_their_own(self):
        one, two = extract_many(LogMel(), sounds(2), 16000, "cpu")
        before = two.copy()
        one[:] = 0
        np.testing.assert_array_equal(two, before)
        assert one.base is None

    def test_torch_is_left_as_it_was(self):
        before = torch.get_num_threads(), torch.get_deterministic_debug_mode()
        extract_many(LogMel(), sounds(1), 16000, "cpu")
        assert (torch.get_num_threads(), torch.get_deterministic_debug_mode()) == before


class TestRefusals:
    def test_too_short(self):
        with pytest.raises(FeatureError, match="too short"):
            extract_many(Mfcc(deltas=1), [np.ones(4095, np.float32)], 16000, "cpu")
        with pytest.raises(FeatureError, match=r"0\.0000 s \(0 samples\)"):
            extract_many(LogMel(), [np.zeros(0, np.float32)], 16000, "cpu")

    def test_another_rate(self):
        with pytest.raises(FeatureError, match="samples at 8000 Hz"):
            extract_many(LogMel(), sounds(1), 8000, "cpu")

    def test_a_device_without_float64(self, monkeypatch):
        from serbench.nets.spectra import many

        monkeypatch.setattr(many, "resolve", torch.device)
        with pytest.raises(UsageError, match=r"'mps', which has no float64\nexpected: cpu or cuda"):
            device_of("mps")


def test_the_tape():
    framing = Framing(16000, fft=8, window=8, hop=3, shape="hann")
    every = [np.arange(1, n + 1, dtype=np.float32) for n in (10, 3, 1)]
    tape = laid(every, framing, block=7)
    assert tape.rows % 7 == 0
    assert len(tape.samples) == (tape.rows - 1) * 3 + 8
    for i, sound in enumerate(every):
        padded = np.pad(sound, 4)
        rows = range(tape.rows)[tape.of(i)]
        assert len(rows) == 1 + len(sound) // 3
        for t, row in enumerate(rows):
            expected = padded[3 * t : 3 * t + 8]
            np.testing.assert_array_equal(tape.samples[3 * row : 3 * row + 8], expected)
    values = np.arange(tape.rows, dtype=np.float32)
    most = tape.most(values)
    assert most[tape.of(1)].tolist() == [float(range(tape.rows)[tape.of(1)][-1])] * 2


@pytest.mark.corpus("EMO-DB")
def test_real_speech(real_corpus):
    paths = sorted((real_corpus("EMO-DB") / "wav").glob("*.wav"))[::25]
    for recipe in (LogMel(), Mfcc(rate=22050, coefficients=39, length=110000)):
        every = [read(path, rate=recipe.rate)[0] for path in paths]
        expected = [recipe.extract(sound, recipe.rate) for sound in every]
        assert worst(extract_many(recipe, every, recipe.rate, "cpu"), expected) < TOLERANCE


@pytest.mark.gpu
@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_on_a_gpu(recipe):
    expected = [recipe.extract(sound, recipe.rate) for sound in sounds()]
    found = extract_many(recipe, sounds(), recipe.rate, "cuda")
    assert worst(found, expected) < TOLERANCE
    for sound, together in zip(sounds(), found, strict=True):
        (alone,) = extract_many(recipe, [sound], recipe.rate, "cuda")
        np.testing.assert_allclose(alone, together, rtol=0, atol=TOLERANCE / 10)
    again = extract_many(recipe, sounds(), recipe.rate, "cuda")
    for one, two in zip(found, again, strict=True):
        np.testing.assert_array_equal(one, two)
