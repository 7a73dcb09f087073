"""Compact letters: two models share one exactly if the tests do not tell them apart.

As in agronomy's tables: "a" stands beside the best model and all that are not told apart from it
and from one another, and so on down the board (Piepho 2004). A pair that allowed no test shares a
letter like one whose test found nothing; how many there are is said beside the letters, since
letters alone cannot.

The groups behind the letters are cliques of models of which no two are told apart. They are
gathered from the top of the board: as long as a model shares no letter with one that it should
share one with, the two get a new letter, and with them everyone, from the best down, who is told
apart from none that has it. A letter that is not needed is then taken back. There are never more
letters than maximal cliques, of which there can be exponentially many.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serbench.stats.apart import apart, untested


@dataclass(frozen=True)
class Letters:
    """The letters of a board.

    Parameters
    ----------
    of
        Each model's, in the order of the p-values: "a", "ab", "b".
    untested
        How many pairs share a letter because no test was possible.
    """

    of: tuple[str, ...]
    untested: int


def letters(adjusted: ArrayLike, order: Sequence[int]) -> Letters:
    """The compact letters of models.

    Parameters
    ----------
    adjusted
        Adjusted p-values [models, models], symmetric; NaN where there was no test.
    order
        The models by number, the best first: the first one has an "a".

    Raises
    ------
    ValueError
        If the p-values are none or not the same both ways round, or the order is not one of all
        these models.
    """
    told = apart(adjusted)
    if sorted(order) != list(range(len(told))):
        raise ValueError(f"the order {list(order)} of {len(told)} models")
    by_place = np.asarray(order, np.int64)
    groups = _needed(_groups(~told[np.ix_(by_place, by_place)]), len(told))
    given = [""] * len(told)
    for number, group in enumerate(sorted(groups)):
        for place in group:
            given[order[place]] += _letter(number)
    return Letters(tuple(given), untested(adjusted))


def _groups(alike: NDArray[np.bool_]) -> list[list[int]]:
    """Maximal cliques that hold every pair that is alike."""
    held = np.zeros_like(alike)
    groups = []
    for model in range(len(alike)):
        while (left := np.flatnonzero(alike[model] & ~held[model])).size:
            group = _grown(alike, model, int(left[0]))
            held[np.ix_(group, group)] = True
            groups.append(group)
    return groups


def _grown(alike: NDArray[np.bool_], *group: int) -> list[int]:
    """The clique with everyone, from the best down, who is alike to all that it holds by then."""
    grown = set(group)
    fitting = np.asarray(alike[list(group)].all(axis=0))
    for other in np.flatnonzero(fitting):
        if fitting[other]:
            grown.add(int(other))
            fitting &= alike[other]
    return sorted(grown)


def _needed(groups: list[list[int]], models: int) -> list[list[int]]:
    """Without those groups of which all pairs are together in others."""
    times = np.zeros((models, models), np.int64)
    for group in groups:
        times[np.ix_(group, group)] += 1
    kept = []
    for group in groups:
        pairs = np.ix_(group, group)
        if (times[pairs] > 1).all():
            times[pairs] -= 1
        else:
            kept.append(group)
    return kept


def _letter(number: int) -> str:
    """From a to z, then a1 to z1 and so on: "za1" can be read in one way only."""
    again, letter = divmod(number, len(string.ascii_lowercase))
    return string.ascii_lowercase[letter] + (str(again) if again else "")
