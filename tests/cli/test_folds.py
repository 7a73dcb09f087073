"""``serbench leaderboard --folds``: forms, states of a folder, no row taken for another's."""

import csv
import io
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from serbench.cli.app import app
from serbench.errors import UsageError
from serbench.labels import Classes, Scale
from serbench.predictions import Predictions
from serbench.predictions import to_parquet as predictions_to
from serbench.ratings import Ratings
from serbench.ratings import to_parquet as ratings_to
from serbench.sentiment import SCORES
from serbench.store import Plan, Store
from serbench.trial import Trial

CLASSES = Classes(("anger", "joy"))
SENTIMENT = Scale(-3.0, 3.0)
RIGHT = {"1": 3, "2": 4}  # of four utterances, two of each class


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_RESULTS", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "150")
    return Store(tmp_path)


def folds(*options):
    return CliRunner().invoke(app, ["leaderboard", "--folds", *options])


def trial(fold, *, task=CLASSES, model="m", version="1", release="f", recipes=()):
    return Trial(
        protocol={"name": "kfold", "corpora": ["toy"]},
        labels={"name": "own", "label_field": "sentiment", "repeat": {}},
        task=task.record(), corpora={"toy": release * 64}, split="0123456789", folds=2, fold=fold,
        train={"digest": "b", "size": 4}, tests={"toy": {"digest": "c", "size": 4}},
        validation=None, target=None, model={"name": model, "version": version, "settings": {}},
        recipes=recipes, seed=0,
    )  # fmt: skip


def content(one, truth=(0, 0, 1, 1)):
    ids = tuple(f"toy/{one.fold}{i}" for i in range(4))
    speakers = tuple(f"{one.fold}{i % 2}" for i in range(4))
    if one.task["kind"] == "scale":
        sentiments = np.array([-2.0, 0.0, 1.0, 3.0])
        return ratings_to(Ratings(ids, speakers, sentiments, (sentiments + 0.25).astype("f4")))
    said = np.array(truth)
    said[: 4 - RIGHT[one.fold]] ^= 1
    return predictions_to(
        Predictions(CLASSES.names, ids, speakers, np.array(truth), np.eye(2, dtype="f4")[said])
    )


def add(store, *, findings=(), planned="12", saved="12", truth=(0, 0, 1, 1), **changes):
    notes = {"variant": {"flip": True}, "speaker_independent": True, "findings": list(findings)}
    trials = [trial(fold, **changes) for fold in planned]
    store.plan(Plan(trials[0].row, notes, tuple(one.id for one in trials)))
    for one in trials:
        if one.fold in saved:
            store.save(one, {"predictions-toy.parquet": content(one, truth)}, {"notes": notes})


def test_markdown(store):
    add(store)
    assert folds("--format", "md").stdout.splitlines() == [
        (
            "**toy under kfold**: 2 classes (chance UA 50.0), speaker-independent, last epoch, "
            "release ffffffff, split 01234567"
        ),
        "",
        "m flip=true",
        "",
        "| fold | seed | utterances | UA % | WA % |",
        "|---|---|---|---|---|",
        "| 1 | 0 | 4 | 75.00 | 75.00 |",
        "| 2 | 0 | 4 | 100.00 | 100.00 |",
        "",
        "folds are looked at and never ranked",
    ]


def test_a_table(store):
    add(store)
    shown = folds().stdout.splitlines()
    assert shown[0] == "toy under kfold"
    assert [line.split() for line in shown if line.strip().startswith(("1 ", "2 "))][-2:] == [
        ["1", "0", "4", "75.00", "75.00"],
        ["2", "0", "4", "100.00", "100.00"],
    ]


def test_json_and_csv_hold_the_same(store):
    add(store)
    told = json.loads(folds("--json").stdout)
    assert [(one["fold"], one["ua"], one["wa"]) for one in told] == [("1", 0.75, 0.75), ("2", 1, 1)]
    promised = {"corpora", "protocol", "labels", "partial", "fingerprints", "split", "row", "model",
                "version", "variant", "settings", "seed", "fold", "n_utterances", "n_missing",
                "trials_done", "trials_planned", "trials_damaged"}  # fmt: skip
    assert promised <= set(told[0])
    read = list(csv.DictReader(io.StringIO(folds("--format", "csv").stdout)))
    assert list(read[0]) == list(told[0])
    assert [float(one["ua"]) for one in read] == [0.75, 1.0]
    assert json.loads(read[0]["fingerprints"]) == told[0]["fingerprints"]


def test_rows_that_are_named_alike_are_told_apart(store):
    add(store)
    add(store, recipes=({"name": "mfcc"},))
    add(store, version="2222222222")
    add(store, model="other")
    shown = folds("--format", "md").stdout
    titles = [line for line in shown.splitlines() if line.startswith(("m ", "other"))]
    assert len(set(titles)) == 4
    assert all(title.startswith("m flip=true version=1 row=") for title in titles[:2])
    assert titles[2:] == ["m flip=true version=22222222", "other flip=true"]
    rows = json.loads(folds("--json").stdout)
    assert len({(one["row"], one["fold"]) for one in rows}) == len(rows) == 8


def test_a_partial_release_stands_apart(store):
    add(store, release="a")
    add(store, release="b", findings=["a file is missing"])
    heads = [line for line in folds("--format", "md").stdout.splitlines() if line[:2] == "**"]
    assert len(heads) == 2
    assert "release aaaaaaaa, split" in heads[0]
    assert "release bbbbbbbb, PARTIAL CORPUS, split" in heads[1]


def test_a_lacking_class_is_marked(store):
    add(store, truth=(0, 0, 0, 0))
    shown = folds("--format", "md").stdout
    assert "| 1 | 0 | 4 | 75.00* | 75.00 |" in shown
    assert "* the fold lacks a class: UA is over the classes that it holds" in shown


@pytest.mark.parametrize("width", ["80", "150"])
def test_a_sentiment(store, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    add(store, task=SENTIMENT)
    shown = folds().stdout
    assert max(map(len, shown.splitlines())) <= int(width)
    numbers = "1 0 4 100.00 100.00 100.00 100.00 100.00 0.250 1.000"
    assert numbers.split() in [line.split() for line in shown.splitlines()]
    assert "UA" not in shown
    assert "non0: positive against negative" in shown
    assert set(SCORES) <= set(json.loads(folds("--json").stdout)[0])


def test_csv_of_both_kinds(store):
    add(store)
    add(store, task=SENTIMENT)
    read = list(csv.DictReader(io.StringIO(folds("--format", "csv").stdout)))
    assert sorted((one["ua"], one["mae"]) for one in read) == [
        ("", "0.25"), ("", "0.25"), ("0.75", ""), ("1.0", ""),
    ]  # fmt: skip


def test_damage_is_said(store):
    add(store)
    path = store.folder(trial("2").id) / "predictions-toy.parquet"
    path.write_bytes(b"torn")
    for form in ("table", "md"):
        assert "m flip=true: 1 of 2 trials, 1 damaged" in folds("--format", form).stdout
    (one,) = json.loads(folds("--json").stdout)
    assert (one["fold"], one["trials_done"], one["trials_damaged"]) == ("1", 1, 1)


@pytest.mark.parametrize("form", ["table", "md", "csv", "json"])
def test_a_row_without_a_finished_fold_is_no_secret(store, form):
    add(store, saved="")
    store.fail(trial("1"), "no memory", "")
    result = folds("--format", form)
    assert result.exit_code == 0
    assert "m flip=true: 0 of 2 trials, 1 failed" in (
        result.stderr if form in {"csv", "json"} else result.stdout
    )
    if form in {"csv", "json"}:
        assert result.stdout == {"csv": "", "json": "[]\n"}[form]


@pytest.mark.parametrize("form", ["table", "md", "csv", "json"])
def test_an_empty_folder_is_as_without_folds(store, form):
    result = folds("--format", form)
    plain = CliRunner().invoke(app, ["leaderboard", "--format", form])
    assert (result.exit_code, result.stdout) == (plain.exit_code, plain.stdout)
    assert result.exit_code == (form in {"md", "csv"})  # nothing that a file could be made of
    if form == "json":
        assert json.loads(result.stdout) == []


@pytest.mark.parametrize("more", [[], ["--folds"]])
def test_filters_that_match_nothing_name_what_is_there(store, more):
    add(store)
    add(store, model="other")
    result = CliRunner().invoke(app, ["leaderboard", "--json", "--model", "none", *more])
    assert isinstance(result.exception, UsageError)
    assert result.stdout == ""
    assert result.exception.found == "no board matches none"
    assert result.exception.expected == "toy under kfold: m, other"


@pytest.mark.parametrize("more", [[], ["--folds"]])
def test_filters_on_an_empty_folder(store, more):
    result = CliRunner().invoke(app, ["leaderboard", "--corpus", "toy", *more])
    assert isinstance(result.exception, UsageError)
    assert result.exception.expected == "the results folder is empty"
