"""Models over corpora, in every form: what is ranked, what is not and why."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from serbench.board import Board
from serbench.cli.overall import alone, as_latex, as_markdown, heading, notes, print_overall
from serbench.errors import UsageError
from serbench.intervals import Interval
from serbench.labels import Classes
from serbench.overall import overall
from serbench.predictions import Predictions
from serbench.rows import Row
from serbench.scores import class_scores

CLASSES = ("low", "high")
TRUTH = np.repeat([0, 1], 4)
SAID = Predictions(CLASSES, tuple("abcdefgh"), tuple("ssssTTTT"), TRUTH, np.eye(2)[TRUTH])
SCORES = class_scores({(0, "1"): SAID})


def row(model, ua, **changes):
    scores = None if ua is None else replace(SCORES, ua=Interval(ua, 0, 1, 0.1, 1, "jackknife"))
    facts = {
        "model": model, "version": "1", "variant": "", "settings": {}, "selection": "last",
        "canary": False, "scores": scores, "broken": {}, "stages_missing": False, "n_folds": 2,
        "n_seeds": 1, "trials_done": 2, "trials_planned": 2, "trials_failed": 0,
        "trials_damaged": 0,
    }  # fmt: skip
    return Row(**{**facts, **changes})


def board(corpus, *rows, classes=CLASSES):
    return Board(
        corpora=(corpus,), fingerprints={corpus: "f" * 64}, labels="own", task=Classes(classes),
        label_field="", protocol="loso", target_access="none", split="s" * 64,
        speaker_independent=True, partial=False, altered=False, repeated={}, badges=None, rows=rows,
    )  # fmt: skip


@pytest.fixture(scope="module")
def table():
    """Seven corpora; one model is not run on the last, and one failed on the first."""
    boards = [
        board(
            f"c{i}",
            row("good_one", 0.8 + i / 100, variant="hidden=4"),
            row("poor", 0.5 + i / 200, chance=int(i == 0)),
            row("part", 0.7 if i < 6 else None),
            row("cheat", 0.99, broken={"L22": 1}),
            classes=CLASSES if i else ("a", "b", "c"),
        )
        for i in range(7)
    ]
    (found,) = overall(boards)
    return found


def test_the_heading_says_which_question(table):
    assert heading(table) == "7 corpora under loso, label space own"


def test_markdown(table):
    told = as_markdown(table).splitlines()
    head = told[2].strip("| ").split(" | ")
    assert head[:4] == ["rank", "model", "settings", "mean UA %"]
    cells = {line.split(" | ")[1]: line.strip("| ").split(" | ") for line in told[4:8]}
    good = cells["good_one"]
    assert good[head.index("rank")] == "1"
    assert good[head.index("mean UA %")] == "83.0"
    assert good[head.index("letters")] == "a"
    assert cells["poor"][head.index("c0")] == "50.0!"
    assert cells["poor"][head.index("p Holm")] == "0.016"
    assert "6/7 cells" in cells["part"]
    assert cells["part"][-1] == "-"
    assert "-12.5 on 6" in cells["part"]


def test_notes_say_what_is_wrong_and_how_models_were_told_apart(table):
    told = " ".join(notes(table))
    for words in (
        "trainings failed there, and are scored as chance",
        "not run on every corpus",
        "cheat is unranked: broke L22 on c0; broke L22 on c1",
        "the corpora tell different classes apart (c0 3, c1 2",
        "Wilcoxon's signed-rank test over 7 corpora, Holm over 1 pair",
    ):
        assert words in told
    assert "Friedman" not in told  # two models are no omnibus


def test_latex(table):
    told = as_latex(table)
    assert r"good\_one (hidden=4)" in told
    assert r"\begin{tabular}[b]{@{}r@{}}mean \\ UA \%\end{tabular}" in told
    assert r"$-$12.5 on 6" in told
    assert told.count(r"\midrule") == 2  # below the heading, and above what is not ranked
    assert told.count("{") == told.count("}")


def test_csv_and_json_are_the_records(table, capsys):
    print_overall([table], "json")
    records = json.loads(capsys.readouterr().out)
    assert records == json.loads(json.dumps(table.records()))
    print_overall([table], "csv")
    read = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [one["model"] for one in read] == ["good_one", "poor", "cheat", "part"]
    assert float(read[0]["ua"]) == pytest.approx(0.83)


def test_a_terminal_cuts_no_number(table, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    print_overall([table], "table")
    told = capsys.readouterr().out
    assert "7 corpora under loso" in told
    for number in ("83.0", "50.0!", "6/7 cells"):
        assert number in told


def test_nothing_to_sum_up_is_said(capsys):
    print_overall([], "table")
    assert "nothing to sum up" in capsys.readouterr().out
    print_overall([], "json")
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("form", ["md", "latex", "csv"])
def test_of_nothing_no_file_is_made(capsys, form):
    with pytest.raises(UsageError, match="no two corpora under one protocol"):
        print_overall([], form)
    assert capsys.readouterr().out == ""


def test_boards_that_are_in_no_table_are_named(table, capsys):
    there = board("c0", row("good_one", 0.8))
    lone = replace(there, protocol="kfold")
    peeked = board("c0", row("net", 0.8, selection="best-on-test"))
    assert alone([there, lone, peeked], [table]) == [
        "c0 under kfold", "c0 under loso, epochs by best-on-test",
    ]  # fmt: skip
    print_overall([table], "md", left_out=["c0 under kfold"])
    said = capsys.readouterr()
    assert said.err == "in no table, for want of a second corpus: c0 under kfold\n"
    assert "kfold" not in said.out


def test_notes_in_markdown_are_a_list(table):
    told = as_markdown(table).strip().splitlines()
    assert [line for line in told if line.startswith("- ")] == [
        f"- {note}" for note in notes(table)
    ]
