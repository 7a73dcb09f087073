from __future__ import annotations

from itertools import pairwise

import librosa
import numpy as np
import pytest

from serbench.audio import read
from serbench.errors import FeatureError
from serbench.features.recipe import record
from serbench_baselines.sdcaff.features import COLUMNS, SpeechMfcc, silent, without_silence

RATE = 16000


def speech(seed, length=None):
    """Loud low tones and soft noise by turns, of random lengths."""
    rng = np.random.default_rng(seed)
    parts = []
    for loud in rng.integers(2, size=rng.integers(1, 7)):
        n = int(rng.integers(300, 12000))
        tone = 0.5 * np.sin(np.arange(n) * rng.uniform(0.02, 0.1)) if loud else 0
        parts.append(tone + 0.002 * rng.standard_normal(n))
    sound = np.concatenate(parts).astype(np.float32)
    return sound if length is None else np.resize(sound, length)


def told_silent(samples):
    """Frame by frame."""
    crossings = librosa.feature.zero_crossing_rate(samples, frame_length=2048, hop_length=512)[0]
    padded = np.concatenate([np.zeros(1024), samples, np.zeros(1024)])
    amplitudes = []
    for start in range(0, len(samples), 512):
        frame = padded[start : start + 2048]
        amplitudes.append(sum(abs(np.sqrt(np.hanning(2048)) * frame)))
    low, high = min(amplitudes), max(amplitudes)
    return [
        z >= max(0.8 * max(crossings), 2 * min(crossings))
        or a <= min(10 * low, 0.05 * high + 5 * low, 0.1 * high)
        for z, a in zip(crossings, amplitudes, strict=False)
    ]


def joined(samples):
    """Sample by sample: what lies within any run, one hop earlier and later than its frames."""
    quiet = told_silent(samples)
    if all(quiet):
        return samples
    kept = np.zeros(len(samples), bool)
    for i, still in enumerate(quiet):
        if not still:
            begin = max(0, i * 512 - 1024)
            last = i == len(quiet) - 1
            kept[begin : len(samples) if last else i * 512 + 1024 + 512] = True
    return samples[kept]


def as_released(samples):
    """The released procedure step by step, its slips and all."""
    quiet = told_silent(samples)
    quiet += [False] * (1 + len(samples) // 512 - len(quiet))
    starts = [-512.0] if not quiet[0] and len(quiet) > 1 else []
    ends = []
    for i, (now, soon) in enumerate(pairwise(quiet)):
        if now and not soon:
            starts.append((i - 1) * 512)
        if soon and not now:
            ends.append((i - 1) * 512 + 2048)
    if not starts or not ends:
        return samples
    if len(ends) < len(starts):
        ends.append(len(samples) - 1)
    starts = [max(0, start) for start in starts]
    alone = len(starts) == 1
    pieces = []
    for i in range(len(starts)):
        if ends[i] > len(samples) and (alone or i < len(starts) - 1):
            ends[i] = len(samples) - 1
        if i < len(starts) - 1 and ends[i] >= starts[i + 1]:
            starts[i + 1] = starts[i]
        else:
            pieces += [samples[int(starts[i]) : int(ends[i])]] * (2 if alone else 1)
    return np.concatenate(pieces)


@pytest.mark.parametrize("seed", range(30))
def test_silence_is_cut_out_as_described(seed):
    samples = speech(seed, length=None if seed % 3 else 512 * 40)
    assert silent(samples).tolist() == told_silent(samples)
    assert np.array_equal(without_silence(samples), joined(samples))
    assert np.array_equal(without_silence(samples, released=True), as_released(samples))


def test_the_make_believe_has_all_kinds_of_runs():
    kinds = set()
    for seed in range(30):
        samples = speech(seed, length=None if seed % 3 else 512 * 40)
        voiced = ~silent(samples)
        runs = np.count_nonzero(np.diff(np.pad(voiced, 1).astype(int)) == 1)
        kinds.add((min(runs, 2), bool(voiced[-1])))
        if len(samples) > len(without_silence(samples)):
            kinds.add("shorter")
    assert {(1, True), (1, False), (2, True), (2, False), "shorter"} <= kinds


def test_a_lone_run_is_put_twice_by_the_released_code_alone():
    still = 0.002 * np.random.default_rng(0).standard_normal(16000)
    tone = np.sin(np.arange(16000) * 0.05)
    samples = np.concatenate([still, tone, still]).astype(np.float32)
    once, twice = without_silence(samples), without_silence(samples, released=True)
    assert 16000 <= len(once) < 20000
    assert np.array_equal(twice, np.tile(once, 2))


@pytest.mark.parametrize("samples", [np.zeros(20000), np.zeros(1), np.ones(1), np.zeros(600)])
def test_where_nothing_is_voiced_or_long_all_is_left(samples):
    samples = samples.astype(np.float32)
    for released in (False, True):
        assert np.array_equal(without_silence(samples, released=released), samples)


def reference(samples, *, over="coefficients"):
    """Plain librosa, coefficients first: MFCC, delta, delta of delta."""
    clip = without_silence(samples)[:96000]
    clip = np.concatenate([clip, np.zeros(96000 - len(clip), np.float32)])
    mfcc = librosa.feature.mfcc(y=clip, sr=RATE, n_mfcc=60, win_length=768, hop_length=384)
    axis = -2 if over == "coefficients" else -1
    delta = librosa.feature.delta(mfcc, axis=axis)
    return {"mfcc": mfcc, "delta": delta, "delta2": librosa.feature.delta(delta, axis=axis)}


@pytest.mark.parametrize("over", ["coefficients", "time"])
def test_values_are_librosas(over):
    samples = speech(3)
    parts = SpeechMfcc(over=over).extract(samples, RATE)
    assert parts.shape == (251, 180)
    for name, part in reference(samples, over=over).items():
        at = COLUMNS.index(name) * 60
        assert np.allclose(parts[:, at : at + 60], part.T, rtol=1e-5, atol=1e-4)


def test_a_delta_of_coefficients_looks_at_one_frame_alone():
    frame = np.arange(60.0) ** 2
    parts = SpeechMfcc(columns=("mfcc", "delta")).extract(speech(5), RATE)
    slope = librosa.feature.delta(frame[:, None], axis=0)[:, 0]
    assert slope[30] == pytest.approx(60)  # of a parabola, 2 x
    for row in (0, 100, 250):
        alone = librosa.feature.delta(parts[row, :60], axis=0)
        assert np.allclose(parts[row, 60:], alone, atol=1e-4)


@pytest.mark.parametrize(
    "columns", [("mfcc",), ("delta",), ("delta2",), ("mfcc", "delta2"), ("delta", "delta2")]
)
def test_columns_are_those_chosen(columns):
    whole = SpeechMfcc().extract(speech(7), RATE).reshape(251, 3, 60)
    recipe = SpeechMfcc(columns=columns)
    wanted = whole[:, [COLUMNS.index(name) for name in columns]].reshape(251, -1)
    assert np.array_equal(recipe.extract(speech(7), RATE), wanted)
    assert recipe.dims == 60 * len(columns)


def test_long_speech_is_cut_and_short_speech_filled_up():
    long, short = speech(3, length=30 * RATE), speech(3, length=RATE)
    assert len(without_silence(long)) > 6 * RATE
    cut, filled = (SpeechMfcc(columns=("mfcc",)).extract(x, RATE) for x in (long, short))
    assert np.allclose(cut, reference(long)["mfcc"].T, rtol=1e-5, atol=1e-4)
    assert filled.shape == cut.shape == (251, 60)
    assert np.ptp(filled[50:], axis=0).max() < 1e-3  # zeros to the end
    assert np.ptp(cut[200:], axis=0).max() > 10


@pytest.mark.parametrize("length", [1, 100, 2047, 2048, 3000])
@pytest.mark.parametrize("level", [0.0, 0.5])
def test_the_shortest_and_the_silent_have_features_too(length, level):
    samples = np.full(length, level, np.float32)
    samples[::2] *= -1
    for silence in ("removed", "released"):
        features = SpeechMfcc(silence=silence).extract(samples, RATE)
        assert features.shape == (251, 180)
        assert np.isfinite(features).all()


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [(np.zeros(0, np.float32), RATE, "too short"), (np.zeros(9, np.float32), 44100, "44100 Hz")],
)
def test_nothing_and_another_rate_are_refused(samples, rate, message):
    with pytest.raises(FeatureError, match=message):
        SpeechMfcc().extract(samples, rate)


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": ()},
        {"columns": ("delta", "mfcc")},
        {"columns": ("mfcc", "mfcc")},
        {"columns": ("energy",)},
        {"over": "speakers"},
        {"silence": "golden"},
        {"coefficients": 8},
        {"over": "time", "seconds": 0.1},
        {"hop": 0},
    ],
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\S"):
        SpeechMfcc(**wrong)


def test_a_record_holds_every_setting():
    said = record(SpeechMfcc(columns=("mfcc",)))
    assert said["columns"] == ["mfcc"]
    assert (said["over"], said["silence"], said["seconds"]) == ("coefficients", "removed", 6.0)
    assert (said["rate"], said["coefficients"], said["window"], said["hop"]) == (RATE, 60, 768, 384)


@pytest.mark.corpus("EMO-DB")
def test_real_speech(real_corpus):
    paths = sorted(real_corpus("EMO-DB").rglob("*.wav"))[:: 535 // 5]
    shorter = 0
    for path in paths:
        samples, _ = read(path, rate=RATE, channel="first")
        assert np.array_equal(without_silence(samples), joined(samples))
        assert np.array_equal(without_silence(samples, released=True), as_released(samples))
        shorter += len(without_silence(samples)) < len(samples)
        features = SpeechMfcc(columns=("mfcc", "delta")).extract(samples, RATE)
        assert features.shape == (251, 120)
        assert np.isfinite(features).all()
        assert -1200 < features[:, 0].mean() < 0  # the log energy: not normalised
    assert shorter >= 4
