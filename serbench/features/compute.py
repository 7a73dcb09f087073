"""One utterance's arrays: read from the cache, or computed and kept there.

A file is decoded and resampled once for all recipes of one rate and channel. BLAS gets one thread:
a matrix product that is split otherwise may differ in its last bit, and an array must not depend on
who computed it.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.errors import AudioError, FeatureError, SerbenchError
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.key import Key
from serbench.features.recipe import AnyRecipe, Recipe, TextRecipe, checked
from serbench.features.sentence import Sentence


def compute(item: Clip | Sentence, recipe: AnyRecipe, cache: FeatureCache) -> NDArray[np.float32]:
    """The array of one clip or sentence, from the cache, or computed and kept there.

    Raises
    ------
    FeatureError, AudioError
        With the clip's path, where it cannot be computed.
    CacheDamaged
        Where the cached array does not match its checksum.
    """
    cached = cache.load(Key.of(item, recipe))
    if cached is not None:
        return cached.astype(np.float32, copy=False)
    (result,) = fill(item, (recipe,), cache)
    if isinstance(result, SerbenchError):
        raise result
    return result


def fill(
    item: Clip | Sentence, recipes: Sequence[AnyRecipe], cache: FeatureCache
) -> list[NDArray[np.float32] | SerbenchError]:
    """Compute and keep arrays of one clip or sentence; of each recipe its array or what was wrong.

    An array comes back in the precision that it is kept in, as it will when read from the cache.
    """
    if isinstance(item, Sentence):
        return _fill_text(item, recipes, cache)  # type: ignore[arg-type]
    return _fill_sound(item, recipes, cache)  # type: ignore[arg-type]


def _fill_text(
    sentence: Sentence, recipes: Sequence[TextRecipe], cache: FeatureCache
) -> list[NDArray[np.float32] | SerbenchError]:
    results: list[NDArray[np.float32] | SerbenchError] = []
    with _blas(len(sys.modules)).limit(limits=1):
        for recipe in recipes:
            try:
                array = _guarded(sentence, recipe, partial(recipe.extract_text, sentence.text))
            except FeatureError as error:
                results.append(error)
                continue
            results.append(_keep(sentence, recipe, array, cache))
    return results


def _fill_sound(
    clip: Clip, recipes: Sequence[Recipe], cache: FeatureCache
) -> list[NDArray[np.float32] | SerbenchError]:
    sounds: dict[tuple[int, Channel], tuple[NDArray[np.float32], int]] = {}
    results: list[NDArray[np.float32] | SerbenchError] = []
    try:
        clip.check()
        for recipe in recipes:
            form = (recipe.rate or clip.rate, recipe.channel)
            if form not in sounds:
                sounds[form] = clip.waveform(*form)
    except AudioError as error:
        return [error]
    with _blas(len(sys.modules)).limit(limits=1):
        for recipe in recipes:
            samples, rate = sounds[recipe.rate or clip.rate, recipe.channel]
            samples.flags.writeable = False  # the next recipe reads them too, and their spectrum
            try:
                array = _guarded(clip, recipe, partial(recipe.extract, samples, rate))
            except FeatureError as error:
                results.append(error)
                continue
            results.append(_keep(clip, recipe, array, cache))
    return results


def _keep(
    item: Clip | Sentence, recipe: AnyRecipe, array: NDArray[np.float32], cache: FeatureCache
) -> NDArray[np.float32]:
    kept = array.astype(getattr(recipe, "stored", "float32"), copy=False)
    cache.store(Key.of(item, recipe), kept)
    return kept.astype(np.float32, copy=False)


@functools.lru_cache(maxsize=1)
def _blas(modules: int) -> Any:
    """The thread pools of the libraries loaded so far; looked for again when more are imported."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


def _guarded(
    item: Clip | Sentence, recipe: AnyRecipe, extract: Callable[[], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """What a recipe computes, held to the form; an error says of which utterance."""
    try:
        return checked(extract(), recipe)
    except FeatureError as error:
        found = f"{item}: {error.found}"
        raise FeatureError(found, expected=error.expected, advice=error.advice) from error
    except SerbenchError:
        raise
    except Exception as error:
        raise FeatureError(
            f"{item}: the recipe {recipe.name!r} failed: {type(error).__name__}: {error}",
            advice="mend the recipe",
        ) from error
