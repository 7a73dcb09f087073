"""Batches hold every candidate once, and little sound; what cannot be read is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from serbench.features.clip import Clip
from serbench.twins import compare as module
from serbench.twins.candidates import Candidate
from serbench.twins.compare import batches, compare


def clip(path: Path, seconds: float) -> Clip:
    return Clip(path, None, None, "", 16000, 1, seconds)


def test_each_candidate_is_in_one_batch_with_its_sounds():
    clips = [clip(Path(f"{i}.wav"), 2.0) for i in range(300)]
    rng = np.random.default_rng(0)
    pairs = np.unique(np.sort(rng.integers(0, 300, (1000, 2)), axis=1), axis=0).tolist()
    found = [Candidate(i, j, 0.0) for i, j in pairs if i < j]
    made = batches(found, clips)
    listed = [one for batch in made for one in batch.candidates]
    assert sorted(listed, key=lambda one: (one.first, one.second)) == found
    assert max(len(batch.candidates) for batch in made) <= module.MOST
    for batch in made:
        used = {position for one in batch.candidates for position in (one.first, one.second)}
        assert batch.clips == {position: clips[position] for position in used}
    assert batches([], clips) == []


def test_a_batch_holds_little_sound():
    clips = [clip(Path(f"{i}.wav"), 500.0) for i in range(20)]
    made = batches([Candidate(i, i + 1, 0.0) for i in range(19)], clips)
    held = [sum(each.duration for each in batch.clips.values()) for batch in made]
    assert max(held) <= module.SECONDS + 2 * 500
    assert sum(len(batch.candidates) for batch in made) == 19


def test_the_best_lag_of_a_pair_counts(tmp_path):
    samples = 0.1 * np.random.default_rng(0).standard_normal(32000)
    soundfile.write(tmp_path / "0.wav", samples, 16000, subtype="FLOAT")
    soundfile.write(tmp_path / "1.wav", samples[8000:], 16000, subtype="FLOAT")
    clips = [Clip.of(tmp_path / "0.wav"), Clip.of(tmp_path / "1.wav")]
    lags = [0.0, 0.51, 0.9]
    (batch,) = batches([Candidate(0, 1, lag) for lag in lags], clips)
    (one,) = compare(batch)
    assert (one.first, one.second, one.equal) == (0, 1, False)
    assert one.match.lag == 0.5
    assert one.match.correlation > 0.9999


def test_a_file_that_is_gone_is_told(tmp_path):
    clips = [clip(tmp_path / f"{i}.wav", 2.0) for i in range(2)]
    (batch,) = batches([Candidate(0, 1, 0.0)], clips)
    told = compare(batch)
    assert isinstance(told, str)
    assert "0.wav cannot be opened" in told
