"""Sound from a file: what it holds, and its samples at a rate and channel of one's choice.

Decoding is libsndfile's (soundfile), resampling soxr's at high quality. Samples are float32 in
-1..1, time first. Two questions that corpora answer in silence are asked here aloud: which channel
of a recording with several is meant, and whether the file is whole.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from serbench.decoded import Span, bounds, opened, pieces, refuse_what_is_no_file
from serbench.errors import AudioError
from serbench.riff import Wave, usual_wave, wave_of

Channel = Literal["first", "mean"]
CHANNELS: tuple[Channel, ...] = ("first", "mean")

# libsndfile reads 8- and 16-bit samples into int16 and 24- and 32-bit ones into int32 without loss.
_EXACT = {"PCM_S8": "int16", "PCM_U8": "int16", "PCM_16": "int16", "PCM_24": "int32"}
_EXACT |= {"PCM_32": "int32", "FLOAT": "float32"}


@dataclass(frozen=True, slots=True)
class Sound:
    """What a file, or a segment of it, holds.

    ``samples`` is the SHA-256 of the decoded samples, channels interleaved, little-endian, in the
    type that holds the file's sample format without loss (int16 for 8 and 16 bits, int32 for 24 and
    32, else float): a WAV file and its FLAC copy share it.
    """

    rate: int  # Hz
    channels: int
    frames: int
    samples: str

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.frames / self.rate


_PIECE = 1 << 18  # bytes read at once: what a core's cache holds
_HEADER = 1 << 10  # bytes in which most WAV files say what they are
_THREAD = threading.local()


def inspect(path: Path, start: float | None = None, end: float | None = None) -> Sound:
    """Decode a file, or the seconds from ``start`` to ``end`` of it, and say what it holds.

    Raises
    ------
    AudioError
        If the file is empty, cut short, no sound, or holds no sample, NaN or infinity.
    """
    (sound,) = inspect_spans(path, [(start, end)])
    if isinstance(sound, AudioError):
        raise sound
    return sound


def inspect_spans(path: Path, spans: Sequence[Span]) -> list[Sound | AudioError]:
    """What each of several segments of one file holds, or why it cannot be told.

    The file is opened once and only its segments are read: an hour's recording with ten utterances
    costs the utterances.
    """
    try:
        with _unread(path) as file:
            wave = _wave(file, path)
            if wave is not None and wave.plain:
                return [_caught(_inspect_plain, file, wave, path, span) for span in spans]
        with opened(path) as sound_file:
            if sound_file.seekable():
                return [_caught(_inspect_decoded, sound_file, path, span) for span in spans]
        return [_caught(_inspect_anew, path, span) for span in spans]
    except AudioError as error:
        return [error] * len(spans)
    except OSError as error:
        reason = AudioError(f"{path} cannot be opened: {error.strerror}")
        return [reason] * len(spans)


def _unread(path: Path) -> io.FileIO:
    """An open file of which nothing was read. A pipe would be waited for: it is refused instead."""

    def opened(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))

    file = io.FileIO(str(path), opener=opened)
    try:
        refuse_what_is_no_file(path, os.fstat(file.fileno()))
    except AudioError:
        file.close()
        raise
    return file


def _wave(file: io.FileIO, path: Path) -> Wave | None:
    """The layout of a WAV file, mostly from its first few kilobytes: one read instead of ten."""
    size = os.fstat(file.fileno()).st_size
    head = file.read(_HEADER)
    usual = usual_wave(head, size)
    if usual is not None:
        return usual
    try:
        return wave_of(io.BytesIO(head), path, size)
    except struct.error:  # chunks behind the sound, or long ones before it
        file.seek(0)
        return wave_of(file, path, size)


def _caught(one: Callable[..., Sound], *of: Any) -> Sound | AudioError:
    try:
        return one(*of)
    except AudioError as error:
        return error


def _inspect_plain(file: io.FileIO, wave: Wave, path: Path, span: Span) -> Sound:
    """16-bit PCM: the file's bytes are the samples, and hashing them needs no decoder."""
    length = wave.length or 0
    first, last = bounds(path, length // wave.block, wave.rate, span)
    left = (last - first) * wave.block
    digest = hashlib.sha256()
    file.seek(wave.start + first * wave.block)
    room = memoryview(_own_buffer())
    while left:
        count = file.readinto(room[: min(left, len(room))])
        if not count:
            raise AudioError(f"{path} became shorter while it was read")
        digest.update(room[:count])
        left -= count
    return Sound(wave.rate, wave.channels, last - first, digest.hexdigest())


def _own_buffer() -> bytearray:
    """A thread's own: memory that is fresh for every file costs more than reading the file."""
    if not hasattr(_THREAD, "buffer"):
        _THREAD.buffer = bytearray(_PIECE)
    buffer: bytearray = _THREAD.buffer
    return buffer


def _inspect_anew(path: Path, span: Span) -> Sound:
    """From the file's start, where the decoder does not go back."""
    with opened(path) as file:
        return _inspect_decoded(file, path, span)


def _inspect_decoded(file: Any, path: Path, span: Span) -> Sound:
    dtype = _EXACT.get(file.subtype, "float64")
    digest = hashlib.sha256()
    frames = 0
    for data in pieces(file, path, span, dtype):
        digest.update(data.astype(data.dtype.newbyteorder("<"), copy=False).tobytes())
        frames += len(data)
    return Sound(file.samplerate, file.channels, frames, digest.hexdigest())


def read(
    path: Path,
    *,
    start: float | None = None,
    end: float | None = None,
    rate: int | None = None,
    channel: Channel = "first",
) -> tuple[NDArray[np.float32], int]:
    """Mono samples, and their rate.

    Parameters
    ----------
    path
        A WAV or FLAC file, or another that libsndfile reads.
    start, end
        Seconds into the file; None: its start, its end.
    rate
        Hz to resample to (soxr, high quality); None: the file's own.
    channel
        Of several channels, take the "first" or their "mean". Averaging microphones that stand
        apart cancels sound (EMOVO loses 4 to 6 dB), so nobody should do it unawares.

    Returns
    -------
    samples : float32 [samples]
    rate : Hz
    """
    if channel not in CHANNELS:
        raise AudioError(f"channel policy {channel!r}", expected="one of " + ", ".join(CHANNELS))
    with opened(path) as file:
        native = int(file.samplerate)
        data = _segment(file, path, start, end, "float32")
    mono = data[:, 0] if channel == "first" else data.mean(axis=1)
    if rate is None or rate == native:
        return np.ascontiguousarray(mono, dtype=np.float32), native
    import soxr

    resampled = soxr.resample(np.ascontiguousarray(mono), native, rate, quality="HQ")
    return np.asarray(resampled, dtype=np.float32), rate


def _segment(
    file: Any, path: Path, start: float | None, end: float | None, dtype: str
) -> NDArray[Any]:
    """Samples of a segment [frames, channels], all of them or an error."""
    parts = list(pieces(file, path, (start, end), dtype))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
