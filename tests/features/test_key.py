"""What a cached array is kept under."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from serbench.features.clip import Clip
from serbench.features.frames import LogMel, Mfcc
from serbench.features.functionals import Functionals
from serbench.features.key import Key
from serbench.registry import load

CLIP = Clip(Path("a.wav"), None, None, "0" * 64, 16000, 1, 1.0)


def test_a_corpus_may_move():
    moved = dataclasses.replace(CLIP, path=Path("/elsewhere/b.flac"), start=1.0, end=2.0)
    assert Key.of(moved, LogMel()) == Key.of(CLIP, LogMel())


def test_everything_else_counts():
    clips = [
        CLIP,
        dataclasses.replace(CLIP, samples="1" * 64),
        dataclasses.replace(CLIP, rate=8000),
        dataclasses.replace(CLIP, channels=2),
    ]
    recipes = [
        LogMel(),
        LogMel(bands=40),
        LogMel(channel="mean"),
        Mfcc(),
        Functionals(of=Mfcc()),
        Functionals(of=Mfcc(deltas=1)),
    ]
    keys = {Key.of(clip, recipe).array for clip in clips for recipe in recipes}
    assert len(keys) == len(clips) * len(recipes)
    assert len({Key.of(CLIP, recipe).recipe for recipe in recipes}) == len(recipes)


def test_equal_settings_give_equal_keys():
    assert Key.of(CLIP, Mfcc(hop=512)) == Key.of(CLIP, Mfcc())


def test_the_version_of_the_extractor_counts(monkeypatch):
    before = Key.of(CLIP, LogMel())
    monkeypatch.setattr(LogMel, "extractor", "librosa 0.12.0")
    after = Key.of(CLIP, LogMel())
    assert before.recipe == after.recipe
    assert before.array != after.array


def test_a_recipe_in_a_file_is_known_by_the_file(tmp_path):
    source = (
        "from dataclasses import dataclass\nfrom typing import ClassVar\n"
        "@dataclass(frozen=True)\nclass Loud:\n"
        "    name: ClassVar[str] = 'loud'\n    extractor: ClassVar[str] = 'mine 1'\n"
    )
    keys = []
    for folder, text in (("a", source), ("b", source), ("c", source + "# other\n")):
        path = tmp_path / folder / "mine.py"
        path.parent.mkdir()
        path.write_text(text)
        keys.append(Key.of(CLIP, load("models", f"{path}:Loud")()))
    assert keys[0] == keys[1]
    assert keys[0].recipe == keys[2].recipe
    assert keys[0].array != keys[2].array
