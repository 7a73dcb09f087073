"""Sound from a file: what it holds, and its samples at a rate and channel of one's choice.

Decoding is libsndfile's (soundfile), resampling soxr's at high quality. Samples are float32 in
-1..1, time first. Two questions that corpora answer in silence are asked here aloud: which channel
of a recording with several is meant, and whether the file is whole.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from serbench.errors import AudioError

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


def inspect(path: Path, start: float | None = None, end: float | None = None) -> Sound:
    """Decode a file, or the seconds from ``start`` to ``end`` of it, and say what it holds.

    Raises
    ------
    AudioError
        If the file is empty, cut short, no sound, or holds no sample, NaN or infinity.
    """
    with _opened(path) as file:
        dtype = _EXACT.get(file.subtype, "float64")
        data = _segment(file, path, start, end, dtype)
        digest = hashlib.sha256(data.astype(data.dtype.newbyteorder("<"), copy=False).tobytes())
        return Sound(file.samplerate, file.channels, len(data), digest.hexdigest())


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
    with _opened(path) as file:
        native = int(file.samplerate)
        data = _segment(file, path, start, end, "float32")
    mono = data[:, 0] if channel == "first" else data.mean(axis=1)
    if rate is None or rate == native:
        return np.ascontiguousarray(mono, dtype=np.float32), native
    import soxr

    resampled = soxr.resample(np.ascontiguousarray(mono), native, rate, quality="HQ")
    return np.asarray(resampled, dtype=np.float32), rate


def _opened(path: Path) -> Any:
    import soundfile

    try:
        if path.stat().st_size == 0:
            raise AudioError(f"{path} is empty (0 bytes)", expected="a sound file")
        _refuse_truncated(path)
        return soundfile.SoundFile(path)
    except OSError as error:
        raise AudioError(f"{path} cannot be opened: {error.strerror}") from error
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{path} is not a sound file that can be decoded: {error.error_string}",
            expected="WAV or FLAC",
        ) from error


def _segment(
    file: Any, path: Path, start: float | None, end: float | None, dtype: str
) -> NDArray[Any]:
    """Samples of a segment [frames, channels], all of them or an error."""
    import soundfile

    first = 0 if start is None else max(0, round(start * file.samplerate))
    last = file.frames if end is None else min(file.frames, round(end * file.samplerate))
    if last <= first:
        held = f"{file.frames / file.samplerate:.3f} s" if file.frames else "no samples"
        where = "" if start is None and end is None else f" between {start} s and {end} s"
        raise AudioError(f"{path} holds nothing{where}: the file has {held}")
    try:
        file.seek(first)
        data = file.read(last - first, dtype=dtype, always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(f"{path} breaks off while being decoded: {error.error_string}") from error
    if len(data) != last - first:
        raise AudioError(
            f"{path} is cut short: {first + len(data)} of {file.frames} samples can be read",
            advice="copy the file again from its source",
        )
    if data.dtype.kind == "f" and not np.isfinite(data).all():
        raise AudioError(
            f"{path} holds {np.count_nonzero(~np.isfinite(data))} samples that are NaN or infinite",
            advice="copy the file again from its source",
        )
    return np.asarray(data)


def _refuse_truncated(path: Path) -> None:
    """Compare what a RIFF file says of its length with the length it has.

    libsndfile reads a WAV file that was cut short as a shorter recording, without a word.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        kind = file.read(4)
        if kind not in {b"RIFF", b"RIFX", b"RF64"}:
            return
        file.seek(8)
        if file.read(4) != b"WAVE":
            return
        order = ">" if kind == b"RIFX" else "<"
        position = 12
        long_data = None  # bytes of sound, where 32 bits do not hold their number
        while position + 8 <= size:
            file.seek(position)
            name, length = struct.unpack(f"{order}4sI", file.read(8))
            if name == b"ds64" and length >= 16:
                long_data = struct.unpack("<QQ", file.read(16))[1]
            if name == b"data":
                streamed = length == 0xFFFFFFFF  # by a program that never came back
                if streamed and long_data is not None:
                    length, streamed = long_data, False
                missing = position + 8 + length - size
                if missing > 0 and not streamed:
                    raise AudioError(
                        f"{path} is cut short: {missing} of {length} bytes of sound are missing",
                        advice="copy the file again from its source",
                    )
                return
            position += 8 + length + length % 2
    raise AudioError(f"{path} is cut short: its header ends before any sound")
