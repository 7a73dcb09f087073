"""Scores of single folds against the formulas, and rows that are never taken for each other."""

import json
from dataclasses import replace

import numpy as np
import pytest

from serbench import metrics
from serbench.boards import boards
from serbench.by_fold import by_fold
from serbench.errors import StoreError
from serbench.labels import Classes, Scale
from serbench.predictions import Predictions
from serbench.predictions import to_parquet as predictions_to
from serbench.ratings import Ratings
from serbench.ratings import to_parquet as ratings_to
from serbench.sentiment import SCORES, sentiment_scores
from serbench.store import Plan, Store
from serbench.trial import Trial

CLASSES = Classes(("anger", "joy", "neutral"))
SENTIMENT = Scale(-3.0, 3.0)
NOTES = {"variant": {"flip": True, "hidden": 64}, "speaker_independent": True, "findings": []}
SIZE = 12


def trial(fold, seed=0, *, task=CLASSES, version="1", release="f", split="s", recipes=()):
    return Trial(
        protocol={"name": "kfold", "corpora": ["toy"]},
        labels={"name": "own", "label_field": "sentiment", "repeat": {}},
        task=task.record(), corpora={"toy": release * 64}, split=split, folds=3, fold=fold,
        train={"digest": "b", "size": 4}, tests={"toy": {"digest": "c", "size": SIZE}},
        validation=None, target=None, recipes=recipes, seed=seed,
        model={"name": "m", "version": version, "settings": {"flip": True, "hidden": 64}},
    )  # fmt: skip


def drawn(fold, seed, lacking=False):
    """Truth and probabilities of a fold; without "neutral" if it lacks a class."""
    random = np.random.default_rng([int(fold), seed])
    truth = np.arange(SIZE) % (2 if lacking else 3)
    return truth, random.dirichlet(np.ones(3), SIZE).astype(np.float32)


def who(fold):
    ids = tuple(f"toy/{fold}-{i:02}" for i in range(SIZE))
    return ids, tuple(f"{fold}{'ab'[i % 2]}" for i in range(SIZE))


def told(fold, seed=0, lacking=False):
    return predictions_to(Predictions(CLASSES.names, *who(fold), *drawn(fold, seed, lacking)))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def add(store, trials, content=None, notes=NOTES):
    """Plan a row with all its trials, and save them."""
    store.plan(Plan(trials[0].row, notes, tuple(one.id for one in trials)))
    for one in trials:
        made = content(one) if content else told(one.fold, one.seed)
        store.save(one, {"predictions-toy.parquet": made}, {"notes": notes})


def grid(**changes):
    return [trial(fold, seed, **changes) for seed in (0, 1) for fold in ("10", "9", "1")]


def test_numbers_are_those_of_the_metrics(store):
    add(store, grid())
    (board,) = by_fold(store)
    (row,) = board.rows
    assert [(one.seed, one.fold) for one in row.folds] == [
        (0, "1"), (0, "9"), (0, "10"), (1, "1"), (1, "9"), (1, "10"),
    ]  # fmt: skip
    for one in row.folds:
        truth, probabilities = drawn(one.fold, one.seed)
        counts = metrics.confusion(truth, metrics.decide(probabilities), 3)
        assert one.n_utterances == SIZE
        assert one.scores == {"ua": pytest.approx(metrics.ua(counts)),
                              "wa": pytest.approx(metrics.wa(counts)), "n_missing": 0}  # fmt: skip
    assert len({one.scores["ua"] for one in row.folds}) > 1


def test_their_mean_is_the_boards_mean_over_folds(store):
    add(store, grid())
    ((row,),) = (board.rows for board in by_fold(store))
    (record,) = boards(store)[0].records()
    for name in ("ua", "wa"):
        mean = np.mean([one.scores[name] for one in row.folds])
        assert mean == pytest.approx(record[f"{name}_fold"])


def test_a_class_that_the_fold_lacks(store):
    add(store, grid(), lambda one: told(one.fold, one.seed, lacking=one.fold == "9"))
    ((row,),) = (board.rows for board in by_fold(store))
    (lacking,) = (one for one in row.folds if (one.seed, one.fold) == (0, "9"))
    truth, probabilities = drawn("9", 0, lacking=True)
    decided = metrics.decide(probabilities)
    recalls = [np.mean(decided[truth == c] == c) for c in (0, 1)]
    assert lacking.scores["ua"] == pytest.approx(np.mean(recalls))
    assert lacking.scores["n_missing"] == 1
    assert [one.scores["n_missing"] for one in row.folds] == [0, 1, 0] * 2


def test_a_sentiment(store):
    truth = np.linspace(-3, 3, SIZE)

    def rated(one):
        values = np.float32(0.0) if one.fold == "9" else truth * 0.7 + 0.2 * one.seed
        return ratings_to(Ratings(*who(one.fold), truth, np.full(SIZE, values, np.float32)))

    add(store, grid(task=SENTIMENT), rated)
    ((row,),) = (board.rows for board in by_fold(store))
    for one in row.folds:
        assert tuple(one.scores) == tuple(SCORES)
        if one.fold == "9":
            assert one.scores["correlation"] is None
            assert one.scores["mae"] == pytest.approx(np.abs(truth).mean())
        else:
            expected = vars(sentiment_scores(truth, (truth * 0.7 + 0.2 * one.seed).astype("f4")))
            assert one.scores == pytest.approx(expected)
    json.dumps([record for board in by_fold(store) for record in board.records()], allow_nan=False)


def test_versions_are_rows_of_one_board(store):
    add(store, grid(version="2"))
    add(store, grid(version="1"))
    (board,) = by_fold(store)
    assert [row.version for row in board.rows] == ["1", "2"]
    assert [len(row.folds) for row in board.rows] == [6, 6]


def test_a_partial_and_a_whole_release_are_two_boards(store):
    add(store, grid(release="a"))
    add(store, grid(release="b"), notes={**NOTES, "findings": ["a file is missing"]})
    add(store, grid(release="a", split="t"))
    found = by_fold(store)
    heads = [(one.board.fingerprints["toy"][0], one.board.split) for one in found]
    assert heads == [("a", "s"), ("b", "s"), ("a", "t")]
    assert [one.board.partial for one in found] == [False, True, False]
    unranked = {"rows": (), "competing": 0, "test": "", "units": 0, "silent": ""}
    assert [one.board for one in found] == [replace(one, **unranked) for one in boards(store)]


def test_what_one_row_knows_the_whole_board_is_told(store):
    add(store, grid(), notes={**NOTES, "findings": ["a file is missing"]})
    add(store, grid(version="2"))
    (board,) = by_fold(store)
    assert board.board.partial is True


def test_records_tell_every_fold_apart(store):
    add(store, grid())
    add(store, grid(version="2"))
    add(store, grid(recipes=({"name": "mfcc", "version": 2},)))  # all else the same
    add(store, grid(release="b"))
    add(store, grid(split="t"))
    records = [record for board in by_fold(store) for record in board.records()]
    assert len(records) == 30
    assert len({(one["row"], one["seed"], one["fold"]) for one in records}) == 30
    assert {one["version"] for one in records} == {"1", "2"}
    assert {one["split"] for one in records} == {"s", "t"}
    assert {one["fingerprints"]["toy"] for one in records} == {"f" * 64, "b" * 64}
    assert {one["partial"] for one in records} == {False}


def test_a_variant_is_written_as_on_the_boards(store):
    add(store, grid())
    assert by_fold(store)[0].rows[0].variant == "flip=true hidden=64"
    assert boards(store)[0].rows[0].variant == "flip=true hidden=64"


def test_damage_is_counted(store):
    """A torn file, and one of another model's trial that the plan claims."""
    trials = grid()
    add(store, trials)
    path = store.folder(trials[0].id) / "predictions-toy.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    stranger = trial("1", version="3")
    store.save(stranger, {"predictions-toy.parquet": told("1")}, {"notes": NOTES})
    store.plan(Plan(trials[0].row, NOTES, (stranger.id,)))
    row = next(row for row in by_fold(store)[0].rows if row.version == "1")
    assert (len(row.folds), row.trials_done, row.trials_damaged) == (5, 5, 2)
    assert row.records()[0]["trials_damaged"] == 2


def test_a_row_with_nothing_finished_stays_in_sight(store):
    store.plan(Plan(trial("1").row, NOTES, (trial("1").id,)))
    ((row,),) = (board.rows for board in by_fold(store))
    assert (row.folds, row.trials_done, row.trials_planned) == ((), 0, 1)


def test_a_task_without_scores(store):
    store.plan(Plan(trial("1", task=Scale(1.0, 5.0)).row, NOTES, (trial("1").id,)))
    with pytest.raises(StoreError, match="has no scores"):
        by_fold(store)


def test_filters(store):
    add(store, grid())
    assert len(by_fold(store, corpora=["toy"], protocols=["kfold"], models=["m"])) == 1
    assert by_fold(store, models=["n"]) == []
    assert by_fold(Store(store.root / "empty")) == []
