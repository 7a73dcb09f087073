"""What frame features share: framing, the short-time spectrum, mel bands, deltas.

Each value is the one that the plain ``librosa.feature`` call gives with the same settings. What is
spared is computing the same spectrum and the same filters again for every feature and file.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.errors import FeatureError
from serbench.features.same import Same

DELTA_WIDTH = 9  # frames, librosa's default


@dataclass(frozen=True, slots=True)
class Framing:
    """Frames whose middles stand ``hop`` samples apart, the first at the first sample.

    The sound is padded with zeros by half a frame at both ends, as librosa does (``center=True``).
    """

    rate: int  # Hz
    fft: int  # samples
    window: int  # samples, padded with zeros to `fft`
    hop: int  # samples
    shape: str  # "hamming", "hann", ...: periodic, as scipy.signal.get_window makes them

    def __post_init__(self) -> None:
        if not 0 < self.window <= self.fft or self.hop < 1:
            raise ValueError(
                f"a window of {self.window} samples every {self.hop} does not fit an FFT of "
                f"{self.fft}; needed: 0 < window <= fft and hop >= 1"
            )

    def require(self, samples: NDArray[np.float32], rate: int, frames: int = 1) -> None:
        """Refuse samples at another rate, or too few for this many frames.

        Raises
        ------
        FeatureError
            With the duration found and needed.
        """
        if rate != self.rate:
            raise FeatureError(f"samples at {rate} Hz", expected=f"samples at {self.rate} Hz")
        needed = max(1, (frames - 1) * self.hop)  # samples // hop + 1 frames
        if len(samples) < needed:
            raise FeatureError(
                f"{len(samples) / rate:.4f} s ({len(samples)} samples) of sound are too short",
                expected=f"{needed / rate:.4f} s or more ({needed} samples, for {frames} frames)",
                advice="leave it out of the corpus, or choose features with a shorter hop",
            )

    def magnitude(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The magnitude spectrum, float32 [1 + fft/2, frames], not to be written to.

        Of samples that cannot be written to, the last spectrum is remembered: the next recipe may
        ask for the same.
        """
        if samples.flags.writeable:
            return _magnitude(self, samples)
        return _remembered(self, Same(samples))

    def mel(
        self, magnitude: NDArray[np.float32], bands: int, low_hz: float, high_hz: float | None
    ) -> NDArray[np.float32]:
        """Power in mel bands (Slaney's scale, area normalised), float32 [bands, frames]."""
        # The line of librosa.feature.melspectrogram that follows its filters, which it makes anew
        # for each file: with them kept, a third of the time of an MFCC.
        filters = mel_filters(self.rate, self.fft, bands, low_hz, high_hz)
        power: NDArray[np.float32] = np.einsum(
            "...ft,mf->...mt", magnitude**2, filters, optimize=True
        )
        return power


def decibels(power: NDArray[np.float32], top_db: float | None) -> NDArray[np.float32]:
    """10 log10(max(power, 1e-10)), no lower than ``top_db`` under the utterance's maximum."""
    import librosa

    values: NDArray[np.float32] = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=top_db)
    return values


def with_deltas(values: NDArray[np.float32], orders: int) -> list[NDArray[np.float32]]:
    """Coefficients [coefficients, frames] and their derivatives over time up to ``orders``.

    Derivatives are Savitzky-Golay filters of nine frames, ends interpolated (librosa's default).
    """
    import librosa

    return [values, *(librosa.feature.delta(values, order=n) for n in range(1, orders + 1))]


def _magnitude(framing: Framing, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    import librosa

    spectrum = librosa.stft(
        samples,
        n_fft=framing.fft,
        hop_length=framing.hop,
        win_length=framing.window,
        window=framing.shape,
    )
    magnitude: NDArray[np.float32] = np.abs(spectrum)
    magnitude.flags.writeable = False
    return magnitude


@functools.lru_cache(maxsize=1)
def _remembered(framing: Framing, samples: Same[NDArray[np.float32]]) -> NDArray[np.float32]:
    return _magnitude(framing, samples.thing)


@functools.lru_cache(maxsize=16)
def mel_filters(
    rate: int, fft: int, bands: int, low_hz: float, high_hz: float | None
) -> NDArray[Any]:
    """Slaney's filters, float32 [bands, 1 + fft/2], not to be written to."""
    from librosa.filters import mel

    filters = mel(sr=rate, n_fft=fft, n_mels=bands, fmin=low_hz, fmax=high_hz)
    filters.flags.writeable = False
    return np.asarray(filters)
