"""Forged CMU-MOSEI: sparse recordings, and each form of labels read as it was written."""

from __future__ import annotations

import importlib.util
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.audio import inspect
from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError, UsageError
from serbench.scan import Scan, scan
from serbench.testing import forge_corpus
from serbench.testing.forgery import Written, forgery_of
from serbench_corpora.cmu_mosei import CMUMOSEI, COUNTS, CSD, SPEAKERS
from serbench_corpora.forged.cmu_mosei import EARLY_ROWS, EMPTY_ROWS, forge_audio
from serbench_corpora.mosei.folds import known_videos

needs_h5py = pytest.mark.skipif(
    importlib.util.find_spec("h5py") is None, reason="h5py is not installed"
)
FEW = 8  # videos of a forged corpus with so many utterances per cell
CELLS = FEW * len(COUNTS)
CSV = "CMU_MOSEI_Labels.csv"


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two utterances per cell, of a few videos. Not to be written to."""
    root = tmp_path_factory.mktemp("mosei") / "few"
    return forge_corpus(CMUMOSEI(), root, per_cell=2, silent=True, rate=8000)


def spoilt(few: Path, tmp_path: Path, *defects: str) -> Path:
    root = tmp_path / "spoilt"
    shutil.copytree(few, root)
    for defect in defects:
        forgery_of(CMUMOSEI()).spoil(root, defect)
    return root


def read(root: Path) -> dict[str, Entry]:
    return {one.id: one for one in CMUMOSEI().entries(root) if isinstance(one, Entry)}


def said(root: Path, grave: bool) -> list[str]:
    found = [one for one in CMUMOSEI().entries(root) if isinstance(one, Finding)]
    return [one.message for one in found if one.grave == grave]


def heard(root: Path) -> Scan:
    return scan(CMUMOSEI(), root, allow_partial=True)


def by_sound(scanned: Scan) -> dict[str, str]:
    return {one.samples: one.native for one in scanned.utterances}


def test_a_few_videos_of_every_fold(few: Path) -> None:
    entries = read(few)
    assert len(entries) == 2 * CELLS
    assert Counter(entry.native for entry in entries.values()) == dict.fromkeys(COUNTS, 2 * FEW)
    videos = {entry.speaker: entry.fold for entry in entries.values()}
    assert Counter(videos.values()) == {"train": 2, "valid": 2, "test": 2, None: 2}
    assert {video: known_videos()[video].fold for video in videos} == videos
    assert len(list(few.rglob("*.wav"))) == FEW


def test_every_segment_has_a_sound_of_its_own(few: Path) -> None:
    scanned = heard(few)
    assert len(by_sound(scanned)) == len(scanned.utterances) == 2 * CELLS
    assert {finding.kind for finding in scanned.findings} == {"count", "annotation"}
    for utterance in scanned.utterances:
        assert utterance.duration == pytest.approx((utterance.end or 0) - (utterance.start or 0))


def test_rows_are_not_in_the_order_of_time(few: Path) -> None:
    entries = [entry for entry in read(few).values() if entry.speaker == "-3g5yACwYnA"]
    starts = [entry.start or 0.0 for entry in entries]
    assert sorted(starts) != starts
    assert sorted(range(12), key=str) == [sorted(starts).index(start) for start in starts]


def test_a_recording_with_a_voice(tmp_path: Path) -> None:
    forge_corpus(CMUMOSEI(), tmp_path, per_cell=1, rate=8000)
    entries = read(tmp_path)
    entry = min(entries.values(), key=lambda entry: entry.end or 0)
    samples, rate = soundfile.read(entry.audio)
    assert rate == 8000
    spoken = samples[round((entry.start or 0) * rate) : round((entry.end or 0) * rate)]
    assert np.abs(spoken[-200:]).max() > 0
    after = samples[round((entry.end or 0) * rate) + 1 :][:3000]
    assert not after.any()


@pytest.mark.parametrize("suffix", [".flac", ".FLAC"])
def test_flac_holds_the_same(few: Path, tmp_path: Path, suffix: str) -> None:
    root = tmp_path / "flac"
    forge_corpus(CMUMOSEI(), root, per_cell=2, silent=True, rate=8000, suffix=suffix)
    assert not list(root.rglob("*.wav"))
    assert heard(root).fingerprint == heard(few).fingerprint


def test_labels_begin_before_the_video(few: Path, tmp_path: Path) -> None:
    root = spoilt(few, tmp_path, "negative-starts")
    assert any(f"{FEW} segments (" in message for message in said(root, grave=False))
    assert FEW < EARLY_ROWS
    assert heard(root).fingerprint == heard(few).fingerprint  # they began at 0 s as it is


def test_segments_without_length(few: Path, tmp_path: Path) -> None:
    root = spoilt(few, tmp_path, "empty-segments")
    (message,) = said(root, grave=True)
    assert f"{EMPTY_ROWS} segments (" in message
    assert len(read(root)) == 2 * CELLS - EMPTY_ROWS


@pytest.mark.parametrize("defect", ["bom", "apple-double", "symlink-loop"])
def test_what_changes_nothing(few: Path, tmp_path: Path, defect: str) -> None:
    root = spoilt(few, tmp_path, defect)
    if defect == "bom":
        content = (root / CSV).read_bytes()
        assert content.startswith(b"\xef\xbb\xbf,file")
        assert content.count(b"\r\n") == content.count(b"\n") > 1
    scanned = heard(root)
    assert scanned.fingerprint == heard(few).fingerprint
    assert not [finding for finding in scanned.findings if finding.kind == "unclaimed"]


def test_transcripts(few: Path, tmp_path: Path) -> None:
    root = spoilt(few, tmp_path, "transcripts")
    entries = read(root)
    assert all(entry.text for entry in entries.values())
    assert any("____" in str(entry.text) for entry in entries.values())
    assert not said(root, grave=False)


def test_files_of_segments(few: Path, tmp_path: Path) -> None:
    """Those in no fold are not among them, and are found missing."""
    root = spoilt(few, tmp_path, "segmented")
    whole, cut = heard(few), heard(root)
    lost = {one.id for one in whole.utterances if one.fold is None}
    assert {one.id for one in cut.utterances} == {one.id for one in whole.utterances} - lost
    sounds = {one.id: one.samples for one in whole.utterances}
    assert all(one.samples == sounds[one.id] for one in cut.utterances)
    assert all(one.start is None for one in cut.utterances)
    missing = [finding for finding in cut.findings if finding.kind == "missing"]
    assert len(missing) == len(lost) == 2 * 2 * len(COUNTS)
    assert not [finding for finding in cut.findings if finding.kind == "unclaimed"]


@needs_h5py
def test_the_csd(few: Path, tmp_path: Path) -> None:
    root = spoilt(few, tmp_path, "csd")
    assert not (root / CSV).exists()
    coarse, exact = read(few), read(root)
    assert exact.keys() == coarse.keys()
    for name, entry in exact.items():
        sentiment = entry.attributes["sentiment"]
        assert (entry.native, entry.fold) == (coarse[name].native, coarse[name].fold)
        assert (entry.start, entry.end) == (coarse[name].start, coarse[name].end)
        assert len(entry.attributes) == 7
        assert abs(coarse[name].attributes["sentiment"]) == np.ceil(abs(sentiment) - 1e-6)
        assert coarse[name].attributes["sentiment"] * sentiment >= 0
    assert by_sound(heard(root)) == by_sound(heard(few))


@needs_h5py
def test_raters_agree_with_the_csd(few: Path, tmp_path: Path) -> None:
    """The same sounds have the same labels, under the names of clips instead of rows."""
    exact = heard(spoilt(few, tmp_path / "csd", "csd"))
    rated = heard(spoilt(few, tmp_path / "mturk", "mturk"))
    assert by_sound(rated) == by_sound(exact)
    values = {one.samples: one.attributes for one in exact.utterances}
    for one in rated.utterances:
        assert one.attributes == pytest.approx(values[one.samples], abs=1e-6)
        assert sum((one.votes or {}).values()) == 3
        assert "/clip" in one.id
        assert one.text
    assert len(rated.utterances) == 2 * CELLS


def test_mmsa(few: Path, tmp_path: Path) -> None:
    root = spoilt(few, tmp_path, "mmsa")
    mmsa, whole = heard(root), heard(few)
    kept = {one.samples for one in whole.utterances if one.fold is not None}
    assert {one.samples for one in mmsa.utterances} == kept
    folds = {one.samples: one.fold for one in whole.utterances}
    coarse = {one.samples: one.attributes["sentiment"] for one in whole.utterances}
    for one in mmsa.utterances:
        assert one.fold == folds[one.samples]
        assert (
            one.native == ("Negative", "Neutral", "Positive")[int(np.sign(coarse[one.samples])) + 1]
        )
        assert one.emotion == ""


def test_one_other_label_file_at_most(few: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'bom' is planted into CMU_MOSEI_Labels"):
        spoilt(few, tmp_path, "mturk", "bom")


@pytest.mark.slow
@needs_h5py
def test_all_of_the_csd(tmp_path: Path) -> None:
    """As many segments of each video, and those without an emotion told apart.

    Every recording is heard here; ``test_the_csd`` hears a few.
    """
    forge_corpus(CMUMOSEI(), tmp_path, silent=True, rate=1000, release=CSD)
    scanned = scan(CMUMOSEI(), tmp_path)
    assert scanned.release == CSD.name
    natives = Counter(utterance.native for utterance in scanned.utterances)
    assert natives["happy"] + natives["none"] == COUNTS["happy"]
    assert 0 < natives["none"] < natives["happy"]


def test_all_of_it(tmp_path: Path) -> None:
    """Every video and segment of the release, without a fault; the recordings are empty."""
    forgery, release = forgery_of(CMUMOSEI()), CMUMOSEI.card.standard
    planned = list(forgery.utterances(release, None))
    for file in {one.path for one in planned}:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    written = [Written(one, (one.end or 0) - (one.start or 0)) for one in planned]
    forgery.annotate(tmp_path, release, written)
    entries = read(tmp_path)
    assert Counter(entry.native for entry in entries.values()) == COUNTS
    assert Counter(entry.speaker for entry in entries.values()) == SPEAKERS
    assert not said(tmp_path, grave=True)


ROW = "0,zv0Jl4TIQDc,{},{},{},1,1,0,1,0"


def labels(path: Path, *times: tuple[float, float]) -> Path:
    rows = [ROW.format(row, start, end) for row, (start, end) in enumerate(times)]
    heading = ",file,index,start,end,label2a,label2b,label6,label7,split"
    path.write_text("\n".join([heading, *rows, ""]))
    return path


def test_sound_for_given_labels(tmp_path: Path) -> None:
    """Bursts where the segments begin, silence elsewhere, and hardly any room on the disk."""
    table = labels(tmp_path / CSV, (-0.4, 1.0), (600.0, 605.5), (3599.9, 3600.01), (10.0, 10.01))
    forge_audio(tmp_path, table)
    path = tmp_path / "Raw/Audio/Full/WAV_16000/zv0Jl4TIQDc.wav"
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.subtype) == (16000, 1, "PCM_16")
    assert info.duration == pytest.approx(3600.51)
    samples, _ = soundfile.read(path, dtype="int16")
    loud = np.flatnonzero(samples)
    starts = [0, 600 * 16000, round(3599.9 * 16000), 160000]
    expected = np.zeros(len(samples), dtype=bool)
    for start, length in zip(starts, (512, 512, 512, 160), strict=True):
        expected[start : start + length] = True
        assert samples[start : start + length].any()
    assert expected[loud].all()
    assert path.stat().st_size > 100_000_000
    assert path.stat().st_blocks * 512 < 200_000
    sounds = {inspect(path, start, start + 0.01).samples for start in (0, 600, 3599.9, 10)}
    assert len(sounds) == 4


def test_another_seed_gives_other_sound(tmp_path: Path) -> None:
    table = labels(tmp_path / CSV, (0.0, 1.0))
    roots = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    for root, seed in zip(roots, (0, 0, 1), strict=True):
        forge_audio(root, table, seed=seed)
    first, same, other = (next(root.rglob("*.wav")).read_bytes() for root in roots)
    assert first == same != other


def test_sound_is_not_written_over(tmp_path: Path) -> None:
    table = labels(tmp_path / CSV, (0.0, 1.0))
    forge_audio(tmp_path, table)
    with pytest.raises(CorpusError, match=r"zv0Jl4TIQDc\.wav is there already"):
        forge_audio(tmp_path, table)
    with pytest.raises(CorpusError, match="line 2: start is 'x'"):
        forge_audio(tmp_path / "a", labels(tmp_path / "b.csv", ("x", 1.0)))  # type: ignore[arg-type]


def test_progress_is_told(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    told: Callable[[int, int], None] = lambda done, total: calls.append((done, total))  # noqa: E731
    forge_audio(tmp_path, labels(tmp_path / CSV, (0.0, 1.0), (1.0, 2.0)), progress=told)
    assert calls == [(1, 1)]
