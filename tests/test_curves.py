"""Curves of a row from its stored stages, and where each rule of selection ends up on them."""

import numpy as np
import pytest

from serbench.curves import courses
from serbench.errors import StoreError
from serbench.gathered import gather, rows_of
from serbench.labels import Classes, Scale
from serbench.predictions import Predictions, stages_to_parquet
from serbench.predictions import to_parquet as predictions_to
from serbench.ratings import Ratings
from serbench.ratings import to_parquet as ratings_to
from serbench.session import Stage
from serbench.store import Store
from serbench.trial import Trial

TASK = Classes(("low", "high"))
SENTIMENT = Scale(-3.0, 3.0)
EPOCHS = 4
# What is right, and what is decided after each epoch, by fold.
TRUTH = {"1": [0, 0, 1], "2": [0, 1, 1, 1, 1]}
DECIDED = {
    "1": [[1, 1, 1], [0, 0, 1], [0, 1, 1], [1, 0, 0]],
    "2": [[0, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0, 1, 1, 1, 1], [0, 1, 1, 0, 0]],
}


def trial(fold, seed=0, *, validation=None, task=TASK, names=("toy",), tests=("toy",), model="net"):
    return Trial(
        protocol={"name": "loso", "corpora": list(names), "target_access": "none"},
        labels={"name": "own", "repeat": {}}, task=task.record(),
        corpora=dict.fromkeys(names, "f" * 64), split="s", folds=2, fold=fold,
        train={"digest": "b", "size": 4}, tests={one: {"digest": "c", "size": 4} for one in tests},
        validation=validation, target=None,
        model={"name": model, "version": "1", "settings": {}}, recipes=(), seed=seed,
    )  # fmt: skip


def rows_sure(decided):
    sure = np.full((len(decided), 2), 0.25, np.float32)
    sure[np.arange(len(decided)), decided] = 0.75
    return sure


def files_of(test, truth, decided, shift=0.0):
    """The predictions and stages of one test set, as a worker stores them."""
    ids = tuple(f"{test}/{i}" for i in range(len(truth)))
    said = Predictions(TASK.names, ids, ids, np.array(truth), rows_sure(decided[-1]))
    stages = [
        Stage(i, 1 / i + shift, i / 10, {test: rows_sure(row).astype(np.float16)})
        for i, row in enumerate(decided, 1)
    ]
    return {
        f"predictions-{test}.parquet": predictions_to(said),
        f"stages-{test}.parquet": stages_to_parquet(stages, test, np.arange(len(truth))),
    }


def save(store, one, files):
    store.save(one, files, {"notes": {"variant": {"epochs": EPOCHS}, "findings": []}})


def add(store, seed=0, *, validation=None, held=None, shift=0.0):
    for fold, truth in TRUTH.items():
        files = files_of("toy", truth, DECIDED[fold], shift)
        # One utterance's id in two folds would be two judgements of it.
        files["predictions-toy.parquet"] = predictions_to(
            Predictions(TASK.names, tuple(f"toy/{fold}{i}" for i in range(len(truth))),
                        tuple(f"s{fold}" for _ in truth), np.array(truth),
                        rows_sure(DECIDED[fold][-1]))
        )  # fmt: skip
        if held:
            files |= files_of("validation", [0, 1], held)
        save(store, trial(fold, seed, validation=validation), files)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def test_curves_pool_folds_and_average_trainings(store):
    add(store)
    (course,) = courses(store)
    assert (course.corpora, course.protocol, course.model) == (("toy",), "loso", "net")
    assert (course.variant, course.folds, course.seeds) == ("epochs=4", 2, 1)
    assert course.epochs.tolist() == [1, 2, 3, 4]
    assert course.loss == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    assert course.accuracy == pytest.approx([0.1, 0.2, 0.3, 0.4])
    # All eight utterances at once: three low, five high.
    assert course.scores["wa"] == pytest.approx([2 / 8, 5 / 8, 7 / 8, 4 / 8])
    assert course.scores["ua"] == pytest.approx(
        [(1 / 3 + 1 / 5) / 2, (3 / 3 + 2 / 5) / 2, (2 / 3 + 5 / 5) / 2, (2 / 3 + 2 / 5) / 2]
    )
    hits = np.array([2, 5, 7, 4])
    assert course.test_loss == pytest.approx(-(hits * np.log(0.75) + (8 - hits) * np.log(0.25)) / 8)


def test_marks_are_where_rules_end_up(store):
    add(store)
    (course,) = courses(store)
    last, best = course.marks
    assert (last.rule, last.epochs) == ("last", (4, 4))
    assert last.scores["wa"] == course.scores["wa"][-1]
    # The second epoch of one fold and the third of the other: no point of the curve.
    assert (best.rule, best.epochs) == ("best-on-test", (2, 3))
    assert best.scores == {"ua": 1.0, "wa": 1.0}


def test_marks_are_the_boards_numbers(store):
    add(store, 0)
    add(store, 1, shift=1.0)
    (course,) = courses(store)
    (plans,) = rows_of(store)
    for mark in course.marks:
        scores = gather(store, plans, mark.rule).scores
        assert mark.scores["ua"] == pytest.approx(scores.ua.estimate)
        assert mark.scores["wa"] == pytest.approx(scores.wa.estimate)
    assert course.seeds == 2
    assert course.loss[0] == pytest.approx(1.5)


def test_val_is_marked_by_its_own_trainings(store):
    add(store)
    speakers = {"digest": "d", "size": 2, "speakers": ["toy/ann"]}
    # Held out: right from the first epoch on, so that the first is chosen.
    add(store, validation=speakers, held=[[0, 1], [0, 0], [0, 1], [1, 1]])
    (course,) = courses(store)
    assert course.selection == "last"
    assert [mark.rule for mark in course.marks] == ["last", "val", "best-on-test"]
    assert [mark.apart for mark in course.marks] == [False, True, False]
    assert course.marks[1].epochs == (1, 1)
    assert course.marks[1].scores["wa"] == pytest.approx(2 / 8)


def test_a_row_of_val_alone_has_its_own_curves(store):
    speakers = {"digest": "d", "size": 2, "speakers": ["toy/ann"]}
    add(store, validation=speakers, held=[[1, 1], [0, 0], [0, 1], [1, 1]])
    (course,) = courses(store)
    assert course.selection == "val"
    assert not any(mark.apart for mark in course.marks)
    assert course.marks[1].epochs == (3, 3)


def test_whole_seeds_alone_are_drawn(store):
    add(store, 0)
    save(store, trial("1", 1), files_of("toy", TRUTH["1"], DECIDED["1"], 5.0))
    (course,) = courses(store)
    assert course.seeds == 1
    assert course.loss[0] == 1.0
    assert course.variant == "epochs=4"


def test_rows_without_stages_have_no_curves(store):
    for fold, truth in TRUTH.items():
        content = files_of("toy", truth, DECIDED[fold])["predictions-toy.parquet"]
        save(store, trial(fold, model="svm"), {"predictions-toy.parquet": content})
    assert courses(store) == []
    add(store)
    assert [course.model for course in courses(store)] == ["net"]
    assert courses(store, models=["svm"]) == []
    assert courses(store, corpora=["other"]) == []


def test_trainings_of_other_lengths_are_no_row(store):
    add(store)
    for fold, truth in TRUTH.items():
        save(store, trial(fold, 1), files_of("toy", truth, DECIDED[fold][1:]))
    with pytest.raises(StoreError, match="differ in their epochs"):
        courses(store)


def test_across_corpora_each_pair_counts_alike(store):
    """A large target and a small one: the mean of their scores, not of their utterances."""
    for source, target in (("one", "two"), ("two", "one")):
        fold = {"one": "1", "two": "2"}[target]
        files = files_of(target, TRUTH[fold], DECIDED[fold])
        save(store, trial(source, names=("one", "two"), tests=(target,)), files)
    (course,) = courses(store)
    assert course.corpora == ("one", "two")
    assert course.scores["wa"] == pytest.approx(
        [(1 / 3 + 1 / 5) / 2, (3 / 3 + 2 / 5) / 2, (2 / 3 + 5 / 5) / 2, (1 / 3 + 3 / 5) / 2]
    )


def test_a_scale_has_its_errors(store):
    truth = np.array([-2.0, 0.0, 1.0])
    answers = [[0.0, 0.0, 0.0], [-2.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    for fold in "12":
        ids = tuple(f"toy/{fold}{i}" for i in range(3))
        stages = [
            Stage(i, 1.0, 0.5, {"toy": np.array(row, np.float16)[:, None]})
            for i, row in enumerate(answers, 1)
        ]
        said = Ratings(ids, (f"s{fold}",) * 3, truth, np.array(answers[-1], np.float32))
        files = {
            "predictions-toy.parquet": ratings_to(said),
            "stages-toy.parquet": stages_to_parquet(stages, "toy", np.arange(3)),
        }
        save(store, trial(fold, task=SENTIMENT), files)
    (course,) = courses(store)
    assert course.test_loss == pytest.approx([1.0, 0.0, 2 / 3])
    assert course.scores["mae"] == pytest.approx([1.0, 0.0, 2 / 3])
    assert course.scores["acc7"] == pytest.approx([1 / 3, 1.0, 2 / 3])
    assert course.marks[-1].epochs == (2, 2)
