"""A model's rank on a board: an interval, letters, and what lies between it and another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from serbench.scores import known


@dataclass(frozen=True)
class Rank:
    """A model's rank.

    Parameters
    ----------
    best, worst
        What the tests leave; both are 1 and the number of models where there is no test.
    drawn
        Where it came in 95 of 100 drawings; None where too few units can be drawn.
    letters
        Two models share one if they are not told apart; "" where there is no test.
    delta
        Its score less the reference's, with the interval for other speakers or corpora; None of the
        reference itself.
    p
        Of the test against the reference, adjusted for all pairs on the board if the reference is
        the leader, and for the others alone if it was chosen; NaN where there is none.
    """

    best: int
    worst: int
    drawn: tuple[int, int] | None
    letters: str
    delta: tuple[float, float, float] | None
    p: float

    def record(self) -> dict[str, Any]:
        """Flat JSON values: shares of 1, None where there is nothing."""
        estimate, low, high = map(known, self.delta or (math.nan,) * 3)
        drawn = self.drawn or (None, None)
        return {
            "rank_low": self.best,
            "rank_high": self.worst,
            "rank_drawn_low": drawn[0],
            "rank_drawn_high": drawn[1],
            "letters": self.letters,
            "delta": estimate,
            "delta_low": low,
            "delta_high": high,
            "p_holm": known(self.p),
        }


FIELDS = tuple(Rank(1, 1, None, "", None, math.nan).record())
