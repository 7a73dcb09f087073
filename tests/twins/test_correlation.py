"""The normalised cross-correlation against its formula, its definition and its floors."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.twins.correlation import FAINT, correlation, overlap_needed

RATE = 16000


@pytest.fixture
def speech() -> np.ndarray:
    """Two seconds of noise below 3 kHz whose loudness goes up and down."""
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(2 * RATE))
    spectrum[2 * 3000 :] = 0
    noise = np.fft.irfft(spectrum)
    loudness = 0.2 + np.abs(np.sin(2 * np.pi * 3 * np.arange(2 * RATE) / RATE))
    return (0.1 * noise * loudness).astype(np.float32)


def pearson(first: np.ndarray, second: np.ndarray, lag: int) -> float:
    """By the definition, over the samples that overlap."""
    begin, end = max(0, -lag), min(len(second), len(first) - lag)
    return abs(np.corrcoef(first[begin + lag : end + lag], second[begin:end])[0, 1])


@pytest.mark.parametrize("decibels", [30, 20, 10, 5])
def test_noise_costs_what_the_formula_says(speech, decibels):
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(len(speech))
    noise *= np.sqrt(np.mean(speech**2) / np.mean(noise**2) * 10 ** (-decibels / 10))
    match = correlation(speech, (speech + noise).astype(np.float32), 0.0)
    assert match is not None
    assert match.correlation == pytest.approx(1 / np.sqrt(1 + 10 ** (-decibels / 10)), abs=6e-3)
    assert match.lag == pytest.approx(0, abs=1 / RATE)


@pytest.mark.parametrize("lag", [-9000, -311, 0, 5, 640, 12000])
@pytest.mark.parametrize("guess", [-0.02, 0.0, 0.015])
def test_the_lag_is_found_from_a_rough_one(speech, lag, guess):
    longer = np.random.default_rng(2).standard_normal(5 * RATE).astype(np.float32) * 0.01
    longer[20000 : 20000 + len(speech)] += speech
    first = longer
    second = longer[20000 + lag :][: 2 * RATE]
    match = correlation(first, second, (20000 + lag) / RATE + guess)
    assert match is not None
    assert match.correlation > 0.99999
    assert match.lag == pytest.approx((20000 + lag) / RATE, abs=1e-9)
    back = correlation(second, first, -(20000 + lag) / RATE - guess)
    assert back is not None
    assert back.lag == pytest.approx(-match.lag, abs=1e-9)


def test_it_is_pearsons_correlation_of_what_overlaps(speech):
    rng = np.random.default_rng(3)
    first = (speech + 0.05).astype(np.float32)
    second = (np.roll(speech, -300)[:-4000] + 0.02 * rng.standard_normal(28000)).astype(np.float32)
    match = correlation(first, second, 0.0)
    assert match is not None
    expected = max(pearson(first, second, lag) for lag in range(-640, 641))
    assert match.correlation == pytest.approx(expected, abs=1e-3)
    assert match.correlation >= expected - 1e-9
    assert match.lag == pytest.approx(300 / RATE, abs=1 / RATE)


@pytest.mark.parametrize("change", [lambda x: -x, lambda x: 0.01 * x, lambda x: x + 0.3])
def test_polarity_gain_and_a_constant_part_cost_nothing(speech, change):
    match = correlation(speech, change(speech).astype(np.float32), 0.0)
    assert match is not None
    assert match.correlation > 0.99999


def test_half_a_sample_costs_nothing(speech):
    frequencies = np.arange(len(speech) // 2 + 1) / len(speech)
    later = np.fft.irfft(np.fft.rfft(speech) * np.exp(-1j * np.pi * frequencies), len(speech))
    match = correlation(speech, later.astype(np.float32), 0.0)
    assert match is not None
    assert match.correlation > 0.999
    assert match.lag == pytest.approx(-0.5 / RATE, abs=0.01 / RATE)
    assert max(pearson(speech, later, lag) for lag in (-1, 0)) < 0.99


def test_silence_does_not_match_silence(speech):
    """A hum that two recordings share, where nobody speaks in either."""
    hum = np.sin(2 * np.pi * 50 * np.arange(2 * RATE) / RATE).astype(np.float32)
    hum *= float(np.sqrt(np.mean(speech**2) * FAINT / 3))
    first = np.concatenate([speech, hum])
    second = np.concatenate([hum, speech[::-1]])
    match = correlation(first, second, 2.0)  # at other lags a syllable stands beside the hum
    assert match is None or match.correlation < 0.5
    louder = 100 * hum
    match = correlation(
        np.concatenate([speech, louder]), np.concatenate([louder, speech[::-1]]), 2.0
    )
    assert match is not None
    assert match.correlation > 0.99


def test_digital_silence_matches_nothing(speech):
    silence = np.zeros(2 * RATE, np.float32)
    assert correlation(silence, silence, 0.0) is None
    assert correlation(speech, silence, 0.0) is None


def test_half_a_second_in_common_is_too_little(speech):
    first, second = speech, np.concatenate([speech[-8000:], speech[::-1]])
    assert correlation(first, second, 1.5) is None
    longer = np.concatenate([speech[-17000:], speech[::-1]])
    match = correlation(first, longer, (len(speech) - 17000) / RATE)
    assert match is not None


@pytest.mark.parametrize(
    ("first", "second", "needed"),
    [(5, 3, 1.0), (5, 1.05, 0.945), (0.5, 9, 0.45), (0.29, 9, float("inf"))],
)
def test_a_second_in_common_or_most_of_a_shorter_sound(first, second, needed):
    assert overlap_needed(first, second) == pytest.approx(needed)


def test_blocks_add_up():
    """A recording of many blocks: the sum over blocks is the sum over samples."""
    rng = np.random.default_rng(4)
    first = rng.standard_normal(5 * RATE).astype(np.float32)
    second = (first[1234:] + rng.standard_normal(5 * RATE - 1234)).astype(np.float32)
    match = correlation(first, second, 0.07)
    assert match is not None
    assert match.correlation == pytest.approx(pearson(first, second, 1234), abs=1e-4)
