"""What SD-CAFF reads: 60 MFCC of the first six seconds of speech, silence cut out, and derivatives.

After the released code (its first steps are those of another network's authors, ATDA):

1. Silence is cut out of the whole utterance (:func:`without_silence`). The released code slips
   there, and puts a lone voiced run twice, for one; unless ``silence="released"`` is set, its slips
   are not repeated. Of EMO-DB's 535 files they change 28, 3 of which have a lone run.
2. Of what remains the first six seconds are kept; less is filled up with zeros at the end.
3. 60 MFCC, windows of 48 ms (768 samples, Hann) every 24 ms (384) in an FFT of 2048, 128 mel bands,
   not normalised: 251 frames.
4. Delta: the slope of nine neighbours (a Savitzky-Golay filter, ends interpolated). Delta-delta:
   the same of delta.

The released code takes the neighbours among the 60 *coefficients* of one frame, though the paper's
Eq. 1-2 take them in time. It does not say which librosa it ran with: before 0.9 the ends of a sound
were mirrored for the first and last window, where zeros are put now.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.features.frames import Mfcc
from serbench.features.recipe import checked, library
from serbench.features.spectrum import DELTA_WIDTH, Framing

FRAME, HOP = 2048, 512  # samples: what silence is told by
COLUMNS = ("mfcc", "delta", "delta2")
AXES = {"time": 0, "coefficients": 1}
SILENCES = ("removed", "released")


@dataclass(frozen=True)
class SpeechMfcc:
    """MFCC of the first seconds of speech, and their derivatives, frames first.

    The columns are all coefficients, then all of delta, then all of delta-delta: those of the three
    that ``columns`` names.
    """

    name: ClassVar[str] = "sdcaff-mfcc"

    channel: Channel = "first"
    columns: tuple[str, ...] = COLUMNS
    over: str = "coefficients"  # where the derivatives' neighbours lie; or "time"
    silence: str = "removed"  # see `without_silence`
    seconds: float = 6.0
    rate: int = 16000  # Hz
    coefficients: int = 60
    window: int = 768  # samples
    hop: int = 384  # samples
    fft: int = 2048  # samples

    def __post_init__(self) -> None:
        self._mfcc()  # refuses a window, hop or number that cannot be
        if not self.columns or [c for c in COLUMNS if c in self.columns] != list(self.columns):
            raise ValueError(f"the columns {self.columns}; needed: some of {COLUMNS}, in order")
        if self.over not in AXES:
            raise ValueError(f"derivatives over {self.over!r}; {' and '.join(AXES)} are known")
        if self.silence not in SILENCES:
            raise ValueError(f"silence={self.silence!r}; {' and '.join(SILENCES)} are known")
        neighbours = (self.frames, self.coefficients)[AXES[self.over]]
        if self.columns != COLUMNS[:1] and neighbours < DELTA_WIDTH:
            raise ValueError(f"derivatives over {neighbours} {self.over}; {DELTA_WIDTH} are needed")

    @property
    def length(self) -> int:
        """Samples that each utterance is brought to."""
        return round(self.seconds * self.rate)

    @property
    def frames(self) -> int:
        """Frames of each utterance: 251."""
        return 1 + self.length // self.hop

    @property
    def dims(self) -> int:
        return self.coefficients * len(self.columns)

    @property
    def extractor(self) -> str:
        return library("librosa")

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Coefficients and derivatives, float32 [frames, dims].

        However short an utterance is, zeros fill it up; one of zeros alone is left as it is.

        Raises
        ------
        FeatureError
            If there is no sample, or the rate is another.
        """
        import librosa

        Framing(self.rate, FRAME, FRAME, HOP, "hann").require(samples, rate)
        speech = without_silence(samples, released=self.silence == "released")[: self.length]
        clip = np.pad(speech, (0, self.length - len(speech)))
        parts = {"mfcc": self._mfcc().extract(clip, rate)}
        deepest = COLUMNS.index(self.columns[-1])
        for before, name in pairwise(COLUMNS[: deepest + 1]):
            parts[name] = librosa.feature.delta(
                parts[before], width=DELTA_WIDTH, axis=AXES[self.over]
            )
        return checked(np.concatenate([parts[name] for name in self.columns], axis=1), self)

    def _mfcc(self) -> Mfcc:
        return Mfcc(
            rate=self.rate,
            coefficients=self.coefficients,
            fft=self.fft,
            window=self.window,
            hop=self.hop,
        )


def without_silence(samples: NDArray[np.float32], *, released: bool = False) -> NDArray[np.float32]:
    """The voiced runs of an utterance, one after the other; all of it where there is none.

    A run goes from the first sample of its first voiced frame to one hop after the last sample of
    its last, and on to the end if that is the last frame of all. Runs that overlap are one.

    Parameters
    ----------
    samples
        float32 [samples], at least one.
    released
        Whether to repeat the slips of the released code too. The frame that only librosa has
        (where the last hop is whole) counts as voiced. A run that is the only one and ends before
        the utterance does is put twice; if it lasts to the end, nothing is cut. Where the last of
        several lasts to the end, its last sample is lost.

    Returns
    -------
    float32 [samples]; of ``samples`` itself where nothing is cut.
    """
    voiced = ~silent(samples)
    if released:
        voiced = np.pad(voiced, (0, 1 + len(samples) // HOP - len(voiced)), constant_values=True)
    change = np.diff(np.pad(voiced, 1).astype(np.int8))
    first, last = np.flatnonzero(change == 1), np.flatnonzero(change == -1) - 1
    if not len(first):
        return samples
    start, end = np.maximum(first - 2, 0) * HOP, (last + 3) * HOP  # frame i stands about i * HOP
    to_the_end = last[-1] == len(voiced) - 1
    if released:
        if len(first) == 1:
            if to_the_end:
                return samples
            run = samples[start[0] : end[0] if end[0] <= len(samples) else -1]
            return np.concatenate([run, run])
        end[-1] = len(samples) - 1 if to_the_end else end[-1]
    elif to_the_end:
        end[-1] = len(samples)
    apart = start[1:] > end[:-1]
    starts, ends = start[np.append(True, apart)], end[np.append(apart, True)]
    return np.concatenate([samples[a:b] for a, b in zip(starts, ends, strict=True)])


def silent(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which frames are silence: bool [ceil(samples / 512)]; frame i is centred on sample 512 i.

    Those whose zero-crossing rate z or amplitude a (the sum of the magnitudes under the root of a
    Hann window) is, beside the utterance's extremes::

        z >= max(0.8 max z, 2 min z)
        a <= min(10 min a, 0.05 max a + 5 min a, 0.1 max a)

    librosa continues the first and the last sample beyond the ends for z; beyond them a has zeros.
    """
    import librosa

    (crossings,) = librosa.feature.zero_crossing_rate(samples, frame_length=FRAME, hop_length=HOP)
    many = max(0.8 * crossings.max(), 2 * crossings.min())
    frames = -(-len(samples) // HOP)  # one less than librosa has where the last hop is whole
    magnitude = np.abs(np.pad(samples, FRAME // 2).astype(np.float64))
    window = np.sqrt(np.hanning(FRAME))  # symmetric
    amplitude = np.lib.stride_tricks.sliding_window_view(magnitude, FRAME)[::HOP][:frames] @ window
    low, high = amplitude.min(), amplitude.max()
    little = min(10 * low, 0.05 * high + 5 * low, 0.1 * high)
    quiet: NDArray[np.bool_] = (crossings[:frames] >= many) | (amplitude <= little)
    return quiet
