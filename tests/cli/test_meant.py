"""A mistyped name is told apart from one that was never run."""

import json

import pytest

from serbench.cli.meant import meant


def test_what_is_near_is_asked_for():
    assert meant("emobd", ["emodb", "savee"]) == "did you mean 'emodb'?"
    assert meant("emodb", ["emodb"]) == meant("xyz", ["emodb"]) == ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One model on one corpus, planned and not run."""
    from serbench.labels import Classes
    from serbench.store import Plan, Store
    from serbench.trial import Trial

    store = Store(tmp_path_factory.mktemp("results"))
    one = Trial(
        protocol={"name": "loso", "corpora": ["emodb"]}, labels={"name": "own"},
        task=Classes(("low", "high")).record(), corpora={"emodb": "f" * 64}, split="s", folds=1,
        fold="1", train={"digest": "b", "size": 6}, tests={"emodb": {"digest": "c", "size": 20}},
        validation=None, target=None, recipes=(), seed=0,
        model={"name": "timnet", "version": "1", "settings": {}},
    )  # fmt: skip
    store.plan(Plan(one.row, {}, (one.id,)))
    return store.root


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("leaderboard", "--corpus", "emobd"), "did you mean 'emodb'?"),
        (("leaderboard", "--protocol", "losso"), "did you mean 'loso'?"),
        (("leaderboard", "--selection", "lst"), "did you mean 'last'?"),
        (("leaderboard", "--columns", "modle"), "did you mean 'model'?"),
        (("leaderboard", "--format", "latx"), "did you mean 'latex'?"),
        (("site", "public", "--model", "timmet"), "did you mean 'timnet'?"),
        (("plot", "forest", "--corpus", "emobd", "-o", "f.svg"), "did you mean 'emodb'?"),
        (("plot", "curves", "--model", "timmet", "-o", "f.svg"), "did you mean 'timnet'?"),
        (("plot", "critical-difference", "--labels", "onw", "-o", "f.svg"), "did you mean 'own'?"),
    ],
)
def test_every_command_asks(command_line, folder, words, hint):
    command_line(*words, "--results", folder).refused(hint)


def test_a_column_of_other_boards_says_of_which(command_line, folder):
    command_line("leaderboard", "--columns", "acc7", "--results", folder).refused(
        "--columns acc7: a column of boards of a sentiment"
    )
    said = command_line("leaderboard", "--columns", "model,epoch,delta", "--results", folder)
    assert said.returncode == 0, said.stderr
    assert "epoch" in said.stdout


def test_an_empty_folder_says_what_makes_a_board(command_line, tmp_path):
    said = command_line("leaderboard", "--results", tmp_path)
    assert said.returncode == 0
    assert "serbench run --model" in said.stdout
    assert json.loads(command_line("leaderboard", "--json", "--results", tmp_path).stdout) == []
    for form in ("md", "latex", "csv"):
        command_line("leaderboard", "--format", form, "--results", tmp_path).refused(
            "no board yet", "serbench run"
        )
    command_line("leaderboard", "--results", tmp_path / "none").refused("serbench run --model")
