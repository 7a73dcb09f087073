"""Which file holds a segment, and where a missing one should be."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from serbench_corpora.mosei.sounds import Place, Sounds, extraction, indexed, is_spare


def index(*paths: str) -> Sounds:
    return indexed(Path(path) for path in paths)


def found(paths: list[Path]) -> list[str]:
    return [str(path) for path in paths]


@pytest.mark.parametrize("folder", ["WAV_16000/", "", "a/b/", "train/"])
@pytest.mark.parametrize("suffix", [".wav", ".flac", ".WAV"])
def test_a_whole_recording(folder: str, suffix: str) -> None:
    path = f"{folder}zv0Jl4TIQDc{suffix}"
    assert found(index(path).of_video("zv0Jl4TIQDc")) == [path]


@pytest.mark.parametrize(
    "folder", ["Segmented_Audio/train", "SEGMENTED_AUDIO", "segmented_audio/x"]
)
def test_segments_by_row(folder: str) -> None:
    """A row is looked for where segments were cut by the rows, and nowhere else."""
    sounds = index(f"{folder}/zv0Jl4TIQDc_2.wav")
    assert found(sounds.of_segment("zv0Jl4TIQDc", "2")) == [f"{folder}/zv0Jl4TIQDc_2.wav"]
    assert not sounds.of_segment("zv0Jl4TIQDc", "clip2")
    assert sounds.segments(["zv0Jl4TIQDc"], by_clip=False) is not None
    assert sounds.segments(["zv0Jl4TIQDc"], by_clip=True) is None


@pytest.mark.parametrize("path", ["Raw/zv0Jl4TIQDc/2.wav", "Segmented/Combined/zv0Jl4TIQDc_2.wav"])
def test_segments_by_clip(path: str) -> None:
    sounds = index(path)
    assert found(sounds.of_segment("zv0Jl4TIQDc", "clip2")) == [path]
    assert not sounds.of_segment("zv0Jl4TIQDc", "2")
    assert sounds.segments(["zv0Jl4TIQDc"], by_clip=True) is not None
    assert sounds.segments(["other"], by_clip=True) is None


def test_videos_that_are_numbers_or_end_in_one() -> None:
    sounds = index("WAV_16000/81406.wav", "WAV_16000/abcdefghi_1.wav")
    assert found(sounds.of_video("81406")) == ["WAV_16000/81406.wav"]
    assert found(sounds.of_video("abcdefghi_1")) == ["WAV_16000/abcdefghi_1.wav"]
    assert sounds.segments(["81406", "abcdefghi_1"], by_clip=True) is None


@pytest.mark.parametrize(
    ("path", "spare"),
    [
        ("Full/WAV_16000/a video without labels.wav", True),
        ("full/wav_16000/X.flac", True),
        ("anywhere/7l3BNtSE0xc.wav", True),
        ("Segmented_Audio/train/zv0Jl4TIQDc_2.wav", True),
        ("Raw/zv0Jl4TIQDc/99.wav", True),
        ("anywhere/X.wav", False),
        ("Raw/X/1.wav", False),
        ("anywhere/X_1.wav", False),
        ("zv0Jl4TIQDc/one.wav", False),
    ],
)
def test_what_may_be_left_over(path: str, spare: bool) -> None:
    assert is_spare(Path(path), {"zv0jl4tiqdc", "7l3bntse0xc"}) is spare


ROOT = Path("/c")


def test_where_a_missing_recording_should_be() -> None:
    assert Place(ROOT, None, None).of_video("a") == ROOT / "Raw/Audio/Full/WAV_16000/a.wav"
    beside = Place(ROOT, ROOT / "x/b.flac", None)
    assert beside.of_video("a") == ROOT / "x/a.flac"
    assert not beside.segmented


@pytest.mark.parametrize(
    ("there", "fold", "expected"),
    [
        ("Segmented_Audio/train/b_1.wav", "test", "Segmented_Audio/test/a_2.wav"),
        ("Segmented_Audio/train/b_1.wav", "valid", "Segmented_Audio/dev/a_2.wav"),
        ("Segmented_Audio/train/b_1.wav", None, "Segmented_Audio/train/a_2.wav"),
        ("Segmented_Audio/b_1.flac", "test", "Segmented_Audio/a_2.flac"),
        ("Raw/b/1.wav", "test", "Raw/a/2.wav"),
    ],
)
def test_where_a_missing_segment_should_be(there: str, fold: str | None, expected: str) -> None:
    place = Place(ROOT, None, ("b", ROOT / there))
    assert place.segmented
    assert place.of_segment("a", "clip2", fold) == ROOT / expected


def test_where_a_missing_segment_should_be_if_there_is_none() -> None:
    assert Place(ROOT, None, None).of_segment("a", "clip2", "test") == ROOT / "Raw/a/2.wav"


def test_the_command_that_takes_the_sound_out_of_videos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run by a shell, with an ffmpeg that writes down how it was called."""
    films = tmp_path / "it's a folder"
    films.mkdir()
    for name in ("-3g5yACwYnA.mp4", "$(touch x).mp4", "._a.mp4", "a.txt"):
        (films / name).touch()
    tool = tmp_path / "bin" / "ffmpeg"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nprintf "%s|" "$@" >> "$CALLS"\nprintf "\\n" >> "$CALLS"\n')
    tool.chmod(0o755)
    calls = tmp_path / "calls"
    monkeypatch.setenv("CALLS", str(calls))
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    subprocess.run(extraction(films), shell=True, check=True, cwd=tmp_path)
    options = "-nostdin|-i|{0}.mp4|-vn|-ac|1|-ar|16000|{0}.wav|"
    stems = (films / "-3g5yACwYnA", films / "$(touch x)")
    assert sorted(calls.read_text().splitlines()) == sorted(options.format(stem) for stem in stems)
    assert not (tmp_path / "x").exists()
