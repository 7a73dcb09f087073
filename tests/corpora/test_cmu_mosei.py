"""CMU-MOSEI: every layout and label file, which goes before which, and the real labels."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.corpus import Entry, Finding, Release
from serbench.errors import CorpusError
from serbench.scan import scan
from serbench.testing import forge_corpus
from serbench_corpora.cmu_mosei import CMUMOSEI, COUNTS, CSD, CSV, SPEAKERS
from serbench_corpora.forged.cmu_mosei import forge_audio

HEADING = ",file,index,start,end,label2a,label2b,label6,label7,split"
# Of the real file; these videos are of the train, test, valid and no fold.
ROWS = (
    "0,zv0Jl4TIQDc,0,56.852,60.845,1,1,0,1,0",
    "1,zv0Jl4TIQDc,1,29.764,35.633,1,1,0,1,0",
    "2,_0efYOjQYRc,0,20.215,30.424,1,1,0,1,2",
    "3,-571d8cVauQ,1,21.842,28.309,0,-1,1,-1,1",
    "4,-9YyBTjo1zo,0,-0.457596371882,1.77959183673,0,-1,2,-1,3",
)
VIDEOS = ("zv0Jl4TIQDc", "_0efYOjQYRc", "-571d8cVauQ", "-9YyBTjo1zo")
MMSA = (
    "video_id,clip_id,text,label,annotation,mode,label_T,label_A,label_V\n"
    "zv0Jl4TIQDc,9,a,0.3333333,Positive,train,,,\n"
    "_0efYOjQYRc,3,b,0,Neutral,test,,,\n"
)
MTURK = (
    "Input.VIDEO_ID,Input.CLIP,Answer.sentiment,Answer.happiness,Answer.sadness,Answer.anger,"
    "Answer.surprise,Answer.disgust,Answer.fear\n"
    "_0efYOjQYRc,3,1,0,0,0,0,0,2\n"
    "_0efYOjQYRc,4,0,0,0,0,0,0,0\n"
)
TRANSCRIPT = (
    "_0efYOjQYRc___3___20.215___30.424___third\n_0efYOjQYRc___4___30.342___34.565___fourth\n"
)
NO_TRANSCRIPTS = "has no transcripts"


def touch(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return root


def write(root: Path, path: str, text: str) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def labelled(root: Path, *rows: str, name: str = "CMU_MOSEI_Labels.csv") -> Path:
    write(root, name, "\n".join([HEADING, *(rows or ROWS), ""]))
    return root


def read(root: Path) -> dict[str, Entry]:
    entries = [one for one in CMUMOSEI().entries(root) if isinstance(one, Entry)]
    assert len({entry.id for entry in entries}) == len(entries)
    return {entry.id: entry for entry in entries}


def findings(root: Path) -> list[Finding]:
    """All that is said, but for the words on texts that no tree here has."""
    found = [one for one in CMUMOSEI().entries(root) if isinstance(one, Finding)]
    return [one for one in found if NO_TRANSCRIPTS not in one.message]


@pytest.mark.parametrize(
    "layout",
    [
        "Raw/Audio/Full/WAV_16000/{}.wav",
        "Audio/Full/WAV_16000/{}.wav",
        "RAW/AUDIO/full/wav_16000/{}.WAV",
        "{}.wav",
        "sounds/{}.flac",
    ],
)
@pytest.mark.parametrize("labels", ["CMU_MOSEI_Labels.csv", "deeper/Labels.csv", "of_mine.CSV"])
def test_whole_recordings(tmp_path: Path, layout: str, labels: str) -> None:
    touch(labelled(tmp_path, name=labels), *(layout.format(video) for video in VIDEOS))
    entries = read(tmp_path)
    assert entries["zv0Jl4TIQDc/1"] == Entry(
        id="zv0Jl4TIQDc/1",
        audio=tmp_path / layout.format("zv0Jl4TIQDc"),
        file="Audio/Full/WAV_16000/zv0Jl4TIQDc.wav",
        speaker="zv0Jl4TIQDc",
        native="happy",
        start=29.764,
        end=35.633,
        attributes={"sentiment": 1.0},
        fold="train",
    )
    assert {name: (entry.native, entry.fold) for name, entry in entries.items()} == {
        "zv0Jl4TIQDc/0": ("happy", "train"),
        "zv0Jl4TIQDc/1": ("happy", "train"),
        "_0efYOjQYRc/0": ("happy", "test"),
        "-571d8cVauQ/1": ("sad", "valid"),
        "-9YyBTjo1zo/0": ("anger", None),
    }


def test_a_start_before_the_video(tmp_path: Path) -> None:
    touch(labelled(tmp_path), *(f"{video}.wav" for video in VIDEOS))
    early = read(tmp_path)["-9YyBTjo1zo/0"]
    assert (early.start, early.end) == (0.0, 1.77959183673)
    (remark,) = findings(tmp_path)
    assert (remark.kind, remark.grave) == ("known-defect", False)
    assert "1 segments (-9YyBTjo1zo/0) begin before their video" in remark.message


@pytest.mark.parametrize(("start", "end"), [("5.0", "5.0"), ("5.0", "4.0"), ("-0.4", "-0.1")])
def test_a_segment_without_length_is_left_out_and_said(
    tmp_path: Path, start: str, end: str
) -> None:
    row = f"9,zv0Jl4TIQDc,2,{start},{end},1,1,0,1,0"
    touch(labelled(tmp_path, *ROWS[:2], row), "zv0Jl4TIQDc.wav")
    assert list(read(tmp_path)) == ["zv0Jl4TIQDc/0", "zv0Jl4TIQDc/1"]
    finding = findings(tmp_path)[-1]
    assert (finding.kind, finding.grave) == ("annotation", True)
    assert "1 segments (zv0Jl4TIQDc/2) end where they begin" in finding.message


def test_a_segment_that_is_labelled_twice(tmp_path: Path) -> None:
    touch(labelled(tmp_path, *ROWS[:2], ROWS[1].replace(",0,1,0", ",4,1,0")), "zv0Jl4TIQDc.wav")
    assert read(tmp_path)["zv0Jl4TIQDc/1"].native == "happy"
    (finding,) = findings(tmp_path)
    assert (finding.kind, finding.grave) == ("annotation", True)
    assert "1 segments (zv0Jl4TIQDc/1) stand there again; the first line counts" in finding.message


def test_files_of_segments(tmp_path: Path) -> None:
    folder = "Audio/Segmented_Audio"
    paths = {
        "zv0Jl4TIQDc/0": f"{folder}/train/zv0Jl4TIQDc_0.wav",
        "zv0Jl4TIQDc/1": f"{folder}/train/zv0Jl4TIQDc_1.wav",
        "_0efYOjQYRc/0": f"{folder}/test/_0efYOjQYRc_0.wav",
        "-571d8cVauQ/1": f"{folder}/dev/-571d8cVauQ_1.wav",
    }
    touch(labelled(tmp_path), *paths.values())
    entries = read(tmp_path)
    for name, path in paths.items():
        assert entries[name].audio == tmp_path / path
        assert (entries[name].start, entries[name].end) == (None, None)
        assert entries[name].file == f"Audio/Full/WAV_16000/{entries[name].speaker}.wav"
    lacking = entries["-9YyBTjo1zo/0"]  # S3PRL's script cuts nothing that is in no fold
    assert lacking.audio == tmp_path / f"{folder}/train/-9YyBTjo1zo_0.wav"


@pytest.mark.parametrize(
    "path", ["Raw/zv0Jl4TIQDc/0.wav", "Videos/Segmented/Combined/zv0Jl4TIQDc_0.wav"]
)
def test_files_of_clips_are_not_taken_for_rows(tmp_path: Path, path: str) -> None:
    touch(labelled(tmp_path), path)
    with pytest.raises(CorpusError, match=r"is numbered by clip, and .* by row") as error:
        read(tmp_path)
    assert error.value.found.startswith(str(tmp_path / path))
    touch(tmp_path, *(f"WAV_16000/{video}.wav" for video in VIDEOS))
    assert read(tmp_path)["zv0Jl4TIQDc/0"].audio == tmp_path / "WAV_16000/zv0Jl4TIQDc.wav"


def test_files_of_rows_are_not_taken_for_clips(tmp_path: Path) -> None:
    write(tmp_path, "label.csv", MMSA)
    touch(tmp_path, "Segmented_Audio/train/zv0Jl4TIQDc_9.wav")
    with pytest.raises(CorpusError, match=r"is numbered by row of the SDK labels, and .* by clip"):
        read(tmp_path)


def test_recordings_go_before_files_of_segments(tmp_path: Path) -> None:
    segments = ("zv0Jl4TIQDc_0", "_0efYOjQYRc_0")
    touch(labelled(tmp_path), *(f"{video}.wav" for video in VIDEOS[:1] + VIDEOS[2:]))
    touch(tmp_path, *(f"Segmented_Audio/{name}.wav" for name in segments))
    entries = read(tmp_path)
    assert entries["zv0Jl4TIQDc/0"].audio == tmp_path / "zv0Jl4TIQDc.wav"
    assert entries["_0efYOjQYRc/0"].audio == tmp_path / "Segmented_Audio/_0efYOjQYRc_0.wav"
    remark = findings(tmp_path)[-1]
    assert (remark.kind, remark.grave) == ("repeated", False)


def test_copies_are_left_to_the_scan(tmp_path: Path) -> None:
    touch(labelled(tmp_path, ROWS[0]), "zv0Jl4TIQDc.wav", "copy/zv0Jl4TIQDc.wav")
    entries = [one for one in CMUMOSEI().entries(tmp_path) if isinstance(one, Entry)]
    assert [entry.id for entry in entries] == ["zv0Jl4TIQDc/0"] * 2
    assert {entry.audio.parent.name for entry in entries} == {tmp_path.name, "copy"}


def test_a_missing_sound_is_looked_for_beside_the_others(tmp_path: Path) -> None:
    touch(labelled(tmp_path), "sounds/zv0Jl4TIQDc.flac")
    missing = read(tmp_path)["-571d8cVauQ/1"]
    assert missing.audio == tmp_path / "sounds/-571d8cVauQ.flac"
    assert (missing.start, missing.end) == (21.842, 28.309)
    shutil.rmtree(tmp_path / "sounds")
    assert read(tmp_path)["-571d8cVauQ/1"].audio == (
        tmp_path / "Raw/Audio/Full/WAV_16000/-571d8cVauQ.wav"
    )


def test_companions_and_other_files(tmp_path: Path) -> None:
    touch(labelled(tmp_path), *(f"{video}.wav" for video in VIDEOS))
    before = read(tmp_path)
    touch(
        tmp_path,
        *(f"._{video}.wav" for video in VIDEOS),
        "__MACOSX/._CMU_MOSEI_Labels.csv",
        "._CMU_MOSEI_Labels.csv",
        "other.csv",
        "CMU_MOSEI_COVAREP.csd",
        "features.pkl",
        "zv0Jl4TIQDc.txt",
        "notes.json",
    )
    assert read(tmp_path) == before


@pytest.mark.parametrize("film", ["Raw/Videos/Full/Combined/{}.mp4", "{}.MP4"])
def test_films_alone_are_refused_with_a_command(tmp_path: Path, film: str) -> None:
    touch(labelled(tmp_path), *(film.format(video) for video in VIDEOS))
    with pytest.raises(CorpusError, match=r"4 of the corpus's videos as \.mp4") as error:
        read(tmp_path)
    folder = (tmp_path / film).parent
    assert f"find {folder} " in error.value.advice
    assert "ffmpeg" in error.value.advice


def test_films_of_clips_alone_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "label.csv", MMSA)
    touch(tmp_path, "Raw/zv0Jl4TIQDc/9.mp4", "Raw/_0efYOjQYRc/3.mp4")
    with pytest.raises(CorpusError, match=r"2 of the corpus's videos as \.mp4") as error:
        read(tmp_path)
    assert f"find {tmp_path / 'Raw'} " in error.value.advice


def test_some_films_that_were_not_turned_into_sound(tmp_path: Path) -> None:
    touch(labelled(tmp_path), *(f"{video}.mp4" for video in VIDEOS), "zv0Jl4TIQDc.wav")
    finding = findings(tmp_path)[-1]
    assert (finding.kind, finding.grave) == ("missing", True)
    assert "3 videos (_0efYOjQYRc, -571d8cVauQ, -9YyBTjo1zo) are there as .mp4" in finding.message
    assert "ffmpeg" in finding.message


def test_texts(tmp_path: Path) -> None:
    touch(labelled(tmp_path, *ROWS[:3]), *(f"{video}.wav" for video in VIDEOS[:2]))
    write(tmp_path, "Raw/Transcript/Segmented/Combined/_0efYOjQYRc.txt", TRANSCRIPT)
    entries = read(tmp_path)
    assert {name: entry.text for name, entry in entries.items()} == {
        "zv0Jl4TIQDc/0": None,
        "zv0Jl4TIQDc/1": None,
        "_0efYOjQYRc/0": "third",
    }
    (remark,) = findings(tmp_path)
    assert (remark.kind, remark.grave) == ("annotation", False)
    assert "2 segments (zv0Jl4TIQDc/0, zv0Jl4TIQDc/1) of 3 have no text" in remark.message


def test_the_raters_answers(tmp_path: Path) -> None:
    """Times are the transcripts'; a clip is called by its number."""
    write(tmp_path, "Raw/Labels/a.csv", MTURK)
    write(tmp_path, "Raw/Labels/b.csv", MTURK.replace(",3,1,0,0,0,0,0,2", ",3,2,0,0,0,0,0,1"))
    write(tmp_path, "Raw/Transcript/Segmented/Combined/_0efYOjQYRc.txt", TRANSCRIPT)
    touch(tmp_path, "Raw/Audio/Full/WAV_16000/_0efYOjQYRc.wav")
    entries = read(tmp_path)
    assert entries["_0efYOjQYRc/clip3"] == Entry(
        id="_0efYOjQYRc/clip3",
        audio=tmp_path / "Raw/Audio/Full/WAV_16000/_0efYOjQYRc.wav",
        file="Audio/Full/WAV_16000/_0efYOjQYRc.wav",
        speaker="_0efYOjQYRc",
        native="fear",
        text="third",
        votes={"fear": 2.0},
        start=20.215,
        end=30.424,
        attributes={
            "sentiment": 1.5,
            "happiness": 0,
            "sadness": 0,
            "anger": 0,
            "surprise": 0,
            "disgust": 0,
            "fear": 1.5,
        },
        fold="test",
    )
    assert entries["_0efYOjQYRc/clip4"].native == "none"
    assert CMUMOSEI.labels["none"] is None
    assert not findings(tmp_path)


def test_a_clip_that_the_transcripts_do_not_have(tmp_path: Path) -> None:
    write(tmp_path, "Raw/Labels/a.csv", MTURK + "_0efYOjQYRc,5,1,0,0,0,0,0,2\n")
    write(tmp_path, "_0efYOjQYRc.txt", TRANSCRIPT)
    touch(tmp_path, "_0efYOjQYRc.wav")
    assert sorted(read(tmp_path)) == ["_0efYOjQYRc/clip3", "_0efYOjQYRc/clip4"]
    (finding,) = findings(tmp_path)
    assert (finding.kind, finding.grave) == ("annotation", True)
    assert "1 segments (_0efYOjQYRc/clip5) have no line in the transcripts" in finding.message


@pytest.mark.parametrize("labels", [("Raw/Labels/a.csv", MTURK), ("label.csv", MMSA)])
def test_recordings_without_times_are_refused(tmp_path: Path, labels: tuple[str, str]) -> None:
    write(tmp_path, *labels)
    touch(tmp_path, *(f"{video}.wav" for video in VIDEOS))
    with pytest.raises(CorpusError, match="does not say when a clip begins"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["label.csv", "MOSEI/Label.csv"])
def test_mmsa(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, MMSA)
    touch(tmp_path, "Raw/zv0Jl4TIQDc/9.wav", "Raw/zv0Jl4TIQDc/10.wav")
    entries = read(tmp_path)
    assert entries["zv0Jl4TIQDc/clip9"] == Entry(
        id="zv0Jl4TIQDc/clip9",
        audio=tmp_path / "Raw/zv0Jl4TIQDc/9.wav",
        file="Audio/Full/WAV_16000/zv0Jl4TIQDc.wav",
        speaker="zv0Jl4TIQDc",
        native="Positive",
        text="a",
        attributes={"sentiment": 0.3333333},
        fold="train",
    )
    missing = entries["_0efYOjQYRc/clip3"]
    assert missing.audio == tmp_path / "Raw/_0efYOjQYRc/3.wav"
    assert {CMUMOSEI.labels[entry.native] for entry in entries.values()} == {None}


def test_mmsas_sentiments_with_recordings_and_transcripts(tmp_path: Path) -> None:
    write(tmp_path, "label.csv", MMSA)
    write(tmp_path, "_0efYOjQYRc.txt", TRANSCRIPT)
    touch(tmp_path, "_0efYOjQYRc.wav", "zv0Jl4TIQDc.wav")
    entry = read(tmp_path)["_0efYOjQYRc/clip3"]
    assert (entry.start, entry.end, entry.text) == (20.215, 30.424, "b")


def test_which_labels_are_read(tmp_path: Path) -> None:
    """The ones that say most; the others are named, and not mixed with them."""
    import pickle

    touch(tmp_path, *(f"{video}.wav" for video in VIDEOS))
    touch(tmp_path, *(f"Raw/{video}/{clip}.wav" for video in VIDEOS for clip in (3, 4, 9)))
    write(tmp_path, "_0efYOjQYRc.txt", TRANSCRIPT)
    columns = {
        "id": ["zv0Jl4TIQDc$_$9"],
        "raw_text": ["a"],
        "regression_labels": [-1.0],
        "annotations": ["Negative"],
    }
    empty: dict[str, list[str]] = {name: [] for name in columns}
    content = {"train": columns, "valid": empty, "test": empty}
    (tmp_path / "aligned_50.pkl").write_bytes(pickle.dumps(content))
    (tmp_path / "unaligned_50.pkl").write_bytes(b"not read")
    assert {entry.native for entry in read(tmp_path).values()} == {"Negative"}
    write(tmp_path, "label.csv", MMSA)
    assert {entry.native for entry in read(tmp_path).values()} == {"Positive", "Neutral"}
    labelled(tmp_path)
    assert {entry.native for entry in read(tmp_path).values()} == {"happy", "sad", "anger"}
    write(tmp_path, "Raw/Labels/a.csv", MTURK)
    assert {entry.native for entry in read(tmp_path).values()} == {"fear", "none"}
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "CMU_MOSEI_Labels.csd", "w") as file:
        video = file.create_group("All Labels/data/zv0Jl4TIQDc")
        video.create_dataset("features", data=[[0.0, 0, 0, 0, 0, 1, 0]])
        video.create_dataset("intervals", data=[[56.852, 60.845]])
    assert {entry.native for entry in read(tmp_path).values()} == {"disgust"}
    remark = findings(tmp_path)[0]
    assert (remark.kind, remark.grave) == ("annotation", False)
    assert remark.message.startswith(f"labels are those of {tmp_path / 'CMU_MOSEI_Labels.csd'};")
    for name in ("Raw/Labels/a.csv", "CMU_MOSEI_Labels.csv", "label.csv", "aligned_50.pkl"):
        assert str(tmp_path / name) in remark.message


def test_folds_of_the_folder(tmp_path: Path) -> None:
    touch(labelled(tmp_path), *(f"{video}.wav" for video in VIDEOS))
    lists = '{"train": ["zv0Jl4TIQDc", "_0efYOjQYRc"], "valid": ["-571d8cVauQ"], "test": []}'
    write(tmp_path, "standard_folds.json", lists)
    assert read(tmp_path)["_0efYOjQYRc/0"].fold == "test"
    said = [one.message for one in findings(tmp_path) if one.grave]
    assert len(said) == 2
    assert "standard_folds.json: 3225 videos are in another fold than in the SDK's" in said[0]
    assert "CMU_MOSEI_Labels.csv: 1 videos are in another fold than in" in said[1]
    assert "_0efYOjQYRc (test, there train)" in said[1]


def test_labels_of_another_corpus_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "label.csv", MMSA.replace("zv0Jl4TIQDc", "video_0001").replace("_0efY", "v"))
    touch(tmp_path, "Raw/video_0001/9.wav")
    with pytest.raises(
        CorpusError, match="labels 2 videos, 0 of them CMU-MOSEI's, such as"
    ) as error:
        read(tmp_path)
    assert str(tmp_path / "label.csv") in error.value.found


def test_no_labels(tmp_path: Path) -> None:
    touch(tmp_path, "zv0Jl4TIQDc.wav", "other.csv")
    with pytest.raises(CorpusError, match="has no labels of CMU-MOSEI: 1 sound files, 1 tables"):
        read(tmp_path)


@pytest.mark.parametrize(("name", "column"), [("Labels.csv", "split"), ("label.csv", "clip_id")])
def test_a_label_file_that_lacks_a_column(tmp_path: Path, name: str, column: str) -> None:
    text = MMSA if name == "label.csv" else "\n".join([HEADING, *ROWS])
    write(tmp_path, name, text.replace(column, "x"))
    with pytest.raises(CorpusError, match=rf"{name} has no column {column}"):
        read(tmp_path)


def test_faults_of_a_label_file_are_passed_on(tmp_path: Path) -> None:
    touch(labelled(tmp_path, *ROWS[:2], "x,zv0Jl4TIQDc,2,a,b,1,1,0,1,0"), "zv0Jl4TIQDc.wav")
    assert len(read(tmp_path)) == 2
    (finding,) = findings(tmp_path)
    assert "line 4: start is 'a'" in finding.message
    labelled(tmp_path, "x,zv0Jl4TIQDc,2,a,b,1,1,0,1,0")
    with pytest.raises(CorpusError, match=r"labels 0 videos, 0 .*\n.*line 2: start is 'a'"):
        read(tmp_path)


def test_card() -> None:
    assert sum(COUNTS.values()) == sum(SPEAKERS.values()) == 23259
    assert len(SPEAKERS) == 3293
    assert {native: str(emotion) for native, emotion in CMUMOSEI.labels.items() if emotion} == {
        "happy": "happiness",
        "sad": "sadness",
        "anger": "anger",
        "surprise": "surprise",
        "disgust": "disgust",
        "fear": "fear",
    }


@pytest.mark.parametrize("release", CMUMOSEI.card.releases, ids=lambda release: release.name)
def test_every_release_is_known_by_its_labels(tmp_path: Path, release: Release) -> None:
    """Of the CSD the videos' segments are counted, of MMSA's the folds; of the raters' nothing."""
    root = forge_corpus(
        CMUMOSEI(), tmp_path / "few", per_cell=1, silent=True, rate=8000, release=release
    )
    scanned = scan(CMUMOSEI(), root, allow_partial=True)
    assert scanned.release == release.name
    counts = {finding.message.split()[0] for finding in scanned.findings if finding.kind == "count"}
    mmsa = CMUMOSEI.card.releases[-1].name
    known = {CSV.name: {"label", "speaker"}, CSD.name: {"speaker"}, mmsa: {"fold"}}
    assert counts == known.get(release.name, set())
    assert scanned.partial == bool(counts)


def test_left_over_sounds(tmp_path: Path) -> None:
    adapter = CMUMOSEI()
    assert adapter.passed_over(tmp_path / "WAV_16000" / "unlabelled.wav")
    assert adapter.passed_over(tmp_path / "dZFV0lyedX4.wav")
    assert not adapter.passed_over(tmp_path / "unlabelled.wav")


@pytest.fixture
def real(tmp_path: Path, real_corpus: Callable[[str], Path]) -> Path:
    """The real labels, beside recordings that are not there yet."""
    shutil.copy(real_corpus("CMU-MOSEI-labels") / "CMU_MOSEI_Labels.csv", tmp_path)
    return tmp_path


@pytest.mark.corpus("CMU-MOSEI-labels")
def test_real_labels_and_forged_sound(real: Path) -> None:
    forge_audio(real, real / "CMU_MOSEI_Labels.csv")
    try:
        sounds = list((real / "Raw/Audio/Full/WAV_16000").iterdir())
        entries = read(real)
        assert {entry.audio for entry in entries.values()} == set(sounds)
    finally:
        shutil.rmtree(real / "Raw")
    assert len(entries) == 23259
    assert Counter(entry.native for entry in entries.values()) == COUNTS
    assert Counter(entry.speaker for entry in entries.values()) == SPEAKERS
    assert Counter(entry.fold for entry in entries.values()) == {
        "train": 16327,
        "valid": 1871,
        "test": 4662,
        None: 399,
    }
    videos: dict[str | None, set[str]] = {}
    for entry in entries.values():
        videos.setdefault(entry.fold, set()).add(entry.speaker)
    assert {fold: len(of) for fold, of in videos.items()} == {
        "train": 2249,
        "valid": 300,
        "test": 676,
        None: 68,
    }
    assert len(set().union(*videos.values())) == 3293  # no video is in two of them
    assert sum(entry.start == 0 for entry in entries.values()) >= 239
    assert all(0 <= (e.start or 0) < (e.end or 0) for e in entries.values())


@pytest.mark.corpus("CMU-MOSEI-labels")
def test_what_the_real_labels_leave_to_be_said(real: Path) -> None:
    (remark,) = findings(real)
    assert "239 segments (" in remark.message
    assert remark.kind == "known-defect"


@pytest.mark.corpus("CMU-MOSEI-labels")
def test_the_csv_is_the_csd_row_by_row(real: Path) -> None:
    """Held against the exact values of one video (pliang279/MultiBench 32).

    Row by row the same times; the strongest emotion; and the sentiment rounded away from zero.
    """
    entries = read(real)
    rows = [entries[f"zv0Jl4TIQDc/{row}"] for row in range(3)]
    assert [(row.start, row.end) for row in rows] == [
        (56.852, 60.845),
        (29.764, 35.633),
        (42.146, 49.242),
    ]
    assert [row.attributes["sentiment"] for row in rows] == [1, 1, 3]  # of 1/3, 1 and 7/3
    assert {row.native for row in rows} == {"happy"}  # the first as happy as angry


@pytest.mark.corpus("CMU-MOSEI-labels")
def test_rows_are_clips_sorted_as_text(real: Path) -> None:
    """A transcript has row 0 of this video as clip 3, row 1 as clip 4 (Strong-AI-Lab/emotion 6)."""
    write(real, "Raw/Transcript/Segmented/Combined/_0efYOjQYRc.txt", TRANSCRIPT)
    entries = read(real)
    assert entries["_0efYOjQYRc/0"].text == "third"
    assert entries["_0efYOjQYRc/1"].text == "fourth"
    starts = [entries[f"-3g5yACwYnA/{row}"].start for row in range(6)]
    assert starts == [82.753, 119.919, 4.84, 13.211, 26.541, 74.083]  # clips 10, 13, 2, ...


@pytest.mark.corpus("CMU-MOSEI-labels")
def test_sentiments_of_the_csv_are_rounded_away_from_zero(real: Path) -> None:
    """Only an exact 0 is 0: as many as label2b has."""
    with (real / "CMU_MOSEI_Labels.csv").open(newline="") as lines:
        neutral = [
            f"{row['file']}/{row['index']}"
            for row in csv.DictReader(lines)
            if row["label2b"] == "0"
        ]
    entries = read(real)
    assert len(neutral) == 5100
    assert {n for n, e in entries.items() if e.attributes["sentiment"] == 0} == set(neutral)


def test_a_partial_corpus_is_counted_against_the_release(tmp_path: Path) -> None:
    forge_audio(tmp_path, labelled(tmp_path) / "CMU_MOSEI_Labels.csv")
    with pytest.raises(CorpusError, match="label happy: 3 utterances, 14567 in CMU-MOSEI, SDK"):
        scan(CMUMOSEI(), tmp_path)
    scanned = scan(CMUMOSEI(), tmp_path, allow_partial=True)
    assert [utterance.id for utterance in scanned.utterances] == [
        "cmu-mosei/-571d8cVauQ/1",
        "cmu-mosei/-9YyBTjo1zo/0",
        "cmu-mosei/_0efYOjQYRc/0",
        "cmu-mosei/zv0Jl4TIQDc/0",
        "cmu-mosei/zv0Jl4TIQDc/1",
    ]
    assert scanned.utterances[4].duration == pytest.approx(35.633 - 29.764, abs=1e-3)
    assert {finding.kind for finding in scanned.findings} == {"count", "known-defect", "annotation"}
