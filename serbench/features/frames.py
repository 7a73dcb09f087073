"""Features by frame: log-mel bands, MFCC, and the 45 descriptors of DBL-MM.

All are librosa's, value for value. A frame's middle stands at a multiple of the hop, and the ends
are padded with zeros, so an utterance of n samples has 1 + n // hop frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.features.recipe import checked, library
from serbench.features.spectrum import DELTA_WIDTH, Framing, decibels, with_deltas

_COEFFICIENTS = range(13)

# The columns of FrameDescriptors.
DESCRIPTORS: tuple[str, ...] = (
    *(f"mfcc_{i}" for i in _COEFFICIENTS),
    *(f"mfcc_delta_{i}" for i in _COEFFICIENTS),
    *(f"mfcc_delta2_{i}" for i in _COEFFICIENTS),
    "zero_crossing_rate",
    "rms",
    "spectral_centroid",
    "spectral_bandwidth",
    "spectral_flatness",
    "spectral_rolloff",
)


@dataclass(frozen=True)
class LogMel:
    """Power in mel bands in decibels: 10 log10(max(power, 1e-10)).

    The defaults are the first input of DBL-MM: 64 bands, windows of 25 ms that overlap by 15 ms.
    """

    name: ClassVar[str] = "log-mel"

    rate: int = 16000  # Hz
    channel: Channel = "first"
    bands: int = 64
    window_ms: float = 25.0
    hop_ms: float = 10.0
    window: str = "hamming"
    fft: int = 512  # samples
    low_hz: float = 0.0
    high_hz: float | None = None  # None: half the rate

    def __post_init__(self) -> None:
        self.framing()

    @property
    def dims(self) -> int:
        return self.bands

    @property
    def extractor(self) -> str:
        return library("librosa")

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Decibels, float32 [frames, bands].

        Raises
        ------
        FeatureError
            If there is no sample.
        """
        framing = self.framing()
        magnitude = framing.magnitude(self.prepared(samples, rate))
        power = framing.mel(magnitude, self.bands, self.low_hz, self.high_hz)
        return checked(decibels(power, top_db=None).T, self)

    def framing(self) -> Framing:
        """Its frames, in samples."""
        return _framing_ms(self)

    def prepared(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """The samples that are framed. Errors as in :meth:`extract`."""
        self.framing().require(samples, rate)
        return samples


@dataclass(frozen=True)
class FrameDescriptors:
    """The 45 descriptors that are the second input of DBL-MM, named in :data:`DESCRIPTORS`.

    13 MFCC with first and second derivatives, zero-crossing rate, root mean square, and the
    centroid, bandwidth, flatness and roll-off (85 %) of the magnitude spectrum. The MFCC are of 128
    mel bands, no lower than 80 dB under the utterance's maximum (librosa's defaults; the paper is
    silent).
    """

    name: ClassVar[str] = "frame-descriptors"

    rate: int = 16000  # Hz
    channel: Channel = "first"
    window_ms: float = 25.0
    hop_ms: float = 10.0
    window: str = "hamming"
    fft: int = 512  # samples
    mel_bands: int = 128

    def __post_init__(self) -> None:
        _framing_ms(self)

    @property
    def dims(self) -> int:
        return len(DESCRIPTORS)

    @property
    def extractor(self) -> str:
        return library("librosa")

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Descriptors, float32 [frames, 45]; Hz for centroid, bandwidth and roll-off.

        Raises
        ------
        FeatureError
            If there are fewer than nine frames, which the derivatives take.
        """
        import librosa.feature as lf

        framing = _framing_ms(self)
        framing.require(samples, rate, frames=DELTA_WIDTH)
        magnitude = framing.magnitude(samples)
        mel = decibels(framing.mel(magnitude, self.mel_bands, 0.0, None), top_db=80.0)
        mfcc = lf.mfcc(S=mel, n_mfcc=len(_COEFFICIENTS))
        time = {"frame_length": framing.window, "hop_length": framing.hop}
        centroid = lf.spectral_centroid(S=magnitude, sr=rate)
        rows = [
            *with_deltas(mfcc, orders=2),
            lf.zero_crossing_rate(samples, **time),
            lf.rms(y=samples, **time),
            centroid,
            lf.spectral_bandwidth(S=magnitude, sr=rate, centroid=centroid),
            lf.spectral_flatness(S=magnitude),
            lf.spectral_rolloff(S=magnitude, sr=rate),
        ]
        # A window of an odd number of samples gives the two that work on samples one frame less.
        frames = min(row.shape[-1] for row in rows)
        return checked(np.concatenate([row[:, :frames] for row in rows]).T.astype(np.float32), self)


@dataclass(frozen=True)
class Mfcc:
    """Mel-frequency cepstral coefficients (DCT-II, orthonormal), with derivatives over time.

    Settings are in samples, and librosa's defaults wherever they can be. The columns are the
    coefficients, then all first derivatives, then all second ones.
    """

    name: ClassVar[str] = "mfcc"

    rate: int = 16000  # Hz
    channel: Channel = "first"
    coefficients: int = 20
    deltas: int = 0  # derivatives: 0, 1 or 2
    mel_bands: int = 128
    fft: int = 2048  # samples
    window: int | None = None  # samples; None: as many as `fft`
    hop: int = 512  # samples
    shape: str = "hann"
    low_hz: float = 0.0
    high_hz: float | None = None  # None: half the rate
    top_db: float | None = 80.0  # the floor under the utterance's maximum; None: none
    length: int | None = None  # samples; pads with zeros on both sides, or crops

    def __post_init__(self) -> None:
        if self.deltas not in {0, 1, 2}:
            raise ValueError(f"{self.deltas} derivatives of the MFCC; 0, 1 and 2 are known")
        if not 0 < self.coefficients <= self.mel_bands:
            raise ValueError(f"{self.coefficients} coefficients of {self.mel_bands} mel bands")
        self.framing()

    @property
    def dims(self) -> int:
        return self.coefficients * (1 + self.deltas)

    @property
    def extractor(self) -> str:
        return library("librosa")

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Coefficients, float32 [frames, dims].

        Raises
        ------
        FeatureError
            If there is no sample, or fewer than nine frames where derivatives are asked for.
        """
        import librosa.feature as lf

        framing = self.framing()
        magnitude = framing.magnitude(self.prepared(samples, rate))
        power = framing.mel(magnitude, self.mel_bands, self.low_hz, self.high_hz)
        mfcc = lf.mfcc(S=decibels(power, self.top_db), n_mfcc=self.coefficients)
        return checked(np.concatenate(with_deltas(mfcc, self.deltas)).T, self)

    def framing(self) -> Framing:
        """Its frames, in samples."""
        window = self.fft if self.window is None else self.window
        return Framing(self.rate, self.fft, window, self.hop, self.shape)

    def prepared(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """The samples that are framed, of the length asked for. Errors as in :meth:`extract`."""
        framing = self.framing()
        framing.require(samples, rate)
        if self.length is not None:
            samples = centred(samples, self.length)
        framing.require(samples, rate, frames=DELTA_WIDTH if self.deltas else 1)
        return samples


def centred(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """The middle ``length`` samples, or all of them amid zeros; an odd zero goes to the end."""
    missing = length - len(samples)
    if missing > 0:
        return np.pad(samples, (missing // 2, missing - missing // 2))
    start = -missing // 2
    return samples[start : start + length]


def _framing_ms(recipe: LogMel | FrameDescriptors) -> Framing:
    window = round(recipe.rate * recipe.window_ms / 1000)
    hop = round(recipe.rate * recipe.hop_ms / 1000)
    return Framing(recipe.rate, recipe.fft, window, hop, recipe.window)
