"""The normalised table as CSV."""

import csv
import dataclasses
import io
import json
from pathlib import Path

import pytest
import soundfile

from serbench.errors import CorpusError
from serbench.exports.columns import COLUMNS
from serbench.exports.csv import write_csv


def table(corpus):
    file = io.StringIO()
    write_csv(corpus, file)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def test_csv(chats, found):
    rows = {row["id"]: row for row in table(chats)}
    assert list(rows) == ["chats/-v1/0", "chats/-v1/1", "chats/-v1/2", "chats/v2"]
    first = rows["chats/-v1/0"]
    assert list(first)[:4] == ["id", "file", "speaker", "emotion"]
    assert list(first) == [*COLUMNS, "arousal", "attribute_text", "valence", "path"]
    assert first["file"] == "talk/-v1.wav"
    assert (first["emotion"], first["native"], first["fold"]) == ("happiness", "H", "train")
    assert (float(first["start"]), float(first["end"])) == (0.1, 1.0)
    assert (first["valence"], first["attribute_text"], first["arousal"]) == ("4.5", "1.0", "")
    assert json.loads(first["votes"]) == {"happy": 2.0, "glad, so": 1.0}
    second = rows["chats/-v1/1"]
    assert (second["emotion"], second["intended"], second["votes"]) == ("", "S", "{}")
    assert rows["chats/v2"]["votes"] == ""
    assert rows["chats/v2"]["start"] == ""
    samples = {utterance.id: utterance.samples for utterance in found.utterances}
    assert {name: row["samples"] for name, row in rows.items()} == samples


def test_csv_keeps_formulas_out_of_spreadsheets(chats):
    rows = {row["id"]: row for row in table(chats)}
    assert rows["chats/-v1/0"]["text"] == "'=1+1"
    assert rows["chats/-v1/1"]["text"] == "NA"
    assert rows["chats/-v1/2"]["text"] == 'said "so",\nand left'
    assert rows["chats/-v1/1"]["valence"] == "-1.0"  # a number stays one


def test_path_is_where_the_sound_stands_here(chats, root):
    rows = {row["id"]: row for row in table(chats)}
    assert {row["path"] for row in rows.values()} == {
        str(root / "talk" / "-v1.wav"),
        str(root / "talk" / "v2.wav"),
    }
    for row in rows.values():
        assert Path(row["path"]).is_absolute()
        assert soundfile.info(row["path"]).samplerate == int(row["rate"])
        assert row["path"].endswith(row["file"])  # as distributed, which here is as it stands


def test_label_space_is_named_in_every_row(chats, twice):
    assert "labels" not in table(chats)[0]
    rows = table(twice)
    assert list(rows[0])[-2:] == ["labels", "path"]
    assert [row["labels"] for row in rows] == ["two"] * 3


def test_attribute_that_is_called_as_one_of_these_columns(chats):
    named = dataclasses.replace(chats.utterances[0], attributes={"path": 1.5, "labels": 2.5})
    one = dataclasses.replace(chats, utterances=(named,), emotions=("happiness",))
    row = table(one)[0]
    assert (row["attribute_path"], row["attribute_labels"]) == ("1.5", "2.5")
    assert row["path"].endswith("-v1.wav")


def test_path_that_is_no_utf8(chats):
    lost = dataclasses.replace(chats.utterances[0], audio=Path("/corpora/Gr\udcf6\udcdfe/a.wav"))
    one = dataclasses.replace(chats, utterances=(lost,), emotions=("happiness",))
    with pytest.raises(CorpusError, match="not in UTF-8") as caught:
        table(one)
    assert "link" in caught.value.advice
    assert "udcf6" in str(caught.value)


def test_speaker_of_digits_as_the_help_reads_it(chats):
    import pandas as pd

    named = dataclasses.replace(chats.utterances[0], speaker="03", native="07")
    one = dataclasses.replace(chats, utterances=(named,), emotions=("happiness",))
    file = io.StringIO()
    write_csv(one, file)
    for types in (str, {"speaker": str, "native": str}):
        read = pd.read_csv(io.StringIO(file.getvalue()), dtype=types)
        assert (read["speaker"][0], read["native"][0]) == ("03", "07")
