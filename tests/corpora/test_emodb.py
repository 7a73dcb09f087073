"""EMO-DB: every layout that is met with, and the real one counted."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError
from serbench.labels import Emotion
from serbench.scan import scan
from serbench.testing import forge_corpus
from serbench_corpora.emodb import COUNTS, COUNTS_2, SENTENCES, SPEAKERS, SPEAKERS_2, EmoDB

NAMES = ("03a01Fa", "08b10Lb", "16a05Wf")


def touch(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return root


def read(root: Path) -> dict[str, Entry]:
    return {entry.id: entry for entry in EmoDB().entries(root) if isinstance(entry, Entry)}


@pytest.mark.parametrize(
    "layout",
    [
        "wav/{}.wav",
        "download/wav/{}.wav",
        "{}.wav",
        "dataset/Angry/{}.wav",
        "wav_corpus/{}.wav",
        "wav/{}.flac",
        "wav/{}.WAV",
        "emodb/wav/{}.Flac",
    ],
)
def test_layouts(tmp_path: Path, layout: str) -> None:
    touch(tmp_path, *(layout.format(name) for name in NAMES))
    entries = read(tmp_path)
    assert sorted(entries) == sorted(NAMES)
    happy = entries["03a01Fa"]
    assert happy == Entry(
        id="03a01Fa",
        audio=tmp_path / layout.format("03a01Fa"),
        file="03a01Fa.wav",
        speaker="03",
        native="F",
        gender="male",
        sentence="a01",
        text="Der Lappen liegt auf dem Eisschrank.",
    )
    assert entries["08b10Lb"].gender == "female"


def test_other_files_are_not_claimed(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "wav/03a01Fa.wav",
        "wav/._03a01Fa.wav",
        "__MACOSX/wav/03a01Fa.wav",
        "wav/03a01Xa.wav",
        "wav/03a01Fg.wav",
        "wav/03a01Fa (2).wav",
        "wav/tone.wav",
        "lablaut/03a01Fa.lablaut",
        "erkennung.txt",
    )
    assert list(read(tmp_path)) == ["03a01Fa"]


def test_copies_are_left_to_the_scan(tmp_path: Path) -> None:
    touch(tmp_path, "wav/03a01Fa.wav", "dataset/Happy/03a01Fa.wav")
    assert [entry.id for entry in EmoDB().entries(tmp_path)] == ["03a01Fa", "03a01Fa"]


def write_table(path: Path, files: list[str], column: str = "file") -> None:
    emotions = ["happiness"] * len(files)
    if path.suffix == ".parquet":
        pq.write_table(pa.table({column: files, "emotion": emotions}), path)
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([column, "emotion"])
        rows.writerows(zip(files, emotions, strict=True))


TABLES = ("db.emotion.csv", "db.emotion.categories.train.gold_standard.csv", "db.emotion.parquet")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize("below", ["", "emodb"])
def test_audformat(tmp_path: Path, table: str, suffix: str, below: str) -> None:
    root = tmp_path / below
    touch(root, "db.yaml", *(f"wav/{name}{suffix}" for name in NAMES))
    write_table(root / table, [f"wav/{name}.wav" for name in NAMES])
    assert sorted(read(tmp_path)) == sorted(NAMES)


@pytest.mark.parametrize("table", TABLES)
def test_audformat_names_files_that_are_missing(tmp_path: Path, table: str) -> None:
    touch(tmp_path, "db.yaml", "wav/03a01Fa.wav")
    missing = [f"wav/{speaker}a02Nc.wav" for speaker in SPEAKERS]
    write_table(tmp_path / table, ["wav/03a01Fa.wav", *missing])
    finding, entry = EmoDB().entries(tmp_path)
    assert isinstance(entry, Entry)
    assert isinstance(finding, Finding)
    assert (finding.kind, finding.grave) == ("missing", True)
    assert finding.message.startswith(f"10 of 11 files that {tmp_path / table} names do not exist")
    assert "wav/03a02Nc.wav, " in finding.message


@pytest.mark.parametrize("name", ["03A01FA.WAV", "03a01fa.wav", "03a01Fa.Wav"])
def test_names_that_lost_their_case(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"WAV/{name}")
    (entry,) = EmoDB().entries(tmp_path)
    assert isinstance(entry, Entry)
    assert (entry.id, entry.file, entry.native) == ("03a01Fa", "03a01Fa.wav", "F")
    assert entry.text == "Der Lappen liegt auf dem Eisschrank."


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_files_says_nothing(tmp_path: Path, table: str) -> None:
    touch(tmp_path, "wav/03a01Fa.wav")
    write_table(tmp_path / table, ["angry"], column="label")
    assert list(read(tmp_path)) == ["03a01Fa"]


@pytest.mark.parametrize("table", ["db.emotion.csv", "db.emotion.parquet"])
def test_a_damaged_table_is_refused(tmp_path: Path, table: str) -> None:
    touch(tmp_path, "wav/03a01Fa.wav")
    (tmp_path / table).write_bytes(b"PAR1\xff\xfe\x00")
    with pytest.raises(CorpusError, match=r"db\.emotion\.\w+ cannot be read"):
        read(tmp_path)


def test_card() -> None:
    assert sum(COUNTS.values()) == sum(SPEAKERS.values()) == 535
    assert sum(COUNTS_2.values()) == sum(SPEAKERS_2.values()) == 816
    assert all(COUNTS_2[label] >= COUNTS[label] for label in COUNTS)
    assert all(SPEAKERS_2[speaker] >= SPEAKERS[speaker] for speaker in SPEAKERS)
    assert len(SENTENCES) == 10
    assert {native: str(emotion) for native, emotion in EmoDB.labels.items()} == {
        "W": "anger",
        "L": "boredom",
        "E": "disgust",
        "A": "fear",
        "F": "happiness",
        "T": "sadness",
        "N": "neutral",
    }


def test_forged_paths_are_sixty_and_distinct() -> None:
    paths = [EmoDB().forged_path("03", "F", take) for take in range(60)]
    assert paths[0] == "wav/03a01Fa.wav"
    assert paths[1] == "wav/03a02Fa.wav"
    assert paths[10] == "wav/03a01Fb.wav"
    assert len(set(paths)) == 60


@pytest.mark.parametrize(
    ("speaker", "native", "take"),
    [("03", "F", 60), ("03", "F", -1), ("01", "F", 0), ("03", "X", 0)],
)
def test_forged_path_out_of_range(speaker: str, native: str, take: int) -> None:
    with pytest.raises(ValueError, match=r"takes are 0 to 59"):
        EmoDB().forged_path(speaker, native, take)


@pytest.mark.parametrize("number", [0, 1])
def test_either_release_is_recognised(tmp_path: Path, number: int) -> None:
    release = EmoDB.card.releases[number]
    forge_corpus(EmoDB(), tmp_path, release=release, silent=True, seconds=(0.05, 0.1), rate=8000)
    scanned = scan(EmoDB(), tmp_path)
    assert scanned.release == release.name
    # Forged: the sounds of the release that has a manifest are not its own, and that is said.
    assert {finding.kind for finding in scanned.findings} <= {"altered"}
    assert not scanned.partial


@pytest.mark.corpus("EMO-DB")
def test_real(real_corpus: Callable[[str], Path]) -> None:
    entries = list(EmoDB().entries(real_corpus("EMO-DB")))
    assert len({entry.id for entry in entries}) == len(entries) == 535
    assert Counter(entry.native for entry in entries) == COUNTS
    assert Counter(entry.speaker for entry in entries) == SPEAKERS
    assert Counter(EmoDB.labels[entry.native] for entry in entries) == {
        Emotion.ANGER: 127,
        Emotion.BOREDOM: 81,
        Emotion.NEUTRAL: 79,
        Emotion.HAPPINESS: 71,
        Emotion.FEAR: 69,
        Emotion.SADNESS: 62,
        Emotion.DISGUST: 46,
    }
    assert {entry.sentence for entry in entries} == set(SENTENCES)
    assert Counter(entry.gender for entry in entries) == {
        "male": 49 + 38 + 55 + 35 + 56,
        "female": 58 + 43 + 61 + 69 + 71,
    }


@pytest.mark.corpus("EMO-DB")
def test_all_that_the_listeners_judged(real_corpus: Callable[[str], Path]) -> None:
    """The table of the listening test has the counts of EmoDB 2.0."""
    table = (real_corpus("EMO-DB") / "erkennung.txt").read_text(encoding="latin-1")
    names = [line.split("\t")[1].strip() for line in table.splitlines()[1:] if "\t" in line]
    assert Counter(name[5] for name in names) == COUNTS_2
    assert Counter(name[:2] for name in names) == SPEAKERS_2
