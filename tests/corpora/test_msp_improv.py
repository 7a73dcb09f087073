"""MSP-IMPROV: every layout, whichever label file, and sounds that are not where they should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import pytest

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError
from serbench_corpora.msp_improv import COUNTS, SPEAKERS, MSPImprov

# The format as public readers of the file describe it; the values are made up.
BLOCK = """\
UTD-IMPROV-S01A-F02-R-FF01.avi; A; A:2.666667; V:2.333333; D:3.000000 ; N:3.800000;
p-01; Angry; Angry,Frustrated; A:3.000000; V:2.000000; D:3.000000; N:4.000000;
p-02; Angry; Angry; A:2.000000; V:2.000000; D:3.000000; N:4.000000;
p-03; Neutral; Neutral,Other; A:NaN; V:3.000000; D:NaN; N:3.000000;

"""
SECOND = "UTD-IMPROV-S20N-M06-P-FM12.avi; H; A:1.5; V:NaN; D:NaN ; N:NaN;\np-01; Happy; ; A:1;\n\n"
MEANS = {"arousal": 2.666667, "valence": 2.333333, "dominance": 3.0, "naturalness": 3.8}
READ, NATURAL = "MSP-IMPROV-S01A-F02-R-FF01", "MSP-IMPROV-S20N-M06-P-FM12"
FOLDERS = {READ: "session2/S01A/R", NATURAL: "session6/S20N/P"}


def touch(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return root


def plant(
    root: Path,
    layout: str = "{folder}/{name}.wav",
    text: str = BLOCK + SECOND,
    names: Collection[str] = (READ, NATURAL),
) -> Path:
    """The two turns in a layout, and their label file."""
    touch(root, *(layout.format(folder=FOLDERS[name], name=name) for name in names))
    (root / "Evaluation.txt").write_bytes(text.encode())
    return root


def read(root: Path) -> tuple[dict[str, Entry], list[Finding]]:
    found = list(MSPImprov().entries(root))
    entries = {entry.id: entry for entry in found if isinstance(entry, Entry)}
    findings = [finding for finding in found if isinstance(finding, Finding)]
    assert len(found) == len(entries) + len(findings)
    return entries, findings


LAYOUTS = (
    "{folder}/{name}.wav",
    "Audio/{folder}/{name}.wav",
    "MSP-IMPROV/Audio/{folder}/{name}.wav",
    "{name}.wav",
    "pool/{name}.wav",
    "{folder}/{name}.flac",
    "Audio/{folder}/{name}.WAV",
)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(tmp_path: Path, layout: str) -> None:
    entries, findings = read(plant(tmp_path, layout))
    assert not findings
    assert list(entries) == [READ, NATURAL]
    assert entries[READ] == Entry(
        id=READ,
        audio=tmp_path / layout.format(folder="session2/S01A/R", name=READ),
        file="session2/S01A/R/MSP-IMPROV-S01A-F02-R-FF01.wav",
        speaker="F02",
        native="A",
        gender="female",
        session="02",
        dialogue="02-S01A-R-FF",
        scenario="S01A",
        style="target-read",
        sentence="S01",
        intended="A",
        votes={"Angry": 2, "Neutral": 1},
        attributes=MEANS,
    )
    natural = entries[NATURAL]
    assert natural.audio == tmp_path / layout.format(folder="session6/S20N/P", name=NATURAL)
    assert natural.file == "session6/S20N/P/MSP-IMPROV-S20N-M06-P-FM12.wav"
    assert (natural.native, natural.intended) == ("H", "N")
    assert (natural.votes, natural.attributes) == ({"Happy": 1}, {"arousal": 1.5})


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_folders_and_names_in_another_case(tmp_path: Path, change: Callable[[str], str]) -> None:
    plain, _ = read(plant(tmp_path / "plain"))
    root = tmp_path / "changed"
    touch(root, *(change(f"{folder}/{name}") + ".wav" for name, folder in FOLDERS.items()))
    (root / change("Evalution.txt")).write_text(change(BLOCK).replace("; a;", "; A;"))
    entries, findings = read(root)
    assert not findings
    assert list(entries) == [READ]
    assert entries[READ].audio == root / (change(f"session2/S01A/R/{READ}") + ".wav")
    assert replace(entries[READ], audio=Path(), votes=None) == replace(
        plain[READ], audio=Path(), votes=None
    )


STYLES = {"T": "target-improvised", "R": "target-read", "S": "other-improvised", "P": "natural"}


@pytest.mark.parametrize(("letter", "style"), STYLES.items())
@pytest.mark.parametrize("pair", ["FM", "MF", "FF", "MM"])
@pytest.mark.parametrize("speaker", ["F01", "M01"])
def test_the_speaker_is_the_fourth_field(
    tmp_path: Path, letter: str, style: str, pair: str, speaker: str
) -> None:
    """Whatever the pair of letters says; and the S of a style is not the S of sadness."""
    header = f"UTD-IMPROV-S07H-{speaker}-{letter}-{pair}03.avi; S; A:1.0; V:1.0; D:1.0 ; N:1.0;\n"
    (tmp_path / "Evaluation.txt").write_text(header)
    entry = read(tmp_path)[0][f"MSP-IMPROV-S07H-{speaker}-{letter}-{pair}03"]
    assert (entry.speaker, entry.gender) == (speaker, {"F": "female", "M": "male"}[speaker[0]])
    assert (entry.style, entry.intended, entry.native) == (style, "H", "S")
    assert entry.dialogue == f"01-S07H-{letter}-{pair}"


def test_a_dialogue_has_both_speakers(tmp_path: Path) -> None:
    names = ("S01A-F01-S-FM01", "S01A-M01-S-FM01", "S01A-M01-S-MF01", "S01A-M02-S-FM01")
    lines = (f"UTD-IMPROV-{name}.avi; N; A:1.0; V:1.0; D:1.0 ; N:1.0;" for name in names)
    (tmp_path / "Evaluation.txt").write_text("\n".join(lines))
    both = Counter(entry.dialogue for entry in read(tmp_path)[0].values())
    assert both == {"01-S01A-S-FM": 2, "01-S01A-S-MF": 1, "02-S01A-S-FM": 1}


@pytest.mark.parametrize(
    "name", ["Evaluation.txt", "Evalution.txt", "EVALUATION.TXT", "evalution.txt"]
)
@pytest.mark.parametrize("folder", ["", "labels/", "MSP-IMPROV/Audio/"])
def test_where_the_label_file_stands(tmp_path: Path, name: str, folder: str) -> None:
    plant(tmp_path)
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "Evaluation.txt").rename(tmp_path / folder / name)
    entries, findings = read(tmp_path)
    assert sorted(entries) == [READ, NATURAL]
    assert not findings


def test_a_label_of_none_is_left_to_the_scan(tmp_path: Path) -> None:
    plant(tmp_path, text=BLOCK.replace("; A; ", "; a; "), names=[READ])
    entries, findings = read(tmp_path)
    assert entries[READ].native == "a"
    assert not findings


def test_both_spellings(tmp_path: Path) -> None:
    expected, _ = read(plant(tmp_path))
    (tmp_path / "Evalution.txt").write_bytes((BLOCK + SECOND).replace("\n", "\r\n").encode())
    assert read(tmp_path) == (expected, [])


@pytest.mark.parametrize(
    ("text", "turns", "example"),
    [
        (BLOCK, 1, NATURAL),
        (BLOCK + SECOND.replace("; H; ", "; N; "), 1, NATURAL),
        (BLOCK.replace("p-02; Angry", "p-02; Sad") + SECOND, 1, READ),
        (BLOCK.replace("FF01", "FF02"), 3, READ),
    ],
)
def test_both_spellings_that_differ(tmp_path: Path, text: str, turns: int, example: str) -> None:
    expected, _ = read(plant(tmp_path))
    other = tmp_path / "labels" / "Evalution.txt"
    other.parent.mkdir()
    other.write_text(text)
    entries, (finding,) = read(tmp_path)
    assert entries == expected  # the file nearest to the root is used
    assert (finding.kind, finding.grave) == ("annotation", True)
    assert finding.message.startswith(f"{other} differs from {tmp_path / 'Evaluation.txt'}")
    assert f"in {turns} turns, such as {example}" in finding.message


def test_another_programs_evaluation_is_passed_over(tmp_path: Path) -> None:
    expected, _ = read(plant(tmp_path))
    foreign = tmp_path / "evaluation" / "evaluation.txt"
    foreign.parent.mkdir()
    foreign.write_text("UAR 0.61\nclip.avi; 3\n")
    entries, (finding,) = read(tmp_path)
    assert entries == expected
    assert (finding.kind, finding.grave) == ("annotation", False)
    assert f"{foreign} holds no turn" in finding.message


def test_a_lost_label_file_is_refused(tmp_path: Path) -> None:
    plant(tmp_path)
    (tmp_path / "Evaluation.txt").unlink()
    with pytest.raises(CorpusError, match="has no label file") as error:
        read(tmp_path)
    assert str(tmp_path) in error.value.found
    assert "Evalution.txt" in error.value.expected
    assert "copy it" in error.value.advice


def test_a_label_file_above_is_pointed_at(tmp_path: Path) -> None:
    plant(tmp_path, "Audio/{folder}/{name}.wav")
    with pytest.raises(CorpusError, match="has no label file") as error:
        read(tmp_path / "Audio")
    assert error.value.advice == f"name the folder above, {tmp_path}, which has Evaluation.txt"


@pytest.mark.parametrize("text", ["", "UAR 0.61\n", "Ses01F_impro01_F000.avi; neu; A:2.5;\n"])
def test_a_label_file_of_another_corpus_is_refused(tmp_path: Path, text: str) -> None:
    plant(tmp_path, text=text)
    with pytest.raises(CorpusError, match=r"Evaluation\.txt is no label file of MSP-IMPROV") as e:
        read(tmp_path)
    assert ("Ses01F_impro01_F000" in e.value.found) == ("Ses01F" in text)


def test_another_corpus_is_left_alone(tmp_path: Path) -> None:
    touch(tmp_path, "wav/03a01Fa.wav")
    (tmp_path / "evaluation.txt").write_text("UAR 0.61\n")
    assert read(tmp_path) == ({}, [])


@pytest.mark.parametrize("layout", [*LAYOUTS[:5], "SESSION/{folder}/{name}.wav"])
def test_a_labelled_turn_without_a_sound(tmp_path: Path, layout: str) -> None:
    """It is yielded, with the path where the layout of the others would have it."""
    entries, findings = read(plant(tmp_path, layout, names=[READ]))
    assert not findings
    missing = layout.format(folder=FOLDERS[NATURAL], name=NATURAL)
    assert entries[NATURAL].audio == tmp_path / missing
    assert not entries[NATURAL].audio.exists()


def test_a_turn_without_a_sound_among_folders_of_another_case(tmp_path: Path) -> None:
    sibling = "MSP-IMPROV-S20N-F06-P-FM11"
    touch(tmp_path, f"Audio/Session6/s20n/p/{sibling}.wav")
    plant(tmp_path, names=[], text=SECOND + SECOND.replace("M06-P-FM12", "F06-P-FM11"))
    entries, _ = read(tmp_path)
    assert entries[NATURAL].audio == tmp_path / f"Audio/Session6/s20n/p/{NATURAL}.wav"


def test_no_sound_at_all(tmp_path: Path) -> None:
    entries, _ = read(plant(tmp_path, names=[]))
    assert entries[READ].audio == tmp_path / "session2/S01A/R" / f"{READ}.wav"


def test_a_sound_without_a_label_is_left_to_the_scan(tmp_path: Path) -> None:
    entries, findings = read(plant(tmp_path, text=BLOCK))
    assert list(entries) == [READ]
    assert not findings


def test_macos_companions_and_videos_are_passed_over(tmp_path: Path) -> None:
    expected = read(plant(tmp_path))
    for name, folder in FOLDERS.items():
        touch(tmp_path, f"{folder}/._{name}.wav", f"__MACOSX/{folder}/{name}.wav")
    touch(tmp_path, "._Evaluation.txt", "__MACOSX/Evaluation.txt", ".hidden/Evalution.txt")
    touch(tmp_path, "session2/S01A/R/UTD-IMPROV-S01A-F02-R-FF01.avi", "session2/readme.txt")
    assert read(tmp_path) == expected


def test_copies_are_left_to_the_scan(tmp_path: Path) -> None:
    plant(tmp_path)
    touch(tmp_path, f"pool/{READ}.wav", f"pool/{NATURAL}.flac")
    found = [entry for entry in MSPImprov().entries(tmp_path) if isinstance(entry, Entry)]
    assert Counter(entry.id for entry in found) == {READ: 2, NATURAL: 2}


@pytest.mark.parametrize(
    "folder", ["session1/S01A/R", "session2/S01H/R", "session2/S01A/P", "Audio/SESSION6/s01a/r"]
)
def test_a_foreign_folder(tmp_path: Path, folder: str) -> None:
    touch(tmp_path, f"{folder}/{READ}.wav")
    entries, (finding,) = read(plant(tmp_path, names=[], text=BLOCK))
    assert entries[READ].speaker == "F02"
    assert (finding.kind, finding.grave) == ("misplaced", True)
    assert str(tmp_path / folder / f"{READ}.wav") in finding.message
    assert f"session2/S01A/R/{READ}.wav" in finding.message


@pytest.mark.parametrize("folder", ["A", "S", "P/H", "session2", "session2/P", "F02/S/T", "S01H"])
def test_folders_of_another_kind_contradict_nothing(tmp_path: Path, folder: str) -> None:
    """Mirrors sort by label, where S is sadness and no style."""
    touch(tmp_path, f"{folder}/{READ}.wav")
    assert read(plant(tmp_path, names=[], text=BLOCK))[1] == []


def test_card() -> None:
    assert COUNTS == {"A": 792, "S": 885, "H": 2644, "N": 3477, "O": 85, "X": 555}
    assert sum(COUNTS.values()) == 8438
    assert sum(COUNTS[label] for label in "ASHN") == 7798
    assert len(SPEAKERS) == 12
    assert set(SPEAKERS.values()) == {None}
    emotions = ("anger", "sadness", "happiness", "neutral", "other", None)
    assert dict(MSPImprov.labels) == dict(zip("ASHNOX", emotions, strict=True))
