"""What is odd in a folder of IEMOCAP: label files twice, elsewhere, foreign, empty or missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError
from serbench_corpora.iemocap import IEMOCAP

TITLE = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n"
DIALOGUE = "Ses01F_impro01"
IDS = (f"{DIALOGUE}_F000", f"{DIALOGUE}_M000", "Ses05M_script01_1_F012")
EMO = "dialog/EmoEvaluation/{}.txt"
SAY = "dialog/transcriptions/{}.txt"


def judged(turn: str, native: str) -> str:
    return f"[0.5000 - 2.2500]\t{turn}\t{native}\t[2.0000, 3.5000, 3.0000]\nC-E2:\tFear;\t()\n"


def said(turn: str, text: str) -> str:
    return f"{turn} [000.5000-002.2500]: {text}\n"


JUDGED = f"{TITLE}\n{judged(IDS[0], 'fru')}\n{judged(IDS[1], 'xxx')}"
SAID = said(IDS[0], "Where is it?") + said(IDS[1], "Gone!")


def put(path: Path, content: str | bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two turns of a dialogue in session 1 and one of session 5."""
    put(tmp_path / "Session1" / EMO.format(DIALOGUE), JUDGED)
    put(tmp_path / "Session1" / SAY.format(DIALOGUE), SAID)
    put(tmp_path / "Session5" / EMO.format(IDS[2][:-5]), judged(IDS[2], "exc"))
    put(tmp_path / "Session5" / SAY.format(IDS[2][:-5]), said(IDS[2], "At last."))
    for turn in IDS:
        put(tmp_path / f"Session{turn[4]}/sentences/wav/{turn[:-5]}/{turn}.wav")
    return tmp_path


def entries(root: Path) -> list[Entry]:
    return [item for item in IEMOCAP().entries(root) if isinstance(item, Entry)]


def faults(root: Path) -> list[Finding]:
    return [item for item in IEMOCAP().entries(root) if isinstance(item, Finding)]


def the_fault(root: Path, *, grave: bool = True) -> str:
    """What the one finding says."""
    (found,) = faults(root)
    assert (found.kind, found.grave) == ("annotation", grave)
    return found.message


def test_a_malformed_line(root: Path) -> None:
    path = put(root / "Session1" / EMO.format(DIALOGUE), JUDGED.replace("\tfru\t", "\t"))
    assert the_fault(root).startswith(f"{path}, line 3: ")
    assert [entry.id for entry in entries(root)] == list(IDS[1:])


def test_a_file_that_is_no_text(root: Path) -> None:
    path = put(root / "Session1" / EMO.format(DIALOGUE), b"RIFF\0\0\0\0")
    with pytest.raises(CorpusError, match="is not text") as error:
        faults(root)
    assert str(path) in error.value.found


def test_a_turn_twice(root: Path) -> None:
    path = root / "Session1" / EMO.format(DIALOGUE)
    put(path, f"{JUDGED}\n{judged(IDS[0], 'ang')}")
    assert the_fault(root) == f"{path}, line 9: {IDS[0]} again, after {path}, line 3"
    assert [entry.native for entry in entries(root)] == ["fru", "xxx", "exc"]


def test_two_files_of_one_dialogue_that_agree(root: Path) -> None:
    expected = entries(root)
    put(root / f"copy/EmoEvaluation/{DIALOGUE}.txt", JUDGED.replace("\n", "\r\n"))
    put(root / f"copy/transcriptions/{DIALOGUE}.txt", SAID.rstrip("\n"))
    assert faults(root) == []
    assert entries(root) == expected


@pytest.mark.parametrize(("place", "old", "new"), [(EMO, "fru", "ang"), (SAY, "Where", "Who")])
def test_two_files_of_one_dialogue_that_differ(root: Path, place: str, old: str, new: str) -> None:
    used = root / "Session1" / place.format(DIALOGUE)
    other = put(root / "A/B" / place.format(DIALOGUE), used.read_text().replace(old, new))
    assert the_fault(root) == f"{other} differs from {used}, which is the one used"
    first = next(entry for entry in entries(root) if entry.id == IDS[0])
    assert (first.native, first.text) == ("fru", "Where is it?")


def test_turns_of_another_dialogue(root: Path) -> None:
    path = root / "Session1" / EMO.format(DIALOGUE)
    moved = path.rename(path.with_name("Ses01F_impro02.txt"))
    assert the_fault(root).startswith(f"{moved} has 2 turns of {DIALOGUE}; ")
    assert [entry.id for entry in entries(root)] == list(IDS)


@pytest.mark.parametrize(
    "content", ["", TITLE, "UTD-IMPROV-S01A-F02-R-FF01.avi; A; A:2.5; V:2.5; D:2.5 ; N:3.5;\n"]
)
def test_a_dialogues_file_without_turns(root: Path, content: str) -> None:
    path = put(root / "Session1" / EMO.format("Ses01M_impro01"), content)
    assert the_fault(root).startswith(f"{path} has no turn")
    assert [entry.id for entry in entries(root)] == list(IDS)


@pytest.mark.parametrize(
    ("name", "content", "grave"),
    [
        ("Evaluation", "UTD-IMPROV-S01A-F02-R-FF01.avi; A; A:2.5; V:2.5; D:2.5 ;\n", False),
        ("notes", "checked in May\n", False),
        (f"{DIALOGUE} (2)", JUDGED, True),
        ("all", judged("Ses02F_impro01_F000", "neu"), True),
    ],
)
def test_files_that_are_no_dialogues(root: Path, name: str, content: str, grave: bool) -> None:
    path = put(root / "Session1" / EMO.format(name), content)
    assert the_fault(root, grave=grave).startswith(f"{path} is not read")
    assert [entry.id for entry in entries(root)] == list(IDS)


@pytest.mark.parametrize(
    "paths",
    [
        (),
        (f"{IDS[0]}.wav",),
        (f"sentences/wav/{DIALOGUE}/{IDS[0]}.wav", SAY.format(DIALOGUE)),
        (EMO.format(f"._{DIALOGUE}"),),
        ("Evaluation/Evaluation.txt", "session1/MSP-IMPROV-S01A-F01-P-FM01.wav"),
        (f"{DIALOGUE}.txt", f"{IDS[0]}.wav"),
    ],
)
def test_no_annotation(tmp_path: Path, paths: tuple[str, ...]) -> None:
    for path in paths:
        put(tmp_path / path)
    with pytest.raises(CorpusError, match="has no annotation of IEMOCAP") as error:
        faults(tmp_path)
    sounds = [path for path in paths if path.endswith(".wav")]
    assert f"{len(sounds)} sound files" in error.value.found
    assert all(str(tmp_path / path) in error.value.found for path in sounds)
    assert "copy the folder EmoEvaluation" in error.value.advice


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="does not exist"):
        faults(tmp_path / "none")


def test_no_transcripts_are_remarked(root: Path) -> None:
    for session in ("Session1", "Session5"):
        (root / session / "dialog/transcriptions").rename(root / session / "dialog/lab")
    assert str(root) in the_fault(root, grave=False)
    assert {entry.text for entry in entries(root)} == {None}


def test_a_lost_transcript_is_grave(root: Path) -> None:
    (root / "Session1" / SAY.format(DIALOGUE)).unlink()
    assert the_fault(root) == f"2 of 3 turns have no transcript: {IDS[0]}, {IDS[1]}"


def test_a_turn_that_says_two_things(root: Path) -> None:
    more = said(IDS[0], "Another.") + said(IDS[1], "Gone!")
    path = put(root / "Session1" / SAY.format(DIALOGUE), SAID + more)
    assert the_fault(root) == f"{path}, line 3: {IDS[0]} again, with other words"
