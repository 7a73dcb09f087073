"""What the headline test says of two models: whether there is an order, and what p is of."""

from __future__ import annotations

import math

from serbench.comparison.numbers import bracket, counted, probability, signed
from serbench.comparison.pair import Pair
from serbench.stats.names import NAMES


def decision(pair: Pair) -> str:
    """What the test found, in one sentence or a few."""
    if pair.silent:
        return f"There is no test: {pair.silent}. {_whose(pair)}".strip()
    return " ".join(part for part in (_found(pair), _whose(pair)) if part)


def _found(pair: Pair) -> str:
    tested = pair.duel.tested
    name, units = NAMES[tested.test]
    over = f"over {counted(tested.n, units)}"
    mean = f"mean difference {signed(tested.estimate)} {bracket(tested)}".strip()
    p = probability(tested.p)
    if pair.family > 1:
        p += f", {probability(pair.p_holm)} after Holm over {pair.family} comparisons"
    if pair.contrary:
        return (
            f"The {name} {over} points the other way: {mean}, {p}. There each fold counts once, in "
            "the score each utterance; neither order is claimed."
        )
    significant = "significant" if pair.significant else "not significant"
    if "degenerate" in tested.flags:
        return (
            f"All {counted(tested.n, units)} differ by the same, which leaves the {name} no spread "
            f"to go by; an exact sign-flip test over them gives {p}: {significant} at 5%."
        )
    if "no_spread" in tested.flags:
        return f"In all {counted(tested.n, units)} the two score the same."
    of = f", {mean}," if units == "folds" else ""
    return f"The {name} {over}{of} gives {p}: {significant} at 5%{_smallest(pair)}."


def _smallest(pair: Pair) -> str:
    if math.isnan(pair.smallest):
        return ""
    step = f"at 5%/{pair.family}, Holm's first step, " if pair.family > 1 else ""
    return f"; {step}it would have found {100 * pair.smallest:.1f} points 80 times in 100"


def _whose(pair: Pair) -> str:
    """Whom a p over folds speaks of, where it is nobody but who was trained on."""
    if pair.same_speakers is None:
        return "Whether the folds share speakers is not known."
    if not pair.same_speakers:
        return ""
    left_out = (
        "tests over speakers (jackknife, sign-flip, Wilcoxon) are left out, as each of them was "
        "trained on"
    )
    if pair.silent:
        return f"The {left_out}."
    these = "this same speaker" if pair.speakers == 1 else f"these same {pair.speakers} speakers"
    return (
        "The folds share their speakers: p is of other utterances of "
        f"{these}, and says nothing of other speakers; {left_out}."
    )
