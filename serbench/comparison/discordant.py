"""Utterances that one of two models got right and the other did not, for McNemar's test."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from serbench.comparison.contender import Contender
from serbench.metrics import decide
from serbench.predictions import Predictions
from serbench.staged import Said
from serbench.stats.mcnemar import mcnemar


@dataclass(frozen=True)
class Discordant:
    """Of one seed.

    Parameters
    ----------
    seed
        The lowest that both have and told every utterance of; -1 if there is none.
    first_alone, second_alone
        Utterances that the one got right and the other wrong.
    p
        McNemar's exact one. NaN if there is no such seed.
    why
        There is none; "" where there is one.
    """

    seed: int
    first_alone: int
    second_alone: int
    p: float
    why: str = ""


def discordant(first: Contender, second: Contender) -> Discordant:
    """Of the lowest seed in which both told the same utterances.

    A fold that failed is scored as chance, and has no answers to hold against the other's. Leaving
    its utterances out would forgive it.
    """
    for seed, other in _beside(first, second):
        one, theirs = _right(first.said, seed), _right(second.said, other)
        if one and one.keys() == theirs.keys():
            alone = sum(right and not theirs[name] for name, right in one.items())
            against = sum(right and not one[name] for name, right in theirs.items())
            return Discordant(max(seed, other), alone, against, mcnemar(alone, against))
    return Discordant(-1, 0, 0, math.nan, "in no seed are both models' answers to all utterances "
                      "known")  # fmt: skip


def _beside(first: Contender, second: Contender) -> Collection[tuple[int, int]]:
    """Seeds of the one and of the other; the single one of a model without chance serves all."""
    if first.steady and len(first.seeds) == 1:
        return [(first.seeds[0], seed) for seed in sorted(second.seeds)]
    if second.steady and len(second.seeds) == 1:
        return [(seed, second.seeds[0]) for seed in sorted(first.seeds)]
    return [(seed, seed) for seed in sorted({*first.seeds} & {*second.seeds})]


def _right(said: Said, seed: int) -> Mapping[str, bool]:
    """Whether each utterance was told right."""
    found: dict[str, bool] = {}
    for (of, *_), one in said.items():
        if of == seed and isinstance(one, Predictions):
            told = decide(one.probabilities) == one.truth
            found.update(zip(one.ids, map(bool, told), strict=True))
    return found
