"""The one predictor behind most canaries: what the training set says of each key.

Of a key it names the class that makes the key most likely, which is the class c with the largest
n_kc / n_c, where n_kc of the n_c training utterances of c carry the key k. The largest n_kc alone
would favour frequent classes. That suits accuracy and not UA, the headline, of which a canary is to
be the ceiling: on EMO-DB under leave-one-speaker-out the sentence then reaches 14.4 in place of
17.8. On a scale it says the mean of the key's training values.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Said = NDArray[Any]  # int64 class indices, or float64 values on a scale

UNKNOWN = -1  # the code of a key that is not known


@dataclass(frozen=True)
class Answers:
    """What is right of each utterance.

    Parameters
    ----------
    y
        [utterances]: class indices (int64), or values on a scale (float64).
    classes
        How many classes there are; 0 for a scale.
    """

    y: Said
    classes: int

    def at(self, positions: Indices) -> Answers:
        return Answers(self.y[positions], self.classes)


def codes_of(keys: Iterable[Hashable | None]) -> tuple[Indices, int]:
    """Each key as a number from 0 in the order of first sight, UNKNOWN for None, and their count.

    >>> codes_of(["b", "a", None, "b"])
    (array([ 0,  1, -1,  0]), 2)
    """
    numbers: dict[Hashable, int] = {}
    codes = np.array(
        [UNKNOWN if key is None else numbers.setdefault(key, len(numbers)) for key in keys],
        dtype=np.int64,
    )
    return codes, len(numbers)


def learn(codes: Indices, keys: int, answers: Answers) -> Said:
    """What to say of each key.

    Ties go to the lower index. A key that the training set lacks, and one that is unknown, gets the
    most frequent class; of a scale, the mean.

    Parameters
    ----------
    codes, answers
        Of the training utterances, one or more.
    keys
        How many keys there are.

    Returns
    -------
    [keys + 1], the last for UNKNOWN, so that codes are indices into it.
    """
    rows = np.where(codes == UNKNOWN, keys, codes)
    if not answers.classes:
        return _means(rows, keys, answers.y)
    counts = _counts(rows, keys, answers)
    totals = np.bincount(answers.y, minlength=answers.classes)
    likelihood = counts / np.maximum(totals, 1)
    return np.where(counts.any(axis=1), likelihood.argmax(axis=1), totals.argmax())


def tells(codes: Indices, keys: int, answers: Answers) -> float:
    """How well a look-up tells each training utterance from all the others; more is better.

    An utterance is taken out of the counts before it is judged: a key that no two share tells
    nothing, however well the training set could be learned by it.

    Returns
    -------
    The mean over classes of the share of utterances whose class then wins, without a tie; of a
    scale the mean squared error, negated.
    """
    rows = np.where(codes == UNKNOWN, keys, codes)
    if not answers.classes:
        return _negative_error(rows, keys, answers.y)
    if answers.classes == 1:
        return 0.0  # nothing to tell apart
    counts = _counts(rows, keys, answers)
    totals = np.bincount(answers.y, minlength=answers.classes)
    likelihood = counts / np.maximum(totals, 1)
    own = (counts - 1) / np.maximum(totals - 1, 1)
    two = np.partition(likelihood, -2, axis=1)[:, -2:]  # the second highest, and the highest
    at = np.arange(keys + 1)
    rivals = np.repeat(two[:, 1:], answers.classes, axis=1)
    rivals[at, likelihood.argmax(axis=1)] = two[:, 0]
    hits = np.where(own > rivals, counts, 0).sum(axis=0)
    return float((hits / np.maximum(totals, 1))[totals > 0].mean())


def _counts(rows: Indices, keys: int, answers: Answers) -> Indices:
    """Training utterances [keys + 1, classes]; of an unknown key none, so that it tells nothing."""
    size = (keys + 1) * answers.classes
    counts = np.bincount(rows * answers.classes + answers.y, minlength=size)
    table: Indices = counts.reshape(keys + 1, answers.classes)
    table[keys] = 0
    return table


def _means(rows: Indices, keys: int, values: Said) -> Said:
    number, sums = _sums(rows, keys, values)
    means: Said = np.where(number > 0, sums / np.maximum(number, 1), values.mean())
    return means


def _negative_error(rows: Indices, keys: int, values: Said) -> float:
    number, sums = _sums(rows, keys, values)
    others = number[rows] - 1
    means = (sums[rows] - values) / np.maximum(others, 1)
    said = np.where(others > 0, means, values.mean())
    return -float(np.mean((values - said) ** 2))


def _sums(rows: Indices, keys: int, values: Said) -> tuple[Indices, Said]:
    """The number of training values of each key, and their sum; of an unknown key none."""
    number = np.bincount(rows, minlength=keys + 1)
    sums = np.bincount(rows, weights=values, minlength=keys + 1)
    number[keys] = 0
    return number, sums
