"""Whether models keep their order down the ladder, or a shortcut put the wrong one ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from serbench.errors import StoreError
from serbench.inflation.ladder import Ladder, difference
from serbench.inflation.steps import Step
from serbench.intervals import Interval
from serbench.scores import ends

TIED = 1e-9  # UA as a share of 1


@dataclass(frozen=True)
class Lead:
    """UA of one model minus UA of another at one step."""

    step: Step
    by: Interval

    @property
    def shown(self) -> bool:
        """Whether the interval is off zero."""
        return bool(self.by.low > 0 or self.by.high < 0)


@dataclass(frozen=True)
class Duel:
    """Two models, at every step that both have a score of."""

    one: str
    other: str
    leads: tuple[Lead, ...]

    @property
    def flips(self) -> bool:
        """Whether each of the two is ahead at some step."""
        signs = {np.sign(lead.by.estimate) for lead in self.leads if abs(lead.by.estimate) > TIED}
        return {1.0, -1.0} <= signs

    @property
    def flip_shown(self) -> bool:
        """Whether each is ahead at some step by more than other speakers would undo."""
        return {1.0, -1.0} <= {np.sign(lead.by.estimate) for lead in self.leads if lead.shown}

    def record(self) -> dict[str, Any]:
        return {
            "models": [self.one, self.other],
            "flips": self.flips,
            "flip_shown": self.flip_shown,
            "leads": [
                {"step": lead.step.key, **ends("lead", lead.by, -1.0, 1.0), "shown": lead.shown}
                for lead in self.leads
            ],
        }


def duels(ladders: Sequence[Ladder]) -> tuple[Duel, ...]:
    """Every pair of models.

    Raises
    ------
    StoreError
        If two ladders are not of one corpus and one label space.
    """
    return tuple(_duel(one, other) for one, other in combinations(ladders, 2))


def _duel(one: Ladder, other: Ladder) -> Duel:
    if (one.corpus, one.classes, one.utterances) != (other.corpus, other.classes, other.utterances):
        raise StoreError(
            f"{one.name} and {other.name} were not tested on the same utterances",
            expected="one corpus, one label space, one release",
        )
    there = {rung.step: rung for rung in other.measured}
    common = sorted(set(one.seeds) & set(other.seeds))
    leads = []
    for rung in one.measured:
        if rung.step in there and rung.counts is not None:
            counts = there[rung.step].counts
            assert counts is not None
            leads.append(
                Lead(
                    rung.step,
                    difference(
                        rung.counts[_rows(one, other, common)],
                        counts[_rows(other, one, common)],
                    ),
                )
            )
    return Duel(one.name, other.name, tuple(leads))


def _rows(ladder: Ladder, other: Ladder, common: Sequence[int]) -> list[int]:
    """Where the seeds that are paired stand; a single seed is held against each of the other's."""
    if len(ladder.seeds) == 1 or len(other.seeds) == 1:
        return list(range(len(ladder.seeds)))
    if not common:
        raise StoreError(
            f"{ladder.name} and {other.name} have no seed in common", expected="the same seeds"
        )
    return [ladder.seeds.index(seed) for seed in common]
