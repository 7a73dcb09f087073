"""Whether models keep their order down the ladder, or a shortcut put the wrong one ahead."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    """UA of one model minus UA of another at one step.

    ``again`` where both have the folds of the step above: it is no second measurement.
    """

    step: Step
    by: Interval
    again: bool = False

    @property
    def shown(self) -> bool:
        """Whether the interval is off zero."""
        return bool(self.by.low > 0 or self.by.high < 0)


@dataclass(frozen=True)
class Duel:
    """Two models, at every step that both have a score of.

    Parameters
    ----------
    broken
        The rules that either was seen to break, to trials, by model: with any there are no leads.
    """

    one: str
    other: str
    leads: tuple[Lead, ...]
    broken: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def compared(self) -> tuple[Lead, ...]:
        """Those that can agree or disagree with each other: defined, and measured once."""
        return tuple(
            lead for lead in self.leads if not lead.again and not math.isnan(lead.by.estimate)
        )

    @property
    def flips(self) -> bool | None:
        """Whether each of the two is ahead at some step; None with fewer than two to compare."""
        if len(self.compared) < 2:
            return None
        return {1.0, -1.0} <= {
            np.sign(lead.by.estimate) for lead in self.compared if abs(lead.by.estimate) > TIED
        }

    @property
    def flip_shown(self) -> bool | None:
        """Whether each is ahead at some step by more than other speakers would undo."""
        if len(self.compared) < 2:
            return None
        return {1.0, -1.0} <= {np.sign(lead.by.estimate) for lead in self.compared if lead.shown}

    def record(self) -> dict[str, Any]:
        return {
            "models": [self.one, self.other],
            "broken": {name: dict(found) for name, found in self.broken.items()},
            "flips": self.flips,
            "flip_shown": self.flip_shown,
            "leads": [
                {
                    "step": lead.step.key,
                    **ends("lead", lead.by, -1.0, 1.0),
                    "shown": lead.shown,
                    "same_folds": lead.again,
                }
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
    broken = {ladder.name: ladder.broken for ladder in (one, other) if ladder.broken}
    if broken:
        return Duel(one.name, other.name, (), broken)
    there = {rung.step: rung for rung in other.measured}
    common = sorted(set(one.seeds) & set(other.seeds))
    leads: list[Lead] = []
    for rung in one.measured:
        if rung.step in there and rung.counts is not None:
            beside = there[rung.step]
            assert beside.counts is not None
            by = difference(
                rung.counts[_rows(one, other, common)],
                beside.counts[_rows(other, one, common)],
            )
            above = leads[-1].step.key if leads else None
            again = rung.same_folds_as == beside.same_folds_as == above
            leads.append(Lead(rung.step, by, again))
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
