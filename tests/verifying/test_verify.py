"""Whole submissions and results folders: each row's rung, and why."""

import shutil

import numpy as np
import pytest

from serbench.canonical import digest
from serbench.cli.progress import Screen
from serbench.errors import UsageError
from serbench.labels import Scale
from serbench.ratings import Ratings, to_parquet
from serbench.store import Store
from serbench.submission.card import Card
from serbench.submission.submitting import chosen_rows, submit
from serbench.verifying.rung import Rung
from serbench.verifying.verify import verify

FOLDS = {"1": ("toy/a", "toy/b", "toy/c"), "2": ("toy/d", "toy/e", "toy/f")}
NOTES = {"variant": {}, "findings": []}


@pytest.fixture(autouse=True)
def nobody_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SERBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("SERBENCH_CORPORA", raising=False)


def follow(path, tmp_path):
    return verify(path, {}, tmp_path / "cache", Screen(quiet=True))


def sent(toy, path, **asked):
    toy.store.plan(toy.plan(*toy.store.ids()))
    return submit(path, toy.store, chosen_rows(toy.store), Card(), **asked)


def test_a_results_folder(toy, tmp_path):
    toy.store.plan(toy.row())
    (verdict,) = follow(toy.store.root, tmp_path)
    (row,) = verdict.rows
    assert (verdict.kind, verdict.holds, verdict.rung(row)) == ("results", True, Rung.RECOMPUTED)
    assert row.against == "predictions"
    assert "'toy-folds' is not installed here" in row.unchecked[0]
    assert 0 <= row.scores["ua"] <= 1


def test_a_submission_and_a_folder_of_them(toy, tmp_path):
    toy.row()
    done = sent(toy, tmp_path / "inbox.tar")
    (verdict,) = follow(done.path, tmp_path)
    assert (verdict.id, verdict.holds) == (done.id, True)
    folder = tmp_path / "submissions" / "2026"
    folder.mkdir(parents=True)
    shutil.copy(done.path, folder / "a.tar")
    (folder / "b.tar").write_bytes(b"no tar")
    good, bad = follow(folder.parent, tmp_path)
    assert (good.holds, bad.holds) == (True, False)
    assert [one.code for one in bad.findings] == ["archive"]
    shutil.copy(done.path, folder / "b.tar")
    first, second = follow(folder.parent, tmp_path)
    assert (first.holds, second.holds) == (True, True)
    assert "stands in" in second.rows[0].findings[0].message


def test_rows_of_one_board_that_judge_others(toy, tmp_path):
    """Neither is believed where nothing tells which of them is right."""
    toy.store.plan(toy.row(seeds=(0,)))
    model = {"name": "n", "version": "1", "settings": {}}
    other = [
        toy.save(toy.trial(f, 0, model=model), toy.said(f, 0, speakers=("x",) * 3)) for f in "12"
    ]
    toy.store.plan(toy.plan(*other))
    (verdict,) = follow(toy.store.root, tmp_path)
    assert [verdict.rung(row) for row in verdict.rows] == [Rung.CLAIMED] * 2
    assert {one.code for row in verdict.rows for one in row.findings} == {"board"}


def test_a_row_that_is_partial_and_says_so(toy, tmp_path):
    plan = toy.row()
    toy.store.plan(plan)
    toy.store.set_aside(toy.trial("2", 1).id)
    done = submit(tmp_path / "a.tar", toy.store, chosen_rows(toy.store), Card(), partial=True)
    (verdict,) = follow(done.path, tmp_path)
    (row,) = verdict.rows
    assert verdict.rung(row) is Rung.RECOMPUTED
    assert "3 of 4 trials" in row.unchecked[-1]
    assert {one.code for one in row.findings} == {"partial", "coverage"}
    (verdict,) = follow(toy.store.root, tmp_path)  # a results folder says nothing
    assert verdict.rung(verdict.rows[0]) is Rung.CLAIMED


def test_a_row_without_a_whole_seed_is_no_more_than_claimed(toy, tmp_path):
    toy.store.plan(toy.row(seeds=(0,)))
    toy.store.set_aside(toy.trial("2", 0).id)
    done = submit(tmp_path / "a.tar", toy.store, chosen_rows(toy.store), Card(), partial=True)
    (verdict,) = follow(done.path, tmp_path)
    assert not verdict.holds


def test_a_trial_that_nobody_can_read(toy, tmp_path):
    toy.store.plan(toy.row())
    (toy.store.root / "trials" / "00" / ("00" * 32)).mkdir(parents=True)
    (verdict,) = follow(toy.store.root, tmp_path)
    assert [one.code for one in verdict.findings] == ["trial"]
    assert not verdict.holds


def test_a_plan_that_was_edited(toy, tmp_path):
    toy.store.plan(toy.row())
    (path,) = (toy.store.root / "plans").iterdir()
    path.write_bytes(path.read_bytes().replace(b'"seeds":2', b'"seeds":1'))
    (verdict,) = follow(toy.store.root, tmp_path)
    assert {one.code for one in verdict.findings} == {"plan"}


def test_a_row_of_a_sentiment(toy, tmp_path):
    truth = np.array([-1.5, 0.0, 2.25])
    ids = []
    for fold, names in FOLDS.items():
        asked = {"digest": digest([list(p) for p in zip(names, truth.tolist(), strict=True)])}
        trial = toy.trial(
            fold, 0, task=Scale(-3.0, 3.0).record(), tests={"toy": {**asked, "size": 3}}
        )
        told = Ratings(names, (f"s{fold}",) * 3, truth, truth.astype(np.float32) * 0.5)
        toy.store.save(trial, {"predictions-toy.parquet": to_parquet(told)}, {"notes": NOTES})
        ids.append(trial.id)
    toy.store.plan(toy.plan(*ids))
    done = submit(tmp_path / "a.tar", toy.store, chosen_rows(toy.store), Card())
    (verdict,) = follow(done.path, tmp_path)
    assert verdict.holds, verdict.record()
    assert verdict.rows[0].scores["mae"] == pytest.approx(0.625)
    assert verdict.rows[0].against == ""


def test_nothing_to_verify(tmp_path):
    (tmp_path / "empty").mkdir()
    for path, words in ((tmp_path / "empty", "holds neither"), (tmp_path / "no", "does not exist")):
        with pytest.raises(UsageError, match=words):
            follow(path, tmp_path)
    Store(tmp_path / "bare").root.joinpath("trials").mkdir(parents=True)
    (verdict,) = follow(tmp_path / "bare", tmp_path)
    assert not verdict.holds
