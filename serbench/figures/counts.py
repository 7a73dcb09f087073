"""What a scanned corpus holds, counted: for a table in a terminal and for a figure alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from serbench.corpus import Utterance

MOST_ROWS = 30  # more speakers than these make a table that nobody reads
NO_EMOTION = "(none)"  # of an utterance whose label stands for no emotion
UNKNOWN = "(none)"  # of an utterance in no fold
SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True)
class Quantiles:
    """Smallest, 5 %, quarter, median, three quarters, 95 %, largest."""

    values: tuple[float, float, float, float, float, float, float]

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Quantiles:
        """Of at least one number, interpolated linearly as numpy does."""
        import numpy as np

        found = (round(float(value), 6) for value in np.quantile(numbers, SHARES))
        return cls(tuple(found))  # type: ignore[arg-type]  # as many as SHARES

    @property
    def median(self) -> float:
        return self.values[3]

    def record(self) -> dict[str, float]:
        names = ("min", "q05", "q25", "median", "q75", "q95", "max")
        return dict(zip(names, self.values, strict=True))


@dataclass(frozen=True)
class Counts:
    """Utterances by emotion, and by speaker or what stands for it.

    Attributes
    ----------
    by
        What a row is: "speaker", or where there are more than :data:`MOST_ROWS` of them "fold" (of
        the official split), "session" or "corpus", whichever comes first with at least two values.
    """

    utterances: tuple[Utterance, ...]
    by: str

    @classmethod
    def of(cls, utterances: Sequence[Utterance]) -> Counts:
        speakers = {utterance.speaker for utterance in utterances}
        if len(speakers) <= MOST_ROWS:
            return cls(tuple(utterances), "speaker")
        for by in ("fold", "session"):
            if 2 <= len({getattr(utterance, by) for utterance in utterances}) <= MOST_ROWS:
                return cls(tuple(utterances), by)
        return cls(tuple(utterances), "corpus")

    @cached_property
    def emotions(self) -> tuple[str, ...]:
        """In alphabetical order, those without an emotion last."""
        found = {utterance.emotion for utterance in self.utterances}
        return (*sorted(found - {""}), *([NO_EMOTION] if "" in found else []))

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """In alphabetical order; folds in the order of their use, what is in none last."""
        found = {self._row(utterance) for utterance in self.utterances}
        order = ("train", "valid", "test")
        place = {name: i for i, name in enumerate(order)} | {UNKNOWN: len(order) + 1}
        return tuple(sorted(found, key=lambda row: (place.get(row, len(order)), row)))

    @cached_property
    def cells(self) -> Counter[tuple[str, str]]:
        """Utterances by row and emotion."""
        return Counter((self._row(u), u.emotion or NO_EMOTION) for u in self.utterances)

    @cached_property
    def durations(self) -> dict[str, Quantiles]:
        """Seconds, by emotion."""
        seconds = defaultdict(list)
        for utterance in self.utterances:
            seconds[utterance.emotion or NO_EMOTION].append(utterance.duration)
        return {emotion: Quantiles.of(seconds[emotion]) for emotion in self.emotions}

    @cached_property
    def genders(self) -> dict[str, str]:
        """Of each speaker whose gender is known."""
        return {u.speaker: u.gender for u in self.utterances if u.gender is not None}

    @cached_property
    def speakers(self) -> Counter[str]:
        """Utterances by speaker."""
        return Counter(utterance.speaker for utterance in self.utterances)

    @cached_property
    def hours(self) -> float:
        return sum(utterance.duration for utterance in self.utterances) / 3600

    def of_row(self, row: str) -> int:
        return sum(self.cells[row, emotion] for emotion in self.emotions)

    def of_emotion(self, emotion: str) -> int:
        return sum(self.cells[row, emotion] for row in self.rows)

    def _row(self, utterance: Utterance) -> str:
        return getattr(utterance, self.by) or UNKNOWN
