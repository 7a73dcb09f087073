"""Candidates compared, sound by sound read once a batch, and what each pair turned out to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from serbench.errors import AudioError
from serbench.features.clip import Clip
from serbench.twins.candidates import Candidate
from serbench.twins.correlation import Match, correlation
from serbench.twins.heard import RATE, Heard, hear

TILE = 64  # sounds by so many others: what one batch looks at
MOST = 128  # candidates in one batch
SECONDS = 1800.0  # of sound that a batch holds in memory: 115 MB


@dataclass(frozen=True)
class Batch:
    """Candidates among few sounds."""

    candidates: tuple[Candidate, ...]
    clips: dict[int, Clip]  # by position


@dataclass(frozen=True, slots=True)
class Verdict:
    """How two sounds match at their best lag."""

    first: int
    second: int
    match: Match
    equal: bool  # the normalised samples are the same up to their rounding


def batches(found: Sequence[Candidate], clips: Sequence[Clip]) -> list[Batch]:
    """Candidates by neighbourhood, so that a batch reads each of its sounds once."""
    order = sorted(found, key=lambda one: (one.first // TILE, one.second // TILE))
    made: list[Batch] = []
    group: list[Candidate] = []
    needed: dict[int, Clip] = {}
    for one in order:
        group.append(one)
        needed |= {position: clips[position] for position in (one.first, one.second)}
        if len(group) == MOST or sum(clip.duration for clip in needed.values()) > SECONDS:
            made.append(Batch(tuple(group), needed))
            group, needed = [], {}
    return [*made, Batch(tuple(group), needed)] if group else made


def compare(batch: Batch) -> list[Verdict] | str:
    """The best match of each pair that has one; in place of them why a sound cannot be read."""
    heard: dict[int, Heard] = {}
    try:
        return list(_verdicts(batch, heard))
    except AudioError as error:
        return str(error)


def _verdicts(batch: Batch, heard: dict[int, Heard]) -> Iterator[Verdict]:
    best: dict[tuple[int, int], Match] = {}
    for one in batch.candidates:
        for position in (one.first, one.second):
            if position not in heard:
                heard[position] = hear(batch.clips[position])
        match = correlation(heard[one.first].samples, heard[one.second].samples, one.lag)
        pair = one.first, one.second
        if match is not None and (pair not in best or match.correlation > best[pair].correlation):
            best[pair] = match
    for (first, second), match in best.items():
        shift = round(match.lag * RATE)
        whole = abs(match.lag * RATE - shift) < 1e-6
        equal = whole and heard[first].equals(heard[second], shift)
        yield Verdict(first, second, match, equal)
