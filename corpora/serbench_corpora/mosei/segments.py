"""What every reader gives: labelled segments of videos, and what was wrong with their file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from serbench.annotations import number
from serbench.corpus import Finding
from serbench.errors import CorpusError

# The order of the SDK, in its labels and where two emotions are equally strong.
SDK_EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")
EMOTIONS = ("happiness", "sadness", "anger", "surprise", "disgust", "fear")  # the same, as usual
NONE = "none"  # no emotion is present
FOLDS = ("train", "valid", "test")
STRONGEST = 3.0  # of an emotion (from 0) and of a sentiment (to either side)
LATEST = 1e6  # seconds into a video; no video is eleven days long


class Segment(NamedTuple):
    """One labelled segment.

    ``number`` is the segment's name within its video: its row (from 0) where the label file has the
    SDK's order, else ``clip`` and the number of the clip.
    """

    video: str
    number: str
    native: str
    attributes: Mapping[str, float]
    start: float | None = None  # seconds, as written
    end: float | None = None
    text: str | None = None
    votes: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Labels:
    """A label file as read.

    ``folds`` are what the file itself says of its videos, None being a video in no fold; a file
    that says nothing has none.
    """

    path: Path
    kind: str  # "csd", "raters", "csv" or "mmsa"
    segments: Sequence[Segment]
    findings: Sequence[Finding] = ()
    folds: Mapping[str, str | None] = field(default_factory=dict)


def strongest(intensities: Sequence[float]) -> str:
    """The SDK's name of the strongest emotion, the first of equals; "none" if none is present.

    Examples
    --------
    >>> strongest([0.0, 1.0, 0.0, 1.0, 0.0, 0.0]), strongest([0.0] * 6)
    ('sad', 'none')
    """
    most = max(intensities)
    return SDK_EMOTIONS[list(intensities).index(most)] if most > 0 else NONE


def measured(text: str, what: str, low: float, high: float) -> float:
    """A number within its range.

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    try:
        value = number(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise ValueError(f"{what} is {text!r}, expected a number from {low:g} to {high:g}")
    return value


def counted(text: str, what: str) -> int:
    """A whole number from 0, written as 3 or 3.0.

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    value = measured(text, what, 0, 1e9)
    if not value.is_integer():
        raise ValueError(f"{what} is {text!r}, expected a whole number")
    return int(value)


def attributes_of(sentiment: float, intensities: Sequence[float]) -> dict[str, float]:
    """Sentiment, and the six emotions under their usual names.

    Raises
    ------
    ValueError
        If one of them is NaN or out of its range.
    """
    values = {"sentiment": sentiment, **dict(zip(EMOTIONS, intensities, strict=True))}
    for name, value in values.items():
        low = -STRONGEST if name == "sentiment" else 0.0
        if math.isnan(value) or not low <= value <= STRONGEST:
            raise ValueError(
                f"{name} is {value:g}, expected a number from {low:g} to {STRONGEST:g}"
            )
    return values


def positions(path: Path, columns: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where the wanted columns of a table stand.

    Raises
    ------
    CorpusError
        If one is missing, or there twice.
    """
    odd = [name for name in wanted if columns.count(name) != 1]
    if odd:
        missing = [name for name in odd if name not in columns]
        raise CorpusError(
            f"{path} has no column {', '.join(missing)}"
            if missing
            else f"{path} has the column {', '.join(odd)} more than once",
            expected=f"each of {', '.join(wanted)} once",
            advice="take the label file from its source again",
        )
    return [columns.index(name) for name in wanted]
