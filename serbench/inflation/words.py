"""A ladder in plain sentences, each difference with its interval."""

from __future__ import annotations

import math
from itertools import pairwise

from serbench.inflation.ladder import Ladder, Rung
from serbench.inflation.ranking import Duel, Lead
from serbench.inflation.steps import Step
from serbench.intervals import Interval


def sentences(ladder: Ladder) -> list[str]:
    """One for each measured step below the first, and one from the top to the bottom."""
    rungs = ladder.measured
    told = [
        compared(ladder, above.step, rung.step, rung.inflation)
        for above, rung in pairwise(rungs)
        if rung.inflation is not None
    ]
    if len(rungs) > 2 and ladder.total is not None:
        told.append(_in_all(ladder, rungs[0], rungs[-1], ladder.total))
    return told


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
    if by.low == 0 == by.high:  # as of ten speakers, whose ten folds are one speaker out
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
    if not duel.leads:
        return [f"{duel.one} and {duel.other} have no step in common"]
    if duel.flips:
        how = "" if duel.flip_shown else ", though not by more than other speakers might undo"
        head = f"the ranking of {duel.one} and {duel.other} flips between steps{how}"
    else:
        head = f"the ranking of {duel.one} and {duel.other} is the same at every step"
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
    if not math.isnan(lead.by.low) and not lead.shown:
        return f"{ahead} {size} points {interval} ahead of {behind}, which is not shown"
    return f"{ahead} {size} points {interval} ahead of {behind}"
