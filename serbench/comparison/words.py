"""A comparison in plain sentences, as a paper would have them."""

from __future__ import annotations

import math

from serbench.comparison.decision import decision
from serbench.comparison.gap import gap, remarks
from serbench.comparison.numbers import bracket, counted, probability, signed
from serbench.comparison.pair import Pair
from serbench.comparison.reading import Comparison
from serbench.comparison.shown import LEVEL
from serbench.stats.names import NAMES
from serbench.stats.paired import smallest_p

MEANS = (
    "points: the first model less the second, pooled over all utterances or the mean over what is "
    "named, each counting once"
)
NO_P = "no p: of fewer than three units, and of exact tests that cannot reach 5% with so few"


def paragraph(pair: Pair, comparison: Comparison) -> str:
    """All that matters of one pair, in a paragraph."""
    told = [gap(pair, comparison.board), remarks(pair), decision(pair)]
    told += [_per_speaker(pair), _targets(pair), _believed(pair)]
    return " ".join(sentence for sentence in told if sentence)


def mcnemar(pair: Pair) -> str:
    """McNemar's test, which never decides, in a sentence; "" across corpora and on a scale."""
    told = pair.discordant
    if told is None:
        return ""
    if told.why:
        return f"McNemar's exact test: none, as {told.why}."
    seed = f" in seed {told.seed}" if pair.duel.seeds > 1 or pair.duel.fewer else ""
    first, second = (counted(n, "times") for n in (told.first_alone, told.second_alone))
    return (
        f"McNemar's exact test{seed}, as if utterances were independent: {pair.first} alone is "
        f"right {first}, {pair.second} alone {second}; {probability(told.p)}."
    )


def legend(comparison: Comparison) -> list[str]:
    """What the columns of its tables mean, if any pair has one."""
    pairs = [pair for pair in comparison.pairs if pair.duel.seeds]
    if not pairs:
        return []
    shown = (one for pair in pairs for one in (pair.duel.tested, pair.wa, *pair.others))
    within = (target.difference for pair in pairs for target in pair.targets)
    untested = any(one is not None and math.isnan(one.p) for one in (*shown, *within))
    return [MEANS, intervals(comparison), *([NO_P] if untested else [])]


def intervals(comparison: Comparison) -> str:
    """What the interval beside a difference is of; it need not agree with the test."""
    own = "of that pair alone and not adjusted"
    if len(comparison.board.corpora) > 1:
        return f"95% CI: over corpora, or the speakers of one, {own}"
    if comparison.board.speaker_independent is False:
        return f"95% CI: of the mean over folds, {own}; there is none for other speakers"
    tests = {NAMES[pair.duel.tested.test][1] for pair in comparison.pairs if not pair.silent}
    what = "the test over folds" if "folds" in tests else "p after Holm"
    return (
        f"95% CI: of the pooled difference the jackknife over speakers, {own}; it may leave 0 out "
        f"where {what} does not tell the two apart"
    )


def _per_speaker(pair: Pair) -> str:
    if pair.effect is None or pair.targets:
        return ""
    found = pair.effect
    count = found.wins + found.ties + found.losses
    equal = f", {found.ties} equal" if found.ties else ""
    size = "" if math.isnan(found.hedges) else f"; Hedges's g {found.hedges:+.2f}"
    told = (
        f"Of {counted(count, 'speakers')} {pair.first} has the higher score on {found.wins}, "
        f"{pair.second} on {found.losses}{equal}{size}."
    )
    if smallest_p(count) > LEVEL:
        told += (
            f" With {counted(count, 'speakers')} the smallest p of an exact test is "
            f"{smallest_p(count):g}: none is reported."
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
    seeds = " with seeds" if pair.duel.tested.test == "corrected two-way" else ""
    return (
        f"By the mean over folds, {pair.first} is better by more than a point with probability "
        f"{found.first:.2f}, {pair.second} by more than a point with {found.second:.2f}, and they "
        f"are within one point of each other with {found.equivalent:.2f} (Bayesian correlated "
        f"t-test{seeds})."
    )
