"""Differences, p-values and counts as text."""

from __future__ import annotations

import math

from serbench.stats.paired import Outcome

LEAST = 0.0005  # what prints as 0.0 points is below
NOUNS = {"corpora": "corpus", "pairs of corpora": "pair of corpora"}


def points(value: float) -> str:
    """A size in points: "3.1 points"."""
    return f"{abs(100 * value):.1f} points"


def signed(value: float) -> str:
    """A difference in points: "+3.1"; "" of none."""
    return "" if math.isnan(value) else f"{100 * value:+.1f}"


def bracket(outcome: Outcome) -> str:
    """Its interval in points; "" where there is none."""
    if math.isnan(outcome.low):
        return ""
    return f"[{100 * outcome.low:+.1f}, {100 * outcome.high:+.1f}]"


def probability(p: float) -> str:
    """A p-value as text: "p = 0.021", "p < 0.0001"."""
    if p < 1e-4:
        return "p < 0.0001"
    return f"p = {p:.1g}" if p < 1e-3 else f"p = {p:.3f}"


def counted(count: int, noun: str) -> str:
    """A number of things, of which the plural is given: "1 speaker", "5 corpora"."""
    return f"{count} {NOUNS.get(noun, noun.removesuffix('s')) if count == 1 else noun}"
