"""Columns of a board, and the LaTeX that they end up in."""

import dataclasses
import re

import numpy as np
import pytest

from serbench.board import Board
from serbench.cli.columns import check, columns, p_value, picked, records
from serbench.cli.latex import as_latex, escaped
from serbench.cli.legend import compared, costs, notes
from serbench.cli.render import as_markdown, print_boards
from serbench.errors import UsageError
from serbench.evidence import Evidence
from serbench.intervals import Interval
from serbench.labels import Classes
from serbench.rank import Rank
from serbench.rows import Row
from serbench.scores import ClassScores
from serbench.trained import Trained

FIRST = Rank(1, 2, (1, 1), "a", None, float("nan"))
SECOND = Rank(1, 2, (2, 3), "a", (-0.012, -0.03, 0.006), 0.0204)
THIRD = Rank(3, 3, (2, 3), "b", (-0.25, -0.3, -0.2), 0.00001)


def interval(value, half):
    return Interval(value, value - half, value + half, half / 2, 9, "jackknife")


TOLD = ClassScores(
    ua=interval(0.75, 0.3),
    wa=interval(0.7, 0.1),
    macro_f1=0.7,
    ua_fold=0.74,
    wa_fold=0.69,
    missing=0,
    confusion=np.array([[7, 3], [3, 7]]),
    classes=("a", "b"),
    utterances=10,
    speakers=4,
    tied=0.0,
    evidence=Evidence(
        seeds=(0,),
        speakers=("ann", "bob"),
        folds=("",),
        hits=np.array([[[4, 3], [3, 4]]]),
        support=np.array([[5, 5], [5, 5]]),
        by_fold=np.array([[0.7]]),
    ),
)


def row(model, **changes):
    fields = {
        "version": "1", "variant": "", "settings": {}, "n_folds": 1, "n_seeds": 1,
        "trials_done": 1, "trials_planned": 1, "trials_failed": 0, "trials_damaged": 0,
        "selection": "last", "canary": False, "broken": {}, "stages_missing": False,
    }  # fmt: skip
    return Row(model=model, scores=TOLD, **(fields | changes))


ALONE = Board(
    corpora=("emodb",), fingerprints={"emodb": "15b29153aa"}, labels="own",
    task=Classes(("a", "b")), label_field="", protocol="loso", target_access="none",
    split="s", badges=None, speaker_independent=True, partial=False, altered=False, repeated={},
    rows=(row("svm"),),
)  # fmt: skip
CONTEST = dataclasses.replace(
    ALONE,
    rows=(
        row("svm", rank=FIRST),
        row("net_1", variant="epochs=5", rank=SECOND),
        row("prior", rank=THIRD),
    ),
    competing=3,
    test="corrected",
    units=10,
)


def test_ranks_letters_and_differences_stand_in_a_table():
    lines = as_markdown(CONTEST).splitlines()
    assert "less best, points [95% CI]" in lines[2]
    assert lines[4].startswith("| 1-2 | svm |  | 75.0 [45.0, 100.0] | a |")
    assert "| -1.2 [-3.0, +0.6] | 0.020 |" in lines[5]
    assert lines[6].startswith("| 3 | prior |")
    assert "| -25.0 [-30.0, -20.0] | <0.0001 |" in lines[6]
    assert any("corrected t-test (Nadeau and Bengio) over 10 folds" in line for line in lines)


def test_what_was_compared_is_said():
    line, *_ = compared(CONTEST)
    assert "Holm over 3 pairs" in line
    line, *_ = compared(dataclasses.replace(CONTEST, reference="svm", units=4))
    assert "of p over the 2 against svm" in line
    assert "few units show large differences only" in line
    (line,) = compared(dataclasses.replace(CONTEST, silent="one speaker allows no test", test=""))
    assert line == "no test between models: one speaker allows no test"
    assert compared(ALONE) == []


def test_columns_are_picked_by_name_in_the_order_asked():
    assert [one.name for one in picked(CONTEST, records(CONTEST), ["p", "model"])] == ["p", "model"]
    assert {one.name for one in picked(CONTEST, records(CONTEST), ["all"])} == {
        o.name for o in columns(CONTEST)
    }
    assert "letters" not in [one.name for one in picked(ALONE, records(ALONE))]  # it would be empty
    with pytest.raises(UsageError, match="worst-day") as told:
        check([CONTEST], ["ua", "worst-day"])
    assert "worst-speaker" in told.value.expected


TOOK = Trained(1234567, 4175.0, 100, ("cpu: A", "cuda: B"), 10)


def test_parameters_and_hours_are_shown_where_they_are_asked_for():
    board = dataclasses.replace(ALONE, rows=(row("net", trained=TOOK), row("svm")))
    names = [one.name for one in picked(board, records(board))]
    assert not {"params", "hours"} & {*names}
    shown = as_markdown(board, ["model", "params", "hours"]).splitlines()
    assert shown[2:6] == [
        "| model | params | train h |", "|---|---|---|",
        "| net | 1,234,567 | 1.16 |", "| svm | - | - |",
    ]  # fmt: skip
    assert "train h" in as_markdown(board, ["all"])


def test_hours_stand_with_their_devices():
    board = dataclasses.replace(ALONE, rows=(row("net", trained=TOOK), row("svm")))
    (line,) = [one for one in notes(board, ["hours"]) if one.startswith("train h")]
    assert "each one's share" in line
    assert line.endswith("they depend on the device (cpu: A; cuda: B)")
    alone = dataclasses.replace(TOOK, stacked=1)
    (line,) = costs(dataclasses.replace(ALONE, rows=(row("net", trained=alone),)), ["hours"])
    assert "share" not in line
    assert [one[:7] for one in costs(board, ["all"])] == ["params:", "train h"]
    assert costs(ALONE, ["hours"])[0].endswith("(unknown)")
    assert costs(board, ["ua"]) == []
    assert not any("train h" in one for one in notes(board))
    assert r"train h: hours" in as_latex(board, ["model", "hours"])


@pytest.mark.parametrize(
    ("p", "text"),
    [(None, ""), (0.0204, "0.020"), (0.00034, "0.0003"), (0.00001, "<0.0001"), (1.0, "1.000")],
)
def test_p_values(p, text):
    assert p_value(p) == text


def test_a_narrow_terminal_leaves_out_what_matters_less(capsys, monkeypatch):
    shown = {}
    for width in (80, 200):
        monkeypatch.setenv("COLUMNS", str(width))
        print_boards([CONTEST], "table")
        shown[width] = capsys.readouterr().out
    assert "Holm" in shown[200]
    assert "-1.2 [-3.0, +0.6]" in shown[200]
    assert "-1.2" not in shown[80]
    assert max(map(len, shown[80].splitlines())) <= 80
    print_boards([CONTEST], "table", ["model", "delta"])
    assert "-1.2 [-3.0, +0.6]" in capsys.readouterr().out


def test_latex_is_a_whole_table():
    text = as_latex(CONTEST)
    for name in ("table", "tabular", "minipage"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") > 0
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    rows = re.findall(r"^(?:1--2|3) & .*\\\\$", text, re.MULTILINE)
    assert len(rows) == 3
    assert rows[1] == (
        r"1--2 & net\_1 (epochs=5) & 75.0 [45.0, 100.0] & a & 70.0 & $-$1.2 [$-$3.0, $+$0.6] "
        r"& 0.020 \\"
    )
    wanted = re.search(r"\\begin\{tabular\}\{@\{\}([lr]+)@\{\}\}\n\\toprule", text)
    assert all(line.count(" & ") == len(wanted[1]) - 1 for line in rows)
    assert r"\label{tab:emodb-under-loso}" in text


def test_unranked_rows_stand_below_a_line():
    text = as_latex(
        dataclasses.replace(CONTEST, rows=(*CONTEST.rows, row("peeked", selection="best-on-test")))
    )
    assert text.count(r"\midrule") == 2
    assert "best-on-test" in text


def test_latex_prints_what_it_is_given():
    assert escaped("a_b & 5% {x} \\ $ # ~ ^ <|>") == (
        r"a\_b \& 5\% \{x\} \textbackslash{} \$ \# \textasciitilde{} \textasciicircum{} "
        r"\textless{}\textbar{}\textgreater{}"
    )
    assert escaped("serbench audit --corpus x") == r"serbench audit -{}-corpus x"
