"""What a run shows: the boards of its own question, under the whole of its name."""

import json

import pytest
from typer.testing import CliRunner

from serbench.cli.app import app
from serbench.errors import ProtocolError


@pytest.fixture
def run(forged_savee, tmp_path, monkeypatch):
    for name in ("RESULTS", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"SERBENCH_{name}", str(tmp_path / name.lower()))

    def call(*options):
        here = ["--corpus", "savee", "--corpus-root", f"savee={forged_savee}", "--allow-partial"]
        result = CliRunner().invoke(app, ["run", *here, *options], catch_exceptions=False)
        assert result.exit_code == 0, result.stderr
        return result

    return call


def test_several_protocols_are_all_run(run):
    rows = json.loads(
        run("--model", "prior", "--protocol", "loso", "--protocol", "kfold", "--json").stdout
    )
    assert sorted((row["protocol"], row["trials_done"]) for row in rows) == [
        ("kfold", 10), ("loso", 4),
    ]  # fmt: skip


def test_json_is_of_this_command_alone(run):
    run("--model", "prior", "--protocol", "loso")
    run("--model", "svm-mfcc", "--protocol", "loso", "--labels", "shared5")
    rows = json.loads(
        run("--model", "prior", "--protocol", "loso", "--labels", "shared5", "--json").stdout
    )
    assert [(row["model"], row["labels"]) for row in rows] == [("prior", "shared5")]


def test_the_board_names_its_label_space(run):
    shown = run("--model", "prior", "--protocol", "loso", "--labels", "shared5").stdout
    assert "savee under loso, label space shared5" in shown
    assert "label space" not in run("--model", "prior", "--protocol", "loso").stdout


def test_altered_sounds_are_said_on_the_board_and_before(run):
    result = run("--model", "prior", "--protocol", "loso")
    assert "SOUNDS NOT THE RELEASE'S" in result.stdout
    assert "sounds are not those of SAVEE" in result.stderr


def test_a_class_that_the_corpus_has_no_label_for_is_refused(run):
    told = "no label of savee stands for calm, which the label space 'calm-too' tells apart"
    with pytest.raises(ProtocolError, match=told) as error:
        run("--model", "prior", "--protocol", "loso", "--labels", "calm-too")
    assert error.value.advice == "--labels own"


@pytest.fixture(autouse=True)
def a_space_with_an_empty_class(monkeypatch):
    from serbench import preparing, rebuilding, registry
    from serbench.labels import Classes, LabelSpace

    space = LabelSpace("calm-too", "", Classes(("anger", "calm", "neutral")))
    real = registry.load

    def load(group, name):
        return space if (group, name) == ("labels", "calm-too") else real(group, name)

    monkeypatch.setattr(preparing, "load", load)
    monkeypatch.setattr(rebuilding, "load", load)
