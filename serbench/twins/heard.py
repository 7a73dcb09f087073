"""A sound as it is compared: 16 kHz mono, no constant part, no digital silence at its ends."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench.features.clip import Clip

RATE = 16000  # Hz
STANDSTILL = 0.01  # seconds; a shorter run of one value, unless of zeros, may be a clipped peak
STEP = 1 / 32768  # of 16-bit samples


@dataclass(frozen=True)
class Heard:
    """Samples that are ready to be compared.

    Parameters
    ----------
    samples
        float32 [samples] at 16 kHz, of mean zero. Empty: digital silence throughout.
    lead
        Seconds of digital silence that stood before the first of them.
    """

    samples: NDArray[np.float32]
    lead: float = 0.0

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / RATE

    def normalised(self) -> NDArray[np.float64]:
        """Samples divided by the one of greatest magnitude, so that gain and polarity drop out."""
        samples = self.samples.astype(np.float64)
        if not len(samples):
            return samples
        peak = samples[np.argmax(np.abs(samples))]
        return samples / peak if peak else np.zeros(0)

    def digest(self) -> str:
        """SHA-256 of the normalised samples, rounded to 16 bits; "" for silence."""
        samples = self.normalised()
        if not len(samples):
            return ""
        return hashlib.sha256(np.rint(samples / STEP).astype("<i4").tobytes()).hexdigest()

    def equals(self, other: Heard, shift: int = 0) -> bool:
        """Whether the normalised samples differ by no more than rounding to 16 bits explains.

        Copies with another gain were rounded at other places, so their digests differ as a rule,
        and faint samples at the ends of one may be silence at those of the other. One step of
        either file is allowed for, seen beside that file's own peak; what stands beyond the other's
        ends must stand still by as much.

        Parameters
        ----------
        shift
            What is sample t of the other is sample t + shift of this one.
        """
        ours, theirs = self.normalised(), other.normalised()
        begin, end = max(0, -shift), min(len(theirs), len(ours) - shift)
        if begin >= end:
            return False
        steps = STEP / np.abs(self.samples).max() + STEP / np.abs(other.samples).max()
        apart = np.abs(ours[begin + shift : end + shift] - theirs[begin:end])
        return (
            bool((apart <= steps).all())
            and self._still_outside(begin + shift, end + shift, steps)
            and other._still_outside(begin, end, steps)
        )

    def _still_outside(self, begin: int, end: int, steps: float) -> bool:
        """Whether what stands before and after may be digital silence in the other file."""
        room = steps * np.abs(self.samples).max()
        sides = self.samples[:begin], self.samples[end:]
        return all(not len(side) or bool(np.ptp(side) <= room) for side in sides)


def hear(clip: Clip) -> Heard:
    """Read a sound for comparison. Of several channels, the first.

    Raises
    ------
    AudioError
        If it cannot be read.
    """
    native, rate = clip.waveform(None, "first")
    first, last = _sounding(native, rate)
    samples = native[first:last]
    if len(samples) and rate != RATE:
        import soxr

        # After the cut, so that equal sounds in unequal silence are resampled alike.
        samples = soxr.resample(samples, rate, RATE, quality="HQ")
    constant = samples.mean(dtype=np.float64) if len(samples) else 0.0
    return Heard((samples - constant).astype(np.float32), first / rate)


def _sounding(samples: NDArray[np.float32], rate: int) -> tuple[int, int]:
    """Where digital silence ends at the front, and where it begins at the back.

    Silence is a run of zeros, or one of any value for 10 ms: silence with a constant part.
    """
    moving = np.flatnonzero(samples[1:] != samples[:-1])
    if not len(moving):
        return 0, 0
    first, last = int(moving[0]) + 1, int(moving[-1]) + 1
    shortest = STANDSTILL * rate
    if samples[0] != 0 and first < shortest:
        first = 0
    if samples[-1] != 0 and len(samples) - last < shortest:
        last = len(samples)
    return first, last
