"""How boards look: what stands in which column, and in which form."""

import csv
import dataclasses
import io
import json
import re

import numpy as np
import pytest

from serbench.board import Board
from serbench.cli.legend import INCOMPLETE, NOT_AUDITED, badges, notes
from serbench.cli.render import as_csv, as_markdown, print_boards
from serbench.evidence import Evidence
from serbench.intervals import Interval
from serbench.labels import Classes, Scale
from serbench.rows import Row
from serbench.scores import ClassScores, ScaleScores

NAN = float("nan")
OWN = Evidence(
    seeds=(0,),
    speakers=("ann", "bob"),
    folds=("",),
    hits=np.array([[[4, 3], [3, 4]]]),
    support=np.array([[5, 5], [5, 5]]),
    by_fold=np.array([[0.7]]),
)


def interval(value, half, *flags):
    return Interval(value, value - half, value + half, half / 2, 9, "jackknife", flags)


RATED = ScaleScores(
    {
        "acc7": interval(0.524, 0.02),
        "acc2_non0": interval(0.848, 0.1),
        "f1_non0": interval(0.838, 0.1),
        "acc2_has0": interval(0.807, 0.1),
        "f1_has0": interval(0.811, 0.1),
        "mae": interval(0.5312, 0.1),
        "correlation": interval(0.7654, 0.1),
    },
    utterances=4659,
    speakers=676,
    evidence=OWN,
)
CONSTANT = ScaleScores(
    {
        **RATED.intervals,
        "acc7": interval(0.415, 0.02, "no_spread"),
        "correlation": Interval(NAN, NAN, NAN, NAN, NAN, "none", ("undefined",)),
    },
    utterances=4659,
    speakers=676,
    evidence=OWN,
)
TOLD = ClassScores(
    ua=interval(0.75, 0.3), wa=interval(0.7, 0.1), macro_f1=0.7, ua_fold=0.74, wa_fold=0.69,
    missing=0, confusion=np.array([[7, 3], [3, 7]]), classes=("a", "b"), utterances=10,
    speakers=4, tied=0.0, evidence=OWN,
)  # fmt: skip


def row(scores, model="m", **changes):
    fields = {
        "version": "1", "variant": "", "settings": {}, "n_folds": 1, "n_seeds": 1,
        "trials_done": 1, "trials_planned": 1, "trials_failed": 0, "trials_damaged": 0,
        "selection": "last", "canary": False, "broken": {}, "stages_missing": False,
        "deterministic": True,
    }  # fmt: skip
    return Row(model=model, scores=scores, **(fields | changes))


def board(task, *rows):
    return Board(
        corpora=("cmu-mosei",), fingerprints={"cmu-mosei": "15b29153aa"}, labels="mosei-sentiment",
        task=task, label_field="sentiment", protocol="kfold", target_access="none",
        split="s", badges=None,
        speaker_independent=False, partial=False, altered=False, repeated={}, rows=rows,
    )  # fmt: skip


SENTIMENT = board(
    Scale(-3.0, 3.0),
    row(RATED, "swrr", variant="epochs=20"),
    row(CONSTANT, "prior"),
    row(None, "half", trials_planned=3, trials_failed=1),
)
CLASSES = board(Classes(("a", "b")), row(TOLD, "svm"))


def test_a_sentiment_in_markdown():
    lines = as_markdown(SENTIMENT).splitlines()
    assert lines[0] == (
        "**cmu-mosei under kfold, label space mosei-sentiment**: sentiment from -3 to 3, "
        "speaker-dependent, last epoch, release 15b29153"
    )
    assert lines[2:] == [
        (
            "| model | settings | ACC7 % [95% CI] | ACC2 non0 % | F1 non0 % | ACC2 has0 % "
            "| F1 has0 % | MAE | r | speakers, folds, seeds |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|",
        (
            "| swrr | epochs=20 | 52.4 [50.4, 54.4] | 84.8 | 83.8 | 80.7 | 81.1 | 0.531 | 0.765 "
            "| 676/1/1 |"
        ),
        "| prior |  | 41.5 [39.5, 43.5]† | 84.8 | 83.8 | 80.7 | 81.1 | 0.531 | - | 676/1/1 |",
        "| half |  | 1 of 3 trials, 1 failed |  |  |  |  |  |  | ?/1/1 |",
        "",
        "- † a score is the same whoever is left out",
        f"- {NOT_AUDITED}",
        f"- {INCOMPLETE}",
        "- non0: positive against negative, true zeros left out; has0: negative against the rest",
    ]


def test_classes_in_markdown():
    lines = as_markdown(CLASSES).splitlines()
    assert "2 classes (chance UA 50.0), speaker-dependent" in lines[0]
    assert lines[2:] == [
        "| model | settings | UA % [95% CI] | WA % | F1 % | UA fold % | speakers, folds, seeds |",
        "|---|---|---|---|---|---|---|",
        "| svm |  | 75.0 [45.0, 100.0] | 70.0 | 70.0 | 74.0 | 4/1/1 |",
        "",
        f"- {NOT_AUDITED}",
    ]
    audited = dataclasses.replace(CLASSES, badges=("speaker-independent",))
    assert notes(audited) == []
    assert "chance UA 50.0), speaker-independent, last epoch" in badges(audited)


def test_nothing_of_classes_is_said_of_a_sentiment():
    assert "UA" not in as_markdown(SENTIMENT)
    assert "chance" not in badges(SENTIMENT)


def test_json(capsys):
    print_boards([SENTIMENT, CLASSES], "json")
    records = json.loads(capsys.readouterr().out)
    assert [record["model"] for record in records] == ["swrr", "prior", "half", "svm"]
    assert records[0]["mae_high"] == pytest.approx(0.6312)
    assert records[1]["correlation"] is None
    assert "acc7" not in records[3]


def test_csv_of_both_kinds_has_the_columns_of_both():
    lines = list(csv.DictReader(io.StringIO(as_csv([*CLASSES.records(), *SENTIMENT.records()]))))
    assert [line["model"] for line in lines] == ["svm", "swrr", "prior", "half"]
    assert (lines[0]["ua"], lines[0]["acc7"]) == ("0.75", "")
    assert (lines[1]["ua"], lines[1]["acc7"]) == ("", "0.524")
    assert (lines[2]["correlation"], lines[3]["acc7"]) == ("", "")
    assert all(None not in line and None not in line.values() for line in lines)
    of_classes = csv.DictReader(io.StringIO(as_csv(CLASSES.records())))
    assert "acc7" not in (of_classes.fieldnames or ())


@pytest.mark.parametrize("width", [80, 100, 200])
def test_a_table_of_a_sentiment_fits_a_terminal(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    print_boards([SENTIMENT], "table")
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= width
    (line,) = (line for line in shown.splitlines() if line.strip().startswith("swrr"))
    assert line.split() == [
        *("swrr", "epochs=20", "52.4", "[50.4,", "54.4]"),
        *("84.8", "83.8", "80.7", "81.1", "0.531", "0.765", "676/1/1"),
    ]


def test_no_number_is_cut_or_folded(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    print_boards([SENTIMENT], "table")
    numbers = re.findall(r"\d+\.\d+", capsys.readouterr().out)
    assert len(numbers) > 10
    monkeypatch.setenv("COLUMNS", "50")
    print_boards([SENTIMENT], "table")
    shown = capsys.readouterr().out
    assert re.findall(r"\d+\.\d+", shown) == numbers
    (line,) = (line for line in shown.splitlines() if line.strip().startswith("swrr"))
    assert line.rstrip().endswith("676/1/1")  # it runs over, and stays one line


def test_a_table_that_runs_over_says_so(capsys, monkeypatch):
    for width, over in ((50, True), (200, False)):
        monkeypatch.setenv("COLUMNS", str(width))
        print_boards([SENTIMENT], "table")
        shown = " ".join(capsys.readouterr().out.split())
        assert (f"and this terminal {width}: its lines wrap" in shown) is over


def test_a_line_stands_between_boards(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    print_boards([SENTIMENT, CLASSES], "table")
    before, found, _ = capsys.readouterr().out.partition("cmu-mosei under kfold, label space mosei-"
                                                         "sentiment\n2 classes")  # fmt: skip
    assert found
    assert before.endswith("\n\n")


def test_recalls_fold_and_not_names_nor_headings(capsys, monkeypatch):
    names = tuple(f"class-{letter}" for letter in "abcdefgh")
    told = dataclasses.replace(TOLD, classes=names, confusion=np.eye(8, dtype=int))
    monkeypatch.setenv("COLUMNS", "80")
    print_boards([board(Classes(names), row(told, "a model"))], "table", ["model", "ua", "recalls"])
    lines = capsys.readouterr().out.splitlines()
    assert any("recall of each class %" in line and "UA % [95% CI]" in line for line in lines)
    assert any(line.startswith(" a model ") for line in lines)
    assert max(len(line.rstrip()) for line in lines) <= 80


def test_markdown_shows_names_as_they_are():
    from serbench.cli.render import _as_it_is

    assert _as_it_is("<script>[x](javascript:a)") == r"&lt;script>[x]\(javascript:a)"
    assert _as_it_is("75.0 [45.0, 100.0], p <0.0001") == "75.0 [45.0, 100.0], p <0.0001"
