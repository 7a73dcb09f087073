"""``serbench labels``: what is merged and who is left out, for people and for scripts."""

import json

import pytest
from typer.testing import CliRunner

from serbench.cli.app import app
from serbench.errors import ProtocolError, UnknownName


def said(*command):
    result = CliRunner().invoke(app, ["labels", *command], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_list_names_every_space():
    names = {space["name"] for space in json.loads(said("list", "--json"))}
    assert {"own", "iemocap4", "sdcaff4", "shared5", "mosei-sentiment"} <= names
    assert all(name in said("list") for name in names)


def test_show_counts_by_the_cards():
    counts = json.loads(said("show", "iemocap4", "--json"))["counts"]
    assert counts["iemocap"] == {
        "anger": 1103, "happiness": 1636, "neutral": 1708, "sadness": 1084,
        "all": 5531, "left out": 4508,
    }  # fmt: skip
    assert counts["savee"]["left out"] == 180


def test_copies_are_no_utterances():
    counts = json.loads(said("show", "sdcaff4", "--json"))["counts"]
    assert counts["iemocap"]["all"] == 2948
    assert counts["iemocap"]["left out"] == 10039 - 2659


def test_show_tells_people_what_is_merged():
    text = said("show", "sdcaff4")
    for line in (
        "happiness: left out", "excitement: counts as happiness",
        "only where style is improvised", "each utterance of anger counts 2 times",
    ):  # fmt: skip
        assert line in text


def test_counted_in_a_folder(forged_savee, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_CACHE", str(tmp_path / "cache"))
    here = ["--corpus", "savee", "--corpus-root", f"savee={forged_savee}", "--allow-partial"]
    counts = json.loads(said("show", "shared5", "--json", *here))["counts"]["savee"]
    assert counts == dict.fromkeys(("anger", "fear", "happiness", "neutral", "sadness"), 12) | {
        "all": 60, "left out": 24,
    }  # fmt: skip


def test_a_space_that_the_corpus_cannot_fill(forged_savee, tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_CACHE", str(tmp_path / "cache"))
    here = ["--corpus", "savee", "--corpus-root", f"savee={forged_savee}", "--allow-partial"]
    with pytest.raises(ProtocolError, match="leaves no utterance of savee"):
        said("show", "mosei-sentiment", *here)


def test_a_name_that_is_none():
    with pytest.raises(UnknownName, match="shared6"):
        said("show", "shared6")
