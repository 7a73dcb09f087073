"""How a sound differs from the one that a release has under its name, as far as it can be told.

Of the release's sound there is only a digest and its format. So its rate, channels and length can
be compared, and some things that tools do to a file can be undone and recognised: a wider sample
format, a mono sound written into two channels, something put before or after it. What a filter, a
gain or a lossy codec did cannot.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from serbench.audio import Sound, inspect_spans, read
from serbench.errors import AudioError
from serbench.manifest import Fingerprint

# A resampled file is as long as its original up to a sample of the lower rate, and tools differ in
# what they do at the end: 2 ms is 16 samples at 8 kHz.
TOLERANCE = 0.002  # seconds


def difference(sound: Sound, released: Fingerprint) -> str:
    """What sets a sound apart by its format: "16000 Hz instead of 48000, 1 channel instead of 2".

    Empty if rate, channels and length are the release's.
    """
    found = []
    if sound.rate != released.rate:
        found.append(f"{sound.rate} Hz instead of {released.rate}")
    if sound.channels != released.channels:
        found.append(f"{_channels(sound.channels)} instead of {released.channels}")
    if sound.rate != released.rate:
        if abs(sound.duration - released.duration) > TOLERANCE:
            found.append(f"{sound.duration:.3f} s instead of {released.duration:.3f} s")
    elif sound.frames != released.frames:
        by = sound.frames - released.frames
        found.append(
            f"{sound.duration:.3f} s instead of {released.duration:.3f} s "
            f"({abs(by)} samples {'more' if by > 0 else 'fewer'})"
        )
    return ", ".join(found)


def recognised(path: Path, sound: Sound, released: Fingerprint) -> str:
    """The release's sound in a form that hides it, such as "the release's sound in 24 bit".

    Reads the file. Empty if it is not recognised.
    """
    if sound.rate != released.rate or sound.frames < released.frames:
        return ""
    if sound.frames > released.frames and sound.channels == released.channels:
        return _padded(path, sound, released)
    if sound.frames == released.frames and released.channels == 1:
        return _rewritten(path, sound, released)
    return ""


def _padded(path: Path, sound: Sound, released: Fingerprint) -> str:
    more = (sound.frames - released.frames) / sound.rate
    spans = [(None, released.duration), (more, None)]
    for where, held in zip(("after", "before"), inspect_spans(path, spans), strict=True):
        if isinstance(held, Sound) and held.samples == released.samples:
            return f"the release's sound, with {more:.3f} s put {where} it"
    return ""


def _rewritten(path: Path, sound: Sound, released: Fingerprint) -> str:
    try:
        samples, _ = read(path, channel="first")
    except AudioError:
        return ""
    scaled = samples * 32768.0  # float32 holds 24 bits: exact for what came from 16
    if not np.array_equal(scaled, np.rint(scaled)) or np.abs(scaled).max(initial=0) > 32768:
        return ""
    narrow = np.clip(scaled, -32768, 32767).astype("<i2")
    if hashlib.sha256(narrow.tobytes()).hexdigest() != released.samples:
        return ""
    if sound.channels > 1:
        return "the release's sound in the first channel"
    return "the release's sound in another sample format than 16 bit"


def _channels(number: int) -> str:
    return "1 channel" if number == 1 else f"{number} channels"
