"""The search for sounds that occur twice, as copies that were changed or as they are.

Each sound is reduced to landmarks, once, in the cache; sounds that share landmarks at one lag are
compared sample by sample; the kin of what is found are compared too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal

from serbench.errors import AudioError, UsageError, few
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.twins.candidates import Candidate, candidates
from serbench.twins.compare import Verdict, batches, compare
from serbench.twins.families import untried
from serbench.twins.fingerprint import Fingerprint, fingerprints
from serbench.twins.located import Sound, located
from serbench.twins.spread import Steps, spread

__all__ = ["Kind", "Sound", "Twins", "twins"]

Kind = Literal["exact", "normalised", "near"]


@dataclass(frozen=True)
class Twins:
    """Two sounds that are one.

    Parameters
    ----------
    first, second
        Their ids, in the order in which they were given.
    kind
        "exact": the decoded samples are the same. "normalised": they are the same at 16 kHz, up to
        rounding, when digital silence at the ends, constant part, gain and polarity are taken away.
        "near": they correlate by the threshold or more where they overlap.
    correlation
        Magnitude of the normalised cross-correlation at the best lag, 0 to 1. Inverted polarity is
        heard by nobody, so the sign does not count.
    lag
        Seconds. What is heard in the second sound at t is heard in the first at t + lag.
    """

    first: str
    second: str
    kind: Kind
    correlation: float
    lag: float


def twins(
    sounds: Sequence[Sound],
    *,
    cache: Path,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    threshold: float = 0.95,
) -> list[Twins]:
    """Every pair of sounds that are copies of one another.

    Found are copies with another gain, polarity, constant part, sample rate or codec, with noise
    down to a signal-to-noise ratio of 10 dB, shifted in time, and excerpts, as long as the two
    share a second of sound, or nine tenths of the shorter one (0.3 s at least; shorter sounds are
    only compared whole). Not found are copies played faster or slower, and sounds that have a part
    in common with different sound on the same side of it; an excerpt that holds a mere syllable may
    be missed. Of several channels the first is heard.

    Parameters
    ----------
    sounds
        With unique ids.
    cache
        The cache folder. Fingerprints are kept among the features, under the digest of the samples.
    workers
        Processes; None: one a core, or none for a few sounds. 1: in this process. A script that
        asks for more needs the usual ``if __name__ == "__main__":``.
    progress
        Told (steps done, steps known of): comparisons become known when all sounds are read.
    threshold
        The least correlation of a near copy, .5 to 1.

    Returns
    -------
    list of Twins
        By position of the first, then of the second; a family of n copies is n(n-1)/2 pairs.

    Notes
    -----
    A copy with noise of signal-to-noise ratio S dB correlates by 1/sqrt(1 + 10^(-S/10)) with its
    original: .9535 at 10 dB, .872 at 5 dB. ``benchmarks/twins.py`` plants 200 copies of each of 16
    kinds among the recordings of EMO-DB: every one that correlates by .95 is found, 2,989 in all,
    and nothing else. Of the 1,975 recordings of EMO-DB and RAVDESS, takes of twelve sentences, it
    names RAVDESS's one duplicate alone, even at a threshold of .5.

    Raises
    ------
    UsageError
        If ids repeat, or the threshold or the number of workers makes no sense.
    AudioError
        With the paths of the sounds that cannot be read, or are not what ``samples`` says.
    CacheError
        If the cache cannot be read or written.
    """
    _refuse(sounds, workers, threshold)
    steps = Steps(progress, 2 * len(sounds))
    clips = located(sounds, cache, steps)
    prints = fingerprints(clips, FeatureCache(cache), workers=workers, steps=steps)
    found: dict[tuple[int, int], Twins] = {}

    def note(i: int, j: int, kind: Kind, correlation: float, lag: float) -> None:
        """The strongest kind is noted first, and stays. The lag is that of what was compared."""
        if i > j:
            i, j, lag = j, i, -lag
        lag += prints[i].lead - prints[j].lead
        found.setdefault((i, j), Twins(sounds[i].id, sounds[j].id, kind, correlation, lag))

    for group in _grouped([clip.samples for clip in clips]):
        for i, j in combinations(group, 2):
            note(i, j, "exact", 1.0, 0.0)
    # Sounds of one digest are searched as one, and what is found of one holds for all of them.
    alike = _grouped([one.normalised or f"silence {i}" for i, one in enumerate(prints)])
    for group in alike:
        for i, j in combinations(group, 2):
            note(i, j, "normalised", 1.0, 0.0)
    heads = [group[0] for group in alike]
    unlike = [clips[i] for i in heads], [prints[i] for i in heads]
    for one in _verified(*unlike, threshold, workers, steps):
        kind: Kind = "normalised" if one.equal else "near"
        for i in alike[one.first]:
            for j in alike[one.second]:
                note(i, j, kind, one.match.correlation, one.match.lag)
    return [found[pair] for pair in sorted(found)]


def _refuse(sounds: Sequence[Sound], workers: int | None, threshold: float) -> None:
    if workers is not None and workers < 1:
        raise UsageError(f"{workers} workers", expected="1 or more")
    if not 0.5 <= threshold <= 1:
        raise UsageError(f"a threshold of {threshold}", expected="a correlation from 0.5 to 1")
    repeated = [group for group in _grouped([one.id for one in sounds]) if len(group) > 1]
    if repeated:
        raise UsageError(
            f"{len(repeated)} ids of sounds occur more than once: "
            + few(sounds[group[0]].id for group in repeated),
            expected="unique ids",
        )


def _grouped(names: Sequence[str]) -> list[list[int]]:
    """Positions by name, in the order of their first ones."""
    groups: dict[str, list[int]] = defaultdict(list)
    for position, name in enumerate(names):
        groups[name].append(position)
    return list(groups.values())


def _verified(
    clips: Sequence[Clip],
    prints: Sequence[Fingerprint],
    threshold: float,
    workers: int | None,
    steps: Steps,
) -> Iterator[Verdict]:
    """The pairs that correlate by the threshold: those that landmarks gave, and their kin."""
    tried: set[tuple[int, int]] = set()
    found: dict[tuple[int, int], Verdict] = {}
    todo: list[Candidate] = candidates(prints)
    while todo:
        tasks = batches(todo, clips)
        tried |= {(one.first, one.second) for one in todo}
        steps.add(len(todo))
        for task, answer in spread(tasks, compare, workers):
            if isinstance(answer, str):
                raise AudioError(answer)
            for one in answer:
                if one.match.correlation >= threshold:
                    found[one.first, one.second] = one
            steps.did(len(task.candidates))
        matches = {pair: one.match for pair, one in found.items()}
        todo = untried(matches, tried, [one.duration for one in prints])
    yield from found.values()
