"""Whether a declared feature hangs on its own utterance alone (rule L21).

What is cached once serves every fold, so nothing in it may come from another utterance: a recipe
that keeps a running mean has seen the test side before any fold was drawn. A few utterances are
computed anew, by a new recipe, forwards and backwards, and held against what the cache gives.
"""

from __future__ import annotations

import copy
import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from serbench.behaviour.problem import Problem
from serbench.errors import SerbenchError
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.compute import compute, fill
from serbench.features.recipe import AnyRecipe
from serbench.features.sentence import Sentence

MOST = 4  # utterances; a recipe may be a large encoder
TOLERANCE = 1e-3  # of the largest value: float16, in which large features are kept, has 5e-4


def check_features(
    items: Sequence[Clip | Sentence],
    recipes: Sequence[AnyRecipe],
    cache: FeatureCache,
    *,
    most: int = MOST,
    seed: int = 0,
) -> list[Problem]:
    """Compute features of a few utterances anew, and compare with the cache's.

    Parameters
    ----------
    items
        What the recipes read: sounds or texts (:func:`serbench.sources.items_of`).
    cache
        Where models take them from. Nothing is written to it but what it lacks.

    Raises
    ------
    FeatureError, AudioError, CacheDamaged
        Where a feature cannot be computed or read.
    """
    drawn = np.sort(np.random.default_rng(seed).permutation(len(items))[:most])
    some = [items[int(i)] for i in drawn]
    problems = []
    for recipe in recipes:
        kept = [compute(item, recipe, cache) for item in some]
        forwards = _anew(some, recipe)
        backwards = _anew(some[::-1], recipe)[::-1]
        wrong = [
            str(item)
            for item, one, two, three in zip(some, kept, forwards, backwards, strict=True)
            if not (_alike(one, two) and _alike(two, three))
        ]
        if wrong:
            what = (
                f"the feature {recipe.name!r} of an utterance depends on which others were "
                "computed before it"
            )
            problems.append(Problem.of("L21", what, wrong))
    return problems


def _anew(items: Sequence[Clip | Sentence], recipe: AnyRecipe) -> list[NDArray[np.float32]]:
    """Arrays by a recipe of its own, kept nowhere."""
    with tempfile.TemporaryDirectory(prefix="serbench-") as folder:
        cache, own = FeatureCache(Path(folder)), _again(recipe)
        arrays: list[NDArray[np.float32]] = []
        for item in items:
            (result,) = fill(item, (own,), cache)
            if isinstance(result, SerbenchError):
                raise result
            arrays.append(result)
        return arrays


def _again(recipe: AnyRecipe) -> AnyRecipe:
    """The same recipe, made anew from its settings where that can be done."""
    if dataclasses.is_dataclass(recipe):
        made: AnyRecipe = dataclasses.replace(recipe)
        return made
    return copy.copy(recipe)


def _alike(one: NDArray[np.float32], two: NDArray[np.float32]) -> bool:
    if one.shape != two.shape:
        return False
    within = TOLERANCE * max(1e-6, float(np.abs(one).max(initial=0.0)))
    return bool((np.abs(one - two) <= within).all())
