"""The label file of MSP-IMPROV, in every state that it may come in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serbench.corpus import Finding
from serbench.errors import CorpusError
from serbench_corpora.msp_improv_evaluation import Turn, read_evaluation, turn_id

# The format as public readers of the file describe it; the values are made up.
BLOCK = """\
UTD-IMPROV-S01A-F02-R-FF01.avi; A; A:2.666667; V:2.333333; D:3.000000 ; N:3.800000;
p-01; Angry; Angry,Frustrated; A:3.000000; V:2.000000; D:3.000000; N:4.000000;
p-02; Angry; Angry; A:2.000000; V:2.000000; D:3.000000; N:4.000000;
p-03; Neutral; Neutral,Other; A:NaN; V:3.000000; D:NaN; N:3.000000;

"""
SECOND = "UTD-IMPROV-S20N-M06-P-FM12.avi; H; A:1.5; V:NaN; D:NaN ; N:NaN;\np-01; Happy; ; A:1;\n\n"
WHOLE = BLOCK + SECOND
MEANS = {"arousal": 2.666667, "valence": 2.333333, "dominance": 3.0, "naturalness": 3.8}
FIRST_TURN = Turn("A", MEANS, {"Angry": 2, "Neutral": 1})
SECOND_TURN = Turn("H", {"arousal": 1.5}, {"Happy": 1})
READ, NATURAL = "MSP-IMPROV-S01A-F02-R-FF01", "MSP-IMPROV-S20N-M06-P-FM12"
BOTH = {READ: FIRST_TURN, NATURAL: SECOND_TURN}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Evaluation.txt"


def read(path: Path, text: str) -> tuple[dict[str, Turn], list[Finding]]:
    path.write_bytes(text.encode())
    return read_evaluation(path)


WRITTEN = {
    "as it is": WHOLE.encode(),
    "crlf": WHOLE.replace("\n", "\r\n").encode(),
    "cr": WHOLE.replace("\n", "\r").encode(),
    "blank lines between all": WHOLE.replace("\n", "\r\r\n").encode(),
    "no blank lines": WHOLE.replace("\n\n", "\n").encode(),
    "cut after the last character": WHOLE.rstrip().encode(),
    "bom": b"\xef\xbb\xbf" + WHOLE.encode(),
    "utf-16": WHOLE.encode("utf-16"),
    "latin-1 rater": WHOLE.replace("p-01", "p\xe9-01").encode("latin-1"),
    "decimal commas": WHOLE.replace(".", ",").replace(",avi", ".avi").encode(),
    "no blanks": WHOLE.replace(" ", "").encode(),
    "more blanks": WHOLE.replace(";", " ;\t").encode(),
    "nan in small letters": WHOLE.replace("NaN", "nan").encode(),
    "named for the sounds": WHOLE.replace("UTD", "MSP").replace(".avi", ".wav").encode(),
}


@pytest.mark.parametrize("content", WRITTEN.values(), ids=WRITTEN)
def test_the_same_turns(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_evaluation(path) == (BOTH, [])


@pytest.mark.parametrize(
    ("cells", "attributes"),
    [
        ("A:NaN; V:NaN; D:NaN ; N:NaN;", {}),
        ("A:2.0; V:3.0;", {"arousal": 2.0, "valence": 3.0}),
        ("A:; V:3.0; D: ; N:;", {"valence": 3.0}),
        ("N:4.5; A:2.0;", {"naturalness": 4.5, "arousal": 2.0}),
        ("", {}),
    ],
)
def test_attributes_that_are_not_there(
    path: Path, cells: str, attributes: dict[str, float]
) -> None:
    text = f"UTD-IMPROV-S01A-F02-R-FF01.avi; X; {cells}\n"
    assert read(path, text) == ({READ: Turn("X", attributes, {})}, [])


NAMELESS = (
    "UTD-IMPROV-S01A-F07-R-FF01.avi; A; A:2.0;",
    "UTD-IMPROV-S21A-F02-R-FF01.avi; A; A:2.0;",
    "UTD-IMPROV-S01X-F02-R-FF01.avi; A; A:2.0;",
    "UTD-IMPROV-S01A-F02-Q-FF01.avi; A; A:2.0;",
    "UTD-IMPROV-S01A-F02-R-FF.avi; A; A:2.0;",
    "TD-IMPROV-S01A-F02-R-FF01.avi; A; A:2.0;",
    "-S01A-F02-R-FF01.avi; A; A:2.0;",
    "UTD-IMPROV-S01A-F02-R-FF01.avi A A:2.0",
    "UTD-IMPROV-S01A-F02-R-FF0",
)
UNLABELLED = (
    "UTD-IMPROV-S01A-F02-R-FF01.avi",
    "UTD-IMPROV-S01A-F02-R-FF01.avi; ; A:2.0;",
    "UTD-IMPROV-S01A-F02-R-FF01.avi; A:2.0; V:2.0;",
)


@pytest.mark.parametrize("line", NAMELESS + UNLABELLED)
def test_a_turn_that_cannot_be_read(path: Path, line: str) -> None:
    """Its raters are not taken for those of the turn before."""
    turns, (finding,) = read(path, f"{SECOND}{line}\np-01; Angry; Angry; A:3.0;\n\n")
    assert turns == {NATURAL: SECOND_TURN}
    assert (finding.kind, finding.grave) == ("annotation", True)
    fault = f"{READ} has no label" if line in UNLABELLED else "names no turn of MSP-IMPROV"
    assert finding.message.startswith(f"{path}, line 4: ")
    assert fault in finding.message


@pytest.mark.parametrize("cell", ["A:high", "A 2.0", "Q:2.0", "A:inf", "2.0", "A:2.0.0"])
def test_an_attribute_that_cannot_be_read(path: Path, cell: str) -> None:
    text = f"\nUTD-IMPROV-S01A-F02-R-FF01.avi; A; {cell}; V:2.5;\n"
    turns, (finding,) = read(path, text)
    assert turns == {READ: Turn("A", {"valence": 2.5}, {})}
    assert (finding.kind, finding.grave) == ("annotation", True)
    assert f"line 2: {READ}: {cell!r} is no attribute" in finding.message


@pytest.mark.parametrize(
    "line", ["p-04", "p-04;", "p-04; ; Angry; A:3.0;", "p-04; A:3.0; V:2.0;", "p-04; A", "# -----"]
)
def test_a_rater_that_cannot_be_read(path: Path, line: str) -> None:
    """It costs a vote and no turn, so it is a remark."""
    turns, (finding,) = read(path, BLOCK.rstrip("\n") + f"\n{line}\np-05; Sad; Sad; A:3.0;\n")
    assert turns == {READ: Turn("A", MEANS, {"Angry": 2, "Neutral": 1, "Sad": 1})}
    assert (finding.kind, finding.grave) == ("annotation", False)
    assert finding.message.startswith(f"{path}: 1 lines are neither")
    assert finding.message.endswith(": 5")


def test_lines_before_the_first_turn(path: Path) -> None:
    turns, (finding,) = read(path, "p-00; Angry; ; A:1.0;\n" * 7 + BLOCK)
    assert turns == {READ: FIRST_TURN}
    assert not finding.grave
    assert finding.message.endswith(": 1, 2, 3, 4, 5, ...")


def test_a_turn_twice(path: Path) -> None:
    turns, (finding,) = read(path, BLOCK + SECOND + BLOCK)
    assert turns == BOTH
    assert (finding.kind, finding.grave) == ("annotation", False)
    assert f"line 9: {READ} again, alike" in finding.message


@pytest.mark.parametrize(
    "change", [("; A; ", "; N; "), ("A:2.666667", "A:2.5"), ("p-01; Angry", "p-01; Sad")]
)
def test_a_turn_twice_and_otherwise(path: Path, change: tuple[str, str]) -> None:
    turns, (finding,) = read(path, BLOCK + SECOND + BLOCK.replace(*change))
    assert turns == BOTH
    assert (finding.kind, finding.grave) == ("annotation", True)
    assert f"line 9: {READ} again, and otherwise than before" in finding.message


def test_a_label_is_given_as_written(path: Path) -> None:
    assert read(path, "UTD-IMPROV-S01A-F02-R-FF01.avi; anger; A:2.0;")[0][READ].label == "anger"


def test_a_file_of_zeros_is_refused(path: Path) -> None:
    path.write_bytes(bytes(4096))
    with pytest.raises(CorpusError, match=r"Evaluation\.txt is not text"):
        read_evaluation(path)


NAMES = st.from_regex(
    r"S(0[1-9]|1[0-9]|20)[AHNS]-[FM]0[1-6]-[PRST]-(FM|MF|FF|MM)[0-9]{2}", fullmatch=True
).map("MSP-IMPROV-{}".format)
TURNS = st.builds(
    Turn,
    st.sampled_from("AHNSOX"),
    st.dictionaries(
        st.sampled_from(sorted(MEANS)),
        st.integers(1_000_000, 5_000_000).map(lambda millionths: millionths / 1e6),
    ),
    st.dictionaries(
        st.sampled_from(["Angry", "Sad", "Happy", "Neutral", "Other"]), st.integers(1, 4)
    ),
)


def as_written(turns: dict[str, Turn]) -> str:
    lines: list[str] = []
    for name, turn in turns.items():
        means = [
            f"{turn.attributes[attribute]:.6f}" if attribute in turn.attributes else "NaN"
            for attribute in ("arousal", "valence", "dominance", "naturalness")
        ]
        cells = "A:{}; V:{}; D:{} ; N:{};".format(*means)
        lines.append(f"UTD{name[3:]}.avi; {turn.label}; {cells}")
        for word, times in turn.votes.items():
            lines += [f"p-1; {word}; {word},Other; A:1.0; V:1.0; D:NaN; N:1.0;"] * int(times)
        lines.append("")
    return "\n".join(lines)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(NAMES, TURNS, max_size=5))
def test_what_is_written_is_read(path: Path, turns: dict[str, Turn]) -> None:
    assert read(path, as_written(turns)) == (turns, [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.text(alphabet="UTDMSP-IMPROV01AFR.avi;: \n\r\tNa2,é", max_size=200),
    st.integers(0, len(WHOLE)),
)
@example("UTD-IMPROV-S01A-F02-R-FF01.avi;;;;;", 0)
@example("\ufeff;;;\n;Angry", 3)
@example(";A0", WHOLE.index("\n", len(BLOCK)) + 1)
def test_damage_is_no_traceback(path: Path, text: str, cut: int) -> None:
    """What stands before the damage is read, and a finding says where it is."""
    turns, findings = read(path, WHOLE[:cut] + "\n" + text)
    assert all(str(path) in finding.message for finding in findings)
    # Until the next turn's first line, a line such as ";A0" is one more vote of this one.
    if cut > WHOLE.index("\n", len(BLOCK)):
        assert turns[READ] == FIRST_TURN


@pytest.mark.parametrize(
    "stem",
    [
        "MSP-IMPROV-S00A-F01-P-FM01",
        "MSP-IMPROV-S01A-F00-P-FM01",
        "MSP-IMPROV-S01A-01-P-FM01",
        "MSP-IMPROV-S01A-F01-P-FM1",
        "MSP-IMPROV-S01A-F01-P-FM01 (2)",
        "IMPROV-S01A-F01-P-FM01",
        "",
    ],
)
def test_names_of_no_turn(stem: str) -> None:
    assert turn_id(stem) is None
    assert turn_id("msp-improv-s01a-f01-p-fm01") == "MSP-IMPROV-S01A-F01-P-FM01"
