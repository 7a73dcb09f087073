"""Long recordings of which hardly anything is written: hours of silence with clicks in them.

A file of zeros that nobody wrote takes no room on most file systems (a sparse file). The recordings
of CMU-MOSEI's 3,293 videos last 68 hours and would take 8 gigabytes.
"""

from __future__ import annotations

import math
import os
import struct
from collections import defaultdict
from collections.abc import Callable
from hashlib import shake_256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from serbench.errors import CorpusError
from serbench_corpora.mosei.sdk_csv import read_sdk_csv

RATE = 16000  # Hz
BURST = 512  # samples
AFTER = 0.5  # seconds of silence behind the last segment
FOLDER = "Raw/Audio/Full/WAV_16000"
HEADER = 44  # bytes before the first sample


def forge_audio(
    root: Path,
    labels_csv: Path,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write a recording for each video of a real ``CMU_MOSEI_Labels.csv``, to try the corpus out.

    Where a segment begins stands a burst of noise, of 512 samples at most, that no other segment
    has; the rest is silence. Nothing that is measured on it says anything about people.

    Parameters
    ----------
    root
        Where ``Raw/Audio/Full/WAV_16000/<video>.wav`` is to stand (16 kHz, mono, 16 bit). The label
        file is not copied there.
    labels_csv
        The SDK's CSV, or a part of it.
    seed
        Another seed gives other bursts.
    progress
        Called with (videos written, videos).

    Returns
    -------
    root

    Raises
    ------
    CorpusError
        If the labels cannot be read, a row of them cannot be used, or a recording is there already.
    """
    labels = read_sdk_csv(labels_csv)
    if labels.findings:
        raise CorpusError(labels.findings[0].message, expected="the SDK's CSV without a fault")
    videos = defaultdict(list)
    for segment in labels.segments:
        videos[segment.video].append(segment)
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for done, (video, segments) in enumerate(videos.items(), 1):
        path = folder / f"{video}.wav"
        if path.exists():
            raise CorpusError(f"{path} is there already", expected="a folder without recordings")
        spans = [(max(0.0, s.start or 0.0), s.end or 0.0, s.number) for s in segments]
        begin(path, max(end for _, end, _ in spans) + AFTER, RATE)
        with path.open("r+b") as file:
            for start, end, number in spans:
                first, last = round(start * RATE), round(end * RATE)
                noise = shake_256(f"{seed}/{video}/{number}".encode())
                file.seek(HEADER + 2 * first)
                file.write(noise.digest(2 * max(0, min(BURST, last - first))))
        if progress is not None:
            progress(done, len(videos))
    return root


def begin(path: Path, seconds: float, rate: int) -> None:
    """A silent recording, mono and of 16 bits, that takes no room."""
    size = 2 * math.ceil(seconds * rate)  # bytes of samples
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(struct.pack("<4sI4s", b"RIFF", HEADER - 8 + size, b"WAVE"))
        file.write(struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16))
        file.write(struct.pack("<4sI", b"data", size))
        file.truncate(HEADER + size)


def put(path: Path, start: float, samples: NDArray[np.float32], rate: int) -> None:
    """Write samples into a recording, but for the silence at their end."""
    loud = np.flatnonzero(samples)
    if not len(loud):
        return
    whole = np.rint(samples[: loud[-1] + 1].clip(-1, 1) * 32767).astype("<i2")
    with path.open("r+b") as file:
        room = (os.fstat(file.fileno()).st_size - HEADER) // 2
        first = round(start * rate)
        file.seek(HEADER + 2 * first)
        file.write(whole[: room - first].tobytes())
