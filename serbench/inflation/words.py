"""A ladder in plain sentences, each difference with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

from serbench.inflation.ladder import Ladder, Rung
from serbench.inflation.ranking import Duel, Lead
from serbench.inflation.steps import Step
from serbench.intervals import Interval


def sentences(ladder: Ladder) -> list[str]:
    """One for each measured step below the first, and one from the top to the bottom.

    Of a model that broke a rule this alone is told.
    """
    if ladder.broken:
        broken = broke(ladder.name, ladder.broken)
        return [f"{broken}: no board ranks it, and its steps do not tell what a shortcut is worth"]
    rungs = ladder.measured
    told = [
        same_folds(ladder, above.step, rung.step, rung.inflation)
        if rung.same_folds_as
        else compared(ladder, above.step, rung.step, rung.inflation)
        for above, rung in pairwise(rungs)
        if rung.inflation is not None
    ]
    if len(rungs) > 2 and ladder.total is not None:
        told.append(_in_all(ladder, rungs[0], rungs[-1], ladder.total))
    return told


def broke(name: str, broken: Mapping[str, int]) -> str:
    """Which rules a model was seen to break: "net broke L22 (in 24 trials)"."""
    rules = (f"{rule} (in {n} trial{'s' * (n > 1)})" for rule, n in broken.items())
    return f"{name} broke {' and '.join(rules)}"


def same_folds(ladder: Ladder, above: Step, here: Step, by: Interval) -> str:
    """That two steps are one question, asked twice."""
    told = (
        f"{above.subject} and {here.subject} are the same folds of {ladder.corpus}: not a second "
        "measurement"
    )
    apart = f"{signed(by)} points"  # a net whose training is not bit for bit the same
    return told if apart in ("+0.0 points", "-0.0 points") else f"{told}, though {apart} apart"


def compared(ladder: Ladder, above: Step, here: Step, by: Interval) -> str:
    """What one step gives more than the next below it.

    A difference whose interval holds 0 is told as one that is not shown.
    """
    whom = f"{ladder.name} on {ladder.corpus}"
    if math.isnan(by.estimate):
        return f"{above.subject} and {here.subject} cannot be compared: UA is undefined"
    if math.isnan(by.low):
        points = f"{signed(by)} points (no interval)"
        return f"{above.subject} against {_below(above, here)}: {points} for {whom}"
    if by.low == 0 == by.high:
        return (
            f"{above.subject} and {_below(above, here)} give {whom} the same UA, whichever "
            "speakers are looked at"
        )
    if by.low <= 0 <= by.high:
        return (
            f"no difference is shown between {above.subject} and {_below(above, here)} for {whom}: "
            f"{signed(by)} points {bracket(by)}"
        )
    size, span = points_of(by)
    against = _below(above, here)
    if above.shortcut and by.estimate > 0:
        verb = "flatter" if above.plural else "flatters"
        return f"{above.subject} {verb} {whom} by {size} points {span} against {against}"
    verb = "give" if above.plural else "gives"
    more = "more" if by.estimate > 0 else "less"
    return f"{above.subject} {verb} {whom} {size} points {more} {span} than {against}"


def fought(duel: Duel) -> list[str]:
    """Whether two models keep their order, and by how much which is ahead at each step."""
    both = f"{duel.one} and {duel.other}"
    if duel.broken:
        why = "; ".join(broke(name, found) for name, found in duel.broken.items())
        return [f"{both} are not ranked against each other: {why}"]
    if not duel.leads:
        return [f"{both} have no step in common"]
    if duel.flips is None:
        head = f"{both} can be compared at one step at most, which does not tell whether they flip"
    elif duel.flips:
        how = "" if duel.flip_shown else ", though not by more than other speakers might undo"
        head = f"the ranking of {both} flips between steps{how}"
    else:
        head = f"the ranking of {both} is the same at every step"
    return [head + ":", *(f"{lead.step.title}: {_lead(duel, lead)}" for lead in duel.leads)]


def points_of(by: Interval) -> tuple[str, str]:
    """The size of a difference in points, and its interval turned the same way."""
    sign = -1.0 if by.estimate < 0 else 1.0
    low, high = sorted((sign * by.low, sign * by.high))
    return f"{100 * sign * by.estimate:.1f}", f"[{100 * low:.1f}, {100 * high:.1f}]"


def signed(by: Interval) -> str:
    """A difference in points with its sign: "+7.9"."""
    return f"{100 * by.estimate:+.1f}"


def bracket(by: Interval) -> str:
    """Its interval in points, "" where there is none."""
    return "" if math.isnan(by.low) else f"[{100 * by.low:.1f}, {100 * by.high:.1f}]"


def _below(above: Step, here: Step) -> str:
    """How a sentence names the lower of two steps."""
    same_folds = above.protocol == here.protocol
    return "the last epoch" if same_folds else here.subject


def _in_all(ladder: Ladder, top: Rung, bottom: Rung, by: Interval) -> str:
    size = f"{signed(by)} points {bracket(by) or '(no interval)'}"
    return f"from {top.step.title} to {bottom.step.title}, in all: {size} for {ladder.name}"


def _lead(duel: Duel, lead: Lead) -> str:
    if math.isnan(lead.by.estimate):
        return "UA is undefined"
    ahead, behind = (duel.one, duel.other) if lead.by.estimate >= 0 else (duel.other, duel.one)
    size, span = points_of(lead.by)
    interval = span if not math.isnan(lead.by.low) else "(no interval)"
    unsure = ", which is not shown" * (not math.isnan(lead.by.low) and not lead.shown)
    again = " (the same folds: not a second measurement)" * lead.again
    return f"{ahead} {size} points {interval} ahead of {behind}{unsure}{again}"
