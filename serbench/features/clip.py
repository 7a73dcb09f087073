"""A clip: where an utterance's sound stands, and the digest that its features are kept under."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel, inspect, read
from serbench.corpus import Utterance
from serbench.errors import AudioError


@dataclass(frozen=True, slots=True)
class Clip:
    """The sound of one utterance, as it was scanned."""

    path: Path
    start: float | None  # seconds into the file; None: from its start
    end: float | None  # seconds into the file; None: to its end
    samples: str  # SHA-256 of the decoded samples of the segment (serbench.audio)
    rate: int  # Hz, native
    channels: int
    duration: float  # seconds

    def __str__(self) -> str:
        if self.start is None and self.end is None:
            return str(self.path)
        until = "its end" if self.end is None else f"{self.end} s"
        return f"{self.path} from {self.start or 0.0} s to {until}"

    @classmethod
    def of(cls, path: Path, start: float | None = None, end: float | None = None) -> Clip:
        """Read a file, or a segment of it, and say what it holds.

        Raises
        ------
        AudioError
            If the file cannot be read whole.
        """
        sound = inspect(path, start, end)
        return cls(path, start, end, sound.samples, sound.rate, sound.channels, sound.duration)

    def check(self) -> None:
        """Refuse a file that has changed: its features would be kept under another sound's digest.

        Raises
        ------
        AudioError
            If the file no longer holds what was scanned.
        """
        if inspect(self.path, self.start, self.end).samples != self.samples:
            raise AudioError(
                f"{self} has changed since the corpus was scanned",
                expected=f"samples whose SHA-256 is {self.samples[:16]}...",
                advice="run the command again, so that the corpus is scanned anew",
            )

    def waveform(self, rate: int | None, channel: Channel) -> tuple[NDArray[np.float32], int]:
        """Mono samples at ``rate`` Hz (None: as recorded), float32 [samples], and their rate."""
        return read(self.path, start=self.start, end=self.end, rate=rate, channel=channel)


def clip_of(utterance: Utterance) -> Clip:
    """Where an utterance's sound stands, and its digest."""
    return Clip(
        path=utterance.audio,
        start=utterance.start,
        end=utterance.end,
        samples=utterance.samples,
        rate=utterance.rate,
        channels=utterance.channels,
        duration=utterance.duration,
    )
