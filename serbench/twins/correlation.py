"""Two sounds compared sample by sample: the normalised cross-correlation where they overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench.twins.heard import RATE

Samples = NDArray[np.float32]

OVERLAP = 1.0  # seconds that two sounds must share,
PART = 0.9  # or so much of a sound that is shorter
SHORTEST = 0.3  # seconds; what is shorter is not compared by correlation
FAINT = 1e-3  # power of the overlap beside a sound's own (-30 dB): silence is like all silence
MARGIN = 640  # samples: 40 ms to either side of the lag that landmarks gave
_SIDE = 32  # samples that an interpolated value is made of, to either side
_FINE = 8  # lags between two samples
_BLOCK = 1 << 14  # samples at once


@dataclass(frozen=True, slots=True)
class Match:
    """How alike two sounds are at their best lag."""

    correlation: float  # 0 to 1, by magnitude: a copy with its polarity inverted is a copy
    lag: float  # seconds: what is in the second at t is in the first at t + lag


def overlap_needed(first: float, second: float) -> float:
    """Seconds that two sounds of these lengths must share; infinite if one is too short."""
    shorter = min(first, second)
    return float("inf") if shorter < SHORTEST else min(OVERLAP, PART * shorter)


def correlation(first: Samples, second: Samples, lag: float) -> Match | None:
    """The best match within 40 ms of a lag.

    Parameters
    ----------
    first, second
        float32 [samples] at 16 kHz.
    lag
        Seconds, as in :class:`Match`.

    Returns
    -------
    Match
        Of the lag where the magnitude of Pearson's correlation of the overlapping samples is
        greatest, to an eighth of a sample; None if no lag leaves enough that is more than silence.

    Notes
    -----
    A copy with added noise of signal-to-noise ratio S dB correlates with its original by
    1/sqrt(1 + 10^(-S/10)): .9995 at 30 dB, .9535 at 10 dB, .872 at 5 dB.
    """
    needed = overlap_needed(len(first) / RATE, len(second) / RATE)
    lags = round(lag * RATE) + np.arange(-MARGIN, MARGIN + 1)
    begin = np.maximum(0, -lags)  # in the second
    end = np.minimum(len(second), len(first) - lags)
    long_enough = end - begin >= needed * RATE
    if not long_enough.any():
        return None
    # Only what some lag looks at is summed: a second's excerpt of an hour costs a second.
    cut, stop = int(begin[long_enough].min()), int(end[long_enough].max())
    offset = max(0, cut + int(lags[long_enough].min()))
    ours, theirs = first[offset : stop + int(lags[long_enough].max())], second[cut:stop]
    lags = lags - offset + cut
    begin = np.clip(begin - cut, 0, len(theirs))
    end = np.clip(np.maximum(end - cut, begin), 0, len(theirs))
    count = np.maximum(end - begin, 1)
    sum_ours, power_ours = _moments(ours, begin + lags, end + lags)
    sum_theirs, power_theirs = _moments(theirs, begin, end)
    shared = _products(ours, theirs, int(lags[0])) - sum_ours * sum_theirs / count
    power_ours = power_ours - sum_ours**2 / count
    power_theirs = power_theirs - sum_theirs**2 / count
    audible = (power_ours > FAINT * count * _power(first)) & (
        power_theirs > FAINT * count * _power(second)
    )
    usable = long_enough & audible
    if not usable.any():
        return None
    scale = np.sqrt(np.where(usable, power_ours * power_theirs, 1.0))
    at = int(np.argmax(np.where(usable, np.abs(shared) / scale, -1.0)))
    value, between = _interpolated(shared, at)
    return Match(
        min(1.0, abs(value) / float(scale[at])), (int(lags[at]) + offset - cut + between) / RATE
    )


def _power(samples: Samples) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


def _moments(
    samples: Samples, begin: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums of samples and of their squares between each begin and end."""
    sums = np.concatenate([[0.0], np.cumsum(samples, dtype=np.float64)])
    squares = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    begin, end = np.clip(begin, 0, len(samples)), np.clip(end, 0, len(samples))
    return sums[end] - sums[begin], squares[end] - squares[begin]


def _products(first: Samples, second: Samples, lowest: int) -> NDArray[np.float64]:
    """Sums over t of ``first[t + lag] * second[t]`` for the lags from ``lowest`` on.

    By overlapping blocks, so that memory does not grow with the recordings.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    many = 2 * MARGIN + 1
    block = min(_BLOCK, len(second))
    size = next_fast_len(block + many - 1, real=True)
    total = np.zeros(many)
    for start in range(0, len(second), block):
        theirs = second[start : start + block]
        begin = start + lowest
        ours = np.zeros(len(theirs) + many - 1, np.float32)
        low, high = max(begin, 0), min(begin + len(ours), len(first))
        if high <= low:
            continue
        ours[low - begin : high - begin] = first[low:high]
        product = rfft(ours, size) * np.conj(rfft(theirs, size))
        total += irfft(product, size)[:many]
    return total


def _interpolated(values: NDArray[np.float64], at: int) -> tuple[float, float]:
    """The extreme value near a position, and how far from it, in samples.

    Copies that were resampled on their way are apart by parts of a sample, which at 2 kHz costs
    a tenth of the correlation. The values are band-limited, so a windowed sinc gives those between.
    """
    if not _SIDE <= at < len(values) - _SIDE:
        return float(values[at]), 0.0
    between = np.arange(1 - _FINE, _FINE) / _FINE
    distance = between[:, None] - np.arange(-_SIDE, _SIDE + 1)[None, :]
    taper = np.cos(np.pi * distance / (2 * (_SIDE + 1))) ** 2
    fine = (np.sinc(distance) * taper) @ values[at - _SIDE : at + _SIDE + 1]
    best = int(np.argmax(np.abs(fine)))
    return float(fine[best]), float(between[best])
