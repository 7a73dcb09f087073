"""``serbench compare``, as it is typed."""

import csv
import io
import json

import numpy as np
import pytest

from serbench.labels import Classes
from serbench.predictions import Predictions, to_parquet
from serbench.store import Plan, Store
from serbench.trial import Trial

CLASSES = Classes(("low", "high"))
PAIRS = ("a>b", "b>a", "a>c", "c>a", "b>c", "c>b", "a>d", "d>a", "b>d", "d>b", "c>d", "d>c")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Two models over the twelve pairs of four corpora, three speakers in each."""
    store = Store(tmp_path_factory.mktemp("results"))
    for model, shift in (("net_1", 2), ("svm", 0)):
        planned = [trial(model, pair) for pair in PAIRS]
        notes = {"variant": {}, "speaker_independent": True, "findings": [], "altered": []}
        store.plan(Plan(planned[0].row, notes, tuple(one.id for one in planned)))
        for at, one in enumerate(planned):
            (target,) = one.tests
            content = to_parquet(said(target, 5 + at % 3 + shift))
            store.save(one, {f"predictions-{target}.parquet": content}, {"notes": notes})
    return store.root


def trial(model, pair):
    target = pair[-1]
    return Trial(
        protocol={"name": "cross-corpus", "corpora": list("abcd")}, labels={"name": "shared"},
        task=CLASSES.record(), corpora={name: name * 64 for name in "abcd"}, split="s",
        folds=len(PAIRS), fold=pair, train={"digest": "b", "size": 6},
        tests={target: {"digest": "c", "size": 6}}, validation=None, target=None,
        model={"name": model, "version": "1", "settings": {}}, recipes=(), seed=0,
    )  # fmt: skip


def said(target, right):
    truth = np.tile(np.repeat([0, 1], 10), 3)
    told = np.where(np.tile(np.arange(10), 6) < right, truth, 1 - truth)
    ids = tuple(f"{target}/{at:02}" for at in range(60))
    who = tuple(np.repeat([f"{target}{n}" for n in range(3)], 20))
    return Predictions(CLASSES.names, ids, who, truth, np.eye(2, dtype=np.float32)[told])


@pytest.fixture
def compare(command_line, results):
    return lambda *words: command_line("compare", *words, "--results", str(results))


def test_pairs_of_corpora_in_words(compare):
    out = compare("net_1", "svm").stdout
    words = " ".join(out.split())
    assert "net_1 scores 20.0 points higher than svm on a+b+c+d under cross-corpus" in words
    assert "12 pairs of corpora; corpora are the unit" in words
    assert "tested on a" in words
    assert "Of 4 speakers" not in words


def test_json_has_all_numbers(compare):
    (board,) = json.loads(compare("net_1", "svm", "--json").stdout)
    (pair,) = board["pairs"]
    assert board["score"] == "mean UA"
    assert pair["difference"] == pytest.approx(0.2)
    assert [target["target"] for target in pair["targets"]] == ["a", "b", "c", "d"]
    assert pair["tests"][0]["test"] == "leave-one-corpus-out"
    assert "degenerate" in pair["tests"][0]["flags"]  # 20 points whoever is left out
    assert pair["paragraph"].startswith("net_1 scores 20.0 points")


def test_csv_has_a_row_a_test(compare):
    lines = list(csv.DictReader(io.StringIO(compare("net_1", "svm", "--format", "csv").stdout)))
    assert lines[0]["test"] == "leave-one-corpus-out"
    assert [line["target"] for line in lines[1:]] == ["a", "b", "c", "d"]


def test_markdown_and_latex(compare):
    text = compare("net_1", "svm", "--format", "md").stdout
    assert "| tested on a | 3 speakers | +20.0 |" in text
    text = compare("net_1", "svm", "--format", "latex").stdout
    assert r"net\_1 less svm & $+$20.0" in text
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 1


def test_what_cannot_be_compared_is_refused(compare, tmp_path, command_line):
    compare("net_1", "forest").refused("no results of the model 'forest'", "svm")
    compare("net_1").refused("1 model to compare", "two or more")
    compare("net_1", "svm", "--format", "xml").refused("--format xml", "text, md, latex")
    compare("net_1", "svm", "--selection", "best-on-test").refused("--selection", "last, val")
    compare("net_1", "svm", "--json", "--format", "md").refused("--json with --format md")
    nowhere = tmp_path / "nowhere"
    command_line("compare", "a", "b", "--results", str(nowhere)).refused("does not exist")
