"""Landmarks stay where they are under what copies undergo, and pieces make no difference."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.twins import landmarks as module
from serbench.twins.landmarks import landmarks


@pytest.fixture
def voice() -> np.ndarray:
    """Four seconds of gliding harmonics."""
    t = np.arange(4 * 16000) / 16000
    pitch = 150 + 40 * np.sin(2 * np.pi * 0.7 * t) + 15 * np.sin(2 * np.pi * 3.1 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / 16000
    tone = sum(np.sin(k * phase) / k for k in range(1, 20))
    syllables = 0.05 + np.abs(np.sin(2 * np.pi * 2.3 * t))
    noise = np.random.default_rng(0).standard_normal(len(t))
    return (0.1 * tone * syllables + 1e-3 * noise).astype(np.float32)


def shared(one, other, lag: int) -> int:
    ours = set(zip(one[0].tolist(), one[1].tolist(), strict=True))
    theirs = set(zip(other[0].tolist(), (other[1] + lag).tolist(), strict=True))
    return len(ours & theirs)


def test_a_voice_has_some_hundreds_a_second_in_order(voice):
    hashes, frames = landmarks(voice)
    assert hashes.dtype == np.uint32
    assert frames.dtype == np.int32
    assert 50 * 4 < len(hashes) == len(frames) < 2000 * 4
    assert (np.diff(frames) >= 0).all()
    assert int(hashes.max()) < 1 << 19


@pytest.mark.parametrize("gain", [-1.0, 0.125])
def test_gain_and_polarity_leave_them(voice, gain):
    ours, theirs = landmarks(voice), landmarks((gain * voice).astype(np.float32))
    assert shared(ours, theirs, 0) > 0.98 * len(ours[0])


def test_whole_frames_of_shift_leave_them(voice):
    ours, theirs = landmarks(voice), landmarks(voice[160 * 50 :])
    assert shared(ours, theirs, 50) > 0.9 * len(theirs[0])


def test_pieces_make_no_difference(voice, monkeypatch):
    whole = landmarks(voice)
    monkeypatch.setattr(module, "_PIECE", 37)
    pieces = landmarks(voice)
    assert (whole[0] == pieces[0]).all()
    assert (whole[1] == pieces[1]).all()


@pytest.mark.parametrize("length", [0, 1, 300, 1024, 1100])
def test_short_sounds_have_few_or_none(length):
    noise = np.random.default_rng(1).standard_normal(length).astype(np.float32)
    hashes, frames = landmarks(noise)
    assert len(hashes) == len(frames) < 50


def test_silence_has_none():
    assert len(landmarks(np.zeros(16000, np.float32))[0]) == 0
