"""Extraction ahead of training: the same values by any number of workers, and nothing lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
import soundfile

from serbench.audio import read
from serbench.errors import (
    SerbenchError,
)
from serbench.features import extract
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip
from serbench.features.compute import compute
from serbench.features.extract import Wanted, extract_ahead, wanted
from serbench.features.frames import FrameDescriptors, LogMel, Mfcc
from serbench.features.functionals import Functionals
from serbench.features.guests import Declared, is_portable, resolve
from serbench.features.key import Key

RECIPES = (LogMel(), FrameDescriptors(), Functionals(of=Mfcc(rate=8000, fft=512, hop=128)))


def all_of(clips, recipes=RECIPES):
    return [Wanted(recipe, clip) for clip in clips for recipe in recipes]


class TestValues:
    def test_any_number_of_workers_gives_the_same(self, make_clips, tmp_path):
        clips = make_clips(6)
        caches = [FeatureCache(tmp_path / name) for name in ("one", "two")]
        for workers, cache in enumerate(caches, start=1):
            told = []
            done = extract_ahead(
                all_of(clips),
                cache,
                workers=workers,
                progress=lambda *now, told=told: told.append(now),
            )
            assert done == 18
            assert told[0] == (0, 18)
            assert told[-1] == (18, 18)
            assert [now[0] for now in told] == sorted(now[0] for now in told)
        for clip in clips:
            for recipe in RECIPES:
                key = Key.of(clip, recipe)
                one, two = caches[0].load(key), caches[1].load(key)
                np.testing.assert_array_equal(one, two)
                samples, rate = read(clip.path, rate=recipe.rate)
                np.testing.assert_allclose(one, recipe.extract(samples, rate), rtol=1e-5, atol=1e-4)

    def test_what_is_there_is_not_done_again(self, make_clips, cache):
        clips = make_clips(3)
        assert extract_ahead(all_of(clips[:2]), cache) == 6
        times = {p: p.stat().st_mtime_ns for p in cache.folder.rglob("*.array")}
        assert extract_ahead(all_of(clips) + all_of(clips), cache) == 3
        assert all(path.stat().st_mtime_ns == when for path, when in times.items())
        told = []
        assert extract_ahead(all_of(clips), cache, progress=lambda *now: told.append(now)) == 0
        assert told == []

    def test_one_decoding_and_resampling_for_recipes_of_a_rate(
        self, make_clips, cache, monkeypatch
    ):
        forms = []
        waveform = Clip.waveform
        monkeypatch.setattr(
            Clip, "waveform", lambda clip, *form: forms.append(form) or waveform(clip, *form)
        )
        recipes = [*RECIPES, Mfcc(), Mfcc(channel="mean"), LogMel(rate=8000, fft=256)]
        extract_ahead(all_of(make_clips(1), recipes), cache, workers=1)
        assert sorted(forms) == [(8000, "first"), (16000, "first"), (16000, "mean")]

    def test_segments_of_a_file(self, tmp_path, cache):
        path = tmp_path / "long.wav"
        samples = np.random.default_rng(0).standard_normal(32000).astype(np.float32) / 9
        soundfile.write(path, samples, 16000, subtype="FLOAT")
        clips = [Clip.of(path, 0.0, 0.5), Clip.of(path, 0.5, 1.25), Clip.of(path, 1.25, None)]
        extract_ahead([Wanted(LogMel(), clip) for clip in clips], cache)
        for clip, part in zip(clips, np.split(samples, [8000, 20000]), strict=True):
            np.testing.assert_allclose(
                compute(clip, LogMel(), cache), LogMel().extract(part, 16000), atol=1e-4
            )

    def test_compute_keeps_what_it_computes(self, make_clips, cache, monkeypatch):
        (clip,) = make_clips(1)
        first = compute(clip, LogMel(), cache)
        monkeypatch.setattr(LogMel, "extract", None)
        np.testing.assert_array_equal(compute(clip, LogMel(), cache), first)

    def test_one_thread_computes_what_many_would(self, make_clips, cache):
        threadpoolctl = pytest.importorskip("threadpoolctl")
        (clip,) = make_clips(1)
        samples, rate = read(clip.path)
        with threadpoolctl.threadpool_limits(limits=1):
            alone = LogMel().extract(samples, rate)
        np.testing.assert_array_equal(compute(clip, LogMel(), cache), alone)

    @pytest.mark.corpus("EMO-DB")
    def test_real_speech(self, real_corpus, tmp_path):
        folder = real_corpus("EMO-DB") / "wav"
        clips = [Clip.of(path) for path in sorted(folder.glob("*.wav"))[:8]]
        caches = [FeatureCache(tmp_path / name) for name in ("serial", "parallel")]
        extract_ahead(all_of(clips), caches[0], workers=1)
        extract_ahead(all_of(clips), caches[1], workers=2)
        for each in all_of(clips):
            one, two = (cache.load(Key.of(each.clip, each.recipe)) for cache in caches)
            np.testing.assert_array_equal(one, two)


class TestGuests:
    def test_a_recipe_in_a_models_file_reaches_other_processes(self, guest, make_clips, cache):
        choice, recipe = guest()
        assert not is_portable(recipe)
        clips = make_clips(4)
        want = wanted(choice, recipe, clips)
        assert isinstance(want[0].source, Declared)
        assert extract_ahead(want, cache, workers=2) == 4
        for clip in clips:
            mean, process = compute(clip, recipe, cache)
            assert mean == pytest.approx(read(clip.path)[0].mean(), abs=1e-6)
            assert process != os.getpid()

    def test_a_relative_path_is_made_whole(self, guest, monkeypatch, tmp_path):
        choice, recipe = guest()
        monkeypatch.chdir(tmp_path / "guest")
        declared = Declared.by(replace(choice, spec="guest.py:Guest"), recipe)
        assert declared.spec == choice.spec
        assert json.loads(declared.settings) == choice.settings

    def test_a_recipe_within_a_recipe(self, guest):
        _, recipe = guest()
        assert not is_portable(Functionals(of=recipe))
        assert is_portable(Functionals(of=Mfcc()))

    def test_a_recipe_of_a_module_goes_as_it_is(self, guest, make_clips):
        clips = make_clips(1)
        choice, _ = guest()
        assert wanted(choice, LogMel(), clips) == [Wanted(LogMel(), clips[0])]

    def test_a_recipe_that_is_declared_no_more(self, guest):
        choice, recipe = guest()
        declared = Declared.by(choice, recipe)
        assert resolve(declared) == recipe
        with pytest.raises(SerbenchError, match="no longer declares"):
            resolve(Declared(declared.spec, declared.settings, "0" * 64))

    def test_a_recipe_that_no_other_process_could_import_is_computed_here(self, make_clips, cache):
        @dataclass(frozen=True)
        class Here(LogMel):
            name: ClassVar[str] = "here"

        assert extract_ahead([Wanted(Here(), clip) for clip in make_clips(3)], cache, workers=2)


def test_the_limit_is_kept(make_clips, tmp_path):
    clips = make_clips(6)
    cache = FeatureCache(tmp_path / "cache", limit_bytes=60_000)
    extract_ahead(all_of(clips), cache, workers=1)
    assert 0 < cache.size() <= 60_000


def test_few_clips_start_no_process(make_clips, cache, monkeypatch):
    monkeypatch.setattr(extract, "share_out", None)
    assert extract_ahead(all_of(make_clips(3)), cache) == 9


def test_leftovers_are_swept(make_clips, cache):
    cache.folder.mkdir(parents=True)
    left = cache.folder / ".a.tmp"
    left.touch()
    os.utime(left, (time.time() - 9999,) * 2)
    extract_ahead(all_of(make_clips(1)), cache)
    assert not left.exists()


def test_nothing_heavy_is_imported_for_what_is_cached(make_clips, cache):
    (clip,) = make_clips(1)
    compute(clip, LogMel(), cache)
    code = (
        "import sys; from pathlib import Path; from serbench.features.cache import FeatureCache;"
        "from serbench.features.clip import Clip; from serbench.features.frames import LogMel;"
        "from serbench.features.compute import compute;"
        "from serbench.features.extract import Wanted, extract_ahead;"
        "clip, cache = Clip.of(Path(sys.argv[1])), FeatureCache(Path(sys.argv[2]));"
        "extract_ahead([Wanted(LogMel(), clip)], cache); compute(clip, LogMel(), cache);"
        "heavy = {'librosa', 'scipy', 'sklearn', 'numba', 'torch', 'pandas', 'opensmile'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(clip.path), str(cache.folder.parent)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "[]\n"
