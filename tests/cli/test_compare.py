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
    return forged(tmp_path_factory.mktemp("results"))


def forged(folder, speakers=("u", "v", "w")):
    store = Store(folder)
    for model, shift in (("net_1", 2), ("svm", 0)):
        planned = [trial(model, pair) for pair in PAIRS]
        notes = {"variant": {}, "speaker_independent": True, "findings": [], "altered": []}
        store.plan(Plan(planned[0].row, notes, tuple(one.id for one in planned)))
        for at, one in enumerate(planned):
            (target,) = one.tests
            content = to_parquet(said(target, 5 + at % 3 + shift, speakers))
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


def said(target, right, speakers):
    truth = np.tile(np.repeat([0, 1], 10), 3)
    told = np.where(np.tile(np.arange(10), 6) < right, truth, 1 - truth)
    ids = tuple(f"{target}/{at:02}" for at in range(60))
    who = tuple(np.repeat([target + name for name in speakers], 60 // len(speakers)))
    return Predictions(CLASSES.names, ids, who, truth, np.eye(2, dtype=np.float32)[told])


@pytest.fixture
def compare(command_line, results):
    return lambda *words, **variables: command_line(
        "compare", *words, "--results", str(results), **variables
    )


def test_pairs_of_corpora_in_words(compare):
    out = compare("net_1", "svm").stdout
    words = " ".join(out.split())
    assert "net_1 scores 20.0 points higher than svm on a+b+c+d under cross-corpus" in words
    assert "12 pairs of corpora; corpora are the unit" in words
    assert "tested on a" in words
    assert "Of 4 speakers" not in words
    assert "of that pair alone and not adjusted" in words


def test_it_fits_a_terminal(compare):
    out = compare("net_1", "svm", COLUMNS=80).stdout
    assert max(map(len, out.splitlines())) <= 80


def test_two_speakers_of_a_test_corpus_have_no_p(compare, command_line, tmp_path):
    store = forged(tmp_path, ("u", "v"))
    (board,) = json.loads(
        command_line("compare", "net_1", "svm", "--json", "--results", store).stdout
    )
    (pair,) = board["pairs"]
    assert len(pair["targets"]) == 4
    for target in pair["targets"]:
        assert (target["n"], target["p"], target["statistic"]) == (2, None, None)
        assert "few_units" in target["flags"]


def test_json_has_all_numbers(compare):
    (board,) = json.loads(compare("net_1", "svm", "--json").stdout)
    (pair,) = board["pairs"]
    assert board["score"] == "mean UA"
    assert pair["difference"] == pytest.approx(0.2)
    assert [target["target"] for target in pair["targets"]] == ["a", "b", "c", "d"]
    assert pair["tests"][0]["test"] == "leave-one-corpus-out"
    assert "degenerate" in pair["tests"][0]["flags"]  # 20 points whoever is left out
    assert pair["difference_low"] is None
    assert pair["tests"][0]["mean_over"] == "pairs"
    assert pair["paragraph"].startswith("net_1 scores 20.0 points")


def test_csv_has_a_row_a_test(compare):
    lines = list(csv.DictReader(io.StringIO(compare("net_1", "svm", "--format", "csv").stdout)))
    assert lines[0]["test"] == "leave-one-corpus-out"
    assert [line["target"] for line in lines[1:]] == ["a", "b", "c", "d"]


def test_markdown_and_latex(compare):
    text = compare("net_1", "svm", "--format", "md").stdout
    assert (
        "| tested on a: jackknife t-test, 3 speakers; p by sign-flip | 3 sources | +20.0 |" in text
    )
    assert "* 95% CI: over corpora, or the speakers of one, of that pair alone" in text
    text = compare("net_1", "svm", "--format", "latex").stdout
    assert r"net\_1 less svm & $+$20.0" in text
    assert r"95\% CI: over corpora, or the speakers of one, of that pair alone and not" in text
    assert "0.125, sign-flip" in text
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 1


def test_help_shows_how_rows_are_named(compare):
    words = compare("--help").stdout
    assert '"svm[version=1]" "svm[version=2]"' in words
    assert "name[setting=value,...]" in words


def test_a_mistyped_filter_is_not_the_models_fault(compare):
    compare("net_1", "net_2", "--corpus", "tpy").refused("no results of the corpus 'tpy'", "one of")
    compare("net_1", "net_2", "--protocol", "cross-copus").refused(
        "'cross-copus'", "did you mean 'cross-corpus'?"
    )


def test_what_cannot_be_compared_is_refused(compare, tmp_path, command_line):
    compare("net_1", "forest").refused("no results of the model 'forest'", "svm")
    compare("net_1").refused("1 model to compare", "two or more")
    compare("net_1", "svm", "--format", "xml").refused("--format xml", "text, md, latex")
    compare("net_1", "svm", "--selection", "best-on-test").refused("--selection", "last, val")
    compare("net_1", "svm", "--json", "--format", "md").refused("--json with --format md")
    nowhere = tmp_path / "nowhere"
    command_line("compare", "a", "b", "--results", str(nowhere)).refused("does not exist")
