"""The adapter of a corpus by its name, whether registered or described by a table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from serbench import adapters, registry
from serbench.adapters import adapter, corpus_names
from serbench.errors import AmbiguousName, CorpusError, UnknownName
from serbench.folders import add_corpus
from serbench.tabled import TabledCorpus
from serbench_corpora.savee import SAVEE

TOML = 'name = "{}"\ntable = "m.csv"\n[labels]\nang = "anger"\nsad = "sadness"\n'


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)


def describe(folder: Path, name: str = "whispers") -> Path:
    folder.mkdir(parents=True)
    (folder / "corpus.toml").write_text(TOML.format(name))
    (folder / "m.csv").write_text("file,speaker,emotion\na.wav,ann,ang\nb.wav,bob,sad\n")
    return folder


def test_registered_with_and_without_a_folder(tmp_path: Path) -> None:
    assert type(adapter("savee", None)) is SAVEE
    assert type(adapter("savee", tmp_path)) is SAVEE
    assert type(adapter("savee", tmp_path / "nowhere")) is SAVEE


def test_tabled(tmp_path: Path) -> None:
    corpus = adapter("whispers", describe(tmp_path / "w"))
    assert type(corpus) is TabledCorpus
    assert corpus.card.name == "whispers"


def test_from_a_name_and_a_folder_in_another_process(tmp_path: Path) -> None:
    folder = describe(tmp_path / "w")
    code = (
        "import sys; from pathlib import Path; from serbench.adapters import adapter\n"
        "corpus = adapter(sys.argv[1], Path(sys.argv[2]))\n"
        "print(corpus.card.standard.name, len(list(corpus.entries(Path(sys.argv[2])))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "whispers", folder],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    release = adapter("whispers", folder).card.standard.name
    assert ran.stdout == f"{release} 2\n"


def test_both_is_ambiguous(tmp_path: Path) -> None:
    folder = describe(tmp_path / "s", "savee")
    with pytest.raises(AmbiguousName) as caught:
        adapter("savee", folder)
    message = str(caught.value)
    assert "serbench_corpora.savee:SAVEE (from serbench " in message
    assert f"{folder}/corpus.toml" in message
    # A folder that describes another corpus takes nothing from the registered one.
    assert type(adapter("savee", describe(tmp_path / "w"))) is SAVEE


def test_a_foreign_corpus_toml_is_no_obstacle_to_a_registered_one(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text("[linguistics]\nname = ")
    assert type(adapter("savee", tmp_path)) is SAVEE
    with pytest.raises(CorpusError, match="is no TOML"):
        adapter("whispers", tmp_path)


def test_another_name_than_the_folders(tmp_path: Path) -> None:
    folder = describe(tmp_path / "w")
    with pytest.raises(UnknownName, match=r"'whisper': .*corpus\.toml is of 'whispers'"):
        adapter("whisper", folder)


def test_unknown(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no corpus is called 'save'") as caught:
        adapter("save", None)
    assert "emodb" in caught.value.expected
    assert "did you mean 'savee'?" in caught.value.advice
    assert "serbench corpora new save DIR" in caught.value.advice
    with pytest.raises(UnknownName, match=rf"{tmp_path} holds no corpus\.toml") as caught:
        adapter("whispers", tmp_path)
    assert f"serbench corpora new whispers {tmp_path}" in caught.value.advice
    with pytest.raises(UnknownName, match="nowhere does not exist"):
        adapter("whispers", tmp_path / "nowhere")


def test_a_remembered_folder_that_describes_nothing_any_more(tmp_path: Path) -> None:
    folder = describe(tmp_path / "w")
    add_corpus("whispers", folder)
    (folder / "corpus.toml").unlink()
    with pytest.raises(CorpusError, match=r"remembered to be in .*/w, which holds no corpus\.toml"):
        adapter("whispers", folder)
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(CorpusError, match=r"/w, which does not exist any more") as caught:
        adapter("whispers", folder)
    assert "serbench corpora add whispers NEWPLACE" in caught.value.advice
    assert "serbench corpora remove whispers" in caught.value.advice
    assert "corpora new" not in caught.value.advice


def test_unknown_names_suggest_tabled_corpora_too(tmp_path: Path) -> None:
    add_corpus("whispers", describe(tmp_path / "w"))
    with pytest.raises(UnknownName) as caught:
        adapter("wispers", None)
    assert "did you mean 'whispers'?" in caught.value.advice


def test_two_distributions_of_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = tuple(
        registry.Registered("corpora", "whispers", f"{owner}:Whispers", f"{owner} 1")
        for owner in ("one", "two")
    )
    known = registry.registered
    for module in (registry, adapters):
        monkeypatch.setattr(
            module, "registered", lambda group: {**known(group), "whispers": claims}
        )
    with pytest.raises(AmbiguousName, match=r"one:Whispers .* and two:Whispers"):
        adapter("whispers", None)


def test_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registered = corpus_names()
    assert {"emodb", "savee"} <= set(registered)
    add_corpus("whispers", describe(tmp_path / "w"))
    add_corpus("savee", tmp_path)
    describe(tmp_path / "all" / "murmurs", "murmurs")
    describe(tmp_path / "all" / "folder-of-another-name", "cries")
    (tmp_path / "all" / "emodb").mkdir()
    (tmp_path / "all" / "notes").mkdir()
    monkeypatch.setenv("SERBENCH_CORPORA", str(tmp_path / "all"))
    assert corpus_names({"shouts": tmp_path}) == sorted(
        [*registered, "whispers", "murmurs", "shouts"]
    )
