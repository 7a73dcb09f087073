"""A first corpus.toml: what it fills in, and what it leaves to people."""

from __future__ import annotations

import csv
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serbench.errors import CorpusError
from serbench.tabled import TabledCorpus
from serbench.tabled.draft import MOST_LABELS, draft

Make = Callable[..., Path]
FACTS = {"name": "whispers", "title": "", "language": "", "licence": "", "table": "metadata.csv"}


def table(root: Path, text: str) -> Path:
    path = root / "metadata.csv"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path, **named: str) -> str:
    with pytest.raises(CorpusError) as caught:
        draft(path, FACTS, named)
    return str(caught.value)


def test_plain_table(tmp_path: Path) -> None:
    path = table(tmp_path, "file,speaker,emotion,age\na.wav,ann,ang,30\nb.wav,bob,SAD,31\n")
    found = draft(path, FACTS, {})
    assert found.columns == {"file": "file", "speaker": "speaker", "emotion": "emotion"}
    assert found.unused == ("age",)
    assert found.labels == {"SAD": 1, "ang": 1}
    assert found.undecided == ()
    assert tomllib.loads(found.text) == {
        "name": "whispers",
        "table": "metadata.csv",
        "labels": {"ang": "anger", "SAD": "sadness"},
    }


def test_a_draft_is_read_as_it_is(make: Make) -> None:
    root = make()
    found = draft(root / "metadata.csv", FACTS | {"title": 'The "W" corpus'}, {})
    (root / "corpus.toml").write_text(found.text, encoding="utf-8")
    corpus = TabledCorpus(root)
    assert corpus.card.title == 'The "W" corpus'
    assert corpus.labels == {"ang": "anger", "sad": "sadness"}


def test_usual_names_of_columns(tmp_path: Path) -> None:
    path = table(tmp_path, "Path,SPK,label,sex,Start\na.wav,ann,happy,f,0\n")
    read = tomllib.loads(draft(path, FACTS, {}).text)
    # Start is found without being named: only its capital differs.
    assert read["columns"] == {
        "file": "Path",
        "speaker": "SPK",
        "emotion": "label",
        "gender": "sex",
    }


def test_two_usual_names_are_a_choice(tmp_path: Path) -> None:
    path = table(tmp_path, "path,wav,speaker,label\nx,a.wav,ann,ang\n")
    message = refusal(path)
    assert "none of its columns is called file: path, wav, speaker, label" in message
    assert "--file-column path" in message
    read = tomllib.loads(draft(path, FACTS, {"file": "wav"}).text)
    assert read["columns"] == {"file": "wav", "emotion": "label"}


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    path = table(tmp_path, "file,speaker,label\na.wav,ann,ang\n")
    message = refusal(path, emotion="labels")
    assert "no column 'labels' for the emotion" in message
    assert "did you mean 'label'?" in message


def test_labels_that_take_a_decision(tmp_path: Path) -> None:
    path = table(
        tmp_path, "file,speaker,emotion\na.wav,ann,W\nb.wav,ann,ang\nc.wav,ann,\nd.wav,ann,W\n"
    )
    found = draft(path, FACTS, {})
    assert found.undecided == ("", "W")
    assert tomllib.loads(found.text)["labels"] == {"": "?", "W": "?", "ang": "anger"}
    assert 'W = "?"  # 2 rows: which emotion is it?' in found.text


def test_a_column_of_something_else(tmp_path: Path) -> None:
    rows = "".join(f"{n}.wav,ann,word {n}\n" for n in range(MOST_LABELS + 1))
    message = refusal(table(tmp_path, "file,speaker,emotion\n" + rows))
    assert f"{MOST_LABELS + 1} different labels, such as 'word 0'" in message
    assert "--emotion-column" in message


def test_no_row(tmp_path: Path) -> None:
    assert "has no row" in refusal(table(tmp_path, "file,speaker,emotion\n"))


def test_gbk(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_bytes("file,speaker,emotion\na.wav,刘畅,生气\n".encode("gbk"))
    found = draft(path, FACTS | {"encoding": "gbk"}, {})
    assert list(found.labels) == ["生气"]
    assert tomllib.loads(found.text)["encoding"] == "gbk"


# What a cell can hold: no NUL, and line ends as they are read.
CELLS = st.text(
    st.characters(exclude_characters="\0\r\ufeff", exclude_categories=["Cs"]), max_size=8
)


@example(['say "no"\\', "a.b", "\x7f", "\x01", "#", "'", "生气", "two\nlines"])
@given(st.lists(CELLS, min_size=1, max_size=5))
def test_any_label_is_written_as_toml_that_gives_it_back(labels: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "metadata.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["file", "speaker", "emotion"])
            writer.writerows([f"{n}.wav", "ann", label] for n, label in enumerate(labels))
        found = draft(path, FACTS, {})
    assert set(tomllib.loads(found.text)["labels"]) == {label.strip() for label in labels}
