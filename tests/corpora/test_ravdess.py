"""RAVDESS: the design counted, every layout that is met with, and the traps of its mirrors."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.audio import inspect
from serbench.corpus import Entry, Finding, Release
from serbench.errors import CorpusError, SerbenchError
from serbench.labels import Emotion
from serbench.manifest import read_manifest
from serbench.scan import scan
from serbench.testing import forge_corpus
from serbench_corpora import ravdess
from serbench_corpora.ravdess import (
    ACTORS,
    DEFECTS,
    LABELS,
    RAVDESS,
    SONG,
    SPEECH,
    SPEECH_AND_SONG,
    WORDS,
    names,
)

MANIFEST = Path(ravdess.__file__).parent / "manifests" / "ravdess.csv.xz"
FILES = ("03-01-06-02-01-02-12", "03-01-01-01-02-01-07", "03-02-04-01-01-01-24")
TINY = {"seconds": (0.02, 0.04), "rate": 8000, "silent": True}


def touch(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return root


def read(root: Path) -> tuple[dict[str, Entry], list[Finding]]:
    found = list(RAVDESS().entries(root))
    entries = {entry.id: entry for entry in found if isinstance(entry, Entry)}
    return entries, [finding for finding in found if isinstance(finding, Finding)]


@pytest.mark.parametrize(
    "layout",
    [
        "Actor_{a}/{n}.wav",
        "Audio_Speech_Actors_01-24/Actor_{a}/{n}.wav",
        "audio_speech_actors_01-24/Actor_{a}/{n}.wav",
        "Audio_Speech_Actors_01-24_16k/Actor_{a}/{n}.wav",
        "RAVDESS/actor_{a}/{n}.WAV",
        "ACTOR {a}/{n}.flac",
        "{n}.wav",
        "angry/{n}.Flac",
    ],
)
def test_layouts(tmp_path: Path, layout: str) -> None:
    touch(tmp_path, *(layout.format(a=name[-2:], n=name) for name in FILES))
    entries, findings = read(tmp_path)
    assert sorted(entries) == sorted(FILES)
    assert not findings
    assert entries["03-01-06-02-01-02-12"] == Entry(
        id="03-01-06-02-01-02-12",
        audio=tmp_path / layout.format(a="12", n="03-01-06-02-01-02-12"),
        file="Actor_12/03-01-06-02-01-02-12.wav",
        speaker="12",
        native="06",
        gender="female",
        style="speech",
        sentence="01",
        text="Kids are talking by the door",
        attributes={"intensity": 2.0},
    )
    neutral, song = entries["03-01-01-01-02-01-07"], entries["03-02-04-01-01-01-24"]
    assert (neutral.gender, neutral.text) == ("male", "Dogs are sitting by the door")
    assert (song.style, song.attributes) == ("song", {"intensity": 1.0})


def test_other_files_are_not_claimed(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "Actor_01/03-01-01-01-01-01-01.wav",
        "Actor_01/._03-01-01-01-01-01-01.wav",
        "__MACOSX/Actor_01/03-01-01-01-01-01-01.wav",
        "Actor_01/01-01-01-01-01-01-01.wav",  # the sound of a video
        "Actor_01/02-01-01-01-01-01-01.wav",  # the sound of a silent film
        "Actor_01/03-01-01-02-01-01-01.wav",  # neutral has no strong intensity
        "Actor_01/03-01-09-01-01-01-01.wav",
        "Actor_01/03-01-02-01-03-01-01.wav",
        "Actor_01/03-01-02-01-01-03-01.wav",
        "Actor_01/03-02-07-01-01-01-01.wav",  # nobody sings disgust
        "Actor_18/03-02-01-01-01-01-18.wav",  # nor does actor 18 sing
        "Actor_01/03-01-02-01-01-01-01_noise.wav",
        "Actor_01/03-01-02-01-01-01-01 (2).wav",
        "Actor_01/01_01_01_01_dogs-sitting_angry.wav",  # recorded by the owner of a mirror
        "Actor_25/25_01_01_01_back_angry.wav",  # TESS
        "Actor_25/03-01-05-01-01-01-25.wav",
        "Actor_26/OAF_back_ps.wav",
    )
    entries, findings = read(tmp_path)
    assert list(entries) == ["03-01-01-01-01-01-01"]
    assert not findings


def test_tess_among_the_actors_is_reported(tmp_path: Path) -> None:
    forge_corpus(RAVDESS(), tmp_path, per_cell=1, **TINY)
    foreign = tmp_path / "Actor_25" / "25_01_01_01_back_angry.wav"
    foreign.parent.mkdir()
    next(tmp_path.glob("Actor_01/*.wav")).rename(foreign)
    with pytest.raises(CorpusError, match="Actor_25"):
        scan(RAVDESS(), tmp_path)
    scanned = scan(RAVDESS(), tmp_path, allow_partial=True)
    unclaimed = [finding for finding in scanned.findings if finding.kind == "unclaimed"]
    assert [str(foreign) in finding.message for finding in unclaimed] == [True]
    assert {utterance.speaker for utterance in scanned.utterances} == set(ACTORS)


@pytest.mark.parametrize(("word", "native"), sorted(WORDS.items()))
def test_renamed_files_are_read_where_the_word_agrees(
    tmp_path: Path, word: str, native: str
) -> None:
    name = f"03-01-{native}-01-01-01-03"
    touch(tmp_path, f"Actor_03/{name}_{word}.wav")
    entries, findings = read(tmp_path)
    assert not findings
    assert entries[name].file == f"Actor_03/{name}.wav"


def test_a_word_that_contradicts_the_code_is_a_finding(tmp_path: Path) -> None:
    touch(tmp_path, "Actor_03/03-01-05-01-01-01-03_happy.wav")
    entries, (finding,) = read(tmp_path)
    assert (finding.kind, finding.grave) == ("annotation", True)
    assert "'happy'" in finding.message
    assert "05 (anger)" in finding.message
    assert entries["03-01-05-01-01-01-03"].native == "05"


def test_a_file_in_another_actors_folder_is_a_finding(tmp_path: Path) -> None:
    """As it stands in a mirror, beside the file in its own folder."""
    name = "03-01-05-01-01-01-02"
    touch(tmp_path, f"Actor_02/{name}.wav", f"Actor_05/{name}.wav")
    found = list(RAVDESS().entries(tmp_path))
    (finding,) = [one for one in found if isinstance(one, Finding)]
    assert (finding.kind, finding.grave) == ("misplaced", True)
    assert str(tmp_path / "Actor_05" / f"{name}.wav") in finding.message
    assert "expected in Actor_02" in finding.message
    entries = [one for one in found if isinstance(one, Entry)]
    assert [(entry.id, entry.speaker) for entry in entries] == [(name, "02")] * 2


def test_a_folder_of_a_foreign_actor_is_a_finding(tmp_path: Path) -> None:
    touch(tmp_path, "Actor_25/03-01-05-01-01-01-02.wav")
    entries, (finding,) = read(tmp_path)
    assert finding.kind == "misplaced"
    assert list(entries) == ["03-01-05-01-01-01-02"]


def test_two_rates_in_one_folder_are_repeated(tmp_path: Path) -> None:
    for rate, top in ((48000, "Audio_Speech_Actors_01-24"), (16000, "Audio_Speech_16k")):
        forge_corpus(RAVDESS(), tmp_path / top, per_cell=1, **{**TINY, "rate": rate})
    found = list(RAVDESS().entries(tmp_path))
    assert len(found) == 2 * 24 * 8
    assert set(Counter(entry.id for entry in found if isinstance(entry, Entry)).values()) == {2}
    with pytest.raises(CorpusError, match="2 files of one id"):
        scan(RAVDESS(), tmp_path)


def test_card() -> None:
    for release, styles, total in (
        (SPEECH, ["speech"], 1440),
        (SPEECH_AND_SONG, ["speech", "song"], 2452),
        (SONG, ["song"], 1012),
    ):
        designed = [name for style in styles for name in names(style)]
        assert len(set(designed)) == len(designed) == release.utterances == total
        assert Counter(name.split("-")[2] for name in designed) == release.counts
        assert Counter(name.split("-")[6] for name in designed) == release.speakers
    assert SPEECH.counts == {"01": 96, **{f"{code:02d}": 192 for code in range(2, 9)}}
    assert SONG.counts == {"01": 92, **{f"{code:02d}": 184 for code in range(2, 7)}}
    assert SPEECH.speakers == {f"{actor:02d}": 60 for actor in range(1, 25)}
    assert "18" not in SONG.speakers
    assert RAVDESS.card.standard is SPEECH
    assert {native: str(emotion) for native, emotion in LABELS.items()} == {
        "01": "neutral",
        "02": "calm",
        "03": "happiness",
        "04": "sadness",
        "05": "anger",
        "06": "fear",
        "07": "disgust",
        "08": "surprise",
    }


def test_downloads() -> None:
    files = {
        release.name.removeprefix("RAVDESS ").split(" (")[0]: [
            download.url.split("/")[-1] for download in release.downloads
        ]
        for release in RAVDESS.card.releases
    }
    speech = "Audio_Speech_Actors_01-24.zip?download=1"
    song = "Audio_Song_Actors_01-24.zip?download=1"
    assert files == {"speech": [speech], "speech and song": [speech, song], "song": [song]}
    sums = {download.checksum for download in SPEECH_AND_SONG.downloads}
    assert sums == {
        "md5:bc696df654c87fed845eb13823edef8a",
        "md5:5411230427d67a21e18aa4d466e6d1b9",
    }


def test_names_and_defects_are_those_of_the_real_files() -> None:
    manifest = read_manifest(MANIFEST)
    assert set(manifest) == {f"Actor_{name[-2:]}/{name}.wav" for name in names("speech")}
    known = {defect.kind: set(defect.files) for defect in DEFECTS}
    assert {file for file, held in manifest.items() if held.channels != 1} == known["channels"]
    same = defaultdict(set)
    for file, held in manifest.items():
        same[held.samples].add(file)
    assert [files for files in same.values() if len(files) > 1] == [known["duplicate"]]


@pytest.mark.parametrize("release", RAVDESS.card.releases, ids=lambda release: release.name)
def test_every_release_is_recognised(tmp_path: Path, release: Release) -> None:
    forge_corpus(RAVDESS(), tmp_path, release=release, **TINY)
    scanned = scan(RAVDESS(), tmp_path)
    assert scanned.release == release.name
    assert {finding.kind for finding in scanned.findings} <= {"altered"}  # it is forged
    assert len(scanned.utterances) == release.utterances
    assert len({utterance.samples for utterance in scanned.utterances}) == release.utterances


def test_more_takes_than_the_design_has(tmp_path: Path) -> None:
    with pytest.raises(SerbenchError, match="4 takes of label '01' by actor 01, not 5") as error:
        forge_corpus(RAVDESS(), tmp_path, per_cell=5, **TINY)
    assert "4 utterances per speaker and label at most" in error.value.advice


def test_a_small_forged_tree_of_both_has_speech_and_song(tmp_path: Path) -> None:
    forge_corpus(RAVDESS(), tmp_path, per_cell=2, release=SPEECH_AND_SONG, **TINY)
    entries, _ = read(tmp_path)
    styles = Counter((entry.speaker == "18", entry.style) for entry in entries.values())
    assert styles == {
        (False, "speech"): 23 * (6 + 2 * 2),
        (False, "song"): 23 * 6,
        (True, "speech"): 8 * 2,
    }


@pytest.mark.corpus("RAVDESS")
def test_real(real_corpus: Callable[[str], Path]) -> None:
    found = list(RAVDESS().entries(real_corpus("RAVDESS")))
    entries = [entry for entry in found if isinstance(entry, Entry)]
    assert len({entry.id for entry in entries}) == len(entries) == len(found) == 1440
    assert Counter(entry.native for entry in entries) == SPEECH.counts
    assert Counter(entry.speaker for entry in entries) == SPEECH.speakers
    assert Counter(RAVDESS.labels[entry.native] for entry in entries)[Emotion.NEUTRAL] == 96
    assert Counter(entry.gender for entry in entries) == {"male": 720, "female": 720}
    assert Counter(entry.sentence for entry in entries) == {"01": 720, "02": 720}
    assert Counter(entry.attributes["intensity"] for entry in entries) == {1.0: 768, 2.0: 672}
    assert {entry.style for entry in entries} == {"speech"}


@pytest.mark.corpus("RAVDESS")
def test_real_defects(real_corpus: Callable[[str], Path]) -> None:
    audio = {
        entry.file: entry.audio
        for entry in RAVDESS().entries(real_corpus("RAVDESS"))
        if isinstance(entry, Entry)
    }
    duplicate, stereo = DEFECTS
    assert len({inspect(audio[file]).samples for file in duplicate.files}) == 1
    for file in stereo.files:
        first, second = soundfile.read(audio[file], dtype="int16")[0].T
        assert np.array_equal(first, second)
