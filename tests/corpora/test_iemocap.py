"""IEMOCAP: every layout that is met with, and what befalls its folders."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError
from serbench.scan import scan
from serbench_corpora.iemocap import COUNTS, IEMOCAP, LABELS, SPEAKERS

FIRST, SECOND = "Ses01F_impro01", "Ses05M_script01_1b"
TITLE = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n"
JUDGED = {
    FIRST: TITLE
    + """
[0.5000 - 2.2500]\tSes01F_impro01_F000\tfru\t[2.0000, 3.5000, 3.0000]
C-E2:\tFrustration;\t()
C-E3:\tFrustration; Anger;\t()
C-E4:\tNeutral state;\t(calm; or is it (not)?)
C-F1:\tSadness;\t()
A-E3:\tval 2; act 4; dom  3;\t()
A-E4:\tval 2; act 3;\t()
A-F1:\tval 1; act 5; dom  5;\t()

[3.0000 - 4.1250]\tSes01F_impro01_M000\txxx\t[2.5000, nan, 4.0000]
C-E2:\tAnger;\t()
C-M1:\tAnger;\t()
""",
    SECOND: TITLE
    + """
[10.0000 - 12.7500]\tSes05M_script01_1b_F012\texc\t[4.5000, 4.0000, 3.5000]
""",
}
SAID = {
    FIRST: """Ses01F_impro01_F000 [000.5000-002.2500]: Where is it?
M: Hm.
F:Er.
Ses01F_impro01_MXX0 [002.3000-002.6000]: [SIGH]
Ses01F_impro01_M000 [003.0000-004.1250]: Not here: gone!
""",
    SECOND: "Ses05M_script01_1b_F012 [010.0000-012.7500]: At last.\n",
}
IDS = ("Ses01F_impro01_F000", "Ses01F_impro01_M000", "Ses05M_script01_1b_F012")
WAV = "Session{n}/sentences/wav/{d}/{t}.wav"
EMO = "Session{n}/dialog/EmoEvaluation/{d}.txt"
SAY = "Session{n}/dialog/transcriptions/{d}.txt"


def put(path: Path, content: str | bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def build(root: Path, wav: str = WAV, emo: str = EMO, say: str | None = SAY) -> Path:
    """Three turns of two dialogues, under paths by session, dialogue and turn."""
    for turn in IDS:
        put(root / wav.format(n=turn[4], d=turn[:-5], t=turn, lower=turn.lower()))
    for dialogue in (FIRST, SECOND):
        put(root / emo.format(n=dialogue[4], d=dialogue), JUDGED[dialogue])
        if say is not None:
            put(root / say.format(n=dialogue[4], d=dialogue), SAID[dialogue])
    return root


def place(root: Path, template: str, dialogue: str = FIRST, turn: str = IDS[0]) -> Path:
    return root / template.format(n=dialogue[4], d=dialogue, t=turn)


def read(root: Path) -> dict[str, Entry]:
    """The entries by id, of a folder that is as it should be."""
    found = list(IEMOCAP().entries(root))
    assert [item for item in found if isinstance(item, Finding)] == []
    return {entry.id: entry for entry in found if isinstance(entry, Entry)}


def ids(root: Path) -> list[str]:
    return [item.id for item in IEMOCAP().entries(root) if isinstance(item, Entry)]


@pytest.mark.parametrize(
    ("wav", "emo", "say"),
    [
        (WAV, EMO, SAY),
        *(
            (f"{top}/{WAV}", f"{top}/{EMO}", f"{top}/{SAY}")
            for top in ("IEMOCAP_full_release", "data/IEMOCAP_full_release")
        ),
        (WAV, EMO.replace("EmoEvaluation", "Evaluation"), SAY),
        (WAV, EMO.replace("EmoEvaluation", "EMOEVALUATION"), SAY),
        (WAV.lower().replace("wav/", "WAV/"), EMO.replace("dialog/EmoE", "Dialog/emoe"), SAY),
        (WAV, EMO, SAY.replace("transcriptions", "Transcriptions")),
        (WAV.replace(".wav", ".flac"), EMO, SAY),
        (WAV.replace(".wav", ".WAV"), EMO.replace(".txt", ".TXT"), SAY),
        ("{lower}.wav", EMO, SAY),
        ("{t}.wav", "EmoEvaluation/{d}.txt", "transcriptions/{d}.txt"),
        ("wav/{t}.wav", "labels/evaluation/{d}.txt", "labels/transcriptions/{d}.txt"),
        ("{t}.wav", "{d}.txt", "transcriptions/{d}.txt"),
    ],
)
def test_layouts(tmp_path: Path, wav: str, emo: str, say: str) -> None:
    entries = read(build(tmp_path, wav, emo, say))
    assert sorted(entries) == sorted(IDS)
    turn = "Ses01F_impro01_F000"
    assert entries[turn] == Entry(
        id=turn,
        audio=tmp_path / wav.format(n=1, d=FIRST, t=turn, lower=turn.lower()),
        file="Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav",
        speaker="01F",
        native="fru",
        gender="female",
        session="01",
        dialogue="Ses01F_impro01",
        scenario="impro01",
        style="improvised",
        text="Where is it?",
        votes={"frustration": 1.5, "anger": 0.5, "neutral state": 1.0},
        attributes={"valence": 2.0, "arousal": 3.5, "dominance": 3.0},
    )


def test_a_root_that_is_one_session(tmp_path: Path) -> None:
    build(tmp_path)
    assert sorted(read(tmp_path / "Session1")) == list(IDS[:2])


def test_a_root_that_is_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, "{t}.wav", "{d}.txt", "transcriptions/{d}.txt")
    (tmp_path / f"{IDS[1]}.wav").unlink()
    monkeypatch.chdir(tmp_path)
    assert read(Path())[IDS[1]].audio == Path(f"{IDS[1]}.wav")


def test_the_talker_is_the_last_letter(tmp_path: Path) -> None:
    """The first letter is the actor with the markers, whoever talks."""
    entries = read(build(tmp_path))
    about = {e.id: (e.speaker, e.gender, e.session) for e in entries.values()}
    assert about == {
        "Ses01F_impro01_F000": ("01F", "female", "01"),
        "Ses01F_impro01_M000": ("01M", "male", "01"),
        "Ses05M_script01_1b_F012": ("05F", "female", "05"),
    }


def test_a_dialogue_without_agreement_and_a_script(tmp_path: Path) -> None:
    entries = read(build(tmp_path))
    nobody, script = entries[IDS[1]], entries[IDS[2]]
    assert nobody.native == "xxx"
    assert IEMOCAP.labels["xxx"] is None
    assert nobody.attributes == {"valence": 2.5, "dominance": 4.0}
    assert nobody.votes == {"anger": 1.0}
    assert nobody.text == "Not here: gone!"
    assert (script.style, script.scenario, script.dialogue) == ("scripted", "script01_1", SECOND)
    assert script.votes is None


@pytest.mark.parametrize(
    ("dialogue", "scenario"),
    [
        ("Ses03M_impro05a", "impro05"),
        ("Ses03M_impro05b", "impro05"),
        ("Ses03F_impro05", "impro05"),
        ("Ses03M_impro08b", "impro08"),
        ("Ses05M_script01_1", "script01_1"),
        ("Ses02F_script03_2", "script03_2"),
    ],
)
def test_parts_are_dialogues_of_one_scenario(tmp_path: Path, dialogue: str, scenario: str) -> None:
    turn = f"{dialogue}_M000"
    put(tmp_path / f"{turn}.wav")
    put(
        tmp_path / f"EmoEvaluation/{dialogue}.txt",
        f"[1.0000 - 2.0000]\t{turn}\tneu\t[3.0000, 3.0000, 3.0000]\n",
    )
    put(tmp_path / f"transcriptions/{dialogue}.txt", f"{turn} [001.0000-002.0000]: So.\n")
    entry = read(tmp_path)[turn]
    assert (entry.dialogue, entry.scenario) == (dialogue, scenario)


def test_files_beside_the_judgements(tmp_path: Path) -> None:
    """What has the name of a dialogue's judgements, and is something else."""
    build(tmp_path)
    expected = read(tmp_path)
    for folder in ("Categorical", "Attribute", "Self-evaluation"):
        put(tmp_path / f"Session1/dialog/EmoEvaluation/{folder}/{FIRST}.txt", JUDGED[SECOND])
        put(tmp_path / f"Session1/dialog/EmoEvaluation/{folder}/{FIRST}_e2_cat.txt", "[what]\n")
    put(tmp_path / f"Session1/dialog/EmoEvaluation/._{FIRST}.txt", b"\x00\x05\x16\x07\x00")
    put(tmp_path / f"__MACOSX/Session1/dialog/EmoEvaluation/{FIRST}.txt", b"\x00\x05\x16\x07")
    put(tmp_path / f"Session1/dialog/transcriptions/._{FIRST}.txt", b"\x00\x05\x16\x07\x00")
    put(tmp_path / f"Session1/dialog/MOCAP_head/{FIRST}.txt", "Frame# Time pitch\n1 0.0 3.5\n")
    put(tmp_path / f"{FIRST}.txt", "Frame# Time pitch\n1 0.0 3.5\n")
    put(tmp_path / f"Session1/dialog/EmoEvaluation/{FIRST}.anvil", "<annotation/>")
    assert read(tmp_path) == expected


@pytest.mark.parametrize(
    ("wav", "emo"), [(WAV, EMO), (f"IEMOCAP_full_release/{WAV}", f"IEMOCAP_full_release/{EMO}"),
                     ("wav/{t}.wav", "EmoEvaluation/{d}.txt")],
)  # fmt: skip
def test_a_lost_sound_is_named_where_it_should_be(tmp_path: Path, wav: str, emo: str) -> None:
    build(tmp_path, wav, emo)
    lost = {turn: place(tmp_path, wav, turn[:-5], turn) for turn in IDS[1:]}
    for path in lost.values():
        path.unlink()
    entries = read(tmp_path)
    assert {turn: entries[turn].audio for turn in lost} == lost


def test_no_sound_at_all(tmp_path: Path) -> None:
    build(tmp_path, emo="EmoEvaluation/{d}.txt")
    shutil.rmtree(tmp_path / "Session1")
    shutil.rmtree(tmp_path / "Session5")
    found = [item for item in IEMOCAP().entries(tmp_path) if isinstance(item, Entry)]
    assert [entry.audio for entry in found] == [tmp_path / f"{turn}.wav" for turn in IDS]


def test_every_sound_of_a_turn_is_left_to_the_scan(tmp_path: Path) -> None:
    build(tmp_path)
    put(tmp_path / f"pool/{IDS[0]}.flac")
    assert ids(tmp_path) == [IDS[0], IDS[0], *IDS[1:]]


@pytest.mark.parametrize(
    ("path", "passed"),
    [
        ("Session1/dialog/wav/Ses01F_impro01.wav", True),
        ("Ses03M_impro05a.flac", True),
        ("ses05m_script01_1b.WAV", True),
        ("Ses01F_impro01_F000.wav", False),
        ("Ses01F_impro01_left.wav", False),
        ("Ses06F_impro01.wav", False),
        ("dialog/wav/talk.wav", False),
    ],
)
def test_passed_over(path: str, passed: bool) -> None:
    assert IEMOCAP().passed_over(Path(path)) is passed


def sing(root: Path) -> Path:
    """Give every sound of a tree samples of its own."""
    for at, path in enumerate(sorted(root.rglob("*.wav"))):
        number = IDS.index(path.stem) if path.stem in IDS else 10 + at
        soundfile.write(path, np.full(800, 0.01 * (number + 1)), 8000, subtype="PCM_16")
    return root


def test_scan(tmp_path: Path) -> None:
    """Sounds of unknown turns are unclaimed, whole dialogues are passed over, counts are told."""
    build(tmp_path)
    stray = put(tmp_path / f"Session1/sentences/wav/{FIRST}/Ses01F_impro01_F001.wav")
    put(tmp_path / f"Session1/dialog/wav/{FIRST}.wav")
    with pytest.raises(CorpusError, match="is not IEMOCAP as it should be"):
        scan(IEMOCAP(), sing(tmp_path))
    found = scan(IEMOCAP(), tmp_path, allow_partial=True)
    kinds = Counter(finding.kind for finding in found.findings)
    assert kinds == {"unclaimed": 1, "count": 11 + 10}
    assert next(f for f in found.findings if f.kind == "unclaimed").message.startswith(str(stray))
    assert [(u.id, u.emotion) for u in found.utterances] == [
        ("iemocap/Ses01F_impro01_F000", "frustration"),
        ("iemocap/Ses01F_impro01_M000", ""),
        ("iemocap/Ses05M_script01_1b_F012", "excitement"),
    ]


def test_a_tree_twice_is_one_corpus(tmp_path: Path) -> None:
    for top in ("a", "b"):
        sing(build(tmp_path / top))
    found = scan(IEMOCAP(), tmp_path, allow_partial=True)
    assert len(found.utterances) == 3
    assert {finding.kind for finding in found.findings} == {"mirrored", "count"}


def test_an_unknown_label(tmp_path: Path) -> None:
    build(tmp_path)
    put(place(tmp_path, EMO), JUDGED[FIRST].replace("\tfru\t", "\tcal\t"))
    findings = scan(IEMOCAP(), sing(tmp_path), allow_partial=True).findings
    (unknown,) = (finding for finding in findings if finding.kind == "unknown-label")
    assert "'cal'" in unknown.message
    assert str(place(tmp_path, WAV)) in unknown.message


def test_card() -> None:
    assert sum(COUNTS.values()) == sum(SPEAKERS.values()) == 10039
    sessions = Counter[str]()
    for speaker, turns in SPEAKERS.items():
        sessions[speaker[:2]] += turns
    assert sessions == {"01": 1819, "02": 1811, "03": 2136, "04": 2103, "05": 2170}
    four = sum(COUNTS[native] for native in ("neu", "hap", "exc", "ang", "sad"))
    assert four == 5531
    assert {native: emotion and str(emotion) for native, emotion in LABELS.items()} == {
        "ang": "anger",
        "dis": "disgust",
        "exc": "excitement",
        "fea": "fear",
        "fru": "frustration",
        "hap": "happiness",
        "neu": "neutral",
        "oth": "other",
        "sad": "sadness",
        "sur": "surprise",
        "xxx": None,
    }
