"""Whether an answer hangs on the utterance alone, or on the company in which it was asked.

A trained model is asked again about a few of its test utterances: the same once more, in another
order, half of them, three alone, and all of them at the end. A model whose answers change with the
company takes statistics of the test set (rule L09), one whose answers change with the order or with
what was asked before carries something along (L20). A batch-normalising layer in training mode and
z-scores over the test set are the usual reasons for the first.

What rounding explains is let pass. Matrix products over batches of another size add in another
order, which moves float32 probabilities by 1e-7 to 1e-5, and half-precision convolutions by some
1e-4; a test-set z-score moves them by 1e-2 and more. Hence a tolerance of 1e-3, of a scale's range
1e-3 as well. A decided class that changes counts below that too, unless the two classes were a tie
within 1e-5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench.behaviour.problem import Problem
from serbench.data import Utterances
from serbench.labels import Scale, Tags, Task
from serbench.model import Model, answer

MOST = 64  # utterances that are asked about again
ALONE = 3  # of them that are asked about by themselves
TOLERANCE = 1e-3  # of a probability, or of a scale's range
TIE = 1e-5  # a lead that rounding may turn
COMPANY = "an answer depends on which other utterances are asked about with it"
COMPANY_OF_SPEAKER = (
    "an answer depends on which other utterances of the same speaker are asked about"
)

Answers = NDArray[np.float32]
Rows = NDArray[np.int64]


def check_answers(
    model: Model,
    test: Utterances,
    said: Answers,
    *,
    groups: NDArray[np.int64] | None = None,
    speakers: NDArray[np.int64] | None = None,
    most: int = MOST,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    crowd: int = 0,
) -> list[Problem]:
    """Ask a trained model again, and compare.

    Parameters
    ----------
    model, test, said
        The model, what it was asked, and what it answered (:func:`serbench.model.answer`).
    groups
        int64 [utterances]: the speakers that the model was told apart, under the target access
        "speaker-norm". An answer may then depend on the same speaker's utterances, so whole
        speakers are asked about. None: it was told nothing.
    speakers
        int64 [utterances]: the speakers as the harness knows them. Where answers depend on the
        company, they tell whether only that of the same speaker counts (rule L10, not L09).
    most
        Utterances that are asked about again; with ``groups``, as many whole speakers as make up
        that number, two at the least.
    seed
        Draws them.
    tolerance
        A difference of a probability, or of a share of the scale's range, that is let pass.
    crowd
        Of a small test set, ask about so many utterances at once, or a few more, the same ones
        again and again: a model may treat a large batch otherwise. 0: do not.

    Returns
    -------
    No problem, or one: where the order counts already, the company cannot be told apart from it.

    Raises
    ------
    ModelError
        If an answer breaks the contract.
    """
    if not len(test):
        return []
    again = _Again(model, test, tolerance)
    asked = _Sample.drawn(len(test), groups, most, np.random.default_rng(seed))
    rows = asked.rows
    first = again.ask(rows)
    if changed := again.differing(rows, first, rows, again.ask(rows)):
        return [_problem("L20", "asked the same again, the model answers otherwise", changed)]
    shuffled = asked.shuffled(seed)
    if changed := again.differing(rows, first, shuffled, again.ask(shuffled)):
        return [_problem("L20", "asked in another order, the model answers otherwise", changed)]
    company: set[int] = set()
    for part in asked.parts():
        company |= again.differing(rows, first, part, again.ask(part))
    crowded: set[int] = set()
    for part in asked.crowds(crowd):
        crowded |= again.differing(rows, first, part, again.ask(part))
    after = "asked the same after other questions, the model answers otherwise"
    if changed := again.differing(rows, first, rows, again.ask(rows)):
        return [_problem("L20", after, changed)]
    if beside := again.differing(rows, first, rows, said[rows]):
        everyone = np.arange(len(test))
        if changed := again.differing(everyone, said, everyone, again.ask(everyone)):
            return [_problem("L20", after, changed)]
        company |= beside
    if crowded:  # of each speaker there were more, and of none others
        return [_problem("L09", COMPANY, crowded | company)]
    return [_of_company(again, company, said, speakers)] if company else []


@dataclass(frozen=True)
class _Sample:
    """Which utterances are asked about again, in units that must stay together."""

    units: tuple[Rows, ...]

    @classmethod
    def drawn(
        cls, count: int, groups: NDArray[np.int64] | None, most: int, rng: np.random.Generator
    ) -> _Sample:
        if groups is None:
            rows = np.sort(rng.permutation(count)[:most])
            return cls(tuple(rows.reshape(-1, 1)))
        units = [np.flatnonzero(groups == group) for group in rng.permutation(np.unique(groups))]
        sizes = np.cumsum([len(unit) for unit in units])
        return cls(tuple(units[: max(2, int(np.searchsorted(sizes, most, side="right")))]))

    @property
    def rows(self) -> Rows:
        return np.concatenate(self.units)

    def shuffled(self, seed: int) -> Rows:
        """Another order; of speakers, their utterances stay together only as groups."""
        return np.random.default_rng([seed, 1]).permutation(self.rows)

    def parts(self) -> list[Rows]:
        """The first half of them, and a few by themselves."""
        if len(self.units) < 2:
            return []
        half = self.units[: (len(self.units) + 1) // 2]
        some = np.unique(np.linspace(0, len(self.units) - 1, ALONE).round().astype(int))
        return [np.concatenate(half), *(self.units[i] for i in some)]

    def crowds(self, size: int) -> list[Rows]:
        """All of them several times over, where they are fewer than that."""
        rows = self.rows
        return [np.tile(rows, -(-size // len(rows)))] if len(rows) < size else []


@dataclass(frozen=True)
class _Again:
    """A model that is asked again about a test set."""

    model: Model
    test: Utterances
    tolerance: float

    def ask(self, rows: Rows) -> Answers:
        return answer(self.model, self.test.at(rows))

    def differing(self, rows: Rows, first: Answers, at: Rows, then: Answers) -> set[int]:
        """Positions in the test set of which ``then`` (said at ``at``) is not what was first."""
        place = {int(row): i for i, row in enumerate(rows)}
        before = first[[place[int(row)] for row in at]]
        moved = differs(self.test.task, before, then, self.tolerance)
        return {int(row) for row in at[moved]}


def differs(
    task: Task, one: Answers, other: Answers, tolerance: float = TOLERANCE
) -> NDArray[np.bool_]:
    """Of which utterances two answers differ by more than rounding explains: bool [utterances]."""
    if isinstance(task, Scale):
        tolerance *= task.high - task.low
    far: NDArray[np.bool_] = (np.abs(one - other) > tolerance).any(axis=1)
    if isinstance(task, Scale):
        return far
    if isinstance(task, Tags):
        clear = np.maximum(np.abs(one - 0.5), np.abs(other - 0.5)) > TIE
        return np.asarray(far | (((one >= 0.5) != (other >= 0.5)) & clear).any(axis=1))
    at = np.arange(len(one))
    was, now = one.argmax(axis=1), other.argmax(axis=1)
    lead = np.maximum(one[at, was] - one[at, now], other[at, now] - other[at, was])
    return np.asarray(far | ((was != now) & (lead > TIE)))


def _of_company(
    again: _Again, changed: set[int], said: Answers, speakers: NDArray[np.int64] | None
) -> Problem:
    """Rule L10 where whole speakers are answered as in any company, else L09."""
    if speakers is not None and _within_speakers(again, changed, said, speakers):
        return _problem("L10", COMPANY_OF_SPEAKER, changed)
    return _problem("L09", COMPANY, changed)


def _within_speakers(
    again: _Again, changed: set[int], said: Answers, speakers: NDArray[np.int64]
) -> bool:
    """Whether a whole speaker is answered alike alone, beside another one and among them all."""
    names = np.unique(speakers)
    if len(names) < 2:
        return False
    first = int(speakers[min(changed)])
    whole = np.flatnonzero(speakers == first)
    beside = np.concatenate([whole, np.flatnonzero(speakers == names[names != first][0])])
    alone = again.ask(whole)
    return not (
        again.differing(beside, again.ask(beside), whole, alone)
        or again.differing(np.arange(len(said)), said, whole, alone)
    )


def _problem(rule: str, message: str, changed: Sequence[int] | set[int]) -> Problem:
    return Problem.of(rule, message, (f"test utterance {row}" for row in sorted(changed)))
