"""A corpus as a source of sound, text and features for what a model is given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel, read
from serbench.behaviour.watch import allowed
from serbench.corpus import GENDERS, Utterance
from serbench.data import LabelledUtterances, Source, Utterances
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip, clip_of
from serbench.features.compute import compute
from serbench.features.recipe import AnyRecipe, reads_text
from serbench.features.sentence import Sentence
from serbench.model import Model, declared_inputs, declared_recipes, declared_targets
from serbench.pool import Pool


class Sources(Protocol):
    """Who has the features of utterances, where that is not the cache beside the corpora."""

    def source(self, utterances: Sequence[Utterance], *, tested: bool = False) -> Source:
        """What is handed over of these. ``tested``: they are of the test side."""


class CorpusSource:
    """The sounds and texts of one set of utterances, features through the cache.

    A training set's source holds no test utterance, and no source holds a label or a speaker.
    ``tested``: what is read here is of the test side and handed over by the harness, so that it is
    no file that a model opened by itself (:mod:`serbench.behaviour.watch`).
    """

    def __init__(
        self, utterances: Sequence[Utterance], cache: FeatureCache, *, tested: bool = False
    ) -> None:
        self._handed_over: Callable[[], AbstractContextManager[None]]
        self._handed_over = allowed if tested else contextlib.nullcontext
        self._texts = [utterance.text for utterance in utterances]
        self._clips = [clip_of(utterance) for utterance in utterances]
        self._cache = cache

    def waveform(self, row: int, rate: int | None, channel: Channel) -> NDArray[np.float32]:
        clip = self._clips[row]
        with self._handed_over():
            samples, _ = read(clip.path, start=clip.start, end=clip.end, rate=rate, channel=channel)
        return samples

    def feature(self, row: int, recipe: AnyRecipe) -> NDArray[np.float32]:
        if reads_text(recipe):
            return compute(Sentence(self._texts[row] or ""), recipe, self._cache)
        with self._handed_over():
            return compute(self._clips[row], recipe, self._cache)

    def text(self, row: int) -> str | None:
        return self._texts[row]


def items_of(utterances: Sequence[Utterance], recipe: AnyRecipe) -> Sequence[Clip | Sentence]:
    """What a recipe reads of these utterances: sounds, or the texts that there are."""
    if reads_text(recipe):
        return [Sentence(u.text) for u in utterances if u.text is not None]
    return [clip_of(utterance) for utterance in utterances]


def _source(
    features: FeatureCache | Sources, utterances: Sequence[Utterance], *, tested: bool = False
) -> Source:
    if isinstance(features, FeatureCache):
        return CorpusSource(utterances, features, tested=tested)
    return features.source(utterances, tested=tested)


def training_set(
    pool: Pool, features: FeatureCache | Sources, rows: NDArray[np.int64], model: Model
) -> LabelledUtterances:
    """Labelled utterances as the model may see them. Speakers are numbers, drawn from nothing."""
    utterances = [pool.utterances[int(row)] for row in rows]
    genders = [utterance.gender for utterance in utterances]
    targets = {}
    if "gender" in declared_targets(model) and set(genders) <= GENDERS:
        targets["gender"] = np.array([gender == "male" for gender in genders], dtype=np.int64)
    return LabelledUtterances(
        pool.task,
        _source(features, utterances),
        range(len(rows)),
        y=pool.y[rows],
        speakers=groups_of(utterances),
        targets=targets,
        inputs=declared_inputs(model),
        recipes=declared_recipes(model),
    )


@dataclass(frozen=True)
class Judged:
    """A test set as it is handed over, and whose answers stand where.

    Parameters
    ----------
    test
        What the model is given.
    utterances
        Who these are, in that order.
    places
        Where the answer for each utterance that was asked about stands in it, int64. Copies that a
        label space makes share their original's.
    """

    test: Utterances
    utterances: tuple[Utterance, ...]
    places: NDArray[np.int64]


def test_set(
    pool: Pool,
    features: FeatureCache | Sources,
    rows: NDArray[np.int64],
    model: Model,
    *,
    grouped: bool,
) -> Judged:
    """Utterances to judge, in the order of their sounds' digests.

    A file's place in a sorted folder tells its class (``angry/...``), so the place is drawn anew
    from the sound itself. So does a sound that comes twice, where a label space counts a class
    twice: each is handed over once. ``grouped``: with numbers that tell the speakers apart.
    """
    asked = pool.originals(rows)
    order = sorted((pool.utterances[int(row)].samples, int(row)) for row in np.unique(asked))
    place = {row: i for i, (_, row) in enumerate(order)}
    utterances = tuple(pool.utterances[row] for _, row in order)
    test = Utterances(
        pool.task,
        _source(features, utterances, tested=True),
        range(len(utterances)),
        inputs=declared_inputs(model),
        recipes=declared_recipes(model),
        groups=groups_of(utterances) if grouped else None,
    )
    return Judged(test, utterances, np.array([place[int(row)] for row in asked], dtype=np.int64))


def groups_of(utterances: Sequence[Utterance]) -> NDArray[np.int64]:
    """A number for each speaker, in the order in which they are first heard."""
    number: dict[tuple[str, str], int] = {}
    groups = [number.setdefault((u.corpus, u.speaker), len(number)) for u in utterances]
    return np.array(groups, dtype=np.int64)
