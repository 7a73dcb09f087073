"""CASIA: every layout that is met with, both editions, and files that have lost their speaker."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError, SerbenchError
from serbench.manifest import read_manifest
from serbench.scan import scan
from serbench.testing import forge_corpus
from serbench.testing.forgery import forgery_of
from serbench_corpora import casia
from serbench_corpora.casia import CASIA, COUNTS_FULL, FULL, GENDERS, SPEAKERS_FULL, SUBSET

MANIFEST = Path(casia.__file__).parent / "manifests" / "casia.csv.xz"
FILES = (
    ("ZhaoZuoxiang", "angry", "201"),
    ("liuchanhg", "neutral", "250"),
    ("wangzhe", "surprise", "222"),
    ("zhaoquanyin", "angry", "201"),
)
TINY = {"seconds": (0.02, 0.04), "rate": 8000, "silent": True}


def touch(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return root


def read(root: Path) -> tuple[dict[str, Entry], list[Finding]]:
    found = list(CASIA().entries(root))
    entries = {entry.id: entry for entry in found if isinstance(entry, Entry)}
    return entries, [finding for finding in found if isinstance(finding, Finding)]


@pytest.mark.parametrize(
    "layout",
    [
        "{s}/{e}/{n}.wav",
        "CASIA database/{s}/{e}/{n}.wav",
        "casia/{s}/{e}/{n}.wav",
        "6/{s}/{e}/{n}.wav",
        "{l}/{e}/{n}.wav",
        "{l}/{E}/{n}.WAV",
        "{s}/{e}/{n}.flac",
        "{e}/{n}-{e}-{s}.wav",
        "{e}/{n}-{e}-{l}.wav",
        "{n}-{e}-{s}.wav",
        "相同文本300/{s}/{e}/{n}.wav",
        "CASIA情感语料库/相同文本300/{s}/{e}/{n}.wav",
        "normal/{s}/{e}/{n}.wav",
    ],
)
def test_layouts(tmp_path: Path, layout: str) -> None:
    paths = {
        f"{s}/{e}/{n}": layout.format(s=s, l=s.lower(), e=e, E=e.title(), n=n) for s, e, n in FILES
    }
    touch(tmp_path, *paths.values())
    entries, findings = read(tmp_path)
    assert sorted(entries) == sorted(paths)
    assert not findings
    assert entries["ZhaoZuoxiang/angry/201"] == Entry(
        id="ZhaoZuoxiang/angry/201",
        audio=tmp_path / paths["ZhaoZuoxiang/angry/201"],
        file="ZhaoZuoxiang/angry/201.wav",
        speaker="ZhaoZuoxiang",
        native="angry",
        gender="male",
        sentence="201",
    )
    assert {entry.speaker: entry.gender for entry in entries.values()} == {
        "ZhaoZuoxiang": "male",
        "liuchanhg": "female",
        "wangzhe": "male",
        "zhaoquanyin": "female",
    }


@pytest.mark.parametrize(
    "top",
    ["不同文本100/", "CASIA/不同文本100/", "", "▓╗═¼╬─▒╛100/"],
    ids=["named", "deep", "none", "garbled"],
)
def test_different_texts(tmp_path: Path, top: str) -> None:
    touch(
        tmp_path,
        f"{top}Chang.Liu/normal/001.wav",
        f"{top}Zuoxiang.Zhao/angry/001.wav",
        "相同文本300/liuchanhg/neutral/001.wav",
        "相同文本300/ZhaoZuoxiang/angry/001.wav",
    )
    entries, findings = read(tmp_path)
    assert not findings
    assert sorted(entries) == [
        "ZhaoZuoxiang/angry/001",
        "ZhaoZuoxiang/angry/different/001",
        "liuchanhg/neutral/001",
        "liuchanhg/normal/different/001",
    ]
    assert entries["liuchanhg/normal/different/001"] == Entry(
        id="liuchanhg/normal/different/001",
        audio=tmp_path / f"{top}Chang.Liu/normal/001.wav",
        file="不同文本100/Chang.Liu/normal/001.wav",
        speaker="liuchanhg",
        native="normal",
        gender="female",
    )
    assert entries["liuchanhg/neutral/001"].sentence == "001"


def test_the_parts_folder_says_more_than_the_speakers(tmp_path: Path) -> None:
    """A tree in which the speakers of the two parts were given the same names."""
    touch(tmp_path, "不同文本100/wangzhe/sad/001.wav", "相同文本300/Zhe.Wang/sad/201.wav")
    entries, _ = read(tmp_path)
    assert sorted(entries) == ["wangzhe/sad/201", "wangzhe/sad/different/001"]


@pytest.mark.parametrize(
    "path",
    ["angry/201.wav", "CASIA database/sad/250.wav", "Happy/201.flac", "liuchanghong/fear/203.wav"],
)
def test_a_lost_speaker_is_refused(tmp_path: Path, path: str) -> None:
    touch(tmp_path, "liuchanhg/angry/201.wav", path)
    with pytest.raises(CorpusError, match="has lost its speaker") as error:
        read(tmp_path)
    assert error.value.found.startswith(str(tmp_path / path))
    assert all(speaker in error.value.advice for speaker in GENDERS)


def test_a_speakers_own_folder_is_no_corpus(tmp_path: Path) -> None:
    touch(tmp_path, "liuchanhg/angry/201.wav")
    with pytest.raises(CorpusError, match=r"has lost its speaker"):
        read(tmp_path / "liuchanhg")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("sad/201-angry-wangzhe.wav", "sad"),
        ("liuchanhg/angry/201-angry-wangzhe.wav", "liuchanhg"),
        ("liuchanhg/sad/201-angry-wangzhe.wav", "liuchanhg and sad"),
    ],
)
def test_a_folder_that_contradicts_the_name_is_a_finding(
    tmp_path: Path, path: str, said: str
) -> None:
    touch(tmp_path, path)
    entries, (finding,) = read(tmp_path)
    assert (finding.kind, finding.grave) == ("misplaced", True)
    assert finding.message.startswith(str(tmp_path / path))
    assert finding.message.endswith(f"its folders say {said}")
    assert list(entries) == ["wangzhe/angry/201"]


def test_other_files_are_not_claimed(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "liuchanhg/angry/201.wav",
        "liuchanhg/angry/._201.wav",
        "__MACOSX/liuchanhg/angry/201.wav",
        "liuchanhg/201.wav",
        "liuchanhg/bored/201.wav",
        "liuchanhg/angry/201 (2).wav",
        "liuchanhg/angry/tone.wav",
        "angry/201-angry-somebody.wav",
        "liuchanhg/201.txt",
        "201.wav",
    )
    entries, findings = read(tmp_path)
    assert list(entries) == ["liuchanhg/angry/201"]
    assert not findings


def test_copies_are_left_to_the_scan(tmp_path: Path) -> None:
    touch(tmp_path, "liuchanhg/angry/201.wav", "相同文本300/liuchanhg/angry/201.wav")
    ids = [entry.id for entry in CASIA().entries(tmp_path) if isinstance(entry, Entry)]
    assert ids == ["liuchanhg/angry/201"] * 2


def test_card() -> None:
    assert SUBSET.utterances == sum(count or 0 for count in SUBSET.speakers.values()) == 1200
    assert FULL.utterances == sum(SPEAKERS_FULL.values()) == 9600
    assert COUNTS_FULL["neutral"] + COUNTS_FULL["normal"] == COUNTS_FULL["angry"] == 1600
    assert {native: str(emotion) for native, emotion in CASIA.labels.items()} == {
        "angry": "anger",
        "fear": "fear",
        "happy": "happiness",
        "neutral": "neutral",
        "normal": "neutral",
        "sad": "sadness",
        "surprise": "surprise",
    }


@pytest.mark.parametrize(
    ("speaker", "native", "take"),
    [
        ("wangzhe", "sad", 50),
        ("wangzhe", "sad", -1),
        ("Zhe.Wang", "sad", 0),
        ("wangzhe", "normal", 0),
    ],
)
def test_forged_path_out_of_range(speaker: str, native: str, take: int) -> None:
    with pytest.raises(ValueError, match=r"takes are 0 to 49"):
        CASIA().forged_path(speaker, native, take)


def test_the_part_in_circulation_is_recognised(tmp_path: Path) -> None:
    forge_corpus(CASIA(), tmp_path, **TINY)
    scanned = scan(CASIA(), tmp_path)
    assert scanned.release == SUBSET.name
    assert {finding.kind for finding in scanned.findings} <= {"altered"}  # it is forged
    assert {utterance.file for utterance in scanned.utterances} == set(read_manifest(MANIFEST))
    assert Counter(utterance.sentence for utterance in scanned.utterances) == {
        f"{number}": 24 for number in range(201, 251)
    }


def test_the_full_edition_is_counted(tmp_path: Path) -> None:
    """By its names: to write and read 9600 sounds takes too long."""
    planned = list(forgery_of(CASIA()).utterances(FULL, None))
    entries, findings = read(touch(tmp_path, *(forged.path for forged in planned)))
    assert not findings
    assert len(entries) == 9600
    assert Counter(entry.native for entry in entries.values()) == FULL.counts
    assert Counter(entry.speaker for entry in entries.values()) == FULL.speakers
    different = Counter(entry.sentence is None for entry in entries.values())
    assert different == {False: 4 * 6 * 300, True: 4 * 6 * 100}
    # No two utterances of one voice and emotion are the same take: each has a sound of its own.
    takes = {(f.speaker, str(CASIA.labels[f.native]), f.take) for f in planned}
    assert len(takes) == 9600


@pytest.mark.slow
def test_the_full_edition_is_recognised(tmp_path: Path) -> None:
    forge_corpus(CASIA(), tmp_path, release=FULL, **TINY)
    scanned = scan(CASIA(), tmp_path)
    assert scanned.release == FULL.name
    assert not scanned.findings
    assert len({utterance.samples for utterance in scanned.utterances}) == 9600


def test_more_takes_than_the_full_edition_has(tmp_path: Path) -> None:
    with pytest.raises(SerbenchError, match="300 takes of label 'neutral'"):
        forge_corpus(CASIA(), tmp_path, release=FULL, per_cell=301, **TINY)
