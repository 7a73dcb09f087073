"""A forged MSP-IMPROV: the published counts, the label file's form, every defect, and its scan."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from serbench.corpus import Entry
from serbench.errors import CorpusError, SerbenchError
from serbench.scan import scan
from serbench.testing import Written, forge_corpus
from serbench_corpora.forged.msp_improv import MSPImprovForgery, style_counts
from serbench_corpora.msp_improv import COUNTS, SPEAKERS, MSPImprov


def read(root: Path) -> dict[str, Entry]:
    """The entries by their ids; there is nothing to find fault with."""
    found = list(MSPImprov().entries(root))
    entries = [entry for entry in found if isinstance(entry, Entry)]
    assert len(entries) == len(found) == len({entry.id for entry in entries})
    return {entry.id: entry for entry in entries}


def without(entries: dict[str, Entry], **changes: object) -> dict[str, Entry]:
    return {name: replace(entry, audio=Path(), **changes) for name, entry in entries.items()}


# Turns by style and perceived label, as published: anger, sadness, happiness, neutral, all.
PUBLISHED = {
    "target-improvised": (115, 106, 136, 283, 652),
    "target-read": (169, 80, 88, 241, 620),
    "other-improvised": (470, 633, 1048, 1789, 4381),
    "natural": (38, 66, 1372, 1164, 2785),
}


def test_the_forged_corpus_has_the_published_counts(tmp_path: Path) -> None:
    """Full size, from its label file; the sounds are empty, since no adapter reads them."""
    forgery = MSPImprovForgery(MSPImprov())
    planned = list(forgery.utterances(MSPImprov.card.standard, None))
    for sound in (tmp_path / forged.path for forged in planned):
        sound.parent.mkdir(parents=True, exist_ok=True)
        sound.touch()
    forgery.annotate(tmp_path, MSPImprov.card.standard, [Written(f, 1.0) for f in planned])
    entries = read(tmp_path)
    assert len(entries) == 8438
    assert Counter(entry.native for entry in entries.values()) == COUNTS
    styles = Counter((entry.style, entry.native) for entry in entries.values())
    for style, (*four, total) in PUBLISHED.items():
        assert [styles[style, label] for label in "ASHN"] == four
        assert sum(styles[style, label] for label in COUNTS) == total
    assert {f.path: (f.speaker, f.native) for f in planned} == {
        entry.file: (entry.speaker, entry.native) for entry in entries.values()
    }
    assert all(entry.audio.is_file() for entry in entries.values())
    assert len({(f.speaker, f.native, f.take) for f in planned}) == 8438
    by_speaker = Counter(entry.speaker for entry in entries.values())
    assert set(by_speaker) == set(SPEAKERS)
    assert max(by_speaker.values()) - min(by_speaker.values()) < 5
    assert len({entry.scenario for entry in entries.values()}) == 80
    four_class = [entry for entry in entries.values() if entry.native in "ASHN"]
    as_intended = sum(entry.intended == entry.native for entry in four_class)
    assert 0.6 < as_intended / len(four_class) < 0.9
    for entry in entries.values():
        assert entry.votes is not None
        assert sum(entry.votes.values()) == 5
        first, second = [*sorted(entry.votes.values(), reverse=True), 0][:2]
        assert (first > second) == (entry.native != "X")


def test_style_counts_fill_up_the_totals() -> None:
    table = style_counts(COUNTS)
    assert {style: sum(row.values()) for style, row in table.items()} == {
        "T": 652,
        "R": 620,
        "S": 4381,
        "P": 2785,
    }
    for label, count in COUNTS.items():
        assert sum(row[label] for row in table.values()) == count


@pytest.fixture(scope="module")
def forged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One turn of each label and speaker: 72. Not to be written to."""
    return forge_corpus(
        MSPImprov(),
        tmp_path_factory.mktemp("forged") / "MSP-IMPROV",
        silent=True,
        seconds=(0.02, 0.04),
        rate=8000,
        per_cell=1,
    )


def spoilt(forged: Path, root: Path, *defects: str) -> Path:
    shutil.copytree(forged, root)
    for defect in defects:
        MSPImprovForgery(MSPImprov()).spoil(root, defect)
    return root


def test_the_forged_label_file_has_the_real_form(forged: Path) -> None:
    lines = (forged / "Evaluation.txt").read_text().split("\n")
    header = (
        r"UTD-IMPROV-[A-Z0-9-]+\.avi; [A-Z]; A:\d\.\d{6}; V:\d\.\d{6}; D:\d\.\d{6} ; N:\d\.\d{6};"
    )
    rater = r"[\w-]+; \w+; [\w,]+; A:\d\.\d{6}; V:\d\.\d{6}; D:\d\.\d{6}; N:\d\.\d{6};"
    block = [header, *[rater] * 5, ""]
    assert len(lines) == 72 * len(block) + 1
    for i, line in enumerate(lines[:-1]):
        assert re.fullmatch(block[i % len(block)], line), line


def test_forged_styles_take_turns(forged: Path) -> None:
    """Every label in every style, so that whoever keeps one style still has all classes."""
    together = {(entry.style, entry.native) for entry in read(forged).values()}
    assert len(together) == len(PUBLISHED) * len(COUNTS)


SAME = [
    ("evalution",),
    ("crlf",),
    ("apple-double",),
    ("audio-parent",),
    ("flat",),
    ("flat", "evalution", "crlf", "apple-double"),
    ("apple-double", "flat"),
    ("apple-double", "audio-parent"),
]


@pytest.mark.parametrize("defects", SAME, ids=" ".join)
def test_defects_that_change_nothing(
    forged: Path, tmp_path: Path, defects: tuple[str, ...]
) -> None:
    root = spoilt(forged, tmp_path / "spoilt", *defects)
    entries = read(root)
    assert without(entries) == without(read(forged))
    assert all(entry.audio.is_file() for entry in entries.values())
    names = {path.name for path in root.rglob("*") if path.is_file()}
    assert ("Evalution.txt" in names) == ("evalution" in defects)
    assert ("._Evaluation.txt" in names) == (
        "apple-double" in defects and "evalution" not in defects
    )
    assert (b"\r\n" in next(root.glob("Eval*.txt")).read_bytes()) == ("crlf" in defects)
    assert (root / "session1").is_dir() == (not {"flat", "audio-parent"} & set(defects))


def test_nan(forged: Path, tmp_path: Path) -> None:
    before, after = read(forged), read(spoilt(forged, tmp_path / "spoilt", "nan"))
    lost = [set(before[name].attributes) - set(after[name].attributes) for name in before]
    assert Counter(map(len, lost)) == {0: 64, 1: 4, 4: 4}
    assert {"naturalness"} in lost
    assert without(after, attributes={}) == without(before, attributes={})


@pytest.mark.parametrize("layout", ["flat", "audio-parent", "crlf"])
def test_lost_sounds(forged: Path, tmp_path: Path, layout: str) -> None:
    root = spoilt(forged, tmp_path / "spoilt", layout, "lost-wavs")
    entries = read(root)
    assert len(entries) == 72
    lost = [entry for entry in entries.values() if not entry.audio.exists()]
    assert len(lost) == 3
    prefix = {"flat": "", "audio-parent": "Audio/", "crlf": ""}[layout]
    for entry in lost:
        file = Path(entry.file).name if layout == "flat" else entry.file
        assert entry.audio == root / f"{prefix}{file}"


def test_every_defect_is_planted(forged: Path, tmp_path: Path) -> None:
    def content(root: Path) -> dict[str, bytes]:
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }

    for defect in MSPImprovForgery.defects:
        assert content(spoilt(forged, tmp_path / defect, defect)) != content(forged), defect


def test_too_large_a_forgery_is_refused() -> None:
    forgery = MSPImprovForgery(MSPImprov())
    with pytest.raises(SerbenchError, match="names hold no further turn of F01"):
        list(forgery.utterances(MSPImprov.card.standard, 8000))


def test_another_release_is_forged_by_its_own_counts() -> None:
    release = replace(MSPImprov.card.standard, name="small", counts={"A": 30, "X": 7})
    planned = list(MSPImprovForgery(MSPImprov()).utterances(release, None))
    assert Counter(forged.native for forged in planned) == {"A": 30, "X": 7}
    assert len({forged.path for forged in planned}) == 37


def test_scan(forged: Path, tmp_path: Path) -> None:
    """What is missing, what nobody labelled, and counts that are not the corpus's."""
    root = spoilt(forged, tmp_path / "spoilt", "lost-wavs")
    (root / "session1/S01A/MSP-IMPROV-S01A-F01-S-MF99.wav").touch()
    with pytest.raises(CorpusError, match="MSP-IMPROV"):
        scan(MSPImprov(), root)
    scanned = scan(MSPImprov(), root, allow_partial=True)
    kinds = Counter(finding.kind for finding in scanned.findings)
    assert kinds["missing"] == 3
    assert kinds["unclaimed"] == 1
    assert set(kinds) == {"missing", "unclaimed", "count"}
    assert not any("speaker" in f.message for f in scanned.findings if f.kind == "count")
    assert len(scanned.utterances) == 69
    assert {u.emotion for u in scanned.utterances if u.native == "X"} == {""}
    assert {u.emotion for u in scanned.utterances if u.native == "O"} == {"other"}


def test_layouts_share_a_fingerprint(forged: Path, tmp_path: Path) -> None:
    flat = spoilt(forged, tmp_path / "flat", "flat", "evalution", "crlf")
    prints = {
        scan(MSPImprov(), root, allow_partial=True).fingerprint
        for root in (forged, flat, spoilt(forged, tmp_path / "deep", "audio-parent"))
    }
    assert len(prints) == 1
