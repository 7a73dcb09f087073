"""What can be planted into a forged tree is there, and the scan copes with it or says so."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import soundfile

from serbench.annotations import number, read_table
from serbench.audio import inspect, read
from serbench.corpus import Corpus, Release, audio_files
from serbench.errors import CorpusError, UsageError
from serbench.manifest import read_manifest
from serbench.scan import Scan, scan
from serbench.testing import forge_corpus
from serbench.testing.forgery import forgery_of
from serbench_corpora.casia import CASIA, FULL, GENDERS
from serbench_corpora.emodb import COUNTS_2, PADDED, SPEAKERS_2, EmoDB
from serbench_corpora.emovo import EMOVO, MONO, ONE_MICROPHONE
from serbench_corpora.forged.chunks import read_chunks
from serbench_corpora.ravdess import DEFECTS, RAVDESS
from serbench_corpora.savee import SAVEE

CORPORA: tuple[Corpus, ...] = (EmoDB(), SAVEE(), RAVDESS(), EMOVO(), CASIA())
TINY = {"seconds": (0.02, 0.04), "rate": 8000, "silent": True}
Whole = Callable[[Corpus], Path]


@pytest.fixture(scope="module")
def forged_whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Each corpus in full, forged once. Not to be written to."""
    forged: dict[str, Path] = {}

    def whole(corpus: Corpus) -> Path:
        name = corpus.card.name
        if name not in forged:
            forged[name] = forge_corpus(corpus, tmp_path_factory.mktemp(name) / "whole", **TINY)
        return forged[name]

    return whole


def spoilt(corpus: Corpus, whole: Path, root: Path, *defects: str) -> Path:
    """A copy of a forged tree with defects planted."""
    shutil.copytree(whole, root)
    for defect in defects:
        forgery_of(corpus).spoil(root, defect)
    return root


def kinds(scanned: Scan) -> set[str]:
    """What is found beside the fact that it is forged."""
    return {finding.kind for finding in scanned.findings} - {"altered"}


def notes(scanned: Scan) -> set[str]:
    return {finding.message for finding in scanned.findings if finding.kind == "known-defect"}


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.card.name)
def test_every_defect_is_described(tmp_path: Path, corpus: Corpus) -> None:
    forgery = forgery_of(corpus)
    assert {"apple-double", "symlink-loop"} < set(forgery.defects)
    assert all(forgery.defects.values())
    with pytest.raises(UsageError, match=r"no defect .* is called nonsense"):
        forge_corpus(corpus, tmp_path / "none", defects=["nonsense"])
    with pytest.raises(NotImplementedError):
        forgery.spoil(tmp_path, "nonsense")


@pytest.mark.parametrize("defect", ["apple-double", "symlink-loop"])
@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.card.name)
def test_traces_of_other_machines_change_nothing(
    tmp_path: Path, corpus: Corpus, defect: str
) -> None:
    forge_corpus(corpus, tmp_path, per_cell=1, **TINY)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    before = scan(corpus, tmp_path, allow_partial=True)
    forgery_of(corpus).spoil(tmp_path, defect)
    after = scan(corpus, tmp_path, allow_partial=True)
    assert (after.fingerprint, after.findings) == (before.fingerprint, before.findings)
    if defect == "symlink-loop":
        assert (tmp_path / "loop" / "loop" / files[0].relative_to(tmp_path)).is_file()
    else:
        assert len(list(tmp_path.rglob("._*"))) == 2 * len(files)
        assert all(path.with_name(f"._{path.name}").is_file() for path in files)
        assert len(list((tmp_path / "__MACOSX").rglob("._*"))) == len(files)


def test_ravdess_duplicate(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = RAVDESS()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "duplicate")
    scanned = scan(corpus, root)
    assert kinds(scanned) == {"known-defect"}
    assert notes(scanned) == {DEFECTS[0].note}
    same = {u.samples for u in scanned.utterances if u.file in DEFECTS[0].files}
    assert len(same) == 1
    assert len({u.samples for u in scanned.utterances}) == 1439


def test_ravdess_stereo(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = RAVDESS()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "stereo")
    scanned = scan(corpus, root)
    assert kinds(scanned) == {"known-defect"}
    assert notes(scanned) == {DEFECTS[1].note}
    assert {u.file for u in scanned.utterances if u.channels == 2} == set(DEFECTS[1].files)
    for file in DEFECTS[1].files:
        first, second = soundfile.read(root / file, dtype="int16")[0].T
        assert np.array_equal(first, second)
        assert np.array_equal(first, soundfile.read(forged_whole(corpus) / file, dtype="int16")[0])


def test_stereo_files_keep_their_chunks(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = RAVDESS()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "chunks", "stereo")
    for file in DEFECTS[1].files:
        assert [name for name, _ in read_chunks(root / file)] == [
            b"fmt ", b"FLLR", b"data", b"LIST",
        ]  # fmt: skip
        assert inspect(root / file).channels == 2
    assert notes(scan(corpus, root)) == {DEFECTS[1].note}


def test_flac_can_be_stereo(tmp_path: Path) -> None:
    corpus = EMOVO()
    forge_corpus(corpus, tmp_path, per_cell=1, suffix=".flac", defects=["stereo"], **TINY)
    scanned = scan(corpus, tmp_path, allow_partial=True)
    assert Counter(u.channels for u in scanned.utterances) == {2: 41, 1: 1}


def test_a_small_tree_lacks_the_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no 03-01-03-01-02-01-07, 03-01-03-01-02-02-07"):
        forge_corpus(RAVDESS(), tmp_path, per_cell=1, defects=["duplicate"], **TINY)


def test_ravdess_mirror(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = RAVDESS()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "mirror")
    assert len(list(audio_files(root))) == 2880
    scanned = scan(corpus, root)
    assert kinds(scanned) == {"mirrored"}
    assert scanned.fingerprint == scan(corpus, forged_whole(corpus)).fingerprint


def test_ravdess_misplaced(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = RAVDESS()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "misplaced")
    with pytest.raises(CorpusError, match="stands in the folder of actor 05 and is actor 02"):
        scan(corpus, root)
    scanned = scan(corpus, root, allow_partial=True)
    assert kinds(scanned) == {"misplaced"}
    assert Counter(u.speaker for u in scanned.utterances) == corpus.card.standard.speakers


def test_misplaced_in_a_mirror_is_repeated_nowhere(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = RAVDESS()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "mirror", "misplaced")
    assert kinds(scan(corpus, root, allow_partial=True)) == {"mirrored", "misplaced"}


def test_emovo_stereo(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = EMOVO()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "stereo")
    scanned = scan(corpus, root)
    assert kinds(scanned) == {"known-defect"}
    assert notes(scanned) == {corpus.card.standard.defects[0].note}
    assert {u.file for u in scanned.utterances if u.channels == 1} == {MONO}
    identical = set()
    for utterance in scanned.utterances:
        channels = soundfile.read(utterance.audio, always_2d=True)[0]
        if channels.shape[1] == 2 and np.array_equal(*channels.T):
            identical.add(utterance.file)
    assert identical == set(ONE_MICROPHONE)


def test_emovo_microphones_stand_apart(tmp_path: Path) -> None:
    """Their mean has a notch near 1.2 kHz, which the first channel has not."""
    corpus = EMOVO()
    plain = forge_corpus(corpus, tmp_path / "plain", per_cell=1, seconds=(0.5, 0.6), rate=48000)
    root = spoilt(corpus, plain, tmp_path / "spoilt", "stereo")
    file = Path("EMOVO/f2/rab-f2-b1.wav")
    voice, _ = read(plain / file)
    first, second = soundfile.read(root / file, dtype="float32")[0].T
    assert np.array_equal(first, voice)
    assert np.array_equal(second[20:], voice[:-20])
    assert not second[:20].any()
    spectrum = np.abs(np.fft.rfft(voice))
    heard = np.abs(np.fft.rfft(read(root / file, channel="mean")[0]))
    frequencies = np.fft.rfftfreq(len(voice), 1 / 48000)
    notch = (frequencies > 1150) & (frequencies < 1250)  # 1 / (2 * 20 / 48000) = 1200 Hz
    low = frequencies < 200
    assert heard[notch].sum() < 0.2 * spectrum[notch].sum()
    assert heard[low].sum() > 0.9 * spectrum[low].sum()
    first, second = soundfile.read(root / "EMOVO/m3/tri-m3-b1.wav")[0].T
    assert 20 * np.log10(np.std(second) / np.std(first)) == pytest.approx(8.7, abs=0.1)


@pytest.mark.parametrize(
    "defects", [("lower-case",), ("parent",), ("parent", "lower-case"), ("lower-case", "parent")]
)
@pytest.mark.parametrize("release", CASIA.card.releases, ids=lambda release: release.name)
def test_casia_folders(tmp_path: Path, release: Release, defects: tuple[str, ...]) -> None:
    corpus = CASIA()
    plain = forge_corpus(corpus, tmp_path / "plain", per_cell=2, release=release, **TINY)
    root = spoilt(corpus, plain, tmp_path / "spoilt", *defects)
    before, after = (scan(corpus, folder, allow_partial=True) for folder in (plain, root))
    assert (after.fingerprint, after.findings) == (before.fingerprint, before.findings)
    assert {u.file for u in after.utterances} == {u.file for u in before.utterances}
    parts = {part for path in audio_files(root) for part in path.relative_to(root).parts[:-1]}
    assert ("CASIA database" in parts) == ("parent" in defects)
    if "lower-case" in defects:
        assert {"zhaozuoxiang", *(("zhe.wang",) if release is FULL else ())} < parts
        assert not parts & {"ZhaoZuoxiang", "Zhe.Wang"}
    assert {u.speaker for u in after.utterances} == set(GENDERS)


def test_emodb_pad_chunk(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = EmoDB()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "pad-chunk")
    padded = {
        path.name
        for path in audio_files(root)
        if [name for name, _ in read_chunks(path)] == [b"fmt ", b"PAD ", b"data"]
    }
    assert padded == set(PADDED.files)
    scanned = scan(corpus, root)
    assert not kinds(scanned)
    assert scanned.fingerprint == scan(corpus, forged_whole(corpus)).fingerprint


@pytest.mark.parametrize("release", EmoDB.card.releases, ids=lambda release: release.name)
def test_emodb_erkennung(tmp_path: Path, release: Release) -> None:
    corpus = EmoDB()
    forge_corpus(corpus, tmp_path, release=release, defects=["erkennung"], **TINY)
    table = tmp_path / "erkennung.txt"
    content = table.read_bytes()
    assert content.startswith(b"Nr.\tSatz\terkannt\tnatuerlich\n1\xa0\xa0\t03a01")
    assert b"\r" not in content
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    rows = [row for _, row in read_table(table, ("Satz", "erkannt", "natuerlich"))]
    assert len(rows) == 816
    assert Counter(row["Satz"][5] for row in rows) == COUNTS_2
    assert Counter(row["Satz"][:2] for row in rows) == SPEAKERS_2
    sounds = {path.name for path in audio_files(tmp_path)}
    assert len(sounds) == release.utterances
    assert sounds <= {row["Satz"] for row in rows}
    for row in rows:
        recognised, natural = number(row["erkannt"]), number(row["natuerlich"])
        assert recognised is not None
        assert natural is not None
        accepted = 80 <= recognised <= 100 and 60 <= natural <= 100
        assert accepted == (row["Satz"] in sounds)
    assert not kinds(scan(corpus, tmp_path))


def test_emodb_has_the_real_names(forged_whole: Whole) -> None:
    corpus = EmoDB()
    manifest = corpus.card.standard.manifest
    assert manifest is not None
    forged = {path.name for path in audio_files(forged_whole(corpus))}
    assert forged == {PurePosixPath(file).name for file in read_manifest(manifest)}


def test_emodb_takes_beyond_the_real_ones(tmp_path: Path) -> None:
    """Some cells of the real corpus hold one utterance or none."""
    forge_corpus(EmoDB(), tmp_path, per_cell=12, **TINY)
    cells = Counter((path.stem[:2], path.stem[5]) for path in audio_files(tmp_path))
    assert len(cells) == 70
    assert set(cells.values()) == {12}


def test_savee_nested(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = SAVEE()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "nested")
    assert (root / "AudioData" / "AudioData" / "KL" / "n30.wav").is_file()
    scanned = scan(corpus, root)
    assert kinds(scanned) == {"mirrored"}
    assert len(scanned.utterances) == 480


def test_savee_copies(tmp_path: Path, forged_whole: Whole) -> None:
    corpus = SAVEE()
    root = spoilt(corpus, forged_whole(corpus), tmp_path / "spoilt", "copies")
    assert sorted(path.name for path in (root / "AudioData").glob("*.wav")) == [
        "f10 (2).wav", "f10 (3).wav", "f10 (4).wav", "f10.wav",
    ]  # fmt: skip
    with pytest.raises(CorpusError, match="has lost its speaker"):
        scan(corpus, root, allow_partial=True)
