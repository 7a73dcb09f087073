"""Silence, a constant part, gain and polarity drop out before sounds are compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.features.clip import Clip
from serbench.twins.heard import Heard, hear


def written(path: Path, samples: np.ndarray, rate: int = 16000, subtype: str = "PCM_16") -> Clip:
    soundfile.write(path, samples, rate, subtype=subtype)
    return Clip.of(path)


@pytest.fixture
def steps() -> np.ndarray:
    """A second of noise on the grid of 16 bits, whose first and last samples are not zero."""
    noise = np.random.default_rng(0).integers(-8000, 8000, 16000)
    noise[[0, -1]] = 1000, -1000
    return noise.astype(np.float64) / 32768


def test_silence_at_the_ends_is_cut_and_its_length_told(tmp_path, steps):
    padded = np.concatenate([np.zeros(4000), steps, np.zeros(800)])
    plain, heard = (
        hear(written(tmp_path / "plain.wav", steps)),
        hear(written(tmp_path / "padded.wav", padded)),
    )
    assert heard.lead == 0.25
    assert plain.lead == 0
    assert heard.duration == 1.0
    assert heard.digest() == plain.digest()


def test_silence_with_a_constant_part_is_silence(tmp_path, steps):
    shifted = np.concatenate([np.zeros(4000), steps, np.zeros(800)]) + 300 / 32768
    heard = hear(written(tmp_path / "shifted.wav", shifted))
    assert heard.lead == 0.25
    assert heard.digest() == hear(written(tmp_path / "plain.wav", steps)).digest()


def test_a_short_run_of_one_value_is_sound(tmp_path, steps):
    clipped = steps.copy()
    clipped[:50] = 0.5
    heard = hear(written(tmp_path / "clipped.wav", clipped))
    assert heard.lead == 0
    assert len(heard.samples) == 16000


@pytest.mark.parametrize("gain", [2.0, -1.0, -2.0])
def test_gain_and_polarity_leave_the_digest(tmp_path, steps, gain):
    one = hear(written(tmp_path / "one.wav", steps))
    other = hear(written(tmp_path / "other.wav", steps * gain))
    assert one.digest() == other.digest()
    assert one.equals(other)


def test_a_copy_that_was_rounded_anew_is_equal_though_its_digest_is_not(tmp_path, steps):
    one = hear(written(tmp_path / "one.wav", steps))
    quieter = hear(written(tmp_path / "quieter.wav", steps * 0.3))
    assert one.digest() != quieter.digest()
    assert one.equals(quieter)
    assert quieter.equals(one)


def test_faint_samples_at_the_ends_may_have_become_silence(tmp_path, steps):
    steps[:300] = np.resize([1, 2], 300) / 32768
    steps[-200:] = np.resize([1, 2], 200) / 32768
    one = hear(written(tmp_path / "one.wav", steps))
    quieter = hear(written(tmp_path / "quieter.wav", steps * 0.3))  # rounded downwards
    assert len(quieter.samples) == len(one.samples) - 500
    assert quieter.lead == 300 / 16000
    assert one.equals(quieter, 300)
    assert quieter.equals(one, -300)
    assert not one.equals(quieter, 301)
    assert not one.equals(quieter, 10**6)


def test_noise_is_more_than_rounding(tmp_path, steps):
    one = hear(written(tmp_path / "one.wav", steps))
    noise = np.random.default_rng(1).normal(0, 5 / 32768, 16000)
    assert not one.equals(hear(written(tmp_path / "noisy.wav", steps + noise)))


def test_another_length_is_another_sound(tmp_path, steps):
    one = hear(written(tmp_path / "one.wav", steps))
    assert not one.equals(hear(written(tmp_path / "cut.wav", steps[:-2])))
    assert not one.equals(hear(written(tmp_path / "begun.wav", steps[100:])), 100)


@pytest.mark.parametrize("level", [0.0, 0.25])
def test_silence_has_no_digest_and_equals_nothing(tmp_path, level):
    silence = hear(written(tmp_path / "silence.wav", np.full(16000, level)))
    assert silence.digest() == ""
    assert silence.duration == 0
    assert not silence.equals(silence)


def test_other_rates_come_to_16_khz(tmp_path):
    t = np.arange(48000) / 48000
    heard = hear(written(tmp_path / "tone.wav", 0.5 * np.cos(2 * np.pi * 440 * t), 48000))
    expected = 0.5 * np.cos(2 * np.pi * 440 * np.arange(16000) / 16000)
    assert len(heard.samples) == 16000
    assert np.abs(heard.samples[200:-200] - expected[200:-200]).max() < 1e-3


def test_the_first_of_several_channels_is_heard(tmp_path, steps):
    both = np.stack([steps, np.roll(steps, 7)], axis=1)
    heard = hear(written(tmp_path / "stereo.wav", both))
    assert heard.digest() == hear(written(tmp_path / "mono.wav", steps)).digest()


def test_nothing_normalised_is_nothing():
    heard = Heard(np.zeros(0, np.float32))
    assert heard.normalised().size == 0
