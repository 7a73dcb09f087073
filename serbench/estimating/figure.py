"""A number and its source, and what the trials of a row take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from serbench.trial import Trial

Source = Literal["finished", "measured", "counted", "unknown"]


@dataclass(frozen=True)
class Figure:
    """A number, where it comes from, and how in a few words; None if nobody knows."""

    value: float | None
    source: Source
    how: str = ""


def unknown(why: str) -> Figure:
    """A number that nobody knows."""
    return Figure(None, "unknown", why)


@dataclass(frozen=True)
class Estimate:
    """What a trial of one row takes.

    Attributes
    ----------
    rate
        Seconds of the whole training per utterance of its training set.
    memory
        Bytes at most: of a net the weights, the optimiser, a step on a batch of the longest
        utterance, and all features; of another model what its process grows by.
    parameters
        Trained weights of a net.
    device
        What it is estimated for.
    """

    rate: Figure
    memory: Figure
    parameters: int | None
    device: str

    def seconds(self, trial: Trial) -> float | None:
        """Of one trial, in proportion to its training set."""
        return None if self.rate.value is None else self.rate.value * int(trial.train["size"])
