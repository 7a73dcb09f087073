"""Utterances that one recipe computes together, where that is faster than one by one.

A recipe that has ``extract_many`` (of words: ``extract_texts``) computes several at once, each as
if it were alone; torch does so with log-mel and MFCC. If something is wrong with one of them, each
is computed by itself, and the others are none the worse for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.errors import AudioError, CacheError, EncoderError, SerbenchError, UsageError
from serbench.features.agreement import by_torch
from serbench.features.blas import one_blas_thread
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.compute import fill, keep
from serbench.features.extraction import Extraction
from serbench.features.recipe import AnyRecipe, checked, reads_text
from serbench.features.sentence import Sentence

Items = tuple[Clip, ...] | tuple[Sentence, ...]
Array = NDArray[np.float32]

TASK = 60.0  # seconds of sound that a worker is handed at once
WAVE = 1800.0  # seconds of sound in memory before a device, 115 MB at 16 kHz
_READERS = 8  # threads; decoding and resampling are others' C


def many_of(recipe: AnyRecipe, extraction: Extraction) -> Callable[..., list[Array]] | None:
    """What computes several utterances at once; None: they are computed one by one.

    Of sound it is called with the samples and their rate, of words with the texts.
    """
    if extraction.covers(recipe):
        return partial(by_torch, recipe, extraction=extraction)
    if reads_text(recipe):
        return getattr(recipe, "extract_texts", None)
    many: Callable[..., list[Array]] | None = getattr(recipe, "extract_many", None)
    return None if getattr(recipe, "rate", None) is None else many


def in_one_process(recipe: AnyRecipe, extraction: Extraction) -> bool:
    """Whether one process computes it all, since others would crowd its device."""
    return extraction.covers(recipe) or bool(getattr(recipe, "one_process", False))


def grouped(items: Iterable[Clip | Sentence], *, one_process: bool) -> Iterator[Items]:
    """Utterances in groups that are computed together.

    For one process as many as fit in memory. For workers, sounds of one length alone, since a
    recipe that must not pad can do no other; and sentences of about one length, whose number of
    tokens the recipe finds out.
    """
    longest_first = sorted(items, key=lambda item: -item.duration)
    if one_process:
        yield from _up_to(WAVE, longest_first)
        return
    for _, alike in groupby(longest_first, key=_length):
        yield from _up_to(TASK, alike)


def _length(item: Clip | Sentence) -> tuple[int, int] | None:
    return (item.rate, round(item.duration * item.rate)) if isinstance(item, Clip) else None


def _up_to(seconds: float, items: Iterable[Clip | Sentence]) -> Iterator[Any]:
    group: list[Clip | Sentence] = []
    total = 0.0
    for item in items:
        if group and total + item.duration > seconds:
            yield tuple(group)
            group, total = [], 0.0
        group.append(item)
        total += item.duration
    if group:
        yield tuple(group)


def fill_together(
    items: Items, recipe: AnyRecipe, cache: FeatureCache
) -> list[Array | SerbenchError]:
    """Compute and keep one recipe's arrays; of each utterance its array or what was wrong.

    Raises
    ------
    SerbenchError
        For what concerns all of them: a library that is missing, a disk that is full.
    """
    many = many_of(recipe, cache.extraction)
    results: dict[Clip | Sentence, Array | SerbenchError] = {}
    if many is None or len(items) == 1:
        return [_alone(item, recipe, cache) for item in items]
    given, further = _given(items, recipe, results)
    if given:
        try:
            with one_blas_thread():
                arrays = [checked(each, recipe) for each in many(list(given.values()), *further)]
            if len(arrays) != len(given):
                raise ValueError(f"{len(arrays)} arrays of {len(given)} utterances")
        except (CacheError, EncoderError, UsageError):
            raise
        except Exception:  # noqa: BLE001  of one of them, which is told apart below
            results |= {item: _alone(item, recipe, cache) for item in given}
        else:
            for item, array in zip(given, arrays, strict=True):
                results[item] = keep(item, recipe, array, cache)
    return [results[item] for item in items]


def _alone(item: Clip | Sentence, recipe: AnyRecipe, cache: FeatureCache) -> Array | SerbenchError:
    (result,) = fill(item, (recipe,), cache)
    return result


def _given(
    items: Items, recipe: AnyRecipe, results: dict[Clip | Sentence, Array | SerbenchError]
) -> tuple[dict[Clip | Sentence, Any], tuple[Any, ...]]:
    """What the recipe is handed of each, and what beside; results get what cannot be read."""
    if reads_text(recipe):
        return {item: item.text for item in items if isinstance(item, Sentence)}, ()
    clips = [item for item in items if isinstance(item, Clip)]
    given: dict[Clip | Sentence, Any] = {}
    with ThreadPoolExecutor(min(_READERS, os.cpu_count() or 1)) as readers:
        for clip, read in zip(clips, readers.map(partial(_read, recipe), clips), strict=True):
            if isinstance(read, AudioError):
                results[clip] = read
            else:
                given[clip] = read
    return given, (recipe.rate,)  # type: ignore[union-attr]


def _read(recipe: Any, clip: Clip) -> Array | AudioError:
    try:
        clip.check()
        samples, _ = clip.waveform(recipe.rate, recipe.channel)
    except AudioError as error:
        return error
    samples.flags.writeable = False
    return samples
