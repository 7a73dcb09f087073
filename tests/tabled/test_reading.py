"""Rows as entries, and every cell that cannot be one named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from serbench.corpus import Entry, Finding
from serbench.errors import CorpusError
from serbench.tabled.reading import Reading, Row, read_rows
from serbench.tabled.rows import tidy

TABLE, ROOT = Path("m.csv"), Path("whispers")
LABELS = {"ang": "anger", "sad": "sadness", "xxx": None}


def read(*rows: dict[str, str], attributes: tuple[str, ...] = ()) -> Reading:
    """Rows from line 2, each completed where it says nothing of what is required."""
    whole: list[Row] = [
        (line, {"file": f"{line}.wav", "speaker": "ann", "emotion": "ang"} | row)
        for line, row in enumerate(rows, 2)
    ]
    return read_rows(TABLE, ROOT, whole, LABELS, attributes)


def one(row: dict[str, str], attributes: tuple[str, ...] = ()) -> Entry:
    (entry,) = read(row, attributes=attributes).entries
    return entry


def fault(*rows: dict[str, str], attributes: tuple[str, ...] = ()) -> Finding:
    """The one grave finding of rows of which the others are sound."""
    reading = read(*rows, attributes=attributes)
    (finding,) = (finding for finding in reading.findings if finding.grave)
    return finding


def refusal(*rows: dict[str, str]) -> str:
    with pytest.raises(CorpusError) as caught:
        read(*rows)
    return str(caught.value)


def test_least() -> None:
    assert one({"file": "wav/a.wav"}) == Entry(
        id="wav/a", audio=ROOT / "wav" / "a.wav", file="wav/a.wav", speaker="ann", native="ang"
    )


def test_everything() -> None:
    row = {
        "id": "a1", "file": "wav/a.wav", "gender": "F", "session": "s", "dialogue": "d",
        "scenario": "c", "style": "improvised", "sentence": "7", "text": "None", "intended": "sad",
        "start": "0,5", "end": "1.25", "fold": "Dev", "valence": "2,5", "arousal": "",
    }  # fmt: skip
    assert one(row, ("valence", "arousal")) == Entry(
        id="a1",
        audio=ROOT / "wav" / "a.wav",
        file="wav/a.wav",
        speaker="ann",
        native="ang",
        gender="female",
        session="s",
        dialogue="d",
        scenario="c",
        style="improvised",
        sentence="7",
        text="None",
        intended="sad",
        start=0.5,
        end=1.25,
        fold="valid",
        attributes={"valence": 2.5},
    )


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"file": "a.wav"}, "a"),
        ({"file": "a.b.FLAC"}, "a.b"),
        ({"file": "a.mp3"}, "a.mp3"),
        ({"file": "wav\\a.wav"}, "wav/a"),
        ({"file": "./wav//a.wav"}, "wav/a"),
        ({"file": "a.wav", "id": "x"}, "x"),
        ({"file": "a.wav", "id": ""}, "a"),
        ({"file": "a.wav", "start": "1.5"}, "a#1.500"),
        ({"file": "a.wav", "end": "2"}, "a#0.000"),
        ({"file": "a.wav", "start": "", "end": ""}, "a"),
    ],
)
def test_ids(cells: dict[str, str], name: str) -> None:
    entry = one(cells)
    assert entry.id == name
    assert "\\" not in entry.file


def test_segments_of_one_file() -> None:
    reading = read(
        {"file": "a.wav", "start": "0", "end": "1"},
        {"file": "a.wav", "start": "1", "end": "2", "emotion": "sad"},
    )
    assert [entry.id for entry in reading.entries] == ["a#0.000", "a#1.000"]
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"start": "1", "end": "1"}, "ends at 1.0 s and starts at 1.0 s"),
        ({"start": "2", "end": "1,5"}, "ends at 1.5 s and starts at 2.0 s"),
        ({"end": "0"}, "ends at 0.0 s"),
        ({"start": "-0.1", "end": "1"}, "start is -0.1 s, before the file begins"),
        ({"start": "1:30"}, "start is '1:30', which is no number"),
        ({"end": "inf"}, "end is 'inf', which is no number"),
        ({"valence": "high"}, "valence is 'high', which is no number"),
        ({"file": ""}, "file is empty"),
        ({"emotion": ""}, "emotion is empty"),
        ({"fold": "3"}, "fold is '3', and not train, valid or test"),
        ({"file": "=B2&C2"}, "file is a formula or its error, '=B2&C2'"),
        ({"speaker": "#REF!"}, "speaker is a formula or its error, '#REF!'"),
        ({"valence": "#DIV/0!"}, "valence is a formula or its error"),
        ({"speaker": "ann\nbob"}, "speaker holds a line break"),
        ({"sha256": "abc"}, "sha256 is 'abc', and not 64 hexadecimal digits"),
    ],
)
def test_a_cell_at_fault(cells: dict[str, str], words: str) -> None:
    found = fault(
        {}, {"valence": "1"} | cells, attributes=("valence",) if "valence" in cells else ()
    )
    assert found.kind == "annotation"
    assert found.message.startswith(f"{TABLE}, line 3: ")
    assert words in found.message


def test_the_other_rows_are_kept() -> None:
    reading = read({}, {"end": "0"}, {"emotion": "sad"})
    assert [entry.id for entry in reading.entries] == ["2", "4"]
    assert reading.left_out == {"3.wav"}


def test_what_is_spoken_may_look_like_a_formula() -> None:
    assert one({"text": "=) he said\n#REF!"}).text == "=) he said\n#REF!"
    assert one({"speaker": "#3"}).speaker == "#3"


def test_an_emotion_may_be_left_empty_if_labels_say_so() -> None:
    rows: list[Row] = [(2, {"file": "a.wav", "speaker": "ann", "emotion": ""})]
    (entry,) = read_rows(TABLE, ROOT, rows, LABELS | {"": None}, ()).entries
    assert entry.native == ""


def test_unknown_labels_are_named_by_their_lines() -> None:
    """And are no entries, so that the scan does not say it again without the lines."""
    reading = read({"emotion": "fru"}, {"emotion": "agn"}, {"emotion": "sad"}, {"emotion": "fru"})
    assert [entry.id for entry in reading.entries] == ["4"]
    assert reading.left_out == {"2.wav", "3.wav", "5.wav"}
    assert [(one.kind, one.grave) for one in reading.findings] == [("unknown-label", True)] * 2
    first, second = (one.message for one in reading.findings)
    assert first == (
        "m.csv, lines 2, 5: label 'fru' is none of ang, sad, xxx; [labels] in corpus.toml says "
        "what each means"
    )
    assert second == "m.csv, line 3: label 'agn' is none of ang, sad, xxx; did you mean 'ang'?"


def test_files_in_a_folder_that_the_table_leaves_out() -> None:
    rows: list[Row] = [(2, {"file": "ann\\a.wav", "speaker": "ann", "emotion": "ang"})]
    (entry,) = read_rows(TABLE, ROOT, rows, LABELS, (), "wav").entries
    assert (entry.id, entry.file) == ("wav/ann/a", "wav/ann/a.wav")
    assert entry.audio == ROOT / "wav" / "ann" / "a.wav"
    rows = [(2, {"file": str(ROOT.absolute() / "wav" / "a.wav"), "speaker": "a", "emotion": "ang"})]
    with pytest.raises(CorpusError, match=r"leads out of") as caught:
        read_rows(TABLE, ROOT, rows, LABELS, (), "wav")
    assert caught.value.advice == "write a.wav there"


def test_an_intended_label_that_is_unknown() -> None:
    reading = read({"intended": "fru"})
    assert [finding.kind for finding in reading.findings] == ["unknown-label"]
    assert "line 2: intended 'fru' is none of ang, sad, xxx" in reading.findings[0].message
    assert len(reading.entries) == 1


def test_lost_speakers() -> None:
    message = refusal({}, {"speaker": ""}, {}, *[{"speaker": ""}] * 10)
    assert "no speaker in 11 of 13 rows: lines 3, 5, 6, 7, 8, 9, 10, 11 and 3 more" in message


@pytest.mark.parametrize(
    ("file", "advice"),
    [
        ("/somewhere/a.wav", "link to theirs"),
        ("../a.wav", "link to theirs"),
        ("C:\\sounds\\a.wav", "link to theirs"),
        (str(ROOT.absolute() / "wav" / "a.wav"), "write wav/a.wav there"),
    ],
)
def test_files_elsewhere(file: str, advice: str) -> None:
    message = refusal({}, {"file": file})
    assert f"1 of 2 files are given by a path that is absolute or leads out of {ROOT}" in message
    assert f"line 3: {file}" in message
    assert advice in message


def test_a_row_twice() -> None:
    reading = read({"file": "a.wav"}, {"file": "./a.wav"})
    assert len(reading.entries) == 1
    (finding,) = reading.findings
    assert (finding.kind, finding.grave) == ("repeated", True)
    assert finding.message == f"{TABLE}, line 3: the same as line 2"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"file": "a.wav"}, {"file": "a.wav", "emotion": "sad"}),  # a row a listener
        ({"file": "a.wav"}, {"file": "a.wav", "speaker": "bob"}),
        ({"file": "a.wav"}, {"file": "a.flac"}),
        ({"id": "x"}, {"id": "x"}),
        ({"file": "a.wav", "id": "x"}, {"file": "a.wav", "id": "y"}),  # a row a rating
        ({"file": "a.wav", "id": "x", "start": "0"}, {"file": "a.wav", "id": "y"}),
        ({"file": "a.wav", "start": "1", "end": "2"}, {"file": "a.wav", "start": "1", "end": "3"}),
    ],
)
def test_two_rows_that_contradict_each_other(first: dict[str, str], second: dict[str, str]) -> None:
    message = refusal({}, first, second)
    assert "lines 3 and 4 have one id or one sound, and differ" in message


def test_genders() -> None:
    for written, gender in (("f", "female"), ("Male", "male"), ("", None), ("nan", None)):
        assert one(tidy({"gender": written} | {"file": "a.wav"})).gender == gender


def test_another_gender_is_said_and_unknown() -> None:
    reading = read({"gender": "x"}, {"gender": "x"}, {"gender": "f", "speaker": "bob"})
    assert [entry.gender for entry in reading.entries] == [None, None, "female"]
    (finding,) = reading.findings
    assert not finding.grave
    assert "gender 'x' of 2 rows" in finding.message


def test_a_speaker_of_two_genders() -> None:
    found = fault({"gender": "f"}, {"gender": "m", "speaker": "bob"}, {"gender": "m"})
    assert "speaker 'ann' is female in line 2, male in line 4" in found.message


def test_speakers_whom_only_capitals_tell_apart() -> None:
    found = fault({"speaker": "Ann"}, {"speaker": "bob"}, {"speaker": "ann"})
    assert "'Ann' (line 2) and 'ann' (line 4) differ in capitals" in found.message


def test_tidy() -> None:
    cells = {"speaker": "nan", "session": "NULL", "emotion": "None", "text": "nan", "file": "NaN"}
    assert tidy(cells) == {
        "speaker": "", "session": "", "emotion": "None", "text": "nan", "file": "",
    }  # fmt: skip
    assert tidy({"speaker": "Nan"}) == {"speaker": "Nan"}  # a name


def test_checksums() -> None:
    reading = read(
        {"file": "a.wav", "start": "0", "sha256": "AB" * 32},
        {"file": "a.wav", "start": "1", "sha256": "ab" * 32},
        {"file": "b.wav", "sha256": ""},
    )
    assert reading.sha256 == {"a.wav": (2, "ab" * 32)}
    assert reading.findings == ()
    found = fault(
        {"file": "a.wav", "start": "0", "sha256": "ab" * 32},
        {"file": "a.wav", "start": "1", "sha256": "cd" * 32},
    )
    assert "line 3: another sha256 of a.wav than in line 2" in found.message
