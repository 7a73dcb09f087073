"""A small drawing of a score and its interval for a line of a table, all on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, EDGE = 132.0, 6.0  # pixels: of the drawing, and what is left free at both sides


@dataclass(frozen=True)
class Whisker:
    """Where a score and its interval's ends lie, in pixels as text; "" where there are none."""

    at: str
    low: str
    high: str
    chance: str
    hollow: bool


@dataclass(frozen=True)
class Scale:
    """From below the lowest end to above the highest, shares of 1."""

    low: float
    high: float
    chance: float | None

    @classmethod
    def of(cls, records: Sequence[dict[str, Any]], key: str, chance: float | None) -> Scale:
        """The scale on which all these scores lie."""
        ends = [
            record[name]
            for record in records
            for name in (key, f"{key}_low", f"{key}_high")
            if record.get(name) is not None
        ]
        ends += [] if chance is None else [chance]
        if not ends:
            return cls(0.0, 1.0, chance)
        low, high = math.floor(min(ends) * 10) / 10, math.ceil(max(ends) * 10) / 10
        return cls(max(0.0, low), min(1.0, high) if high > low else low + 0.1, chance)

    def whisker(self, record: dict[str, Any], key: str) -> Whisker | None:
        """The drawing of one score; None where it is undefined."""
        if record.get(key) is None:
            return None
        at, low, high = (self._x(record.get(key + end)) for end in ("", "_low", "_high"))
        return Whisker(at, low, high, self._x(self.chance), not record["ranked"])

    def _x(self, value: float | None) -> str:
        if value is None:
            return ""
        share = (value - self.low) / (self.high - self.low)
        return f"{EDGE + (WIDTH - 2 * EDGE) * share:.1f}"
