"""Families of copies: what is to be compared because both are copies of a third."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from serbench.twins.candidates import Candidate
from serbench.twins.correlation import Match, overlap_needed


def untried(
    found: Mapping[tuple[int, int], Match],
    tried: Collection[tuple[int, int]],
    durations: Sequence[float],
) -> list[Candidate]:
    """Pairs of one family that were not compared yet, with the lag that follows from their kin.

    Parameters
    ----------
    found
        Pairs of positions, and how they match.
    tried
        Pairs that were compared, whatever came of it.
    durations
        Seconds, of every sound.
    """
    kin: dict[int, dict[int, float]] = defaultdict(dict)
    for (first, second), match in found.items():
        kin[first][second] = match.lag
        kin[second][first] = -match.lag
    more: list[Candidate] = []
    placed: set[int] = set()
    for root in sorted(kin):
        if root in placed:
            continue
        starts = {root: 0.0}  # where each member begins, seconds from the root's begin
        waiting = [root]
        while waiting:
            member = waiting.pop()
            for other, lag in kin[member].items():
                if other not in starts:
                    starts[other] = starts[member] + lag
                    waiting.append(other)
        placed |= starts.keys()
        members = sorted(starts)
        for place, first in enumerate(members):
            for second in members[place + 1 :]:
                lag = starts[second] - starts[first]
                shared = min(durations[first], durations[second] + lag) - max(0.0, lag)
                enough = shared >= overlap_needed(durations[first], durations[second])
                if enough and (first, second) not in tried:
                    more.append(Candidate(first, second, lag))
    return more
