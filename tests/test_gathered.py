"""What a results folder holds of a row: found, read, counted, scored by whole seeds."""

import dataclasses

import numpy as np
import pytest

from serbench.errors import StoreError
from serbench.gathered import all_plans, gather, hold, rows_of
from serbench.labels import Classes, Scale, Tags
from serbench.predictions import Predictions, stages_to_parquet
from serbench.predictions import to_parquet as predictions_to
from serbench.ratings import Ratings
from serbench.ratings import to_parquet as ratings_to
from serbench.session import Stage
from serbench.store import Plan, Store
from serbench.trained import Trained
from serbench.trial import Trial

CLASSES = Classes(("low", "high"))
SENTIMENT = Scale(-3.0, 3.0)
TRUTH = {"1": [0, 0, 1, 1], "2": [0, 1, 1, 1]}
NOTES = {"variant": {"flip": True, "hidden": 64, "mode": "wide"}, "findings": []}


def trial(fold="1", seed=0, *, task=CLASSES, corpus="toy", protocol="kfold", model="m"):
    return Trial(
        protocol={"name": protocol, "corpora": [corpus]}, labels={"name": "own", "repeat": {}},
        task=task.record(), corpora={corpus: "f" * 64}, split="s", folds=2, fold=fold,
        train={"digest": "b", "size": 4}, tests={corpus: {"digest": "c", "size": 4}},
        validation=None, target=None, model={"name": model, "version": "1", "settings": {}},
        recipes=(), seed=seed,
    )  # fmt: skip


def said(fold, right=True, names=CLASSES.names):
    """A file of four utterances of two speakers, all of them told right or all told wrong."""
    truth = np.array(TRUTH[fold])
    probabilities = np.eye(2, dtype=np.float32)[truth if right else 1 - truth]
    ids = tuple(f"toy/{fold}{i}" for i in range(4))
    speakers = tuple(f"{fold}{who}" for who in "aabb")
    return predictions_to(Predictions(names, ids, speakers, truth, probabilities))


def rated(fold):
    truth = np.array([-2.0, 0.0, 1.0, 3.0])
    ids = tuple(f"toy/{fold}{i}" for i in range(4))
    return ratings_to(Ratings(ids, tuple("aabb"), truth, truth.astype(np.float32)))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def save(store, one, content, notes=NOTES):
    test = one.protocol["corpora"][0]
    store.save(one, {f"predictions-{test}.parquet": content}, {"notes": notes})


def plan(store, *trials):
    planned = Plan(trials[0].row, NOTES, tuple(one.id for one in trials))
    store.plan(planned)
    return planned


def tear(store, one, name="predictions-toy.parquet"):
    path = store.folder(one.id) / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def models(plans):
    return sorted(one[0].row["model"]["name"] for one in plans)


def test_rows_of_all_and_of_some(store):
    plan(store, trial())
    plan(store, trial(model="n"))
    plan(store, trial(model="o", corpus="other"))
    plan(store, trial(model="p", protocol="loso"))
    assert models(rows_of(store)) == ["m", "n", "o", "p"]
    assert models(rows_of(store, corpora=["other"])) == ["o"]
    assert models(rows_of(store, protocols=["loso"])) == ["p"]
    assert models(rows_of(store, models=["n", "p"])) == ["n", "p"]
    assert models(rows_of(store, models=["n", "p"], protocols=["kfold"])) == ["n"]
    assert models(rows_of(store, corpora=["none"])) == []


def test_two_plans_of_one_row_are_one_row(store):
    """More seeds were asked for later: the row has the trials of both, each of them once."""
    first, second = trial(seed=0), trial(seed=1)
    plan(store, first)
    plan(store, first, second)
    (plans,) = rows_of(store)
    assert len(plans) == 2
    assert hold(store, plans).trials_planned == 2


def test_trials_that_no_plan_names_are_rows_all_the_same(store):
    save(store, trial("1"), said("1"))
    save(store, trial("2"), said("2"))
    (plans,) = rows_of(store)
    held = hold(store, plans)
    assert (held.trials_done, held.trials_planned, set(held.told)) == (
        2,
        2,
        {(0, "1", "toy"), (0, "2", "toy")},
    )
    assert held.variant == "flip=true hidden=64 mode=wide"


def test_a_brought_trial_without_its_record_is_no_row(store):
    save(store, trial(), said("1"))
    (store.folder(trial().id) / "record.json").write_text("{")
    assert list(all_plans(store)) == []


def test_whole_seeds_alone_are_scored(store):
    trials = [trial(fold, seed) for seed in (0, 1, 2) for fold in "12"]
    row = plan(store, *trials)
    for one in trials:
        if (one.seed, one.fold) != (2, "2"):  # and its other fold is all wrong
            save(store, one, said(one.fold, right=one.seed != 2))
    gathered = gather(store, [row])
    assert gathered.n_seeds == 2
    assert gathered.scores.ua.estimate == 1.0
    assert (gathered.held.trials_done, gathered.held.trials_planned) == (5, 6)
    assert set(gathered.held.told) == {(s, f, "toy") for s in (0, 1, 2) for f in "12"} - {
        (2, "2", "toy")
    }


def test_what_the_whole_trials_took_is_added_up(store):
    trials = [trial(fold) for fold in "12"]
    row = plan(store, *trials)
    for one, seconds in zip(trials, (1.5, 2.5), strict=True):
        took = {"parameters": 9, "seconds": seconds, "device": "cpu", "stacked": 2}
        store.save(one, {"predictions-toy.parquet": said(one.fold)}, took)
    assert hold(store, [row]).trained == Trained(9, 4.0, 2, ("cpu",), 2)
    tear(store, trials[1])
    assert hold(store, [row]).trained == Trained(9, 1.5, 1, ("cpu",), 2)


def test_seeds_are_averaged(store):
    trials = [trial(fold, seed) for seed in (0, 1) for fold in "12"]
    for one in trials:
        save(store, one, said(one.fold, right=one.seed == 0))
    gathered = gather(store, [plan(store, *trials)])
    assert (gathered.n_seeds, gathered.scores.wa.estimate) == (2, 0.5)


def test_without_a_whole_seed_there_is_no_score(store):
    row = plan(store, trial("1"), trial("2"))
    save(store, trial("1"), said("1"))
    gathered = gather(store, [row])
    assert (gathered.scores, gathered.n_seeds, gathered.held.trials_done) == (None, 0, 1)


@pytest.mark.parametrize("name", ["predictions-toy.parquet", "trial.json"])
def test_a_damaged_file_is_counted_and_the_rest_stands(store, name):
    row = plan(store, trial("1"), trial("2"))
    for fold in "12":
        save(store, trial(fold), said(fold))
    tear(store, trial("2"), name)
    held = hold(store, [row])
    assert (set(held.told), held.trials_done, held.trials_damaged) == ({(0, "1", "toy")}, 1, 1)


def test_a_trial_of_another_row_is_strange(store):
    """A plan claims it; what it says of itself counts."""
    other = trial("2", model="other")
    save(store, trial("1"), said("1"))
    save(store, other, said("2"))
    held = hold(store, [plan(store, trial("1"), other)])
    assert (set(held.told), held.trials_done, held.trials_damaged) == ({(0, "1", "toy")}, 1, 1)


@pytest.mark.parametrize("names", [("high", "low"), ("low", "middle")])
def test_predictions_of_other_classes_count_as_damaged(store, names):
    row = plan(store, trial("1"), trial("2"))
    save(store, trial("1"), said("1", names=names))
    save(store, trial("2"), said("2"))
    held = hold(store, [row])
    assert (set(held.told), held.trials_damaged) == ({(0, "2", "toy")}, 1)


def test_failures_are_counted_until_they_succeed(store):
    row = plan(store, trial("1"), trial("2"))
    store.fail(trial("1"), "no memory", "")
    assert hold(store, [row]).trials_failed == 1
    save(store, trial("1"), said("1"))
    assert hold(store, [row]).trials_failed == 0


def test_a_scale_is_rated_and_classes_are_told(store):
    row = plan(store, trial("1", task=SENTIMENT), trial("2", task=SENTIMENT))
    for fold in "12":
        save(store, trial(fold, task=SENTIMENT), rated(fold))
    held = hold(store, [row])
    assert (set(held.rated), held.told, held.task) == (
        {(0, "1", "toy"), (0, "2", "toy")},
        {},
        SENTIMENT,
    )
    assert gather(store, [row]).scores.intervals["acc7"].estimate == 1.0


@pytest.mark.parametrize("task", [Scale(1.0, 5.0), Tags(("a", "b"))])
def test_a_task_without_scores(store, task):
    with pytest.raises(StoreError, match="has no scores"):
        hold(store, [plan(store, trial(task=task))])


@pytest.mark.parametrize("task", [{}, {"kind": "scale"}, {"kind": "classes"}, "classes", None])
def test_a_task_that_nobody_can_read(store, task):
    planned = plan(store, trial())
    (path,) = store.root.glob("plans/*.json")
    path.unlink()
    store.plan(dataclasses.replace(planned, row={**planned.row, "task": task}))
    (plans,) = rows_of(store)
    with pytest.raises(StoreError, match="nobody can read"):
        hold(store, plans)


def stages(fold, epochs=2):
    """Of as many epochs, the first all right and the others all wrong, in the order of ids."""
    truth = np.array(TRUTH[fold])
    each = [
        Stage(
            epoch,
            1.0,
            0.5,
            {"toy": np.eye(2, dtype=np.float16)[truth if epoch == 1 else 1 - truth]},
        )
        for epoch in range(1, epochs + 1)
    ]
    return stages_to_parquet(each, "toy", np.arange(4))


def save_staged(store, one, staged=True):
    files = {"predictions-toy.parquet": said(one.fold, right=False)}
    if staged:
        files["stages-toy.parquet"] = stages(one.fold)
    store.save(one, files, {"notes": NOTES})


def test_a_seed_without_all_its_folds_keeps_no_epoch_from_the_others(store):
    """Seed 1 was begun with --stages last: seed 0, which is whole, has its epochs."""
    every = [trial(fold, seed) for seed in (0, 1) for fold in "12"]
    for one in every[:3]:
        save_staged(store, one, staged=one.seed == 0)
    found = gather(store, [plan(store, *every)], "best-on-test")
    assert (found.stages_missing, found.n_seeds) == (False, 1)
    assert found.scores.ua.estimate == 1.0
    assert gather(store, [plan(store, *every)]).scores.ua.estimate == 0.0


def test_damaged_stages_cost_the_rule_its_score_and_no_other_row(store):
    both = [trial("1"), trial("2")]
    for one in both:
        save_staged(store, one)
    path = store.folder(both[0].id) / "stages-toy.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    found = gather(store, [plan(store, *both)], "best-on-test")
    assert (found.scores, found.n_seeds, found.stages_missing) == (None, 0, False)
    assert found.held.trials_damaged == 1
    assert gather(store, [plan(store, *both)]).scores is not None
