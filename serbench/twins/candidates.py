"""Pairs of sounds that share landmarks at one lag: what is worth comparing sample by sample.

All landmarks of all sounds are sorted by hash; two sounds that meet under one hash vote for the lag
between them. The work grows with the number of meetings, not with the number of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench.twins.fingerprint import Fingerprint
from serbench.twins.heard import RATE
from serbench.twins.landmarks import HOP

VOTES = 4  # landmarks that two sounds share at one lag
SHARE = 0.02  # of the landmarks where the sounds overlap, of the sound that has fewer there
LAGS = 3  # of one pair that are looked at
BIN = 2  # frames; votes of two adjacent bins count together
REACH = 64  # entries under one hash that each meets: bounds what a hum or a stock phrase can cost
_AT_ONCE = 1 << 24  # votes held in memory


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two sounds that may be one. What is heard in the second at t is in the first at t + lag."""

    first: int  # position among the fingerprints
    second: int  # a later one
    lag: float  # seconds, to within 20 ms


def candidates(prints: Sequence[Fingerprint]) -> list[Candidate]:
    """Pairs to compare, by position, each with up to three lags, the likeliest first.

    Notes
    -----
    Where more than 64 sounds share a hash, each meets the next 64 of them, so a family of hundreds
    of copies comes out as a connected graph rather than whole.
    """
    table = _Table(prints)
    found: list[Candidate] = []
    for votes, first, second, lag in table.votes():
        few = np.minimum(
            table.between(first, lag, lag + table.length[second]),
            table.between(second, -lag, table.length[first] - lag),
        )
        kept = (votes >= VOTES) & (votes >= SHARE * few)
        rows = np.flatnonzero(kept)
        rows = rows[np.lexsort((-votes[rows], second[rows], first[rows]))]
        found += _likeliest(first[rows], second[rows], lag[rows])
    return found


class _Table:
    """The landmarks of all sounds, by hash and by time."""

    def __init__(self, prints: Sequence[Fingerprint]) -> None:
        counts = [len(one.hashes) for one in prints]
        self.count = len(prints)
        self.length = np.array([1 + round(one.duration * RATE / HOP) for one in prints], np.int64)
        self.span = int(self.length.max(initial=0)) + 1
        none = np.zeros(0)
        hashes = np.concatenate([none.astype(np.uint32), *(one.hashes for one in prints)])
        frames = np.concatenate([none.astype(np.int32), *(one.frames for one in prints)])
        sounds = np.repeat(np.arange(self.count, dtype=np.int32), counts)
        self._times = sounds.astype(np.int64) * self.span + frames  # ascending
        order = np.argsort(hashes, kind="stable")  # within a hash by sound and time
        self.hashes, self.frames, self.sounds = hashes[order], frames[order], sounds[order]

    def between(
        self, sound: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """How many landmarks a sound has in frames begin..end."""
        base = sound * self.span
        low = np.searchsorted(self._times, base + np.clip(begin, 0, self.span))
        return np.searchsorted(self._times, base + np.clip(end, 0, self.span)) - low

    def votes(self) -> Iterator[tuple[NDArray[np.int64], ...]]:
        """Votes, first sound, second sound and lag in frames, of each lag that has votes enough."""
        bins = 2 * (self.span // BIN) + 3
        for low, high in self._blocks():
            keys = [np.zeros(0, np.int64)]
            for step in range(1, min(REACH, len(self.hashes) - 1) + 1):
                here = self._meetings(step)
                sound = self.sounds[here]
                here = here[(sound >= low) & (sound < high)]
                pair = self.sounds[here].astype(np.int64) * self.count + self.sounds[here + step]
                lag = self.frames[here].astype(np.int64) - self.frames[here + step]
                keys.append(pair * bins + (lag + self.span) // BIN)
            key = np.sort(np.concatenate(keys))
            if not len(key):
                continue
            starts = np.concatenate([[0], np.flatnonzero(np.diff(key)) + 1])
            votes = np.diff(np.concatenate([starts, [len(key)]]))
            key = key[starts]
            votes[:-1] += np.where(key[1:] == key[:-1] + 1, votes[1:], 0)
            enough = votes >= VOTES
            pair, bin_ = np.divmod(key[enough], bins)
            first, second = np.divmod(pair, self.count)
            yield votes[enough], first, second, (bin_ + 1) * BIN - self.span

    def _meetings(self, step: int) -> NDArray[np.int64]:
        """Entries that share their hash, but not their sound, with the one ``step`` further on."""
        same = self.hashes[step:] == self.hashes[:-step]
        same &= self.sounds[step:] != self.sounds[:-step]
        return np.flatnonzero(same)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Ranges of first sounds whose votes fit into memory."""
        _, where, sizes = np.unique(self.hashes, return_inverse=True, return_counts=True)
        met = np.bincount(
            self.sounds, weights=np.minimum(sizes[where] - 1, REACH) / 2, minlength=self.count
        )
        block = (np.cumsum(met) // _AT_ONCE).astype(np.int64)
        for number in np.unique(block):
            inside = np.flatnonzero(block == number)
            yield int(inside[0]), int(inside[-1]) + 1


def _likeliest(
    first: NDArray[np.int64], second: NDArray[np.int64], lag: NDArray[np.int64]
) -> Iterator[Candidate]:
    """The first few lags of each pair that are not neighbours of one another."""
    pair: tuple[int, int] | None = None
    lags: list[int] = []
    for i, j, at in zip(first.tolist(), second.tolist(), lag.tolist(), strict=True):
        if (i, j) != pair:
            pair, lags = (i, j), []
        if len(lags) < LAGS and all(abs(at - other) > BIN for other in lags):
            lags.append(at)
            yield Candidate(i, j, at * HOP / RATE)
