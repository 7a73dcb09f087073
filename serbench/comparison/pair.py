"""Everything that may be said of two models on one board, each test under its own name.

One test is the headline: the corrected test over folds, the jackknife over speakers where there are
too few folds, leave-one-corpus-out across corpora. Its p is adjusted for all comparisons that were
asked for. The others stand beside it because papers print them, or because they ask for less; what
they cannot show with so few units is said in their place.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from serbench.cells import CellScores
from serbench.comparison.contender import Contender
from serbench.comparison.discordant import Discordant, discordant
from serbench.comparison.shown import LEVEL, over_known_speakers, shown, sized
from serbench.comparison.target import Target, by_target
from serbench.duel import FEWEST, Duel, duel
from serbench.evidence import Evidence, Floats, paired
from serbench.scores import ClassScores
from serbench.stats.bayesian import Belief, posterior
from serbench.stats.claims import system
from serbench.stats.effect import Effect, detectable, effect
from serbench.stats.names import NAMES
from serbench.stats.paired import Outcome, sign_flip, uncorrected, wilcoxon
from serbench.stats.ranks import TIE

SAME_SPEAKERS = "there are too few folds, and the speakers were trained on"


@dataclass(frozen=True)
class Pair:
    """The first model less the second.

    Parameters
    ----------
    scores
        Of the two, in the seeds that they are compared on.
    sides
        The two, with all that is to be known of them.
    duel
        What lies between them, and the headline test.
    p_holm
        Its p, adjusted for all comparisons asked for on this board.
    family
        How many these are: pairs that allow a test.
    folds
        Of the board; pairs of corpora where it is of several.
    same_speakers
        Whether who is tested was trained on: then nothing is said of other speakers. None: unknown.
    effect
        Over the speakers, or the corpora that are tested; None of a single one.
    wa
        The difference of the accuracies, by speakers; None across corpora and on a scale.
    others
        Further tests, by their names.
    belief
        Better, practically equal (within one point), worse, by the mean over folds; None where
        folds were not tested.
    discordant
        For McNemar's test; None across corpora and on a scale.
    targets
        Across corpora, each test corpus by itself.
    """

    scores: tuple[float, float]
    sides: tuple[Contender, Contender]
    duel: Duel
    p_holm: float
    speakers: int
    folds: int
    family: int = 1
    same_speakers: bool | None = False
    effect: Effect | None = None
    wa: Outcome | None = None
    others: tuple[Outcome, ...] = ()
    belief: Belief | None = None
    discordant: Discordant | None = None
    targets: tuple[Target, ...] = ()

    @property
    def first(self) -> str:
        return self.sides[0].name

    @property
    def second(self) -> str:
        return self.sides[1].name

    @property
    def silent(self) -> str:
        """Why there is no test; "" where there is."""
        if "same_speakers" in self.duel.tested.flags:
            return SAME_SPEAKERS
        return self.duel.silent

    @property
    def contrary(self) -> bool:
        """Whether the test favours the model with the lower score.

        A test over folds counts each fold once, the score each utterance: they are two questions.
        """
        tested, found = self.duel.tested.estimate, self.duel.difference.estimate
        return not self.silent and min(abs(tested), abs(found)) > TIE and tested * found < 0

    @property
    def significant(self) -> bool:
        """Whether the order of the scores is: the adjusted p is below 5%, and the test agrees."""
        return self.p_holm < LEVEL and not self.contrary

    @property
    def alpha(self) -> float:
        """What the smallest p of the family is held against at the first of Holm's steps."""
        return LEVEL / max(self.family, 1)

    @property
    def smallest(self) -> float:
        """The difference that the headline test would have found 80 times in 100; NaN of none.

        With several comparisons, found at the first of Holm's steps, whatever the others give.
        """
        tested = self.duel.tested
        if math.isnan(tested.p) or math.isnan(tested.df):
            return math.nan
        return detectable(tested.se, tested.df, self.alpha)


def compare(first: Contender, second: Contender, same_speakers: bool | None = False) -> Pair:
    """Hold two rows of one board against each other; ``p_holm`` is still the p of this test alone.

    Parameters
    ----------
    same_speakers
        As of :class:`Pair`.

    Raises
    ------
    StoreError
        If they judge different utterances.
    """
    one, other = first.scores, second.scores
    assert one is not None
    assert other is not None
    steady = first.steady, second.steady
    found = _shown(duel(one, other, steady), same_speakers)
    plain = Pair(
        scores=(one.headline.estimate, other.headline.estimate),
        sides=(first, second),
        duel=found,
        p_holm=found.tested.p,
        speakers=one.speakers,
        folds=len(one.cells if isinstance(one, CellScores) else one.evidence.folds),
        same_speakers=same_speakers,
    )
    if not found.seeds:
        return plain
    if isinstance(one, CellScores) and isinstance(other, CellScores):
        targets = by_target(one, other, steady)
        means = [target.difference.estimate for target in targets]
        seen = [_seen(*paired(a, b, steady)) for a, b in _cells(one, other)]
        ahead, behind = np.mean(seen, axis=0)
        return dataclasses.replace(
            plain,
            scores=(float(ahead), float(behind)),
            effect=sized(effect(means), len(means)) if len(means) > 1 else None,
            targets=targets,
        )
    assert not isinstance(one, CellScores)
    assert not isinstance(other, CellScores)
    parts = paired(one.evidence, other.evidence, steady)
    by_speaker = parts[0].by_speaker - parts[1].by_speaker
    by_fold = (parts[0].by_fold - parts[1].by_fold).mean(axis=0)
    classes = isinstance(one, ClassScores)
    told = len(by_speaker) > 1 and not same_speakers
    return dataclasses.replace(
        plain,
        scores=_seen(*parts),
        effect=sized(effect(by_speaker), len(by_speaker)) if told else None,
        wa=_accuracy(*parts) if classes and told else None,
        others=tuple(map(shown, _others(found, by_fold, by_speaker, told))),
        belief=_belief(found.tested),
        discordant=discordant(first, second) if classes else None,
    )


def _shown(found: Duel, same_speakers: bool | None) -> Duel:
    """What lies between them, with what it cannot know taken out."""
    difference, tested = shown(found.difference), shown(found.tested)
    if same_speakers:
        difference, tested = over_known_speakers(difference), over_known_speakers(tested)
    return dataclasses.replace(found, difference=difference, tested=tested)


def _others(found: Duel, by_fold: Floats, by_speaker: Floats, speakers: bool) -> list[Outcome]:
    """What else is printed: over speakers by the jackknife, exact; over folds as if independent."""
    told = [found.difference] if speakers and found.tested != found.difference else []
    if len(by_fold) >= FEWEST:
        told.append(uncorrected(by_fold))
    return told + ([sign_flip(by_speaker), wilcoxon(by_speaker)] if speakers else [])


def _belief(tested: Outcome) -> Belief | None:
    """Of the mean over folds, by the t that the headline test takes: of several seeds as of one."""
    if NAMES[tested.test][1] != "folds" or math.isnan(tested.p) or math.isnan(tested.df):
        return None
    return posterior(tested.estimate, tested.se, tested.df)


def _accuracy(one: Evidence, other: Evidence) -> Outcome:
    """The difference in WA: the recall of all classes as if they were one."""
    first, second = (
        Evidence(
            part.seeds, part.speakers, part.folds, part.hits.sum(axis=2, keepdims=True),
            part.support.sum(axis=1, keepdims=True), part.by_fold,
        )
        for part in (one, other)
    )  # fmt: skip
    values = first.pseudo_values - second.pseudo_values
    return shown(system(values, float((first.by_seed - second.by_seed).mean())))


def _cells(one: CellScores, other: CellScores) -> list[tuple[Evidence, Evidence]]:
    theirs = {(cell.source, cell.target): cell.scores.evidence for cell in other.cells}
    return [(cell.scores.evidence, theirs[cell.source, cell.target]) for cell in one.cells]


def _seen(one: Evidence, other: Evidence) -> tuple[float, float]:
    """The two scores in the seeds that are compared."""
    return float(one.by_seed.mean()), float(other.by_seed.mean())
