"""``corpus.toml``: what it may say, and what is said of one that says something else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.errors import CorpusError
from serbench.labels import Emotion
from serbench.tabled.description import described_name, read_description
from serbench.tabled.paths import outside

Make = Callable[..., Path]

LEAST = 'name = "whispers"\ntable = "metadata.csv"\n[labels]\nang = "anger"\n'
FULL = """
name = "whispers"
title = "Whispers (Doe, 2026)"
language = "English"
licence = "CC BY 4.0"
citation = "@misc{doe2026, title={Whispers}}"
how_to_get = "write to Jane Doe"
table = "labels/metadata.tsv"
encoding = "gbk"
attributes = ["valence", "arousal"]
emotions = ["gladness"]
passed_over = ["noise/*"]
[labels]
ang = "anger"
glad = "gladness"
pride = "pride"
xxx = ""
"1.5" = "calm"
[columns]
emotion = "label"
valence = "V"
fold = ""
"""


def refusal(root: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        read_description(root)
    return str(caught.value)


def test_all_of_it(make: Make) -> None:
    root = make(toml=FULL)
    read = read_description(root)
    assert read.name == "whispers"
    assert (read.title, read.language, read.licence, read.citation, read.how_to_get) == (
        "Whispers (Doe, 2026)",
        "English",
        "CC BY 4.0",
        "@misc{doe2026, title={Whispers}}",
        "write to Jane Doe",
    )
    assert read.table == root / "labels" / "metadata.tsv"
    assert read.encoding == "gbk"
    assert read.labels == {
        "ang": Emotion.ANGER,
        "glad": "gladness",
        "pride": "pride",
        "xxx": None,
        "1.5": Emotion.CALM,
    }
    assert read.columns == {"emotion": "label", "valence": "V", "fold": ""}
    assert read.attributes == ("valence", "arousal")
    assert read.passed_over == ("noise/*",)


@pytest.mark.parametrize(
    ("written", "folder"),
    [("wav", "wav"), ("./wav/", "wav"), ("a\\\\b", "a/b"), (".", ""), ("", "")],
)
def test_files_in(make: Make, written: str, folder: str) -> None:
    assert read_description(make(toml=f'files_in = "{written}"\n' + LEAST)).files_in == folder


@pytest.mark.parametrize("folder", ["/wav", "../wav", "C:\\\\wav"])
def test_files_elsewhere(make: Make, folder: str) -> None:
    message = refusal(make(toml=f'files_in = "{folder}"\n' + LEAST))
    assert "leads out of" in message


def test_the_least(make: Make) -> None:
    read = read_description(make(toml=LEAST))
    assert read.title == "whispers"
    assert read.language == read.licence == "not stated"
    assert read.citation == "@misc{whispers, title={whispers}}"
    assert "metadata" not in read.how_to_get
    assert read.how_to_get


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + LEAST.encode(), LEAST.replace("\n", "\r\n")])
def test_byte_order_mark_and_windows_lines(make: Make, content: str | bytes) -> None:
    assert read_description(make(toml=content)).name == "whispers"


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        (LEAST.replace('"anger"', "anger"), ("is no TOML", "line 4")),
        (LEAST + "ang = 'fear'\n", ("is no TOML", "line 5")),
        (LEAST.encode() + b'caf\xe9 = "calm"\n', ("line 5: not UTF-8", "save it so")),
        (LEAST.encode("utf-16"), ("line 1: not UTF-8",)),
        (LEAST.replace('name = "whispers"', ""), ("has no name", 'name = "whispers"')),
        (LEAST.replace('table = "metadata.csv"', ""), ("has no table",)),
        (LEAST.replace("whispers", "Whis pers"), ("cannot be called 'Whis pers'", "lower-case")),
        (LEAST.replace('"whispers"', "3"), ("name is 3", 'name = "..."')),
        ('license = "x"\n' + LEAST, ("key 'license' is unknown", "did you mean 'licence'?")),
        ('attributes = "valence"\n' + LEAST, ("attributes is 'valence'", "a list of texts")),
        ("attributes = [1]\n" + LEAST, ("attributes is [1]",)),
        ('attributes = ["speaker"]\n' + LEAST, ("speaker cannot be an attribute",)),
        ('citation = "Doe 2026"\n' + LEAST, ("citation begins 'Doe 2026'", "BibTeX")),
        ('encoding = "gbq"\n' + LEAST, ("encoding 'gbq' is unknown", "gbk")),
        ('encoding = "hex"\n' + LEAST, ("encoding 'hex' is unknown",)),
        ('columns = "label"\n' + LEAST, ("columns is 'label'", "[columns]")),
        ('name = "whispers"\ntable = "m.csv"\n', ("has no labels", "[labels]")),
        (LEAST + "[columns]\nspeeker = 'x'\n", ("column 'speeker'", "did you mean 'speaker'?")),
        (LEAST + "[columns]\nspeaker = ''\n", ("[columns] speaker is empty",)),
        (LEAST + "[columns]\nvalence = 'V'\n", ("column 'valence' is unknown",)),
        (LEAST + "[columns]\nattributes = ['valence']\n", ("[columns] attributes", "heading")),
        (LEAST + "a.b = 'fear'\n", ("[labels] a is", "quote a name")),
        (LEAST + "sad = 3\n", ("[labels] sad is 3",)),
    ],
)
def test_refused(make: Make, toml: str | bytes, words: tuple[str, ...]) -> None:
    root = make(toml=toml)
    message = refusal(root)
    assert str(root / "corpus.toml") in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "table", ["/data/m.csv", "../m.csv", "a/../../m.csv", "C:\\\\data\\\\m.csv"]
)
def test_a_table_elsewhere(make: Make, table: str) -> None:
    message = refusal(make(toml=LEAST.replace("metadata.csv", table)))
    assert "stands outside of" in message


@pytest.mark.parametrize("table", ["m.xlsx", "m.parquet", "M.JSON"])
def test_a_table_that_is_no_text(make: Make, table: str) -> None:
    message = refusal(make(toml=LEAST.replace("metadata.csv", table)))
    assert "is no text" in message
    assert "save it as CSV" in message


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("hapiness", "happiness"),
        ("happy", "happiness"),
        ("Anger", "anger"),
        ("joy", "happiness"),
        ("gladness", "sadness"),
        ("Pride", "pride"),
    ],
)
def test_a_likely_slip(make: Make, word: str, meant: str) -> None:
    message = refusal(make(toml=LEAST.replace("anger", word)))
    assert f"label 'ang' is mapped to {word!r}" in message
    assert f'did you mean "{meant}"?' in message


def test_a_name_that_is_near_by_chance_can_be_listed(make: Make) -> None:
    toml = 'emotions = ["gladness", "Pride"]\n' + LEAST.replace("anger", "gladness")
    assert read_description(make(toml=toml)).labels == {"ang": "gladness"}
    listed = refusal(make(toml=toml.replace('"gladness"\n', '"Pride"\n')))
    assert "is mapped to 'Pride'" in listed  # capitals stay refused: classes are lower-case


def test_undecided_labels(make: Make) -> None:
    message = refusal(make(toml=LEAST + 'xxx = "?"\nyyy = "?"\n'))
    assert 'which emotion is meant by xxx, yyy ("?")' in message


def test_no_such_file(tmp_path: Path) -> None:
    assert "corpora new" in refusal(tmp_path)
    assert "does not exist" in refusal(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    assert "is not a folder" in refusal(tmp_path / "file")


def test_described_name(make: Make, tmp_path: Path) -> None:
    assert described_name(make()) == "whispers"
    assert described_name(tmp_path) is None
    assert described_name(tmp_path / "nowhere") is None
    for foreign in ("[package]\n", "name = 3\n", "not toml", b"\xff\xfe"):
        assert described_name(make(toml=foreign)) is None


@pytest.mark.parametrize(
    ("file", "far"),
    [
        ("a.wav", False),
        ("wav/a.wav", False),
        ("wav\\a.wav", False),
        ("..a/b..wav", False),
        ("12:30.wav", False),
        ("", False),
        ("/a.wav", True),
        ("C:\\a.wav", True),
        ("C:a.wav", True),
        ("\\\\server\\share\\a.wav", True),
        ("../a.wav", True),
        ("wav/../a.wav", True),
        ("wav\\..\\a.wav", True),
    ],
)
def test_outside(file: str, far: bool) -> None:
    assert outside(file) is far


def test_a_section_can_hold_any_key(make: Make) -> None:
    toml = LEAST + '"ärgerlich" = "anger"\n"a b" = "fear"\n"?" = "other"\n'
    labels = read_description(make(toml=toml)).labels
    assert list(labels) == ["ang", "ärgerlich", "a b", "?"]
    assert not re.search(r"\s$", "".join(labels))
