"""The label files of IEMOCAP: what their lines say, and lines that are not as they should be."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.corpus import Finding
from serbench_corpora.iemocap_files import DIALOGUE, TURN, Turn, read_transcript, read_turns

TITLE = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"
HEADER = "[0.5000 - 2.2500]\tSes01F_impro01_F000\tfru\t[2.0000, 3.5000, 3.0000]"
NEXT = "[3.0000 - 4.1250]\tSes01F_impro01_M000\txxx\t[2.5000, 3.0000, 4.0000]"
VOTES = "C-E2:\tFrustration;\t()\n"


def turns(path: Path, text: str | bytes) -> list[Turn | Finding]:
    path = path / "Ses01F_impro01.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_turns(path))


def one(path: Path, text: str | bytes) -> Turn:
    (turn,) = turns(path, text)
    assert isinstance(turn, Turn)
    return turn


@pytest.mark.parametrize(
    ("raters", "votes"),
    [
        ("", None),
        ("C-E2:\tAnger;\t()", {"anger": 1.0}),
        ("C-E2:\tAnger;\t()\nC-E4:\tAnger;\t()\nC-E1:\tSadness;\t()", {"anger": 2, "sadness": 1}),
        ("C-E2:\tAnger; Sadness;\t()\nC-E3:\tSadness;\t()", {"anger": 0.5, "sadness": 1.5}),
        ("C-E2:\tNeutral; Other; Fear; Anger;\t()", dict.fromkeys(
            ("neutral", "other", "fear", "anger"), 0.25)),
        ("C-E2:\tNeutral state;\t()", {"neutral state": 1.0}),
        ("C-E2:\tAnger; Anger;\t()", {"anger": 1.0}),
        ("C-E2:\tOther;\t(bored; or (almost) asleep: Anger;)", {"other": 1.0}),
        ("C-E2: Anger; ()", {"anger": 1.0}),
        ("C-E2:\tAnger\t()", {"anger": 1.0}),
        ("C-E2:\t;\t()", None),
        ("C-F1:\tAnger;\t()\nC-M1:\tAnger;\t()", None),
        ("A-E3:\tval 2; act 4; dom  3;\t()\nA-E4:\tval 2; act 3;\t()", None),
    ],
)  # fmt: skip
def test_votes(tmp_path: Path, raters: str, votes: dict[str, float] | None) -> None:
    assert one(tmp_path, f"{TITLE}{HEADER}\n{raters}\n").votes == votes


@pytest.mark.parametrize(
    ("means", "attributes"),
    [
        ("[2.0000, 3.5000, 3.0000]", {"valence": 2.0, "arousal": 3.5, "dominance": 3.0}),
        ("[2,3,4]", {"valence": 2.0, "arousal": 3.0, "dominance": 4.0}),
        ("[nan, 3.5000, NaN]", {"arousal": 3.5}),
        ("[nan, nan, nan]", {}),
    ],
)
def test_means(tmp_path: Path, means: str, attributes: dict[str, float]) -> None:
    text = HEADER.replace("[2.0000, 3.5000, 3.0000]", means)
    assert one(tmp_path, text).attributes == attributes


def test_a_file(tmp_path: Path) -> None:
    found = turns(tmp_path, f"{TITLE}{HEADER}\n{VOTES}\n{NEXT}\n{VOTES}{VOTES}")
    assert all(isinstance(turn, Turn) for turn in found)
    assert [(turn.id, turn.native, turn.line) for turn in found if isinstance(turn, Turn)] == [
        ("Ses01F_impro01_F000", "fru", 3),
        ("Ses01F_impro01_M000", "xxx", 6),
    ]


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "cr": lambda text: text.replace("\n", "\r").encode(),
    "bom": lambda text: codecs.BOM_UTF8 + text.encode(),
    "bom and crlf": lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
    "latin-1": lambda text: text.replace("Joe", "José").encode("latin-1"),
    "utf-16": lambda text: text.encode("utf-16"),
    "trailing blanks": lambda text: text.replace("\n", " \t\n").encode(),
    "no empty lines": lambda text: text.replace("\n\n", "\n").encode(),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("title", [TITLE, ""])
def test_encodings(tmp_path: Path, encoding: str, title: str) -> None:
    text = f"{title}{HEADER}\nC-E2:\tFrustration;\t(as Joe)\n\n{NEXT}\n"
    found = turns(tmp_path, ENCODINGS[encoding](text))
    assert [(turn.id, turn.votes) for turn in found if isinstance(turn, Turn)] == [
        ("Ses01F_impro01_F000", {"frustration": 1.0}),
        ("Ses01F_impro01_M000", None),
    ]
    assert len(found) == 2


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_transcript(tmp_path: Path, encoding: str) -> None:
    text = (
        "Ses01F_impro01_F000 [000.5000-002.2500]: Joe? Is it [LAUGHTER] you: at last!\n"
        "M: Yeah.\n"
        "F:Umm.\n\n"
        "Ses01F_impro01_MXX0 [002.3000-002.6000]: Hm.\n"
        "Ses01F_impro01_M000 [003.0000-004.1250]:\n"
    )
    path = tmp_path / "Ses01F_impro01.txt"
    path.write_bytes(ENCODINGS[encoding](text))
    found = [(turn, words.replace("José", "Joe")) for _, turn, words in read_transcript(path)]
    assert found == [
        ("Ses01F_impro01_F000", "Joe? Is it [LAUGHTER] you: at last!"),
        ("Ses01F_impro01_MXX0", "Hm."),
        ("Ses01F_impro01_M000", ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[3.0000 - 4.1250]\tSes01F_impro01_M000\txxx",
        "[3.0000 - 4.1250]\tSes01F_impro01_M000\t\t[2.5000, 3.0000, 4.0000]",
        "[3.0000 - 4.1250]\tSes01F_impro01_M000\txxx\t[2.5000, 3.0000]",
        "[3.0000 - 4.1250]\tSes01F_impro01_M000\txxx\t[2.5000, 3.0000, high]",
        "[3.0000 - 4.1250]\tSes01F_impro01_M000\txxx\t[2.5000, 3.0000, inf]",
        "[3.0000 - 4.1250]\tSes01F_impro01_M000\txxx\t[2.5000, 3.0000, 4.0000, 1.0000]",
        "[3.0000 - 4.1250\tSes01F_impro01_M000\txxx\t[2.5000, 3.0000, 4.0000]",
        "[3.0000 - ]\tSes01F_impro01_M000\txxx\t[2.5000, 3.0000, 4.0000]",
        "[3.0000 - 4.1250]\tSes01F_impro01_X000\txxx\t[2.5000, 3.0000, 4.0000]",
        "[3.0000 - 4.1250]\tSes01F_impro01_MXX0\txxx\t[2.5000, 3.0000, 4.0000]",
        "[3.0000 - 4.1250]\tSes06F_impro01_M000\txxx\t[2.5000, 3.0000, 4.0000]",
        "[3.0000 - 4.1250]\tSes01F_impro01\txxx\t[2.5000, 3.0000, 4.0000]",
        "3.0000 - 4.1250]\tSes01F_impro01_M000\txxx\t[2.5000, 3.0000, 4.0000]",
        "[3.00",
    ],
)
def test_a_malformed_line(tmp_path: Path, line: str) -> None:
    """It costs its turn, and the votes below it go to no other."""
    found = turns(tmp_path, f"{TITLE}{HEADER}\n{VOTES}\n{line}\n{VOTES}{VOTES}")
    turn, fault = found
    assert isinstance(turn, Turn)
    assert isinstance(fault, Finding)
    assert turn.votes == {"frustration": 1.0}
    assert (fault.kind, fault.grave) == ("annotation", True)
    assert fault.message.startswith(f"{tmp_path / 'Ses01F_impro01.txt'}, line 6: ")
    assert "expected: [seconds - seconds] turn label" in fault.message


def test_a_malformed_vote_is_remarked(tmp_path: Path) -> None:
    found = turns(tmp_path, f"{HEADER}\n{VOTES}C-E4 Anger\n")
    (fault,) = (item for item in found if isinstance(item, Finding))
    (turn,) = (item for item in found if isinstance(item, Turn))
    assert (fault.kind, fault.grave) == ("annotation", False)
    assert fault.message.startswith(f"{tmp_path / 'Ses01F_impro01.txt'}, line 3: 'C-E4 Anger'")
    assert turn.votes == {"frustration": 1.0}


@pytest.mark.parametrize(
    ("stem", "dialogue", "turn"),
    [
        ("Ses01F_impro01", True, False),
        ("Ses03M_impro05a", True, False),
        ("Ses05M_script01_1b", True, False),
        ("ses05m_SCRIPT03_2", True, False),
        ("Ses01F_impro01_F000", False, True),
        ("Ses05M_script01_1b_M041", False, True),
        ("Ses03F_impro05_MXX0", False, False),
        ("Ses06F_impro01", False, False),
        ("Ses01F_impro01_e2_cat", False, False),
        ("Ses01F_impro01 (2)", False, False),
        ("._Ses01F_impro01", False, False),
    ],
)
def test_names(stem: str, dialogue: bool, turn: bool) -> None:
    assert bool(DIALOGUE.fullmatch(stem)) is dialogue
    assert bool(TURN.fullmatch(stem)) is turn
