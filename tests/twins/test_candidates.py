"""Which pairs landmarks bring forward, and that families larger than the reach hold together."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.twins import candidates as module
from serbench.twins.candidates import REACH, candidates
from serbench.twins.fingerprint import Fingerprint


def made(hashes, frames, seconds: float = 10.0) -> Fingerprint:
    order = np.argsort(frames, kind="stable")
    return Fingerprint(
        "",
        0.0,
        seconds,
        np.asarray(hashes, np.uint32)[order],
        np.asarray(frames, np.int32)[order],
    )


def scattered(rng, count: int = 300):
    return rng.integers(0, 1 << 19, count), np.sort(rng.integers(0, 1000, count))


def test_nothing_comes_of_nothing():
    assert candidates([]) == []
    assert candidates([made([], []), made([], [])]) == []
    assert candidates([made([1, 1], [0, 3]), made([2, 2], [0, 3])]) == []


@pytest.mark.parametrize("lag", [-200, -1, 0, 1, 2, 77])
def test_a_shared_stretch_is_found_at_its_lag(lag):
    rng = np.random.default_rng(0)
    hashes, frames = scattered(rng)
    other, places = scattered(rng)
    kept = (frames - lag >= 0) & (frames < 400)
    second = made([*hashes[kept], *other], [*(frames[kept] - lag), *places])
    (one,) = candidates([made(hashes, frames), second])
    assert (one.first, one.second) == (0, 1)
    assert one.lag == pytest.approx(lag / 100, abs=0.0201)


def test_a_jitter_of_a_frame_is_borne():
    rng = np.random.default_rng(1)
    hashes, frames = scattered(rng)
    moved = np.clip(frames + rng.integers(-1, 2, len(frames)), 0, None)
    assert len(candidates([made(hashes, frames), made(hashes, moved)])) == 1


def test_a_few_coincidences_in_much_are_none():
    rng = np.random.default_rng(2)
    hashes, frames = scattered(rng, 3000)
    other, places = scattered(rng, 3000)
    other[:10], places[:10] = hashes[:10], frames[:10]  # ten in three thousand
    assert candidates([made(hashes, frames), made(other, places)]) == []
    short = made(other[:200], places[:200], seconds=1 + places[199] / 100)
    assert len(candidates([made(hashes, frames), short])) >= 1


def test_unrelated_sounds_do_not_meet():
    rng = np.random.default_rng(3)
    assert candidates([made(*scattered(rng)) for _ in range(100)]) == []


def test_a_sound_does_not_meet_itself():
    hashes = np.tile(np.arange(20), 10)
    assert candidates([made(hashes, np.arange(200))]) == []


def test_each_pair_has_few_lags_that_are_no_neighbours():
    hashes = np.tile(np.arange(30), 20)  # the same thing over and over
    found = candidates([made(hashes, np.arange(600))] * 2)
    assert 1 < len(found) <= module.LAGS
    lags = [one.lag for one in found]
    assert lags[0] == pytest.approx(0, abs=0.02)
    assert min(abs(a - b) for a in lags for b in lags if a != b) > 0.02


def test_blocks_of_memory_make_no_difference(monkeypatch):
    rng = np.random.default_rng(4)
    base = [scattered(rng) for _ in range(10)]
    prints = [made(*base[i % 10]) for i in range(40)]
    whole = candidates(prints)
    assert {(one.first, one.second) for one in whole} == {
        (i, j) for i in range(40) for j in range(i + 1, 40) if i % 10 == j % 10
    }
    monkeypatch.setattr(module, "_AT_ONCE", 500)
    assert candidates(prints) == whole


def test_a_family_beyond_the_reach_stays_connected():
    hashes, frames = scattered(np.random.default_rng(5))
    count = REACH + 40
    pairs = {(one.first, one.second) for one in candidates([made(hashes, frames)] * count)}
    assert {(i, i + 1) for i in range(count - 1)} <= pairs
    assert (0, count - 1) not in pairs
