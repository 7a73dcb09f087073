"""The samples of a sound file, a few megabytes at a time: all that it says it holds, or an error.

Decoding is libsndfile's (soundfile). What it takes for sound without a word is looked at here: a
WAV file that was cut short, samples that are no numbers, the bytes behind the last whole block.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.errors import AudioError
from serbench.riff import wave_of

Span = tuple[float | None, float | None]  # seconds; None: from the start, to the end
_FRAMES = 1 << 20  # decoded at once
_UNKNOWN = (1 << 63) - 1  # libsndfile's length of what does not tell it
_GSM_BYTES, _GSM_FRAMES = 65, 320  # of a block of GSM 6.10 in WAV


def opened(path: Path) -> Any:
    """A file as soundfile opens it.

    Raises
    ------
    AudioError
        If it is no regular file, empty, cut short or no sound.
    """
    import soundfile

    try:
        refuse_what_is_no_file(path, path.stat())
        with path.open("rb") as file:
            wave_of(file, path, path.stat().st_size)  # refuses what is cut short
        return soundfile.SoundFile(path)
    except OSError as error:
        raise AudioError(f"{path} cannot be opened: {error.strerror}") from error
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{path} is not a sound file that can be decoded: {error.error_string}",
            expected="WAV or FLAC",
        ) from error


def pieces(file: Any, path: Path, span: Span, dtype: str) -> Iterator[NDArray[Any]]:
    """Samples of a segment [frames, channels], a few megabytes at a time.

    A header may claim terabytes: memory is taken for what is there.

    Raises
    ------
    AudioError
        If there are fewer than the file claims, or one is NaN or infinite.
    """
    import soundfile

    frames = _frames(file, path)
    first, last = bounds(path, frames, file.samplerate, span)
    at = first
    try:
        _go_to(file, first)
        while at < last:
            data = file.read(min(last - at, _FRAMES), dtype=dtype, always_2d=True)
            if not len(data):
                break
            if data.dtype.kind == "f":
                _refuse_no_numbers(path, data)
            at += len(data)
            yield np.asarray(data)
    except soundfile.LibsndfileError as error:
        raise AudioError(f"{path} breaks off while being decoded: {error.error_string}") from error
    if at < last and frames == _UNKNOWN:  # a FLAC file that was written to a pipe
        raise AudioError(
            f"{path} does not say how long it is: {at} samples can be read",
            expected="a file that was written whole",
            advice=f"flac --decode {path.name} and encode it again",
        )
    if at < last:
        raise AudioError(
            f"{path} is cut short: {at} of {frames} samples can be read",
            advice="copy the file again from its source",
        )


def _frames(file: Any, path: Path) -> int:
    """How many a file holds. libsndfile decodes a GSM block of which the chunk has one byte."""
    frames = int(file.frames)
    if file.subtype != "GSM610":
        return frames
    with path.open("rb") as content:
        wave = wave_of(content, path, path.stat().st_size)
    if wave is None or wave.length is None:
        return frames
    return min(frames, wave.length // _GSM_BYTES * _GSM_FRAMES)


def _go_to(file: Any, first: int) -> None:
    """To a frame; in GSM 6.10, which can be read in its order alone, of a file just opened."""
    if file.seekable():
        file.seek(first)
        return
    while first > 0:
        passed = len(file.read(min(first, _FRAMES), dtype="int16", always_2d=True))
        if not passed:
            return  # said by whoever reads on
        first -= passed


def _refuse_no_numbers(path: Path, data: NDArray[Any]) -> None:
    """NaN, infinity, and what is infinite in the float32 that models are given."""
    with np.errstate(over="ignore"):
        odd = ~np.isfinite(data.astype(np.float32, copy=False))
    if odd.any():
        raise AudioError(
            f"{path} holds {np.count_nonzero(odd)} samples that are NaN or infinite"
            + (" as 32-bit numbers" if np.isfinite(data).all() else ""),
            advice="copy the file again from its source",
        )


def refuse_what_is_no_file(path: Path, status: os.stat_result) -> None:
    """A pipe would be waited for, and a device read for ever.

    Raises
    ------
    AudioError
        If it is one, or an empty file.
    """
    if not stat.S_ISREG(status.st_mode):
        raise AudioError(f"{path} is no regular file", expected="a sound file")
    if status.st_size == 0:
        raise AudioError(f"{path} is empty (0 bytes)", expected="a sound file")


def bounds(path: Path, frames: int, rate: int, span: Span) -> tuple[int, int]:
    """First frame of a segment, and the one after its last.

    Raises
    ------
    AudioError
        If there is none between them.
    """
    start, end = span
    first = 0 if start is None else max(0, round(start * rate))
    last = frames if end is None else min(frames, round(end * rate))
    if last <= first:
        held = f"{frames / rate:.3f} s" if frames else "no samples"
        where = "" if start is None and end is None else f" between {start} s and {end} s"
        raise AudioError(f"{path} holds nothing{where}: the file has {held}")
    return first, last
