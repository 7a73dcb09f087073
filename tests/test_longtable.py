"""The long table: every answer once, the same bytes wherever the trials lie."""

import numpy as np
import pandas as pd
import pytest

from serbench.errors import UsageError
from serbench.labels import Classes
from serbench.longtable import NAMED, export
from serbench.packing import pack
from serbench.predictions import Predictions, to_parquet
from serbench.ratings import Ratings
from serbench.ratings import to_parquet as ratings_to
from serbench.sentiment import SCALE
from serbench.store import Plan, Store
from serbench.trial import Trial

CLASSES, OTHERS = ("anger", "neutral"), ("anger", "boredom", "neutral")
KEPT = ["seed", "id", "speaker", "truth", "predicted"]


def trial(model, seed, fold, task):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"}, task=task.record(),
        corpora={"toy": "f"}, split="s", folds=2, fold=fold, train={"digest": "b", "size": 1},
        tests={"toy": {"digest": "c", "size": 2}}, validation=None, target=None,
        model={"name": model, "version": "1", "settings": {}}, recipes=(), seed=seed,
    )  # fmt: skip


def said(names, seed, fold):
    draw = np.random.default_rng([seed, int(fold)])
    probabilities = draw.dirichlet(np.ones(len(names)), 2).astype(np.float32)
    ids = (f"=toy/{fold}b", f"toy/{fold}a")
    return Predictions(names, ids, (f"s{fold}",) * 2, np.array([0, 1]), probabilities)


@pytest.fixture
def store(tmp_path):
    """Two models of two kinds of classes, and one on a scale."""
    store = Store(tmp_path / "results")
    for model, names in (("one", CLASSES), ("two", OTHERS)):
        trials = [trial(model, seed, fold, Classes(names)) for seed in (0, 1) for fold in "12"]
        for one in trials:
            told = said(names, one.seed, one.fold)
            store.save(one, {"predictions-toy.parquet": to_parquet(told)}, {})
        ids = tuple(one.id for one in trials)
        store.plan(Plan(trials[0].row, {"variant": {"hidden": 8}}, ids))
    one = trial("rater", 0, "1", SCALE)
    told = Ratings(("toy/x",), ("s1",), np.array([0.1]), np.array([-2.5], np.float32))
    store.save(one, {"predictions-toy.parquet": ratings_to(told)}, {})
    store.plan(Plan(one.row, {}, (one.id,)))
    return store


def test_every_answer_stands_once(store, tmp_path):
    found = export(store, tmp_path / "out", "parquet")
    assert found.rows == {"predictions.parquet": 16, "ratings.parquet": 1}
    assert (found.trials, found.damaged) == (9, 0)
    table = pd.read_parquet(tmp_path / "out" / "predictions.parquet")
    assert list(table.columns) == [*NAMED, *KEPT, "p_anger", "p_boredom", "p_neutral"]
    assert not table.duplicated(["row", "trial", "test", "id"]).any()
    assert table.board.nunique() == 2
    assert set(table.settings) == {"hidden=8"}
    for (model, seed, fold), rows in table.groupby(["model", "seed", "fold"]):
        told = said(CLASSES if model == "one" else OTHERS, seed, fold)
        order = np.argsort(told.ids)
        assert rows.id.tolist() == [told.ids[at] for at in order]
        assert rows.truth.tolist() == [told.classes[told.truth[at]] for at in order]
        for column, name in enumerate(told.classes):
            np.testing.assert_array_equal(rows[f"p_{name}"], told.probabilities[order, column])
        best = told.probabilities[order].argmax(axis=1)
        assert rows.predicted.tolist() == [told.classes[at] for at in best]
    assert table[table.model == "one"].p_boredom.isna().all()
    rated = pd.read_parquet(tmp_path / "out" / "ratings.parquet")
    assert rated[["truth", "predicted"]].to_numpy().tolist() == [[0.1, -2.5]]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_same_results_give_the_same_bytes(store, tmp_path, form):
    export(store, tmp_path / "a", form)
    pack(store.root)
    export(Store(store.root), tmp_path / "b", form)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == [f"predictions.{form}", f"ratings.{form}"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_csv_gives_every_number_back_and_computes_nothing(store, tmp_path):
    export(store, tmp_path, "csv")
    export(store, tmp_path, "parquet")
    read = pd.read_csv(tmp_path / "predictions.csv", dtype={"fold": str, "version": str})
    same = pd.read_parquet(tmp_path / "predictions.parquet")
    for name in ("p_anger", "p_boredom", "p_neutral"):
        np.testing.assert_array_equal(read[name].to_numpy(np.float32), same[name])
    assert read.id.str.startswith("'=toy/").sum() == 8
    text = ["truth", "predicted", "model", "trial", "seed", "fold"]
    assert read[text].equals(same[text].astype(read[text].dtypes))


def test_only_what_is_asked_for(store, tmp_path):
    found = export(store, tmp_path, "csv", models=["two"], corpora=["toy"], protocols=["loso"])
    assert found.rows == {"predictions.csv": 8}
    assert set(pd.read_csv(tmp_path / "predictions.csv").model) == {"two"}
    with pytest.raises(UsageError, match="no finished trial matches"):
        export(store, tmp_path / "none", "csv", models=["three"])
    assert not (tmp_path / "none").exists()


def test_a_damaged_trial_is_left_out_and_counted(store, tmp_path):
    path = store.folder(trial("one", 0, "1", Classes(CLASSES)).id) / "predictions-toy.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    found = export(store, tmp_path / "out", "csv")
    assert (found.rows["predictions.csv"], found.damaged) == (14, 1)


def test_groups_of_rows(store, tmp_path, monkeypatch):
    monkeypatch.setattr("serbench.longtable.GROUP", 3)
    export(store, tmp_path / "a", "parquet")
    monkeypatch.undo()
    export(store, tmp_path / "b", "parquet")
    one, other = (pd.read_parquet(tmp_path / n / "predictions.parquet") for n in "ab")
    pd.testing.assert_frame_equal(one, other)
