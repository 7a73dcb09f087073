"""What a test may show: no p of two units, no interval without spread, nothing of the wrong unit.

Every outcome that a comparison prints has come through here, the headline's among them.
"""

from __future__ import annotations

import dataclasses
import math

from serbench.duel import FEWEST
from serbench.stats.effect import Effect
from serbench.stats.names import NAMES
from serbench.stats.paired import Outcome, smallest_p

LEVEL = 0.05
EXACT = ("sign-flip", "wilcoxon")
NONE = math.nan


def shown(outcome: Outcome) -> Outcome:
    """The outcome of a test with what it cannot know taken out, and a flag for each such thing.

    "few_units"
        A t-test of fewer than three: its interval stands, wide as it is; its p does not.
    "too_few"
        An exact test that cannot reach 5% whatever is found.
    "no_spread"
        All units differ by the same: an interval of no width would claim too much. The p, if the
        difference is not zero, is the sign-flip test's ("degenerate").
    """
    if outcome.test in EXACT:
        return _silenced(outcome, "too_few") if smallest_p(outcome.n) > LEVEL else outcome
    if outcome.se == 0:
        flags = (*outcome.flags, "no_spread")
        outcome = dataclasses.replace(outcome, low=NONE, high=NONE, df=NONE, flags=flags)
    if outcome.n < FEWEST:
        return _silenced(outcome, "few_units")
    return outcome


def over_known_speakers(outcome: Outcome) -> Outcome:
    """Of speakers who were trained on: the difference stands, and nothing of other speakers."""
    if NAMES[outcome.test][1] != "speakers":
        return outcome
    bare = dataclasses.replace(outcome, low=NONE, high=NONE, se=NONE, df=NONE)
    return _silenced(bare, "same_speakers")


def sized(effect: Effect, units: int) -> Effect:
    """Effect sizes of three units or more; of fewer, who won is all there is to say."""
    if units >= FEWEST:
        return effect
    return dataclasses.replace(effect, d=NONE, hedges=NONE, rank_biserial=NONE)


def _silenced(outcome: Outcome, flag: str) -> Outcome:
    flags = tuple(dict.fromkeys((*outcome.flags, flag)))
    return dataclasses.replace(outcome, p=NONE, statistic=NONE, flags=flags)
