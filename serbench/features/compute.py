"""One clip's arrays: read from the cache, or computed and kept there.

A file is decoded and resampled once for all recipes of one rate and channel. BLAS gets one thread:
a matrix product that is split otherwise may differ in its last bit, and an array must not depend on
who computed it.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.errors import AudioError, FeatureError, SerbenchError
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.key import Key
from serbench.features.recipe import Recipe, checked


def compute(clip: Clip, recipe: Recipe, cache: FeatureCache) -> NDArray[np.float32]:
    """The array of one clip, from the cache, or computed and kept there.

    Raises
    ------
    FeatureError, AudioError
        With the clip's path, where it cannot be computed.
    CacheDamaged
        Where the cached array does not match its checksum.
    """
    cached = cache.load(Key.of(clip, recipe))
    if cached is not None:
        return cached
    (result,) = fill(clip, (recipe,), cache)
    if isinstance(result, SerbenchError):
        raise result
    return result


def fill(
    clip: Clip, recipes: Sequence[Recipe], cache: FeatureCache
) -> list[NDArray[np.float32] | SerbenchError]:
    """Compute and keep arrays of one clip; for each recipe its array or what was wrong with it."""
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
            try:
                array = _array(clip, recipe, samples, rate)
            except FeatureError as error:
                results.append(error)
                continue
            cache.store(Key.of(clip, recipe), array)
            results.append(array)
    return results


@functools.lru_cache(maxsize=1)
def _blas(modules: int) -> Any:
    """The thread pools of the libraries loaded so far; looked for again when more are imported."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


def _array(
    clip: Clip, recipe: Recipe, samples: NDArray[np.float32], rate: int
) -> NDArray[np.float32]:
    samples.flags.writeable = False  # the next recipe reads them too, and perhaps their spectrum
    try:
        return checked(recipe.extract(samples, rate), recipe)
    except FeatureError as error:
        found = f"{clip}: {error.found}"
        raise FeatureError(found, expected=error.expected, advice=error.advice) from error
    except SerbenchError:
        raise
    except Exception as error:
        raise FeatureError(
            f"{clip}: the recipe {recipe.name!r} failed: {type(error).__name__}: {error}",
            advice="mend the recipe",
        ) from error
