"""One utterance's arrays: read from the cache, or computed and kept there.

A file is decoded and resampled once for all recipes of one rate and channel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.errors import AudioError, FeatureError, SerbenchError
from serbench.features.agreement import by_torch
from serbench.features.blas import one_blas_thread
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
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
    cached = cache.load(cache.key(item, recipe))
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
    with one_blas_thread():
        for recipe in recipes:
            try:
                array = _guarded(sentence, recipe, partial(recipe.extract_text, sentence.text))
            except FeatureError as error:
                results.append(error)
                continue
            results.append(keep(sentence, recipe, array, cache))
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
    with one_blas_thread():
        for recipe in recipes:
            samples, rate = sounds[recipe.rate or clip.rate, recipe.channel]
            samples.flags.writeable = False  # the next recipe reads them too, and their spectrum
            try:
                array = _guarded(clip, recipe, partial(_by(recipe, cache), samples, rate))
            except FeatureError as error:
                results.append(error)
                continue
            results.append(keep(clip, recipe, array, cache))
    return results


def _by(
    recipe: Recipe, cache: FeatureCache
) -> Callable[[NDArray[np.float32], int], NDArray[np.float32]]:
    """What computes one sound: the recipe itself, or torch where that was chosen."""
    extraction = cache.extraction
    if not extraction.covers(recipe):
        return recipe.extract
    spectral = recipe
    return lambda samples, rate: by_torch(spectral, [samples], rate, extraction)[0]


def keep(
    item: Clip | Sentence, recipe: AnyRecipe, array: NDArray[np.float32], cache: FeatureCache
) -> NDArray[np.float32]:
    """Keep an array in the precision that its recipe asks for; what will be read again."""
    kept = array.astype(getattr(recipe, "stored", "float32"), copy=False)
    cache.store(cache.key(item, recipe), kept)
    return kept.astype(np.float32, copy=False)


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
