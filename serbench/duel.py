"""Two rows of one board against each other: what lies between them, and whether it is anything.

Within one corpus the difference of the pooled scores has an interval with the speaker as its unit,
as each score has. The p-value is that of the recipe on another sample: the corrected test over the
folds, where there are three or more; of fewer, the same test over speakers as the interval's.
Across corpora both are by leaving each corpus out.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.cells import REST, CellScores
from serbench.errors import StoreError
from serbench.evidence import Evidence, NoSharedSeed, paired
from serbench.intervals import jackknife_over_seeds
from serbench.staged import Scores
from serbench.stats.claims import across_corpora, method, system
from serbench.stats.paired import Outcome, student

FEWEST = 3  # units that a test is shown of
Pair = tuple[str, str]  # source and target
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Duel:
    """The first of two rows less the second, in shares of 1 of the headline score.

    Parameters
    ----------
    difference
        Of the scores that the board shows, with the interval for other speakers, or corpora.
    tested
        The test whose p is adjusted for the board. NaN where there is none.
    seeds
        How many seeds both were compared on.
    fewer
        Whether one of them has others too, which its score on the board is of.
    """

    difference: Outcome
    tested: Outcome
    seeds: int
    fewer: bool = False

    @property
    def silent(self) -> str:
        """Why there is no test; "" where there is."""
        if not math.isnan(self.tested.p):
            return ""
        reasons = [SILENT[flag] for flag in self.tested.flags if flag in SILENT]
        return reasons[0] if reasons else "no test is possible"


SILENT = {
    "few_corpora": "fewer than 4 corpora allow no inference over corpora",
    "shared_training": "the trainings share corpora, which allows no inference over corpora",
    "few_units": "fewer than 3 speakers allow no test",
    "single": "one speaker allows no test",
    "no_seed": "the models share no seed",
}
Steady = tuple[bool, bool]
NEITHER: Steady = (False, False)


def duel(first: Scores, second: Scores, steady: Steady = NEITHER) -> Duel:
    """Hold two rows of one board against each other.

    Parameters
    ----------
    steady
        Whether the first, and the second, has no chance in it (:func:`serbench.evidence.paired`).

    Returns
    -------
    Of two that share no seed, one without a difference and without a test.

    Raises
    ------
    StoreError
        If they judge different utterances.
    """
    across = isinstance(first, CellScores), isinstance(second, CellScores)
    if any(across) and not all(across):
        raise StoreError("one row is of pairs of corpora and the other is not")
    try:
        if isinstance(first, CellScores) and isinstance(second, CellScores):
            return _across(first, second, steady)
        return within(first.evidence, second.evidence, steady)  # type: ignore[union-attr]
    except NoSharedSeed:
        nothing = Outcome("none", 0, math.nan, math.nan, math.nan, flags=("no_seed",))
        return Duel(nothing, nothing, 0)


def within(first: Evidence, second: Evidence, steady: Steady = NEITHER) -> Duel:
    """Two models on one test corpus.

    Raises
    ------
    NoSharedSeed, StoreError
        As :func:`serbench.evidence.paired`.
    """
    one, other = paired(first, second, steady)
    seeds = max(len(one.seeds), len(other.seeds))
    fewer = seeds < max(len(first.seeds), len(second.seeds))
    estimate = float((one.by_seed - other.by_seed).mean())
    values = one.pseudo_values - other.pseudo_values
    if np.isfinite(values).all():
        difference = system(values, estimate)
    else:
        difference = _drawn(one, other, estimate)
    tested = difference
    if len(one.folds) >= FEWEST:
        tested = method((one.by_fold - other.by_fold).T)
    return Duel(difference, _enough(tested), seeds, fewer)


def _across(first: CellScores, second: CellScores, steady: Steady) -> Duel:
    theirs = {(cell.source, cell.target): cell.scores.evidence for cell in second.cells}
    pairs = {
        (cell.source, cell.target): paired(
            cell.scores.evidence, theirs[cell.source, cell.target], steady
        )
        for cell in first.cells
        if (cell.source, cell.target) in theirs
    }  # fmt: skip
    if len(pairs) != len(first.cells) or len(pairs) != len(theirs):
        raise StoreError("two rows of one board have different pairs of corpora")
    found = across_corpora(differences(pairs))
    if all(source == REST for source, _ in pairs):
        found = dataclasses.replace(
            found, p=math.nan, statistic=math.nan, se=math.nan, df=math.nan, low=math.nan,
            high=math.nan, flags=("shared_training",),
        )  # fmt: skip
    seeds = min(max(len(one.seeds), len(other.seeds)) for one, other in pairs.values())
    most = max(len(cell.scores.evidence.seeds) for row in (first, second) for cell in row.cells)
    return Duel(found, found, seeds, seeds < most)


def differences(pairs: Mapping[Pair, tuple[Evidence, Evidence]]) -> dict[Pair, float]:
    """The difference of the scores of each pair of corpora, the mean over seeds."""
    return {
        pair: float((one.by_seed - other.by_seed).mean()) for pair, (one, other) in pairs.items()
    }


def _enough(outcome: Outcome) -> Outcome:
    if outcome.n >= FEWEST:
        return outcome
    flags = (*outcome.flags, "few_units")
    return dataclasses.replace(outcome, p=math.nan, flags=flags)


def _drawn(one: Evidence, other: Evidence, estimate: float) -> Outcome:
    """By the whole-speaker bootstrap, where a class is spoken by one speaker alone."""
    counts = np.stack(np.broadcast_arrays(_counts(one), _counts(other)), axis=2)
    found = jackknife_over_seeds(counts, _apart)
    speakers = len(one.speakers)
    if math.isnan(found.se):
        return Outcome(found.method, speakers, estimate, math.nan, math.nan, flags=found.flags)
    by_speaker = one.by_speaker - other.by_speaker
    told = student(found.method, estimate, found.se, found.df, speakers, by_speaker)
    return dataclasses.replace(told, flags=(*told.flags, *found.flags))


def _counts(evidence: Evidence) -> Floats:
    """Hits and support [R, S, 2, C]."""
    support = np.broadcast_to(evidence.support, evidence.hits.shape)
    counts: Floats = np.stack([evidence.hits, support], axis=2).astype(np.float64)
    return counts


def _apart(counts: NDArray[Any]) -> float:
    """The difference of two scores, of hits and support [2, 2, C]."""
    (first, there), (second, also) = counts
    if not (there.all() and also.all()):
        return math.nan
    return float((first / there).mean() - (second / also).mean())
