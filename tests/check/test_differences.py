"""What sets a sound apart from the release's, as far as it can be told."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from serbench.audio import Sound
from serbench.check.differences import difference
from serbench.manifest import Fingerprint

RELEASED = Fingerprint("a.wav", 1, "", rate=48000, channels=2, frames=96000, samples="")


@pytest.mark.parametrize(
    ("sound", "told"),
    [
        (Sound(48000, 2, 96000, "x"), ""),
        (Sound(16000, 2, 32000, "x"), "16000 Hz instead of 48000"),
        (Sound(16000, 2, 32001, "x"), "16000 Hz instead of 48000"),
        (Sound(48000, 1, 96000, "x"), "1 channel instead of 2"),
        (Sound(48000, 4, 96000, "x"), "4 channels instead of 2"),
        (Sound(48000, 2, 96001, "x"), "2.000 s instead of 2.000 s (1 samples more)"),
        (Sound(48000, 2, 48000, "x"), "1.000 s instead of 2.000 s (48000 samples fewer)"),
        (
            Sound(16000, 1, 16000, "x"),
            "16000 Hz instead of 48000, 1 channel instead of 2, 1.000 s instead of 2.000 s",
        ),
    ],
)
def test_formats(sound, told):
    assert difference(sound, RELEASED) == told


def altered(folder, toy, quick=False):
    """The detail of the only altered file."""
    told = folder.states(folder.report(toy, quick=quick))
    ((state, detail),) = [of for of in told.values() if of[0] != "same-sound"]
    assert state == "altered"
    return detail


def test_resampled(folder, toy):
    folder.write(folder.files[0], folder.sound(folder.files[0])[::2], 8000)
    assert altered(folder, toy) == "8000 Hz instead of 16000"


def test_mono_in_two_channels(folder, toy):
    samples = folder.sound(folder.files[0])
    folder.write(folder.files[0], np.hstack([samples, samples]))
    assert altered(folder, toy) == "the release's sound in the first channel"
    assert altered(folder, toy, quick=True) == "2 channels instead of 1"
    folder.write(folder.files[0], np.hstack([samples // 2, samples]))
    assert altered(folder, toy) == "2 channels instead of 1"


@pytest.mark.parametrize("subtype", ["PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_a_wider_sample_format(folder, toy, subtype):
    wide = folder.sound(folder.files[0]).astype(np.int32) << 16
    finer = wide + 4096  # what 16 bits do not hold
    if subtype in {"FLOAT", "DOUBLE"}:
        wide, finer = wide / 2**31, finer / 2**31
    path = folder.root / folder.files[0]
    soundfile.write(path, wide, 16000, subtype)
    assert altered(folder, toy) == "the release's sound in another sample format than 16 bit"
    soundfile.write(path, finer, 16000, subtype)
    assert altered(folder, toy) == "other samples of the same rate, channels and length"


@pytest.mark.parametrize("where", ["before", "after"])
def test_padded(folder, toy, where):
    parts = [np.zeros((80, 1), np.int16), folder.sound(folder.files[0])]
    folder.write(folder.files[0], np.vstack(parts if where == "before" else parts[::-1]))
    assert altered(folder, toy) == f"the release's sound, with 0.005 s put {where} it"
    assert altered(folder, toy, quick=True) == "0.055 s instead of 0.050 s (80 samples more)"


def test_longer_and_other(folder, toy):
    folder.write(folder.files[0], folder.sound("another", 880))
    assert altered(folder, toy) == "0.055 s instead of 0.050 s (80 samples more)"
