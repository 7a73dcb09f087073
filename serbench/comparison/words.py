"""A comparison in plain sentences, as a paper would have them."""

from __future__ import annotations

import math

from serbench.board import Board
from serbench.comparison.pair import Pair
from serbench.comparison.reading import Comparison
from serbench.labels import Scale
from serbench.stats.names import NAMES
from serbench.stats.paired import Outcome, smallest_p

LEVEL = 0.05


def paragraph(pair: Pair, comparison: Comparison) -> str:
    """All that matters of one pair, in a paragraph."""
    told = [_gap(pair, comparison.board), _headline(pair, len(comparison.pairs))]
    told += [_per_speaker(pair), _targets(pair), _believed(pair)]
    return " ".join(sentence for sentence in told if sentence)


def score(board: Board) -> str:
    """What the board sorts by."""
    if isinstance(board.task, Scale):
        return "ACC7"
    return "UA" if len(board.corpora) == 1 else "mean UA"


def signed(value: float) -> str:
    """A difference in points: "+3.1"."""
    return f"{100 * value:+.1f}"


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


def _gap(pair: Pair, board: Board) -> str:
    found = pair.duel.difference
    first, second = (f"{100 * one.estimate:.1f}" for one in pair.scores)
    points = f"{abs(100 * found.estimate):.1f} points"
    ahead = "higher" if found.estimate > 0 else "lower"
    side = (
        f"{pair.first} and {pair.second} score the same"
        if points == "0.0 points"
        else f"{pair.first} scores {points} {ahead} than {pair.second}"
    )
    ends = bracket(found)
    interval = f", 95% CI of the difference {ends}" if ends else ", no interval"
    seeds = f", {pair.duel.seeds} seeds" if pair.duel.seeds > 1 else ""
    units = (
        f"{pair.folds} pairs of corpora{seeds}; corpora are the unit"
        if pair.targets
        else f"{pair.speakers} speaker{'s' * (pair.speakers != 1)}{seeds}"
    )
    return (
        f"{side} on {board.heading}: {score(board)} {first} against {second}{interval} ({units})."
    )


def _headline(pair: Pair, family: int) -> str:
    tested = pair.duel.tested
    if pair.duel.silent:
        return f"There is no test: {pair.duel.silent}."
    name, units = NAMES[tested.test]
    adjusted = (
        f", {probability(pair.p_holm)} after Holm over {family} comparisons" if family > 1 else ""
    )
    significant = "significant" if pair.p_holm < LEVEL else "not significant"
    small = (
        ""
        if math.isnan(pair.smallest) or pair.smallest == 0
        else f"; it would have found {100 * pair.smallest:.1f} points 80 times in 100"
    )
    return (
        f"The {name} over {tested.n} {units} gives {probability(tested.p)}{adjusted}: "
        f"{significant} at 5%{small}."
    )


def _per_speaker(pair: Pair) -> str:
    if pair.effect is None or pair.targets:
        return ""
    found = pair.effect
    count = found.wins + found.ties + found.losses
    equal = f", {found.ties} equal" if found.ties else ""
    size = "" if math.isnan(found.hedges) else f"; effect size {found.hedges:+.2f} (Hedges, d_z)"
    told = (
        f"Of {count} speakers {found.wins} are told better by {pair.first} and {found.losses} by "
        f"{pair.second}{equal}{size}."
    )
    if smallest_p(count) > LEVEL:
        told += (
            f" With {count} speakers the smallest p of an exact test is {smallest_p(count):g}: "
            "none is reported."
        )
    return told


def _targets(pair: Pair) -> str:
    if not pair.targets:
        return ""
    told = ", ".join(
        f"{one.corpus} {signed(one.difference.estimate)} {bracket(one.difference)}".strip()
        for one in pair.targets
    )
    return f"By what is tested, with the speakers of each as units: {told}."


def _believed(pair: Pair) -> str:
    if pair.belief is None:
        return ""
    found = pair.belief
    return (
        f"The probability that {pair.first} is better by more than a point is {found.first:.2f}, "
        f"that they are within one point {found.equivalent:.2f}, that {pair.second} is better "
        f"{found.second:.2f} (Bayesian correlated t-test)."
    )
