"""Folders that are remembered for a user, forgotten, or gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from serbench.errors import CorpusError, UnknownName
from serbench.folders import (
    add_corpus,
    added_corpora,
    corpus_folder,
    find_corpus,
    remembered,
    remove_corpus,
)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)


def test_forgotten(tmp_path: Path) -> None:
    add_corpus("savee", tmp_path / "s")
    add_corpus("emodb", tmp_path / "e")
    assert remove_corpus("savee") == tmp_path / "s"
    assert added_corpora() == {"emodb": tmp_path / "e"}
    with pytest.raises(UnknownName, match="no folder of a corpus 'savee' is remembered"):
        remove_corpus("savee")
    with pytest.raises(UnknownName) as caught:
        remove_corpus("emdb")
    assert caught.value.expected == "one of emodb"
    assert caught.value.advice == "did you mean 'emodb'?"


def test_remembered_and_in_no_other_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not remembered("savee", {})
    add_corpus("savee", tmp_path)
    assert remembered("savee", {})
    assert not remembered("savee", {"savee": tmp_path})
    (tmp_path / "all" / "savee").mkdir(parents=True)
    monkeypatch.setenv("SERBENCH_CORPORA", str(tmp_path / "all"))
    assert not remembered("savee", {})
    assert find_corpus("savee", {}) == tmp_path / "all" / "savee"


def test_gone(tmp_path: Path) -> None:
    add_corpus("savee", tmp_path / "gone")
    with pytest.raises(CorpusError, match="gone, which does not exist any more") as caught:
        corpus_folder("savee", {})
    assert "serbench corpora add savee NEWPLACE" in caught.value.advice
    assert "serbench corpora remove savee" in caught.value.advice
    # A folder that is named for this command is looked at by who reads it.
    assert corpus_folder("savee", {"savee": tmp_path / "no"}) == tmp_path / "no"
