"""SAVEE: every layout that is met with, and files that have lost their speaker."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from serbench.corpus import Entry
from serbench.errors import CorpusError
from serbench.scan import scan
from serbench.testing import forge_corpus
from serbench_corpora.savee import COUNTS, SAVEE, SPEAKERS

MANIFEST = Path(__file__).parents[3] / "shared" / "facts" / "manifests" / "savee.csv"
FILES = (("DC", "a01"), ("JE", "sa15"), ("JK", "su03"), ("KL", "n30"), ("KL", "d02"))


def touch(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return root


def read(root: Path) -> dict[str, Entry]:
    return {entry.id: entry for entry in SAVEE().entries(root)}


@pytest.mark.parametrize(
    "layout",
    [
        "AudioData/{s}/{n}.wav",
        "SAVEE/{s}/{n}.wav",
        "AudioData/AudioData/{s}/{n}.wav",
        "{s}/{n}.wav",
        "{s}/sentences/{n}.wav",
        "{s}_{n}.wav",
        "ALL/{s}_{n}.wav",
        "ALL/{s}_{n}.WAV",
        "AudioData/{s}/{n}.flac",
        "{l}/{n}.wav",
        "all/{l}_{n}.Flac",
        "{s}/{s}_{n}.wav",
        "{l}/{s}_{n}.wav",
    ],
)
def test_layouts(tmp_path: Path, layout: str) -> None:
    touch(tmp_path, *(layout.format(s=s, l=s.lower(), n=n) for s, n in FILES))
    entries = read(tmp_path)
    assert sorted(entries) == sorted(f"{s}/{n}" for s, n in FILES)
    assert entries["JE/sa15"] == Entry(
        id="JE/sa15",
        audio=tmp_path / layout.format(s="JE", l="je", n="sa15"),
        file="JE/sa15.wav",
        speaker="JE",
        native="sa",
        gender="male",
    )
    assert {entry.native for entry in entries.values()} == {"a", "sa", "su", "n", "d"}


@pytest.mark.parametrize(
    "path",
    ["a01.wav", "f10 (2).wav", "f10(2).wav", "sa01.flac", "angry/a01.wav", "AudioData/a01.wav"],
)
def test_a_lost_speaker_is_refused(tmp_path: Path, path: str) -> None:
    touch(tmp_path, "DC/a01.wav", path)
    with pytest.raises(CorpusError, match="has lost its speaker") as error:
        read(tmp_path)
    assert error.value.found.startswith(str(tmp_path / path))
    assert "unpack" in error.value.advice


def test_a_speakers_own_folder_is_no_corpus(tmp_path: Path) -> None:
    touch(tmp_path, "DC/a01.wav")
    with pytest.raises(CorpusError, match=r"folder DC, JE, JK, KL below .*DC"):
        read(tmp_path / "DC")


def test_two_speakers_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "JE/DC_a01.wav")
    with pytest.raises(CorpusError, match="DC by its name, JE by its folder"):
        read(tmp_path)


def test_other_files_are_not_claimed(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "DC/a01.wav",
        "DC/._a01.wav",
        "DC/a01 (2).wav",
        "DC/a1.wav",
        "DC/s01.wav",
        "DC/x01.wav",
        "DC/03a01Fa.wav",
        "tone.wav",
        "Info.txt",
    )
    assert list(read(tmp_path)) == ["DC/a01"]


def test_copies_are_left_to_the_scan(tmp_path: Path) -> None:
    touch(tmp_path, "AudioData/DC/a01.wav", "AudioData/AudioData/DC/a01.wav")
    assert [entry.id for entry in SAVEE().entries(tmp_path)] == ["DC/a01", "DC/a01"]


def test_a_nested_copy_of_the_whole_is_one_corpus(tmp_path: Path) -> None:
    root = tmp_path / "AudioData"
    forge_corpus(SAVEE(), tmp_path, seconds=(0.02, 0.04), rate=8000)
    for path in sorted(root.rglob("*.wav")):
        copy = root / path.relative_to(tmp_path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    scanned = scan(SAVEE(), tmp_path)
    assert len(scanned.utterances) == 480
    assert [finding.kind for finding in scanned.findings] == ["mirrored", "altered"]


def test_card() -> None:
    assert sum(COUNTS.values()) == sum(SPEAKERS.values()) == 480
    assert COUNTS["n"] == 120
    assert {native: str(emotion) for native, emotion in SAVEE.labels.items()} == {
        "a": "anger",
        "d": "disgust",
        "f": "fear",
        "h": "happiness",
        "n": "neutral",
        "sa": "sadness",
        "su": "surprise",
    }


def test_forged_paths() -> None:
    assert SAVEE().forged_path("DC", "a", 0) == "AudioData/DC/a01.wav"
    assert SAVEE().forged_path("KL", "n", 29) == "AudioData/KL/n30.wav"


@pytest.mark.parametrize(
    ("speaker", "native", "take"),
    [("DC", "a", 99), ("DC", "a", -1), ("dc", "a", 0), ("DC", "s", 0)],
)
def test_forged_path_out_of_range(speaker: str, native: str, take: int) -> None:
    with pytest.raises(ValueError, match=r"takes are 0 to 98"):
        SAVEE().forged_path(speaker, native, take)


@pytest.mark.skipif(not MANIFEST.is_file(), reason=f"{MANIFEST} does not exist")
def test_every_path_of_the_real_corpus(tmp_path: Path) -> None:
    with MANIFEST.open(newline="") as lines:
        paths = [row["path"] for row in csv.DictReader(lines)]
    entries = read(touch(tmp_path, *paths))
    assert len(entries) == len(paths) == 480
    assert Counter(entry.native for entry in entries.values()) == COUNTS
    assert Counter(entry.speaker for entry in entries.values()) == SPEAKERS
    assert {f"AudioData/{entry.file}" for entry in entries.values()} == set(paths)
