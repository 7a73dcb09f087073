"""Extraction when something goes wrong: it is said of which clip, and what is finished stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import soundfile

from serbench.errors import (
    AudioError,
    CacheDamaged,
    CacheError,
    FeatureError,
    SerbenchError,
    UsageError,
)
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.compute import compute
from serbench.features.extract import Wanted, extract_ahead, wanted
from serbench.features.frames import FrameDescriptors, LogMel, Mfcc
from serbench.features.functionals import Functionals
from serbench.features.key import Key

RECIPES = (LogMel(), FrameDescriptors(), Functionals(of=Mfcc(rate=8000, fft=512, hop=128)))


def all_of(clips, recipes=RECIPES):
    return [Wanted(recipe, clip) for clip in clips for recipe in recipes]


SCRIPT = """
import os, sys, time
from pathlib import Path
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.extract import Wanted, extract_ahead
from serbench.features.frames import LogMel

def tell(done, total):
    if done == 3:
        print("three", flush=True)
        ACT

if __name__ == "__main__":
    clips = [Clip.of(path) for path in sorted(Path(sys.argv[1]).iterdir())]
    want = [Wanted(LogMel(), clip) for clip in clips]
    extract_ahead(want, FeatureCache(Path(sys.argv[2])), workers=2, progress=tell)
"""


def run_script(act: str, clips: list[Clip], folder: Path) -> subprocess.Popen[str]:
    """A script that extracts with two workers, and acts when three arrays are done."""
    script = folder / "script.py"
    script.write_text(SCRIPT.replace("ACT", act))
    command = [sys.executable, script, clips[0].path.parent, folder / "cache"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


class TestDeaths:
    def test_a_dead_worker_is_replaced(self, guest, make_clips, cache):
        clips = make_clips(5)
        choice, recipe = guest(deaths=2, length=round(clips[1].duration * 16000))
        assert extract_ahead(wanted(choice, recipe, clips), cache, workers=2) == 5
        assert all(cache.has(Key.of(clip, recipe)) for clip in clips)

    def test_three_deaths_name_the_clip_and_keep_the_rest(self, guest, make_clips, cache):
        clips = make_clips(5)  # the longest, last, comes first
        choice, recipe = guest(deaths=3, length=round(clips[0].duration * 16000))
        with pytest.raises(SerbenchError) as caught:
            extract_ahead(wanted(choice, recipe, clips), cache, workers=1 + 1)
        assert str(clips[0].path) in caught.value.found
        assert "exit code -9" in caught.value.found
        assert "workers" in caught.value.advice
        kept = [cache.has(Key.of(clip, recipe)) for clip in clips]
        assert kept == [False, True, True, True, True]
        # Its fourth attempt succeeds: nothing else is left to do.
        assert extract_ahead(wanted(choice, recipe, clips), cache, workers=2) == 1

    def test_ctrl_c_ends_the_workers_and_keeps_what_is_finished(self, make_clips, tmp_path):
        clips = make_clips(12)
        process = run_script("time.sleep(60)", clips, tmp_path)
        assert process.stdout.readline() == "three\n"
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)  # ends only when no child holds the pipes
        assert "KeyboardInterrupt" in errors
        cache = FeatureCache(tmp_path / "cache")
        assert cache.verify() == []
        assert 3 <= sum(cache.has(Key.of(clip, LogMel())) for clip in clips) < 12

    def test_workers_end_with_a_parent_that_is_killed(self, make_clips, tmp_path):
        process = run_script("os.kill(os.getpid(), 9)", make_clips(12), tmp_path)
        process.communicate(timeout=60)  # ends when parent, server and workers are gone
        assert process.returncode == -signal.SIGKILL
        assert FeatureCache(tmp_path / "cache").verify() == []

    def test_a_script_without_a_guard_is_told_of_it(self, make_clips, tmp_path):
        clips = make_clips(2)
        script = tmp_path / "script.py"
        script.write_text(SCRIPT.replace('if __name__ == "__main__":', "if True:"))
        command = [sys.executable, script, clips[0].path.parent, tmp_path / "cache"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "a script needs `if __name__ == '__main__':`" in done.stderr


class TestFailures:
    def test_a_clip_that_fails_is_named_when_all_others_are_done(self, make_clips, cache, tmp_path):
        clips = make_clips(4)
        path = tmp_path / "short.wav"
        soundfile.write(path, np.zeros(320, np.float32), 16000)
        short = Clip.of(path)
        for workers in (2, 1):
            with pytest.raises(FeatureError) as caught:
                extract_ahead(all_of([short, *clips]), cache, workers=workers)
            assert str(path) in caught.value.found
            assert "0.0200 s" in caught.value.found
            assert "9 frames" in caught.value.expected
            assert len(list(cache.folder.rglob("*.array"))) == 4 * 3 + 2

    def test_many_failures_are_counted(self, make_clips, cache, tmp_path):
        clips = make_clips(9)
        for clip in clips[1:]:
            clip.path.unlink()
        with pytest.raises(AudioError) as caught:
            extract_ahead(all_of(clips), cache)
        assert caught.value.found.startswith("8 of 27 features cannot be computed:\n")
        assert caught.value.found.endswith("\nand 3 more")
        assert caught.value.found.count(".wav") == 5
        assert len(list(cache.folder.rglob("*.array"))) == 3

    def test_a_file_that_has_changed_since(self, make_clips, cache):
        clips = make_clips(2)
        clips[0].path.write_bytes(clips[1].path.read_bytes())
        with pytest.raises(AudioError, match="has changed since the corpus was scanned"):
            extract_ahead(all_of(clips), cache)
        with pytest.raises(AudioError, match="has changed"):
            compute(clips[0], LogMel(), cache)
        assert not cache.has(Key.of(clips[0], LogMel()))

    def test_a_recipe_that_is_wrong(self, make_clips, cache):
        @dataclass(frozen=True)
        class Wrong(LogMel):
            name: ClassVar[str] = "wrong"
            how: str = ""

            def extract(self, samples, rate):
                return {
                    "shape": np.zeros((3, 7), np.float32),
                    "type": np.zeros((3, 64), np.int64),
                    "nan": np.full((3, 64), np.nan, np.float32),
                }[self.how]

        (clip,) = make_clips(1)
        for how, says in {
            "shape": r"'wrong' computed float32 \(3, 7\)",
            "type": "int64",
            "nan": "192 of 192 values as NaN",
            "missing": "'wrong' failed: KeyError: 'missing'",
        }.items():
            with pytest.raises(FeatureError, match=says) as caught:
                compute(clip, Wrong(how=how), cache)
            assert str(clip.path) in caught.value.found
            assert not cache.has(Key.of(clip, Wrong(how=how)))

    def test_recipes_cannot_change_the_samples_of_the_next(self, make_clips, cache):
        @dataclass(frozen=True)
        class Vandal(LogMel):
            name: ClassVar[str] = "vandal"

            def extract(self, samples, rate):
                samples *= 0
                return super().extract(samples, rate)

        with pytest.raises(FeatureError, match="read-only"):
            compute(make_clips(1)[0], Vandal(), cache)

    def test_a_full_disk_ends_it_at_once(self, make_clips, cache, monkeypatch):
        clips = make_clips(5)
        stored = []

        def full(_, key, array):
            stored.append(key)
            raise CacheError("full", advice="free some space")

        monkeypatch.setattr(FeatureCache, "store", full)
        with pytest.raises(CacheError, match="full"):
            extract_ahead(all_of(clips), cache, workers=1)
        assert len(stored) == 1

    def test_a_damaged_array_is_not_used(self, make_clips, cache):
        (clip,) = make_clips(1)
        compute(clip, LogMel(), cache)
        path = cache.path(Key.of(clip, LogMel()))
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(CacheDamaged):
            compute(clip, LogMel(), cache)

    def test_no_workers(self, cache):
        with pytest.raises(UsageError, match="0 workers"):
            extract_ahead([], cache, workers=0)

    def test_nothing_wanted(self, cache):
        assert extract_ahead([], cache, workers=2) == 0
