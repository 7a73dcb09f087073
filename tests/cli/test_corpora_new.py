"""``serbench corpora new`` and ``add`` of a corpus with a table, as people use them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from serbench.cli.corpora.adding import add
from serbench.cli.corpora.starting import new
from serbench.errors import (
    AmbiguousName,
    CorpusError,
    SerbenchError,
    StoreError,
    UnknownName,
    UsageError,
)
from serbench.folders import added_corpora
from serbench.testing.voices import speak

Serbench = Callable[..., str]
ROWS = [
    (f"wav/{speaker}{n}.wav", speaker, label)
    for speaker in ("ann", "bob", "eve")
    for label in ("ang", "sad", "xxx")
    for n in (f"-{label}-1", f"-{label}-2")
]


@pytest.fixture
def serbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serbench:
    """The two commands; an error comes out as it is raised, for :func:`main` to print."""
    for name in ("CONFIG", "CACHE", "RESULTS"):
        monkeypatch.setenv(f"SERBENCH_{name}", str(tmp_path / name.lower()))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    app = typer.Typer()
    app.command()(new)
    app.command()(add)

    def call(*arguments: Any) -> str:
        ran = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if isinstance(ran.exception, SerbenchError):
            raise ran.exception
        assert ran.exception is None, ran.output
        return str(ran.stdout)

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of spoken sounds with a table, and nothing else."""
    import soundfile

    root = tmp_path / "whispers"
    (root / "wav").mkdir(parents=True)
    emotions = {"ang": "anger", "sad": "sadness", "xxx": "neutral"}
    for take, (file, speaker, label) in enumerate(ROWS):
        samples = speak(speaker, emotions[label], take, seed=0, seconds=0.3, rate=8000)
        soundfile.write(root / file, samples, 8000, subtype="PCM_16")
    lines = ["path;spk;label;age", *(";".join((*row, "30")) for row in ROWS)]
    (root / "metadata.csv").write_text("\r\n".join(lines), encoding="utf-8-sig")
    return root


def test_from_a_table_to_an_added_corpus(serbench: Serbench, folder: Path) -> None:
    said = serbench("new", "whispers", folder, "--table", "metadata.csv", "--language", "none")
    assert f"{folder / 'corpus.toml'} is written: 18 rows, 3 labels" in said
    assert "file = path, speaker = spk, emotion = label" in said
    assert "nothing is read from: age" in said
    assert 'which emotion each "?" is: xxx' in said
    assert f"serbench corpora add whispers {folder}" in said
    toml = folder / "corpus.toml"
    with pytest.raises(CorpusError, match="which emotion is meant by xxx"):
        serbench("add", "whispers", folder)
    assert added_corpora() == {}
    toml.write_text(toml.read_text().replace('"?"', '""'))
    said = serbench("add", "whispers", folder)
    assert re.search(
        r"whispers: 18 utterances of 3 speakers in .* \(as tabled, [0-9a-f]{12}\)", said
    )
    assert added_corpora() == {"whispers": folder}


def rewrite(folder: Path, old: str, new: str) -> None:
    table = folder / "metadata.csv"
    table.write_text(table.read_text(encoding="utf-8-sig").replace(old, new), encoding="utf-8")


def test_a_file_column_without_its_folder(serbench: Serbench, folder: Path) -> None:
    rewrite(folder, "wav/", "")
    said = serbench("new", "whispers", folder, "--table", "metadata.csv")
    assert 'the files of metadata.csv stand in wav/: files_in = "wav" says so' in said
    toml = folder / "corpus.toml"
    assert tomllib.loads(toml.read_text())["files_in"] == "wav"
    toml.write_text(toml.read_text().replace('"?"', '"neutral"'))
    assert "whispers: 18 utterances of 3 speakers" in serbench("add", "whispers", folder)
    # Without that line, the same is said where the table is read.
    toml.write_text(toml.read_text().replace('files_in = "wav"\n', ""))
    with pytest.raises(
        CorpusError, match=r"18 of 18 files of metadata\.csv do not exist"
    ) as caught:
        serbench("add", "whispers", folder, "--allow-partial")
    assert "files of these names stand in wav/" in caught.value.found
    assert f'set files_in = "wav" in {toml}' in caught.value.advice


def test_files_in_a_folder_that_is_named(serbench: Serbench, folder: Path) -> None:
    with pytest.raises(CorpusError, match=r"whispers/wave is not a folder"):
        serbench("new", "whispers", folder, "--table", "metadata.csv", "--files-in", "wave")
    with pytest.raises(CorpusError, match="leads out of"):
        serbench("new", "whispers", folder, "--table", "metadata.csv", "--files-in", "..")
    assert not (folder / "corpus.toml").exists()
    rewrite(folder, "wav/", "")
    said = serbench("new", "whispers", folder, "--table", "metadata.csv", "--files-in", "wav/")
    assert "stand in" not in said
    assert tomllib.loads((folder / "corpus.toml").read_text())["files_in"] == "wav"


def test_a_folder_that_is_named_beside_the_column_that_has_it(
    serbench: Serbench, folder: Path
) -> None:
    said = serbench("new", "whispers", folder, "--table", "metadata.csv", "--files-in", "wav")
    assert "the files of metadata.csv stand in ./, and not in wav/" in said
    assert "files_in" not in tomllib.loads((folder / "corpus.toml").read_text())


def test_some_files_that_do_not_exist(serbench: Serbench, folder: Path) -> None:
    for file, _, _ in ROWS[:2]:
        (folder / file).unlink()
    said = serbench("new", "whispers", folder, "--table", "metadata.csv")
    assert "2 of 18 files of metadata.csv do not exist, nor does one of such a name below" in said
    assert ROWS[0][0] in said
    (folder / "corpus.toml").unlink()
    (folder / "old").mkdir()
    for file, _, _ in ROWS[2:4]:
        (folder / file).rename(folder / "old" / Path(file).name)
    rewrite(folder, ROWS[2][0], Path(ROWS[2][0]).name)
    said = serbench("new", "whispers", folder, "--table", "metadata.csv")
    assert "4 of 18 files of metadata.csv do not exist" in said
    assert "files of 1 of these names stand in old/" in said
    assert "files_in" not in tomllib.loads((folder / "corpus.toml").read_text())


def test_nothing_is_overwritten(serbench: Serbench, folder: Path) -> None:
    (folder / "corpus.toml").write_text("mine")
    with pytest.raises(CorpusError, match="is there already"):
        serbench("new", "whispers", folder, "--table", "metadata.csv")
    (folder / "corpus.toml").unlink()
    (folder / "corpus.toml").symlink_to(folder / "nowhere")
    with pytest.raises(StoreError, match="File exists"):
        serbench("new", "whispers", folder, "--table", "metadata.csv")
    assert not (folder / "nowhere").exists()


def test_options_reach_the_file(serbench: Serbench, folder: Path) -> None:
    said = serbench(
        "new", "whispers", folder, "--table", folder / "metadata.csv", "--file-column", "path",
        "--speaker-column", "spk", "--emotion-column", "age", "--title", "Whispers",
        "--licence", "CC0", "--encoding", "cp1252",
    )  # fmt: skip
    assert "nothing is read from: label" in said
    written = tomllib.loads((folder / "corpus.toml").read_text())
    assert written == {
        "name": "whispers", "title": "Whispers", "licence": "CC0", "table": "metadata.csv",
        "encoding": "cp1252", "labels": {"30": "?"},
        "columns": {"file": "path", "speaker": "spk", "emotion": "age"},
    }  # fmt: skip


def test_a_table_named_from_where_one_stands(
    serbench: Serbench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    serbench("new", "whispers", "whispers", "--table", "whispers/metadata.csv")
    assert tomllib.loads((folder / "corpus.toml").read_text())["table"] == "metadata.csv"


def test_tables_that_cannot_be_used(
    serbench: Serbench, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CorpusError, match=r"whispers/none\.csv does not exist"):
        serbench("new", "whispers", folder, "--table", "none.csv")
    outside = tmp_path / "outside.csv"
    outside.write_text("file,speaker,emotion\na.wav,ann,ang\n")
    with pytest.raises(CorpusError, match="stands outside of"):
        serbench("new", "whispers", folder, "--table", outside)
    monkeypatch.chdir(tmp_path)
    for table in ("../outside.csv", "outside.csv"):
        with pytest.raises(CorpusError, match="stands outside of"):
            serbench("new", "whispers", folder, "--table", table)
    with pytest.raises(CorpusError, match="is not a folder"):
        serbench("new", "whispers", tmp_path / "nowhere", "--table", "metadata.csv")
    assert not (folder / "corpus.toml").exists()


def test_names_that_cannot_be_used(serbench: Serbench, folder: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be called 'My corpus'"):
        serbench("new", "My corpus", folder, "--table", "metadata.csv")
    with pytest.raises(UsageError, match=r"an adapter for a corpus 'emodb' is installed \(from"):
        serbench("new", "emodb", folder, "--table", "metadata.csv")
    assert not (folder / "corpus.toml").exists()


def test_add_under_another_name_or_without_a_description(
    serbench: Serbench, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(UnknownName, match=r"holds no corpus\.toml"):
        serbench("add", "whispers", folder)
    (folder / "corpus.toml").write_text(
        'name = "savee"\ntable = "metadata.csv"\n[labels]\nang = "anger"\n'
    )
    with pytest.raises(UnknownName, match="is of 'savee'"):
        serbench("add", "whispers", folder)
    with pytest.raises(AmbiguousName, match="two corpora are called 'savee'"):
        serbench("add", "savee", folder)
    assert added_corpora() == {}


def test_a_partial_corpus_is_added_only_on_demand(serbench: Serbench, folder: Path) -> None:
    serbench("new", "whispers", folder, "--table", "metadata.csv")
    toml = folder / "corpus.toml"
    toml.write_text(toml.read_text().replace('"?"', '"neutral"'))
    (folder / ROWS[0][0]).unlink()
    with pytest.raises(CorpusError, match=r"ann-ang-1\.wav"):
        serbench("add", "whispers", folder)
    assert added_corpora() == {}
    said = serbench("add", "whispers", folder, "--allow-partial")
    assert "17 utterances of 3 speakers" in said
    assert f"missing: {folder / ROWS[0][0]}" in said
