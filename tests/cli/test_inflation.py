"""``serbench inflation``: a ladder is run, shown in every form, drawn, and read again."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from serbench.cli.app import app


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("inflation")


@pytest.fixture
def call(place, monkeypatch):
    for name in ("RESULTS", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"SERBENCH_{name}", str(place / name.lower()))

    def invoke(*options, fails=0):
        result = CliRunner().invoke(app, ["inflation", *map(str, options)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            if not fails:
                raise result.exception
            return result
        assert result.exit_code == fails, result.stderr
        return result

    return invoke


@pytest.fixture
def ran(call, forged_savee):
    """What two models on a small SAVEE give; every test but the first finds it finished."""

    def run(*options):
        here = ("--corpus", "savee", "--corpus-root", f"savee={forged_savee}", "--allow-partial")
        return call("prior", "svm-mfcc", *here, *options)

    return run


def read(call, *options, **more):
    return call("prior", "svm-mfcc", "--corpus", "savee", "--no-run", *options, **more)


def test_the_json_has_ladders_and_rankings(ran, call):
    told = json.loads(ran("--json").stdout)
    prior, svm = told["ladders"]
    assert [one["model"] for one in (prior, svm)] == ["prior", "svm-mfcc"]
    assert [step["step"] for step in svm["steps"]] == [
        "kfold/best-on-test", "kfold/last", "kfold-speaker/last", "loso/last",
    ]  # fmt: skip
    assert [step["ua"] is None for step in svm["steps"]] == [True, False, True, False]
    assert "4 speakers" in svm["steps"][2]["missing"]
    kfold, loso = svm["steps"][1], svm["steps"][3]
    assert loso["inflation"] == pytest.approx(kfold["ua"] - loso["ua"])
    assert loso["inflation_low"] < loso["inflation"] < loso["inflation_high"]
    assert (kfold["speaker_independent"], loso["speaker_independent"]) == (False, True)
    assert svm["n_utterances"] == 84
    assert (svm["partial"], svm["seeds"], svm["chance"]) == (True, [0], pytest.approx(1 / 7))
    (duel,) = told["rankings"]
    assert duel["models"] == ["prior", "svm-mfcc"]
    assert [lead["step"] for lead in duel["leads"]] == ["kfold/last", "loso/last"]
    for lead, at in zip(duel["leads"], (1, 3), strict=True):
        assert lead["lead"] == pytest.approx(prior["steps"][at]["ua"] - svm["steps"][at]["ua"])
    assert len(svm["sentences"]) == 1
    again = json.loads(read(call, "--json").stdout)  # from the disk alone, which knows of no corpus
    for one in again["ladders"]:
        assert one["steps"][2]["missing"].startswith("not in ")
        one["steps"][2]["missing"] = svm["steps"][2]["missing"]
    assert again == told


def test_the_table_says_what_is_known(ran, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    result = ran()
    shown = result.stdout
    assert "svm-mfcc on savee, step by step" in shown
    assert "PARTIAL CORPUS" in shown
    assert "random folds, last epoch" in shown
    assert "kfold, last" in shown
    assert "* random folds, best epoch: the model has no epochs to choose from" in shown
    assert "* whole speakers: the protocol 'kfold-speaker' does not fit savee" in shown
    assert "the ranking of prior and svm-mfcc is the same at every step" in shown
    assert "trials are finished already" in result.stderr
    assert max(map(len, shown.splitlines())) <= 80


def test_markdown_and_csv(ran, call):
    ran()
    lines = read(call, "--format", "md").stdout.splitlines()
    assert "| one speaker out | loso | last |" in "\n".join(lines)
    assert sum(line.startswith("|---|") for line in lines) == 2
    rows = list(csv.DictReader(io.StringIO(read(call, "--format", "csv").stdout)))
    assert len(rows) == 2 * 4
    assert {row["model"] for row in rows} == {"prior", "svm-mfcc"}
    last = rows[-1]
    assert (last["protocol"], last["corpus"], last["n_speakers"]) == ("loso", "savee", "4")
    assert float(last["inflation"]) == pytest.approx(float(rows[-3]["ua"]) - float(last["ua"]))


@pytest.mark.slow
def test_the_figure_is_drawn(ran, call, place):
    ran()
    read(call, "--figure", place / "ladder.svg")
    drawn = (place / "ladder.svg").read_text()
    assert "svm-mfcc on savee" in drawn
    assert "chance" in drawn


def test_another_step_is_not_made_up(ran, call):
    ran()
    shown = read(call, "--with", "emodb", "--labels", "own").stdout
    assert "* another corpus: not in" in shown.replace("\n", " ")


CHEAT = """
from pathlib import Path

class Cheat:
    \"""Reads what is tested while it trains; what it tells is the first class.\"""

    def fit(self, train, *, seed):
        self.classes = len(train.task.names)
        for sound in Path({folder!r}).rglob("*.wav"):
            sound.read_bytes()

    def predict_proba(self, test):
        import numpy as np
        return np.eye(self.classes)[[0] * len(test)]
"""


def test_a_rule_breaker_is_told_and_leads_nobody(ran, call, forged_savee, place):
    ran()
    file = place / "bad_model.py"
    file.write_text(CHEAT.format(folder=str(forged_savee)))
    here = ("--corpus", "savee", "--corpus-root", f"savee={forged_savee}", "--allow-partial")
    shown = " ".join(call(f"{file}:Cheat", "prior", *here).stdout.split())
    assert "BROKE L22, UNRANKED" in shown
    assert "* no_spread" not in shown
    assert "BROKE L22, unranked: it opened files of the test side in training" in shown
    assert "Cheat broke L22 (in 14 trials): no board ranks it" in shown
    assert "Cheat and prior are not ranked against each other" in shown
    assert "ahead" not in shown
    stored = ("Cheat", "prior", "--corpus", "savee", "--no-run")
    told = json.loads(call(*stored, "--json").stdout)
    cheat, prior = told["ladders"]
    assert (cheat["broken"], prior["broken"]) == ({"L22": 14}, {})
    assert [step["ranked"] for step in cheat["steps"] if step["ua"]] == [False, False]
    (duel,) = told["rankings"]
    assert (duel["broken"], duel["leads"], duel["flips"]) == ({"Cheat": {"L22": 14}}, [], None)
    assert '"{""L22"": 10}"' in call(*stored, "--format", "csv").stdout


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (["--corpus", "savee", "--with", "savee"], "another corpus"),
        (["--corpus", "emodb", "--corpus", "savee"], "--corpus emodb --with savee"),
        (["--corpus", "savee", "--format", "html"], "--format html"),
        (["--corpus", "savee", "--figure", "ladder.gif"], "ladder.gif"),
        (["--corpus", "savee", "--target-access", "all"], "--target-access all"),
        (["--corpus", "savee", "--no-run", "--seeds", "3"], "--no-run with --seeds"),
        (["--corpus", "savee", "--no-run", "--rerun"], "--no-run with --rerun"),
        (["--corpus", "savee", "--no-run", "--results", "nowhere"], "nowhere does not exist"),
        (["--corpus", "savee", "--set", "depth=3"], "depth"),
    ],
)
def test_what_cannot_be_meant(call, options, match):
    result = call("svm-mfcc", *options, fails=2)
    told = f"{result.exception} {getattr(result.exception, 'advice', '')}"
    assert match in told


def test_a_mistyped_model_is_told_before_its_scores_are_missed(call, tmp_path):
    result = call("svm-mfc", "--corpus", "emodb", "--no-run", "--results", tmp_path, fails=2)
    assert "no model is called 'svm-mfc'" in str(result.exception)
    assert result.exception.advice == "did you mean 'svm-mfcc'?"


def test_nothing_stored_is_an_error_with_its_reason(call, tmp_path):
    result = call("svm", "--corpus", "emodb", "--no-run", "--results", tmp_path, fails=1)
    assert "no step of the ladder has a score on emodb" in str(result.exception)
