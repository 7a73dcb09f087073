"""Whether torch computes what librosa does: asked before anything that torch computed is kept.

The difference is the largest between any two values. Log-mel bands are in decibels, and so are
MFCC, since their cosine transform is orthonormal; derivatives are dB a frame. A thousandth of a
decibel is a change of the power by 0.02 %, far below what any recording is good for, and ten times
what the rounding of a coefficient of -700 to float32 can come to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from serbench.errors import AudioError, FeatureError
from serbench.features.blas import one_blas_thread
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.extraction import TOLERANCE, Extraction, Spectral
from serbench.features.recipe import recipe_digest
from serbench.features.wanted import Wanted

FEW = 5  # sounds that both compute, the shortest and the longest among them

Sounds = Sequence[NDArray[np.float32]]

# What was found in this process, in dB, by a recipe's digest and what computed it.
_FOUND: dict[tuple[str, str], float] = {}


def settled(
    want: Sequence[Wanted], cache: FeatureCache, tell: Callable[[str], None]
) -> FeatureCache:
    """The cache with the choice that holds for all that is wanted.

    Of each recipe that torch is to compute and has not yet computed for all, a few of the wanted
    sounds are computed by librosa too: the shortest, the longest, and those with the smallest
    digests. Where the two differ, the recipe is refused: librosa computes it for all of them.

    Parameters
    ----------
    tell
        Told of each recipe that is refused, and by how much it differs.
    """
    for recipe, clips in _by_torch(want, cache.extraction).items():
        if all(cache.has(cache.key(clip, recipe)) for clip in clips):
            continue
        sounds = _heard(recipe, few(clips))
        if not sounds:
            continue  # none can be read or is long enough: extraction says of each what is wrong
        extraction = cache.extraction
        try:
            differ = difference(recipe, sounds, extraction)
            reason = f"differs from {recipe.extractor} by {differ:.3g} dB, more than {TOLERANCE:g}"
        except RuntimeError as error:  # of the device
            differ, reason = np.inf, f"fails: {' '.join(str(error).split())[:200]}"
        _FOUND[_name(recipe, extraction)] = differ
        if differ <= TOLERANCE:
            continue
        tell(f"the recipe {recipe.name!r} by torch {reason}; {recipe.extractor} computes it")
        cache = cache.under(extraction.without(recipe))
    return cache


def by_torch(
    recipe: Spectral, sounds: Sounds, rate: int, extraction: Extraction
) -> list[NDArray[np.float32]]:
    """What torch computes of sounds, once it was found to agree with librosa.

    Raises
    ------
    FeatureError
        If a sound is too short; if the two differ, and nobody had asked before (:func:`settled`).
    """
    from serbench.nets.spectra import extract_many

    extraction.check()
    name = _name(recipe, extraction)
    if name not in _FOUND:
        shortest, longest = min(sounds, key=len), max(sounds, key=len)
        _FOUND[name] = difference(recipe, [shortest, longest], extraction)
    if not _FOUND[name] <= TOLERANCE:
        raise FeatureError(
            f"the recipe {recipe.name!r} by torch differs from {recipe.extractor} by "
            f"{_FOUND[name]:.3g} dB",
            expected=f"{TOLERANCE:g} at most",
            advice="--features reference",
        )
    return extract_many(recipe, sounds, rate, extraction.device)


def difference(recipe: Spectral, sounds: Sounds, extraction: Extraction) -> float:
    """The largest difference between torch's values and librosa's, in dB."""
    from serbench.nets.spectra import extract_many

    ours = extract_many(recipe, sounds, recipe.rate, extraction.device)
    with one_blas_thread():
        theirs = [recipe.extract(sound, recipe.rate) for sound in sounds]
    if any(one.shape != two.shape for one, two in zip(ours, theirs, strict=True)):
        return float("inf")
    return max(
        float(np.abs(one.astype(np.float64) - two).max(initial=0.0))
        for one, two in zip(ours, theirs, strict=True)
    )


def few(clips: Sequence[Clip]) -> list[Clip]:
    """The shortest, the longest, and others in the order of their sounds' digests."""
    by_length = sorted(clips, key=lambda clip: (clip.duration, clip.samples))
    by_digest = sorted(clips, key=lambda clip: clip.samples)
    return list(dict.fromkeys([*by_length[:1], *by_length[-1:], *by_digest]))[:FEW]


def _by_torch(want: Sequence[Wanted], extraction: Extraction) -> dict[Spectral, list[Clip]]:
    """The clips that are wanted of each recipe that torch computes."""
    found: dict[Spectral, dict[Clip, None]] = {}
    for item in want:
        recipe = item.recipe
        if extraction.covers(recipe) and isinstance(item.clip, Clip):
            found.setdefault(recipe, {})[item.clip] = None
    return {recipe: list(clips) for recipe, clips in found.items()}


def _heard(recipe: Spectral, clips: Sequence[Clip]) -> list[NDArray[np.float32]]:
    """The sounds that can be read and are long enough."""
    sounds = []
    for clip in clips:
        try:
            samples, rate = clip.waveform(recipe.rate, recipe.channel)
            recipe.prepared(samples, rate)
        except (AudioError, FeatureError):
            continue
        sounds.append(samples)
    return sounds


def _name(recipe: Spectral, extraction: Extraction) -> tuple[str, str]:
    return recipe_digest(recipe), extraction.version
