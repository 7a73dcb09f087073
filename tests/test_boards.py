"""Boards of stored trials: of classes and of a sentiment, side by side and never mixed."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from serbench.audit.verdict import Verdict
from serbench.background import CANARIES, VERDICT, VERSION
from serbench.boards import board_of, boards, of_rows
from serbench.canaries.flock import Decisions, Flock
from serbench.canaries.stored import to_parquet as flock_to
from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.gathered import hold, rows_of
from serbench.labels import Classes, Scale
from serbench.predictions import Predictions, from_parquet
from serbench.predictions import to_parquet as predictions_to
from serbench.question import question_digest
from serbench.ratings import Ratings
from serbench.ratings import to_parquet as ratings_to
from serbench.rows import row_of
from serbench.scores import ClassScores, ScaleScores
from serbench.store import Plan, Store
from serbench.trial import Trial
from serbench.writing import write_aside

# The worked example of both conventions, as of twelve utterances of four speakers.
TRUTH = np.array([-2, -1, -1 / 3, 0, 0, 1 / 3, 2 / 3, 1, 5 / 3, 7 / 3, 8 / 3, 3])
SAID = np.array([-1.4, 0.2, -0.6, 0.3, -0.2, 0, 0.4, 1.5, 2.5, -0.1, 3.4, 2.2], np.float32)
IDS = tuple(f"toy/{i:02}" for i in range(12))
SPEAKERS = tuple("aaabbbcccddd")
CLASSES = Classes(("low", "high"))
SENTIMENT = Scale(-3.0, 3.0)
ROWS = {"1": slice(0, 6), "2": slice(6, 12)}
NOTES = {"variant": {"epochs": 2}, "speaker_independent": False, "findings": [], "altered": []}


def trial(task, model="m", fold="1", seed=0, validation=None):
    return Trial(
        protocol={"name": "kfold", "corpora": ["toy"]},
        labels={"name": "space", "label_field": "sentiment", "repeat": {}},
        task=task.record(), corpora={"toy": "f" * 64}, split="s", folds=2, fold=fold,
        train={"digest": "b", "size": 6}, tests={"toy": {"digest": "c", "size": 6}},
        validation=validation, target=None, model={"name": model, "version": "1", "settings": {}},
        recipes=(), seed=seed,
    )  # fmt: skip


def ratings(fold, said=SAID):
    rows = ROWS[fold]
    return ratings_to(Ratings(IDS[rows], SPEAKERS[rows], TRUTH[rows], said[rows]))


def predictions(fold):
    rows = ROWS[fold]
    high = 1 / (1 + np.exp(-SAID[rows]))
    said = np.column_stack([1 - high, high]).astype(np.float32)
    truth = (TRUTH[rows] > 0).astype(np.int64)
    return predictions_to(Predictions(CLASSES.names, IDS[rows], SPEAKERS[rows], truth, said))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def add(store, task, model="m", folds="12", seed=0, content=None, validation=None):
    """Save trials of a row, planned with all their folds."""
    planned = [trial(task, model, fold, seed, validation) for fold in "12"]
    store.plan(Plan(planned[0].row, NOTES, tuple(one.id for one in planned)))
    make = content or (ratings if isinstance(task, Scale) else predictions)
    for one in planned:
        if one.fold in folds:
            store.save(one, {"predictions-toy.parquet": make(one.fold)}, {"notes": NOTES})


def test_a_sentiment_from_the_disk_to_the_record(store):
    add(store, SENTIMENT)
    (board,) = boards(store)
    assert (board.task, board.label_field, board.chance) == (SENTIMENT, "sentiment", None)
    (row,) = board.rows
    assert row.complete
    assert isinstance(row.scores, ScaleScores)
    assert (row.ua, row.wa) == (None, None)
    (record,) = board.records()
    assert record["acc7"] == pytest.approx(5 / 12)
    assert record["acc2_non0"] == pytest.approx(0.7)
    assert record["f1_non0"] == pytest.approx(0.7098901, abs=5e-8)
    assert record["acc2_has0"] == pytest.approx(0.75)
    assert record["f1_has0"] == pytest.approx(0.7605042, abs=5e-8)
    assert record["acc7_low"] < record["acc7"] < record["acc7_high"]
    assert (record["n_utterances"], record["n_speakers"], record["n_folds"]) == (12, 4, 2)
    assert (record["trials_done"], record["trials_planned"], record["n_seeds"]) == (2, 2, 1)
    assert record["variant"] == "epochs=2"
    for name in (*ClassScores.FIELDS, "chance"):
        assert record[name] is None
    json.dumps(record, allow_nan=False)


def test_the_fields_of_classes(store):
    add(store, CLASSES)
    (record,) = boards(store)[0].records()
    assert list(record) == [
        "corpora", "protocol", "labels", "target_access", "speaker_independent", "partial",
        "altered", "badges", "fingerprints", "split", "chance", "n_ranked", "test", "test_units",
        "no_test", "remarks", "reference", "model", "version", "variant",
        "settings", "selection", "ranked", "canary", "trust", "broken", "rank_low", "rank_high",
        "rank_drawn_low", "rank_drawn_high", "letters", "delta", "delta_low", "delta_high",
        "p_holm", "ua", "ua_low", "ua_high", "wa", "wa_low", "wa_high", "macro_f1", "ua_fold",
        "wa_fold", "n_missing", "recalls", "worst_class", "worst_class_recall", "worst_speaker_ua",
        "ua_seed_sd", "n_utterances", "n_speakers", "n_folds", "n_seeds", "seeds_wanted",
        "deterministic", "trials_done", "trials_planned", "trials_failed", "trials_damaged",
        "scored_as_chance", "parameters", "train_seconds", "train_seconds_sum", "devices",
        "stacked", "partial_cells", "partial_delta", "row_badges",
        "flags",
    ]  # fmt: skip
    assert record["chance"] == 0.5
    assert record["wa"] == pytest.approx(8 / 12)
    json.dumps(record, allow_nan=False)


def test_what_it_took_stands_in_the_record_and_none_of_older_trials(store):
    add(store, CLASSES)
    add(store, CLASSES, "old")
    for fold in "12":
        one = trial(CLASSES, "m", fold)
        took = {"parameters": 9, "seconds": 90.0, "device": "cuda: H100", "stacked": 2}
        store.set_aside(one.id)
        store.save(one, {"predictions-toy.parquet": predictions(fold)}, took)
    told = {record["model"]: record for record in boards(store)[0].records()}
    names = ("parameters", "train_seconds", "train_seconds_sum", "devices", "stacked")
    assert [told["m"][name] for name in names] == [9, 90.0, 180.0, ["cuda: H100"], 2]
    assert [told["old"][name] for name in names] == [None, None, None, [], 1]


def test_the_two_never_share_a_board(store):
    add(store, SENTIMENT)
    add(store, CLASSES)
    assert {type(board.task) for board in boards(store)} == {Classes, Scale}
    assert [len(board.rows) for board in boards(store)] == [1, 1]


def test_the_highest_acc7_stands_first_and_the_unfinished_last(store):
    add(store, SENTIMENT, "middle")
    add(store, SENTIMENT, "best", content=lambda fold: ratings(fold, TRUTH.astype(np.float32)))
    add(store, SENTIMENT, "half", folds="1")
    add(store, SENTIMENT, "worst", content=lambda fold: ratings(fold, -3 - SAID))
    (board,) = boards(store)
    assert [row.model for row in board.rows] == ["best", "middle", "worst", "half"]
    half = board.records()[-1]
    assert (half["acc7"], half["mae_low"], half["n_speakers"]) == (None, None, None)
    assert (half["trials_done"], half["trials_planned"], half["n_seeds"]) == (1, 2, 0)
    assert list(half) == list(board.records()[0])


def test_undefined_stands_before_unfinished(store):
    """No utterance is truly low: UA is undefined, and the row has scores all the same."""

    def all_high(fold):
        rows = ROWS[fold]
        said = np.full((6, 2), 0.5, np.float32)
        truth = np.ones(6, dtype=np.int64)
        return predictions_to(Predictions(CLASSES.names, IDS[rows], SPEAKERS[rows], truth, said))

    add(store, CLASSES, "a-half", folds="1")
    add(store, CLASSES, "undefined", content=all_high)
    add(store, CLASSES, "whole")
    (board,) = boards(store)
    assert [row.model for row in board.rows] == ["whole", "undefined", "a-half"]
    assert board.rows[1].ua is None
    assert board.rows[1].complete
    assert board.rows[1].flags == ("undefined",)


def test_seeds_are_averaged_and_half_a_seed_is_left_out(store):
    add(store, SENTIMENT, seed=0)
    add(store, SENTIMENT, seed=1, content=lambda fold: ratings(fold, TRUTH.astype(np.float32)))
    add(store, SENTIMENT, seed=2, folds="2")
    (record,) = boards(store)[0].records()
    assert record["acc7"] == pytest.approx((5 / 12 + 1) / 2)
    assert record["mae"] == pytest.approx(np.abs(TRUTH - SAID).mean() / 2)
    assert (record["n_seeds"], record["trials_done"], record["trials_planned"]) == (2, 5, 6)


def test_a_file_of_the_other_kind_counts_as_damaged(store):
    add(store, SENTIMENT, content=predictions)
    (row,) = boards(store)[0].rows
    assert (row.complete, row.trials_done, row.trials_damaged) == (False, 0, 2)


def test_a_task_that_has_no_scores(store):
    add(store, Scale(1.0, 5.0))
    with pytest.raises(StoreError, match="has no scores"):
        boards(store)


def test_rows_of_one_command(store):
    add(store, SENTIMENT, "m")
    add(store, SENTIMENT, "other")
    (board,) = boards(store, rows=[trial(SENTIMENT).row])
    assert [row.model for row in board.rows] == ["m", "other"]
    assert [row.model for row in of_rows(board, [trial(SENTIMENT).row]).rows] == ["m"]


def test_a_board_without_a_row_under_the_rule_is_none(store, monkeypatch):
    """Canaries are shown beside models, never for themselves."""
    add(store, CLASSES)
    canary = replace(boards(store)[0].rows[0], canary=True)
    monkeypatch.setattr("serbench.boards.background", lambda store, row: None)
    monkeypatch.setattr("serbench.boards.canary_rows", lambda beside, held: (canary,))
    assert boards(store, selections=["val"]) == []
    assert len(boards(store, selections=["last"])) == 1


def test_classes_that_count_twice_in_one_of_the_corpora_are_named(store):
    add(store, CLASSES)
    held = next(hold(store, plans) for plans in rows_of(store))
    doubled = {"name": "space", "repeat": {"high": 2}}
    labels = {"name": "space", "repeat": {}, "on": {"a": {"name": "space", "repeat": {}}}}
    for record, found in (
        (labels, {}),
        (doubled, {"high": 2}),
        ({**labels, "on": {**labels["on"], "b": doubled}}, {"high": 2}),
    ):
        board = board_of(replace(held, row={**held.row, "labels": record}))
        assert board.repeated == found


def background_of(store, row, folds):
    """Keep what is right of each fold, with a canary that told something."""
    folder = store.root / "boards" / question_digest(row)
    flock = Flock(
        CLASSES.names,
        {
            (fold, "toy"): Decisions(said.ids, said.speakers, said.truth, {"uniform": said.truth})
            for fold, said in folds.items()
        },
    )
    write_aside(folder / CANARIES, flock_to(flock))
    record = {
        "version": VERSION,
        "verdict": Verdict("folds", (), (), (), ()).record(),
        CANARIES: hashlib.sha256((folder / CANARIES).read_bytes()).hexdigest(),
    }
    write_aside(folder / VERDICT, canonical({**record, "digest": digest(record)}).encode())


def test_a_failed_trial_counts_as_chance(store):
    add(store, CLASSES, folds="1")
    failed = trial(CLASSES, fold="2")
    store.fail(failed, "the loss is NaN", "")
    (row,) = boards(store)[0].rows
    assert (row.scores, row.trials_failed) == (None, 1)  # nobody kept what is right of the folds
    told = {fold: from_parquet(predictions(fold), fold) for fold in "12"}
    background_of(store, failed.row, told)
    (row,) = (row for row in boards(store)[0].rows if not row.canary)
    assert (row.chance, row.n_seeds, row.ranked) == (1, 1, True)
    assert "failed_as_chance" in row.flags
    truth = np.concatenate([told[fold].truth for fold in "12"])
    right = told["1"].probabilities.argmax(axis=1) == told["1"].truth
    expected = []
    for name in (0, 1):
        hits = right[told["1"].truth == name].sum() + (told["2"].truth == name).sum() / 2
        expected.append(hits / (truth == name).sum())
    assert row.ua == pytest.approx(np.mean(expected))


def test_a_model_of_which_every_training_failed_scores_chance_and_is_ranked(store):
    add(store, CLASSES, "other")
    add(store, CLASSES, folds="")
    for fold in "12":
        store.fail(trial(CLASSES, fold=fold), "the loss is NaN", "")
    told = {fold: from_parquet(predictions(fold), fold) for fold in "12"}
    background_of(store, trial(CLASSES).row, told)
    rows = {row.model: row for row in boards(store, canaries=False)[0].rows}
    assert rows["m"].ua == pytest.approx(0.5)
    assert (rows["m"].chance, rows["m"].rank.worst) == (2, 2)
    assert "failed_as_chance" in rows["m"].flags


def test_what_there_is_of_a_row_is_held_against_the_best_on_the_same(store):
    add(store, CLASSES, "whole")
    add(store, CLASSES, "half", folds="2", content=lambda fold: upside_down(fold))
    whole, half = boards(store)[0].rows
    assert (half.ranked, half.scores, half.rank) == (True, None, None)
    own, theirs = half.partial["2"], dict(zip("12", whole.scores.evidence.by_fold[0], strict=True))
    assert half.behind == pytest.approx(own - theirs["2"])
    assert half.record(CLASSES, across=False)["partial_cells"] == 1


def upside_down(fold):
    said = from_parquet(predictions(fold), fold)
    return predictions_to(replace(said, probabilities=said.probabilities[:, ::-1].copy()))


def test_a_row_of_too_few_seeds_is_not_ranked(store):
    add(store, CLASSES, "net")
    (row,) = boards(store)[0].rows
    for changes, ranked in (
        ({"seeds_wanted": 5}, False),
        ({"seeds_wanted": 5, "deterministic": True}, True),
        ({"seeds_wanted": 5, "n_seeds": 5}, True),
    ):
        told = replace(row, **changes)
        assert told.ranked is ranked
        assert ("few_seeds" in told.flags) is not ranked


def test_a_filter_hides_models_and_leaves_their_ranks(store):
    for name in ("first", "second"):
        add(store, CLASSES, name)
    every = {row.model: row.rank for row in boards(store)[0].rows}
    (board,) = boards(store, models=["second"])
    (row,) = board.rows
    assert row.rank == every["second"]
    assert board.competing == 2
    assert boards(store, models=["third"]) == []
    assert boards(store, labels=["space"], accesses=["none"]) != []
    assert boards(store, labels=["own"]) == boards(store, accesses=["unlabelled"]) == []


def test_rows_of_both_ranked_rules_compete_whichever_is_shown(store, monkeypatch):
    add(store, CLASSES, "net")
    scores = boards(store)[0].rows[0].scores
    monkeypatch.setattr(  # as if it had kept its epochs
        "serbench.boards.row_of", lambda found: replace(row_of(found), scores=scores, n_seeds=1)
    )
    add(store, CLASSES, "net", content=upside_down, validation={"digest": "v", "size": 2})
    add(store, CLASSES, "other", content=upside_down)
    (board,) = boards(store)
    every = {(row.model, row.selection): row.rank for row in board.rows}
    assert set(every) == {("net", "last"), ("net", "val"), ("other", "last")}
    for rule, shown in (("last", 2), ("val", 1)):
        (cut,) = boards(store, selections=[rule])
        assert len(cut.rows) == shown
        assert all(row.rank == every[row.model, rule] for row in cut.rows)
        assert cut.competing == 3


def test_what_is_known_of_the_pairs_stands_with_the_board(store):
    add(store, CLASSES, "once", seed=0)
    add(store, CLASSES, "again", seed=1)
    board = boards(store)[0]
    assert board.silent == "the models share no seed"
    assert board.remarks == {"untested": 1}
    assert board.records()[0]["remarks"] == {"untested": 1}
    assert [row.rank.record()["delta"] for row in board.rows] == [None, None]


def test_badges_of_a_row_are_of_its_training(store):
    add(store, CLASSES, "net")
    (row,) = boards(store)[0].rows
    assert row.badges(["toy"]) == ("one seed",)
    assert replace(row, deterministic=True).badges(["toy"]) == ()
    heard = replace(row, deterministic=True, heard=("TO-Y", "librispeech"))
    assert heard.badges(["toy", "emodb"]) == ("pre-trained on toy",)
    assert heard.badges(["emodb"]) == ("pre-trained elsewhere",)
    assert replace(heard, heard=None).badges(["emodb"]) == ("pre-training unknown",)
