"""EMOVO: every layout that is met with, and what its two microphones do to ten real files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError
from serbench.manifest import read_manifest
from serbench.scan import scan
from serbench.testing import forge_corpus
from serbench_corpora import emovo
from serbench_corpora.emovo import COUNTS, EMOVO, MONO, ONE_MICROPHONE, SENTENCES, SPEAKERS

MANIFEST = Path(emovo.__file__).parent / "manifests" / "emovo.csv.xz"
FILES = (("f1", "dis-f1-b1"), ("f3", "neu-f3-n5"), ("m2", "sor-m2-d2"), ("m3", "tri-m3-l4"))


def touch(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return root


def read(root: Path) -> tuple[dict[str, Entry], list[Finding]]:
    found = list(EMOVO().entries(root))
    entries = {entry.id: entry for entry in found if isinstance(entry, Entry)}
    return entries, [finding for finding in found if isinstance(finding, Finding)]


@pytest.mark.parametrize(
    "layout",
    [
        "EMOVO/{s}/{n}.wav",
        "{s}/{n}.wav",
        "{n}.wav",
        "emovo/{S}/{n}.WAV",
        "EMOVO/documents/{n}.wav",
        "{s}/{n}.flac",
        "{S}/{N}.Flac",
    ],
)
def test_layouts(tmp_path: Path, layout: str) -> None:
    paths = {n: layout.format(s=s, S=s.upper(), n=n, N=n.upper()) for s, n in FILES}
    touch(tmp_path, *paths.values())
    entries, findings = read(tmp_path)
    assert sorted(entries) == sorted(paths)
    assert not findings
    assert entries["sor-m2-d2"] == Entry(
        id="sor-m2-d2",
        audio=tmp_path / paths["sor-m2-d2"],
        file="m2/sor-m2-d2.wav",
        speaker="m2",
        native="sor",
        gender="male",
        sentence="d2",
    )
    assert entries["neu-f3-n5"].gender == "female"


def test_other_files_are_not_claimed(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "f1/dis-f1-b1.wav",
        "f1/._dis-f1-b1.wav",
        "__MACOSX/f1/dis-f1-b1.wav",
        "f1/dis-f1-b4.wav",
        "f1/dis-f1-d3.wav",
        "f1/dis-f4-b1.wav",
        "f1/ang-f1-b1.wav",
        "f1/dis-f1-b1 (2).wav",
        "f1/dis_f1_b1.wav",
    )
    entries, findings = read(tmp_path)
    assert list(entries) == ["dis-f1-b1"]
    assert not findings


def test_a_file_in_another_speakers_folder_is_a_finding(tmp_path: Path) -> None:
    touch(tmp_path, "EMOVO/F2/dis-f1-b1.wav")
    entries, (finding,) = read(tmp_path)
    assert (finding.kind, finding.grave) == ("misplaced", True)
    assert "stands in the folder of f2 and is f1 by its name" in finding.message
    assert entries["dis-f1-b1"].speaker == "f1"


def test_copies_are_left_to_the_scan(tmp_path: Path) -> None:
    touch(tmp_path, "f1/dis-f1-b1.wav", "EMOVO/f1/dis-f1-b1.wav")
    ids = [entry.id for entry in EMOVO().entries(tmp_path) if isinstance(entry, Entry)]
    assert ids == ["dis-f1-b1"] * 2


def test_card() -> None:
    assert sum(COUNTS.values()) == sum(SPEAKERS.values()) == 588
    assert len(COUNTS) * len(SPEAKERS) * len(SENTENCES) == 588
    assert Counter(sentence[0] for sentence in SENTENCES) == {"b": 3, "d": 2, "l": 4, "n": 5}
    assert {native: str(emotion) for native, emotion in EMOVO.labels.items()} == {
        "dis": "disgust",
        "gio": "happiness",
        "neu": "neutral",
        "pau": "fear",
        "rab": "anger",
        "sor": "surprise",
        "tri": "sadness",
    }


def test_defects_name_files_of_the_release() -> None:
    manifest = read_manifest(MANIFEST)
    assert {file for file, held in manifest.items() if held.channels != 2} == {MONO}
    for defect in EMOVO.card.standard.defects:
        assert set(defect.files) <= set(manifest)
    assert len(ONE_MICROPHONE) == 13
    assert "f1/neu-f1-d2.wav" not in ONE_MICROPHONE


@pytest.mark.parametrize(
    ("speaker", "native", "take"),
    [("f1", "dis", 14), ("f1", "dis", -1), ("f4", "dis", 0), ("f1", "ang", 0)],
)
def test_forged_path_out_of_range(speaker: str, native: str, take: int) -> None:
    with pytest.raises(ValueError, match=r"takes are 0 to 13"):
        EMOVO().forged_path(speaker, native, take)


def test_the_release_is_recognised(tmp_path: Path) -> None:
    forge_corpus(EMOVO(), tmp_path, seconds=(0.02, 0.04), rate=8000, silent=True)
    scanned = scan(EMOVO(), tmp_path)
    assert {finding.kind for finding in scanned.findings} <= {"altered"}  # it is forged
    assert {utterance.file for utterance in scanned.utterances} == set(read_manifest(MANIFEST))


@pytest.mark.corpus("EMOVO-excerpt")
def test_real(real_corpus: Callable[[str], Path]) -> None:
    with pytest.raises(CorpusError, match="--allow-partial"):
        scan(EMOVO(), real_corpus("EMOVO-excerpt"))
    scanned = scan(EMOVO(), real_corpus("EMOVO-excerpt"), allow_partial=True)
    assert scanned.partial
    assert Counter(utterance.native for utterance in scanned.utterances) == {
        "dis": 1, "gio": 1, "neu": 3, "pau": 1, "rab": 2, "sor": 1, "tri": 1,
    }  # fmt: skip
    assert {utterance.speaker for utterance in scanned.utterances} == set(SPEAKERS)
    assert {finding.kind for finding in scanned.findings} <= {"count", "missing", "known-defect"}
    channels = {utterance.file: utterance.channels for utterance in scanned.utterances}
    assert [file for file, held in channels.items() if held == 1] == [MONO]
    notes = [finding.message for finding in scanned.findings if finding.kind == "known-defect"]
    assert notes == [EMOVO.card.standard.defects[0].note]


@pytest.mark.corpus("EMOVO-excerpt")
def test_real_microphones(real_corpus: Callable[[str], Path]) -> None:
    """The second hears the voice later; of m3 it is the louder one; of one class there is one."""
    root = real_corpus("EMOVO-excerpt")
    delays, levels = {}, {}
    for entry in EMOVO().entries(root):
        assert isinstance(entry, Entry)
        channels, rate = soundfile.read(entry.audio, always_2d=True)
        assert rate == 48000
        if channels.shape[1] == 1:
            continue
        first, second = channels.T
        if np.array_equal(first, second):
            assert entry.file in ONE_MICROPHONE
            continue
        spectra = np.fft.rfft(channels, 2 * len(first), axis=0)
        likeness = np.fft.irfft(spectra[:, 1] * spectra[:, 0].conj())
        delays[entry.id] = int(np.argmax(likeness[:100]) if likeness[:100].max() > 0 else -1)
        assert likeness[-100:].max() < likeness[:100].max()
        levels[entry.id] = 20 * np.log10(second.std() / first.std())
    assert len(delays) == 8
    assert "neu-f1-d2" in delays
    assert all(10 < delay < 40 for delay in delays.values())
    louder = [level for name, level in levels.items() if "-m3-" in name]
    assert louder == pytest.approx([8.7, 8.7], abs=1)
