"""Landmarks: pairs of spectral peaks, which noise, gain and codecs leave where they are.

The method is that of A. Wang, "An Industrial-Strength Audio Search Algorithm", ISMIR 2003, with
settings for speech: a window that resolves the harmonics of a voice, so that two takes of one
sentence by one speaker share few landmarks, and the band up to 4 kHz, which every codec keeps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1  # raised when equal samples get other landmarks

WINDOW = 1024  # samples: 64 ms
HOP = 160  # samples: 10 ms
LOWEST = 4  # bin: 62.5 Hz, above mains hum
BINS = 256  # of 15.6 Hz, up to 4 kHz

AROUND = (3, 5)  # a peak is the greatest of so many frames and bins to either side
MEAN_OVER = (7, 21)  # frames and bins, about the peak
ABOVE_MEAN = 10.0  # dB that a peak stands above the mean level about it
BELOW_LOUDEST = 50.0  # dB below the sound's greatest peak, and what is less is not looked at

NEXT = (2, 24)  # frames from a landmark's first peak to its second
ASIDE = 32  # bins by which the second may lie higher or lower
_PIECE = 2048  # frames at once

Landmarks = tuple[NDArray[np.uint32], NDArray[np.int32]]  # hashes, and frames of 10 ms, in order


def landmarks(samples: NDArray[np.float32]) -> Landmarks:
    """The landmarks of a sound, some hundreds a second.

    Parameters
    ----------
    samples
        float32 [samples] at 16 kHz.

    Returns
    -------
    hashes : uint32 [landmarks]
        19 bits: the first peak's bin, and how far the second lies from it in bins and frames.
    frames : int32 [landmarks]
        Of the first peaks, in frames of 10 ms, in order of time.
    """
    frames, bins = _peaks(samples)
    hashes: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    times: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for step in range(1, len(frames)):
        later = frames[step:] - frames[:-step]
        if later.min() >= NEXT[1]:
            break
        aside = bins[step:] - bins[:-step] + ASIDE
        paired = (later >= NEXT[0]) & (later < NEXT[1]) & (aside > 0) & (aside < 2 * ASIDE)
        hashes.append(((bins[:-step] * 2 * ASIDE + aside) * 32 + later)[paired])
        times.append(frames[:-step][paired])
    at = np.concatenate(times)
    order = np.argsort(at, kind="stable")
    return np.concatenate(hashes)[order].astype(np.uint32), at[order].astype(np.int32)


def _peaks(samples: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames and bins of the spectral peaks, by time. Long recordings go piece by piece."""
    if not len(samples):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    if len(samples) < WINDOW:
        samples = np.pad(samples, (0, WINDOW - len(samples)))
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    margin = MEAN_OVER[0]
    found: list[tuple[NDArray[Any], ...]] = []
    for start in range(0, len(windows), _PIECE):
        begin = max(0, start - margin)
        level = _levels(windows[begin : start + _PIECE + margin])
        frames, bins = _local_peaks(level)
        inside = (frames >= start - begin) & (frames < start - begin + _PIECE)
        frames, bins = frames[inside], bins[inside]
        found.append((frames + begin, bins, level[frames, bins]))
    frames, bins, heights = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if not len(heights):
        return frames, bins
    kept = heights > heights.max() - BELOW_LOUDEST
    return frames[kept], bins[kept]


def _levels(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log spectrum [frames, bins], dB."""
    import scipy.fft

    taper = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
    spectrum = scipy.fft.rfft(windows * taper, axis=1)[:, LOWEST : LOWEST + BINS]
    return np.asarray(20 * np.log10(np.abs(spectrum) + np.float32(1e-7)), dtype=np.float32)


def _local_peaks(level: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    from scipy.ndimage import maximum_filter, uniform_filter

    greatest = maximum_filter(level, size=tuple(2 * reach + 1 for reach in AROUND))
    mean = uniform_filter(level, size=MEAN_OVER)
    frames, bins = np.nonzero((level == greatest) & (level > mean + ABOVE_MEAN))
    return frames.astype(np.int64), bins.astype(np.int64)
