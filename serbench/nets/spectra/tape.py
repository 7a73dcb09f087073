"""Sounds one behind the other on a tape, so that the frames of all of them stand in one row.

A sound is laid amid the zeros that librosa pads it with, and begins at a multiple of the hop. Row r
of the tape is the frame that begins at sample r * hop; a sound's frames are rows in succession, and
none of them reaches into its neighbour. The few rows between two sounds, which reach into both, are
nobody's. So there is no padding to a common length, whatever the lengths are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench.features.spectrum import Framing


@dataclass(frozen=True, eq=False)
class Tape:
    """Sounds as they lie on the tape."""

    samples: NDArray[np.float32]  # [(rows - 1) * hop + fft]
    rows: int  # a multiple of the block
    firsts: NDArray[np.int64]  # [sounds], each one's first row
    counts: NDArray[np.int64]  # [sounds], each one's frames

    def of(self, i: int) -> slice:
        """The rows of one sound."""
        return slice(int(self.firsts[i]), int(self.firsts[i] + self.counts[i]))

    def most(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """For each row the most that its sound has in any of its rows: float32 [rows].

        Parameters
        ----------
        values
            float32 [rows].
        """
        spread = np.zeros_like(values)
        for i in range(len(self.firsts)):
            spread[self.of(i)] = values[self.of(i)].max()
        return spread


def laid(sounds: Sequence[NDArray[np.float32]], framing: Framing, block: int) -> Tape:
    """Lay sounds on a tape whose rows come in whole blocks.

    Parameters
    ----------
    sounds
        float32 [samples], each long enough for a frame.
    block
        Rows that are computed at once. Each computation then has the same shape, so that what
        comes of a row does not hang on how many others there are.
    """
    pad, hop = framing.fft // 2, framing.hop
    lengths = np.array([len(sound) for sound in sounds], dtype=np.int64)
    counts = 1 + (lengths + 2 * pad - framing.fft) // hop
    # The first multiple of the hop behind all that a sound and its zeros take.
    spans = -(-(lengths + 2 * pad) // hop)
    ends = np.cumsum(spans)
    firsts = ends - spans
    rows = int(-(-ends[-1] // block) * block)
    samples = np.zeros((rows - 1) * hop + max(framing.fft, hop), dtype=np.float32)
    for first, sound in zip(firsts, sounds, strict=True):
        start = int(first) * hop + pad
        samples[start : start + len(sound)] = sound
    return Tape(samples, rows, firsts, counts)
