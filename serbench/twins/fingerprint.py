"""A sound's fingerprint: what is known of it when its samples are put away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.canonical import digest
from serbench.errors import AudioError
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.key import Key
from serbench.twins import landmarks as marks
from serbench.twins.heard import RATE, hear
from serbench.twins.spread import Steps, spread

VERSION = 1  # raised when a fingerprint holds something else, or hear() hears otherwise
GROUP = 16  # sounds in one task

_MADE_BY = {"twins": VERSION, "landmarks": marks.VERSION, "rate": RATE}


@dataclass(frozen=True)
class Fingerprint:
    """A sound's landmarks, and what tells it from others of the same landmarks."""

    normalised: str  # serbench.twins.heard.Heard.digest
    lead: float  # seconds of digital silence before what is compared
    duration: float  # seconds of what is compared
    hashes: NDArray[np.uint32]  # of its landmarks
    frames: NDArray[np.int32]  # and where they stand, in 10 ms

    @classmethod
    def of(cls, clip: Clip) -> Fingerprint:
        """Read a sound and take its fingerprint.

        Raises
        ------
        AudioError
            If it cannot be read.
        """
        heard = hear(clip)
        hashes, frames = marks.landmarks(heard.samples)
        return cls(heard.digest(), heard.lead, heard.duration, hashes, frames)


def fingerprints(
    clips: Sequence[Clip], cache: FeatureCache, *, workers: int | None, steps: Steps
) -> list[Fingerprint]:
    """The fingerprint of each clip, from the cache or newly taken and kept there.

    A clip must hold what it says: a fingerprint is kept under its digest.

    Raises
    ------
    AudioError
        If one cannot be read.
    CacheError
        If the cache cannot be read or written.
    """
    wanted: dict[Key, Clip] = {_key(clip): clip for clip in clips}
    known: dict[Key, Fingerprint] = {}
    for key in wanted:
        array = cache.load(key)
        if array is not None:
            known[key] = _unpacked(array)
    missing = sorted(wanted.keys() - known.keys(), key=lambda key: -wanted[key].duration)
    steps.did(len(clips) - len(missing))
    # The longest first, and dealt out like cards, so that all tasks take about as long.
    count = -(-len(missing) // GROUP)
    hands = [tuple(missing[at::count]) for at in range(count)]
    keys = {tuple(wanted[key] for key in hand): hand for hand in hands}
    for task, answer in spread(list(keys), _take, workers):
        if isinstance(answer, str):
            raise AudioError(answer)
        for key, made in zip(keys[task], answer, strict=True):
            cache.store(key, _packed(made))
            known[key] = made
        steps.did(len(task))
    return [known[_key(clip)] for clip in clips]


def _take(clips: tuple[Clip, ...]) -> list[Fingerprint] | str:
    """A worker's task; an error is told by its text."""
    try:
        return [Fingerprint.of(clip) for clip in clips]
    except AudioError as error:
        return str(error)


def _key(clip: Clip) -> Key:
    sound = {"samples": clip.samples, "rate": clip.rate, "channels": clip.channels}
    return Key(digest(_MADE_BY), digest({"sound": sound, "made_by": _MADE_BY}))


def _packed(made: Fingerprint) -> NDArray[Any]:
    """One record as an array, so that the feature cache keeps it, with a checksum."""
    count = len(made.hashes)
    fields = [("normalised", "S64"), ("lead", "<f8"), ("duration", "<f8")]
    landmarks = [("hashes", "<u4", (count,)), ("frames", "<i4", (count,))]
    record = np.zeros((), dtype=[*fields, *landmarks])
    for name, _ in fields:
        record[name] = getattr(made, name)
    record["hashes"], record["frames"] = made.hashes, made.frames
    return record


def _unpacked(record: NDArray[Any]) -> Fingerprint:
    return Fingerprint(
        bytes(record["normalised"]).decode(),
        float(record["lead"]),
        float(record["duration"]),
        np.array(record["hashes"], dtype=np.uint32),
        np.array(record["frames"], dtype=np.int32),
    )
