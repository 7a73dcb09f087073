"""What Light-SERNet reads: 40 MFCC of an utterance that was cut, scaled and padded to one length.

TensorFlow's ``tf.signal`` computes them in the released code, from files that its preparation step
has written. The steps, each as it stands there:

1. The middle of the utterance, at most ``seconds`` long.
2. Divided by the 99.9th percentile of its magnitudes, so that loudness is gone, and limited to
   -1..1.
3. Padded with zeros to ``seconds`` on both sides, and rounded to the 16 bits of the file.
4. Windows of 1024 samples every 256, none beyond either end (184 frames in 3 s), Hann, magnitude
   (not power) of the spectrum.
5. 128 triangles from 80 to 7600 Hz, straight in mel (HTK's, 1127 ln(1 + f / 700)), each with a peak
   of one; librosa's triangles are straight in Hz.
6. The natural logarithm of (band + 1e-6).
7. HTK's DCT-II: sqrt(2 / 128) sum_n x_n cos(pi k (2 n + 1) / 256), for k = 0 too, where an
   orthonormal one has sqrt(1 / 128). The first 40.
8. Limited to -10..10, which silence and loud vowels reach in the lowest coefficients.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.errors import FeatureError
from serbench.features.frames import centred
from serbench.features.recipe import checked, library

LOUD = 99.9  # percentile of the magnitudes that becomes one
FLOOR = 1e-6  # added to a band before the logarithm
LIMIT = 10.0  # of a coefficient
FULL_SCALE = 32768  # of 16 bits


@dataclass(frozen=True)
class ScaledMfcc:
    """MFCC of a piece of fixed length, scaled to a loudness of its own: see the module."""

    name: ClassVar[str] = "scaled-mfcc"

    rate: int = 16000  # Hz
    channel: Channel = "mean"
    seconds: float = 3.0
    coefficients: int = 40
    mel_bands: int = 128
    window: int = 1024  # samples, and points of the FFT
    hop: int = 256  # samples
    low_hz: float = 80.0
    high_hz: float = 7600.0

    def __post_init__(self) -> None:
        if self.length < self.window or self.hop < 1:
            raise ValueError(f"{self.length} samples hold no window of {self.window}")
        if not 0 < self.coefficients <= self.mel_bands:
            raise ValueError(f"{self.coefficients} coefficients of {self.mel_bands} mel bands")
        if not 0 <= self.low_hz < self.high_hz <= self.rate / 2:
            raise ValueError(f"mel bands from {self.low_hz} to {self.high_hz} Hz at {self.rate} Hz")

    @property
    def length(self) -> int:
        """Samples that an utterance is brought to."""
        return int(self.seconds * self.rate)

    @property
    def dims(self) -> int:
        return self.coefficients

    @property
    def extractor(self) -> str:
        return library("scipy")

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Coefficients, float32 [frames, coefficients].

        Raises
        ------
        FeatureError
            If there is no sample, or the rate is another.
        """
        from scipy.fft import dct

        if rate != self.rate:
            raise FeatureError(f"samples at {rate} Hz", expected=f"samples at {self.rate} Hz")
        if not len(samples):
            raise FeatureError("no samples", expected="a sample or more")
        piece = self._prepared(samples)
        frames = np.lib.stride_tricks.sliding_window_view(piece, self.window)[:: self.hop]
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.window) / self.window)
        magnitude = np.abs(np.fft.rfft(frames * hann))
        filters = mel_filters(self.rate, self.window, self.mel_bands, self.low_hz, self.high_hz)
        bands = np.log(magnitude @ filters + FLOOR)
        mfcc = dct(bands, type=2)[:, : self.coefficients] / np.sqrt(2 * self.mel_bands)
        return checked(np.clip(mfcc, -LIMIT, LIMIT).astype(np.float32), self)

    def _prepared(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Steps 1 to 3: float32 [length]."""
        if len(samples) > self.length:
            samples = centred(samples, self.length)
        loud = np.percentile(np.abs(samples), LOUD) + np.finfo(np.float64).eps
        scaled = np.clip(samples / loud, -1.0, 1.0).astype(np.float32)
        whole = np.round(centred(scaled, self.length) * FULL_SCALE)
        return (np.clip(whole, -FULL_SCALE, FULL_SCALE - 1) / FULL_SCALE).astype(np.float32)


@functools.lru_cache(maxsize=16)
def mel_filters(
    rate: int, fft: int, bands: int, low_hz: float, high_hz: float
) -> NDArray[np.float64]:
    """HTK's triangles, straight in mel, peak one: float64 [1 + fft / 2, bands].

    The bin at 0 Hz belongs to none.
    """
    at = _mel(np.linspace(0.0, rate / 2, fft // 2 + 1))[:, None]
    edges = np.linspace(_mel(np.array(low_hz)), _mel(np.array(high_hz)), bands + 2)
    lower, middle, upper = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (at - lower) / (middle - lower), (upper - at) / (upper - middle)
    filters: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    filters[0] = 0.0
    filters.flags.writeable = False
    return filters


def _mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(hz / 700.0)
