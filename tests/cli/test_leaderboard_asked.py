"""``serbench leaderboard`` as it may be asked: published numbers, a reference, columns."""

import json

import numpy as np
import pytest

from serbench.labels import Classes
from serbench.predictions import Predictions, to_parquet
from serbench.store import Plan, Store
from serbench.trial import Trial


@pytest.fixture
def two_nets(tmp_path):
    """A results folder with two models under TIM-Net's folds of EMO-DB."""
    store = Store(tmp_path / "results")
    task = Classes(("low", "high"))
    for model, right in (("svm", 8), ("net", 6)):
        planned = [
            Trial(
                protocol={"name": "last-epoch", "corpora": ["emodb"]}, labels={"name": "own"},
                task=task.record(), corpora={"emodb": "f" * 64}, split="s", folds=10, fold=fold,
                train={"digest": "b", "size": 6}, tests={"emodb": {"digest": "c", "size": 20}},
                validation=None, target=None, recipes=(), seed=0,
                model={"name": model, "version": "1", "settings": {}},
            )
            for fold in "0123456789"
        ]  # fmt: skip
        store.plan(Plan(planned[0].row, {}, tuple(one.id for one in planned)))
        for at, one in enumerate(planned):
            truth = np.repeat([0, 1], 10)
            told = np.where(np.tile(np.arange(10), 2) < right + at % 3, truth, 1 - truth)
            ids = tuple(f"emodb/{one.fold}{n:02}" for n in range(20))
            said = Predictions(
                task.names, ids, (one.fold,) * 20, truth, np.eye(2, dtype="f4")[told]
            )
            store.save(one, {"predictions-emodb.parquet": to_parquet(said)}, {"notes": {}})
    return store.root


def test_published_numbers_stand_below_on_request(command_line, two_nets):
    own = json.loads(command_line("leaderboard", "--json", "--results", two_nets).stdout)
    assert {row["trust"] for row in own} == {"recomputed"}
    words = ("leaderboard", "--trust", "all", "--results", two_nets)
    both = json.loads(command_line(*words, "--json").stdout)
    assert [row["model"] for row in both[:2]] == ["svm", "net"]
    printed = {row["model"]: row for row in both[2:]}
    assert printed["TIM-Net*"]["ua"] == pytest.approx(0.8919)
    assert {row["trust"] for row in printed.values()} == {"from-paper"}
    table = command_line(*words).stdout
    assert "89.19" in table
    assert "90.28~" in table
    assert "not scored here" in table
    latex = command_line(*words, "--format", "latex").stdout
    (line,) = (line for line in latex.splitlines() if "89.19" in line and "Table 1" in line)
    assert "TIM-Net (last epoch; TIM-Net, Table 1" in line
    assert "*" not in line


def test_only_published_numbers(command_line, two_nets):
    words = ("leaderboard", "--trust", "from-paper", "--json", "--results", two_nets)
    found = json.loads(command_line(*words).stdout)
    assert {row["trust"] for row in found} == {"from-paper"}
    for form in ("table", "md", "latex"):
        shown = command_line(*words[:3], "--format", form, "--results", two_nets).stdout
        for number in ("89.19", "90.28"):
            assert number in shown
    both = command_line(*words[:3], "--selection", "all", "--results", two_nets).stdout
    for text in ("TIM-Net (last epoch)", "TIM-Net (best epoch)", "95.17", "epoch", "best-on-test"):
        assert text in both
    command_line("leaderboard", "--trust", "gossip", "--results", two_nets).refused(
        "--trust gossip", "from-paper"
    )


def test_a_reference_and_columns(command_line, two_nets):
    words = ("leaderboard", "--results", two_nets)
    found = json.loads(command_line(*words, "--json", "--reference", "net").stdout)
    assert found[0]["delta"] == pytest.approx(0.2)
    assert (found[1]["delta"], found[0]["reference"]) == (None, "net")
    table = command_line(*words, "--columns", "model,delta,p", "--reference", "net").stdout
    assert "less net, points" in table
    command_line(*words, "--reference", "prior").refused("prior", "net, svm")
    command_line(*words, "--columns", "colour").refused("--columns colour", "letters")
    command_line(*words, "--folds", "--reference", "net").refused("--folds with --reference")


def test_a_wide_table_of_latex(command_line, two_nets):
    words = ("leaderboard", "--results", two_nets, "--wide")
    assert r"\begin{table*}" in command_line(*words, "--format", "latex").stdout
    command_line(*words).refused("--wide with --format table", "--format latex")
