"""Everything that may be said of two models on one board, each test under its own name.

One test is the headline: the corrected test over folds, the jackknife over speakers where there are
too few folds, leave-one-corpus-out across corpora. Its p is adjusted for all comparisons that were
asked for. The others stand beside it because papers print them, or because they ask for less; what
they cannot show with so few units is said in their place.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from serbench.cells import CellScores
from serbench.comparison.contender import Contender
from serbench.duel import FEWEST, Duel, duel
from serbench.evidence import Evidence, Floats, paired
from serbench.intervals import Interval
from serbench.metrics import decide
from serbench.predictions import Predictions
from serbench.scores import ClassScores
from serbench.staged import Said
from serbench.stats.bayesian import Belief, correlated
from serbench.stats.claims import system
from serbench.stats.effect import Effect, detectable, effect
from serbench.stats.mcnemar import mcnemar
from serbench.stats.paired import Outcome, sign_flip, smallest_p, uncorrected, wilcoxon

LEVEL = 0.05


@dataclass(frozen=True)
class Discordant:
    """Utterances that one model got right and the other did not, of one seed."""

    seed: int
    first_alone: int
    second_alone: int
    p: float


@dataclass(frozen=True)
class Target:
    """The difference on one test corpus, the mean over what was trained on; speakers are units."""

    corpus: str
    sources: int
    difference: Outcome


@dataclass(frozen=True)
class Pair:
    """The first model less the second.

    Parameters
    ----------
    scores
        Of the two, as the board shows them.
    duel
        What lies between them, and the headline test.
    p_holm
        Its p, adjusted for all comparisons asked for on this board.
    folds
        Of the board; pairs of corpora where it is of several.
    effect
        Over the speakers, or the corpora that are tested; None of a single one.
    wa
        The difference of the accuracies, by speakers; None across corpora and on a scale.
    others
        Further tests, by their names.
    belief
        Better, practically equal (within one point), worse; None where there is no second fold.
    discordant
        McNemar's test; None across corpora and on a scale.
    targets
        Across corpora, each test corpus by itself.
    """

    first: str
    second: str
    scores: tuple[Interval, Interval]
    duel: Duel
    p_holm: float
    speakers: int
    folds: int
    effect: Effect | None
    wa: Outcome | None = None
    others: tuple[Outcome, ...] = ()
    belief: Belief | None = None
    discordant: Discordant | None = None
    targets: tuple[Target, ...] = ()

    @property
    def smallest(self) -> float:
        """The difference that the headline test would have found 80 times in 100; NaN of none."""
        tested = self.duel.tested
        return math.nan if math.isnan(tested.p) else detectable(tested.se, tested.df)


def compare(first: Contender, second: Contender) -> Pair:
    """Hold two rows of one board against each other; ``p_holm`` is still the p of this test alone.

    Raises
    ------
    StoreError
        If they judge different utterances, or share no seed.
    """
    one, other = first.scores, second.scores
    assert one is not None
    assert other is not None
    found = duel(one, other)
    plain = Pair(
        first=first.name,
        second=second.name,
        scores=(one.headline, other.headline),
        duel=found,
        p_holm=found.tested.p,
        speakers=one.speakers,
        folds=1,
        effect=None,
    )
    if isinstance(one, CellScores) and isinstance(other, CellScores):
        targets = by_target(one, other)
        means = [target.difference.estimate for target in targets]
        return dataclasses.replace(
            plain,
            folds=len(one.cells),
            effect=effect(means) if len(means) > 1 else None,
            targets=targets,
        )
    assert not isinstance(one, CellScores)
    assert not isinstance(other, CellScores)
    parts = paired(one.evidence, other.evidence)
    by_speaker = parts[0].by_speaker - parts[1].by_speaker
    by_fold = (parts[0].by_fold - parts[1].by_fold).mean(axis=0)
    classes = isinstance(one, ClassScores)
    return dataclasses.replace(
        plain,
        folds=len(by_fold),
        effect=effect(by_speaker) if len(by_speaker) > 1 else None,
        wa=_accuracy(*parts) if classes else None,
        others=_others(found, by_fold, by_speaker),
        belief=correlated(by_fold, len(by_fold)) if len(by_fold) > 1 else None,
        discordant=_discordant(first.said, second.said) if classes else None,
    )


def by_target(one: CellScores, other: CellScores) -> tuple[Target, ...]:
    """The differences on each test corpus: its speakers are drawn once for all its pairs."""
    theirs = {(cell.source, cell.target): cell.scores.evidence for cell in other.cells}
    grouped: dict[str, list[tuple[Evidence, Evidence]]] = defaultdict(list)
    for cell in one.cells:
        pair = paired(cell.scores.evidence, theirs[cell.source, cell.target])
        grouped[cell.target].append(pair)
    found = []
    for corpus, pairs in sorted(grouped.items()):
        values = np.mean([a.pseudo_values - b.pseudo_values for a, b in pairs], axis=0)
        estimate = float(np.mean([(a.by_seed - b.by_seed).mean() for a, b in pairs]))
        told = (
            system(values, estimate)
            if np.isfinite(values).all()
            else Outcome("jackknife", len(values), estimate, math.nan, math.nan,
                         flags=("class_single_speaker",))
        )  # fmt: skip
        found.append(Target(corpus, len(pairs), told))
    return tuple(found)


def _others(found: Duel, by_fold: Floats, by_speaker: Floats) -> tuple[Outcome, ...]:
    """What else is printed: over speakers by the jackknife, exact; over folds as if independent."""
    told = [] if found.tested == found.difference else [found.difference]
    if len(by_fold) >= FEWEST:
        told.append(uncorrected(by_fold))
    if len(by_speaker) > 1:
        told += [_silenced(test(by_speaker)) for test in (sign_flip, wilcoxon)]
    return tuple(told)


def _silenced(outcome: Outcome) -> Outcome:
    """An exact test that cannot reach 5% whatever is found says nothing."""
    if smallest_p(outcome.n) <= LEVEL:
        return outcome
    flags = (*outcome.flags, "too_few")
    return dataclasses.replace(outcome, p=math.nan, statistic=math.nan, flags=flags)


def _accuracy(one: Evidence, other: Evidence) -> Outcome | None:
    """The difference in WA: the recall of all classes as if they were one."""
    first, second = (
        Evidence(
            part.seeds, part.speakers, part.folds, part.hits.sum(axis=2, keepdims=True),
            part.support.sum(axis=1, keepdims=True), part.by_fold,
        )
        for part in (one, other)
    )  # fmt: skip
    if len(one.speakers) < 2:
        return None
    values = first.pseudo_values - second.pseudo_values
    return system(values, float((first.by_seed - second.by_seed).mean()))


def _discordant(first: Said, second: Said) -> Discordant | None:
    """Of the lowest seed that both have."""
    seeds = {seed for seed, *_ in first} & {seed for seed, *_ in second}
    if not seeds:
        return None
    seed = min(seeds)
    one, other = _right(first, seed), _right(second, seed)
    alone = sum(right and not other[name] for name, right in one.items())
    theirs = sum(right and not one[name] for name, right in other.items())
    return Discordant(seed, alone, theirs, mcnemar(alone, theirs))


def _right(said: Said, seed: int) -> Mapping[str, bool]:
    """Whether each utterance was told right."""
    found: dict[str, bool] = {}
    for (of, *_), one in said.items():
        if of == seed and isinstance(one, Predictions):
            told = decide(one.probabilities) == one.truth
            found.update(zip(one.ids, map(bool, told), strict=True))
    return found
