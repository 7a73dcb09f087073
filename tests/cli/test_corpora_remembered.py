"""``serbench corpora list`` and ``remove``, and folders named for one command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from serbench.cli.corpora import app
from serbench.cli.corpora.reading import roots_for
from serbench.errors import CorpusError, SerbenchError, UnknownName, UsageError
from serbench.folders import add_corpus, added_corpora

Serbench = Callable[..., str]
TOML = 'name = "whispers"\ntable = "m.csv"\n[labels]\nang = "anger"\nsad = "sadness"\n'


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "CACHE"):
        monkeypatch.setenv(f"SERBENCH_{name}", str(tmp_path / name.lower()))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def whispers(tmp_path: Path) -> Path:
    folder = tmp_path / "whispers"
    folder.mkdir()
    (folder / "corpus.toml").write_text(TOML)
    (folder / "m.csv").write_text("file,speaker,emotion\na.wav,ann,ang\nb.wav,bob,sad\n")
    return folder


def serbench(*arguments: Any) -> str:
    """A command; an error comes out as it is raised."""
    ran = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(ran.exception, SerbenchError):
        raise ran.exception
    assert ran.exception is None, ran.output
    return str(ran.stdout)


def test_remove(whispers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_corpus("whispers", whispers)
    add_corpus("savee", tmp_path)
    said = serbench("remove", "whispers")
    assert said == f"whispers: {whispers} is forgotten; nothing in it was deleted\n"
    assert added_corpora() == {"savee": tmp_path}
    assert (whispers / "corpus.toml").exists()
    with pytest.raises(UnknownName, match="did you mean 'savee'"):
        serbench("remove", "save")
    (tmp_path / "all" / "savee").mkdir(parents=True)
    monkeypatch.setenv("SERBENCH_CORPORA", str(tmp_path / "all"))
    said = serbench("remove", "savee")
    assert f"savee is still found in {tmp_path / 'all' / 'savee'}" in said


def test_show_of_a_folder_that_has_gone(whispers: Path, tmp_path: Path) -> None:
    add_corpus("whispers", whispers)
    whispers.rename(tmp_path / "elsewhere")
    with pytest.raises(CorpusError) as caught:
        serbench("show", "whispers")
    assert f"remembered to be in {whispers}, which does not exist any more" in caught.value.found
    assert "serbench corpora add whispers NEWPLACE" in caught.value.advice
    assert "corpora new" not in str(caught.value)
    assert "serbench corpora remove whispers" in serbench("list")


def test_list_says_whose_numbers_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """588 utterances of EMOVO are the release's, whatever stands in the folder."""
    add_corpus("emovo", tmp_path)
    heading, below, *_ = serbench("list").splitlines()
    assert heading.split() == ["utterances", "speakers"]
    assert below.split().count("release") == 2
    assert "numbers are the release's; serbench corpora check says what of it is here" in (
        serbench("list")
    )
    monkeypatch.setenv("COLUMNS", "80")
    assert "utt." in serbench("list").splitlines()[0]


def test_list_refuses_the_folder_of_no_corpus(whispers: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no corpus is called 'emdb'") as caught:
        serbench("list", "--corpus-root", f"emdb={tmp_path}")
    assert "did you mean 'emodb'?" in caught.value.advice
    rows = json.loads(serbench("list", "--json", "--corpus-root", f"whispers={whispers}"))
    assert {row["name"]: row["folder"] for row in rows}["whispers"] == str(whispers)


def test_roots_of_the_corpora_that_are_asked_for(tmp_path: Path) -> None:
    assert roots_for(["savee", "emodb"], [f"emodb={tmp_path}"]) == {"emodb": tmp_path}
    assert roots_for(["whispers"], [f"whispers={tmp_path}"]) == {"whispers": tmp_path}
    assert roots_for(["savee"], []) == {}
    with pytest.raises(UsageError, match="'emdb' is not asked for") as caught:
        roots_for(["savee", "emodb"], [f"emdb={tmp_path}"])
    assert caught.value.expected == "the folder of savee or emodb"
    assert caught.value.advice == f"did you mean --corpus-root emodb={tmp_path}?"
    with pytest.raises(UsageError, match="'emovo' is not asked for"):  # known, and not meant here
        roots_for(["savee"], [f"emovo={tmp_path}"])
    with pytest.raises(UsageError, match="--corpus-root emodb") as caught:
        roots_for(["emodb"], ["emodb"])
    assert caught.value.expected == "NAME=DIR"


def test_roots_of_any_known_corpus(whispers: Path, tmp_path: Path) -> None:
    add_corpus("murmurs", tmp_path / "gone")
    options = [f"{name}={tmp_path}" for name in ("emodb", "murmurs")]
    assert set(roots_for(None, [*options, f"whispers={whispers}"])) == {
        "emodb", "murmurs", "whispers",
    }  # fmt: skip
    with pytest.raises(UnknownName, match="is of 'whispers'"):
        roots_for(None, [f"whisper={whispers}"])
    (whispers / "corpus.toml").write_text("name = ")
    with pytest.raises(CorpusError, match="is no TOML"):
        roots_for(None, [f"whispers={whispers}"])
