"""What a difference between two models may be said of: of their unit, and no other.

* A **system** claim is of these trained models, on other speakers of the same kind: it takes the
  jackknife over speakers.
* A **method** claim is of the recipe, trained anew on another sample: it takes the folds, and what
  they share of their training data, after Nadeau and Bengio (2003).
* A claim about **other corpora** takes the corpora: each is left out with all the pairs it is in.

Several seeds add what the seeds vary, by the two-way formula of :mod:`serbench.intervals`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from serbench.intervals import leave_one_corpus_out, two_way
from serbench.stats.paired import Outcome, student
from serbench.stats.rounded import rounded

Floats = NDArray[np.float64]


def system(values: Floats, estimate: float) -> Outcome:
    """The jackknife-t test over speakers, and seeds if there are several.

    Parameters
    ----------
    values
        Differences of pseudo-values [S, R], of one seed or more.
    estimate
        The difference of the pooled scores, the mean over seeds.

    Returns
    -------
    ``test`` is "jackknife" or "two-way"; flag "single" of one speaker.

    Raises
    ------
    ValueError
        If a value is NaN: a speaker alone speaks a class.
    """
    return _of_units("jackknife" if values.shape[1] == 1 else "two-way", values, estimate, 0.0)


def method(differences: Floats) -> Outcome:
    """The corrected t-test over the k folds of one partition, and seeds if there are several.

    Of one seed it is :func:`serbench.stats.paired.corrected`. With several, the folds' part of the
    variance carries the correction and the seeds' part is added to it: folds that were trained
    again with another seed are no further folds.

    Parameters
    ----------
    differences
        Of each fold's scores [k, R].

    Returns
    -------
    ``test`` is "corrected" or "corrected two-way"; flag "single" of one fold.

    Raises
    ------
    ValueError
        If a difference is NaN.
    """
    folds, seeds = differences.shape
    name = "corrected" if seeds == 1 else "corrected two-way"
    overlap = 1 / (folds - 1) if folds > 1 else 0.0
    return _of_units(name, differences, float(differences.mean()), overlap)


def across_corpora(cells: Mapping[tuple[str, str], float]) -> Outcome:
    """The leave-one-corpus-out test of a mean over ordered pairs of corpora.

    Parameters
    ----------
    cells
        (source, target) to the difference of the scores there, means over seeds.

    Returns
    -------
    ``test`` is "leave-one-corpus-out"; flag "few_corpora" of fewer than four, or of a training side
    that is no single corpus.
    """
    found = leave_one_corpus_out(cells)
    corpora = sorted({name for pair in cells for name in pair})
    if found.method == "none":
        return Outcome(
            "leave-one-corpus-out", len(corpora), found.estimate, math.nan, math.nan,
            flags=("few_corpora",),
        )  # fmt: skip
    without = [
        np.mean([value for pair, value in cells.items() if name not in pair]) for name in corpora
    ]
    return student(
        "leave-one-corpus-out", found.estimate, found.se, found.df, len(corpora), without
    )


def _of_units(name: str, values: Floats, estimate: float, overlap: float) -> Outcome:
    units = len(values)
    means = rounded(values.mean(axis=1))
    if units == 1:
        return Outcome(name, 1, estimate, math.nan, math.nan, flags=("single",))
    _, variance, df = two_way(values, overlap)
    return student(name, estimate, math.sqrt(variance), df, units, means)
