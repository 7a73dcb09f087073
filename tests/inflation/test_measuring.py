"""Steps against worked numbers, what they are paired by, and what keeps a step from a score."""

import json

import numpy as np
import pytest

from serbench.errors import StoreError, UnknownName, UsageError
from serbench.inflation.stored import read
from serbench.inflation.words import sentences
from serbench.labels import Classes

RIGHT = np.array((0, 0, 1, 1) * 3)
# Speaker a: one low told wrong. b: all right. c: both high told wrong.
SOME = np.array([1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0])
T2 = 4.302652729911275  # Student's t, .975, 2 degrees of freedom
POINT = pytest.approx(0, abs=1e-12)


def ladder(shelf, others=(), **asked):
    (found,) = read(shelf.store.root, [("m", {})], "toy", list(others), **asked)
    return found


def rungs(found):
    return {rung.step.key: rung for rung in found.rungs}


def test_a_step_by_hand(shelf):
    """UA without a is 3/4, without b 5/8, without c 7/8: SE^2 = 2/3 (0 + 1/64 + 1/64)."""
    shelf = shelf()
    shelf.within("kfold", RIGHT)
    shelf.within("loso", SOME, folds=3)
    found = ladder(shelf)
    top, bottom = (rungs(found)[key] for key in ("kfold/last", "loso/last"))
    assert (top.ua.estimate, top.wa.estimate, top.inflation) == (1.0, 1.0, None)
    assert (bottom.ua.estimate, bottom.wa.estimate) == (0.75, 0.75)
    half = T2 * np.sqrt(2 / 3 * 2 / 64)
    assert bottom.inflation.estimate == pytest.approx(0.25)
    assert (bottom.inflation.low, bottom.inflation.high) == pytest.approx(
        (0.25 - half, 0.25 + half)
    )
    assert found.total == bottom.inflation
    assert (found.chance, found.utterances, found.speakers, found.seeds) == (0.5, 12, 3, (0,))


def test_the_difference_is_paired_by_speaker(shelf):
    """Speakers differ a lot, and each by the same amount between the steps: no width is left."""
    shelf = shelf(truth=(0, 0, 0, 0, 1, 1, 1, 1) * 3, speakers="a" * 8 + "b" * 8 + "c" * 8)
    # Of four low and four high of a speaker, so many of each are told right.
    better, worse = (
        [
            int(i >= hits) if low else int(i < hits)
            for hits in each
            for low in (1, 0)
            for i in range(4)
        ]
        for each in ((3, 2, 4), (2, 1, 3))
    )
    shelf.within("kfold", better)
    shelf.within("loso", worse, folds=3)
    rung = rungs(ladder(shelf))["loso/last"]
    assert rung.ua.high - rung.ua.low > 0.5
    assert rung.inflation.estimate == pytest.approx(0.25)
    assert rung.inflation.high - rung.inflation.low == POINT


def test_a_planted_speaker_leak_is_a_step_off_zero(shelf):
    random = np.random.default_rng(0)
    truth = np.tile(np.arange(4), 60)
    task = Classes(("a", "b", "c", "d"))
    shelf = shelf(truth=truth, speakers=[f"s{i // 24}" for i in range(240)], task=task)
    known, unknown = (
        np.where(random.random(240) < share, truth, random.integers(0, 4, 240))
        for share in (0.8, 0.4)
    )
    shelf.within("kfold", known, folds=10)
    shelf.within("kfold-speaker", unknown, folds=10)
    shelf.within("loso", unknown, folds=10)
    found = ladder(shelf)
    leak = rungs(found)["kfold-speaker/last"].inflation
    assert leak.low > 0.1
    same = rungs(found)["loso/last"].inflation
    assert (same.estimate, same.low, same.high, same.flags) == (0, 0, 0, ("no_spread",))
    first, second, in_all = sentences(found)
    size = f"{100 * leak.estimate:.1f}"
    span = f"[{100 * leak.low:.1f}, {100 * leak.high:.1f}]"
    assert first == (
        f"random folds flatter m on toy by {size} points {span} against folds of whole speakers"
    )
    assert second == (
        "folds of whole speakers and leaving one speaker out are the same folds of toy: not a "
        "second measurement"
    )
    assert f"+{size} points {span}" in in_all


def test_steps_are_one_measurement_where_their_folds_are(shelf):
    """Three speakers in three folds are one speaker out; in two folds they are not."""
    for folds, alike in ((3, "kfold-speaker/last"), (2, "")):
        one = shelf()
        one.within("kfold-speaker", SOME, folds=folds, model=f"in {folds}")
        one.within("loso", SOME, folds=3, model=f"in {folds}")
        (found,) = read(one.store.root, [(f"in {folds}", {})], "toy", [])
        rung = rungs(found)["loso/last"]
        assert (rung.same_folds_as, rung.record()["same_folds_as"]) == (alike, alike or None)
        assert rung.inflation.estimate == 0
        (told,) = sentences(found)
        assert ("the same folds of toy: not a second measurement" in told) == bool(alike)
        assert ("the same UA" in told) == (not alike)


def test_one_set_of_trainings_scored_twice_is_two_steps(shelf):
    shelf = shelf()
    shelf.within("kfold", SOME, epochs=(RIGHT,), keep="all")
    assert [rung.same_folds_as for rung in ladder(shelf).rungs] == [""] * 4


def test_two_trainings_on_the_same_folds_may_differ_and_flatter_nobody(shelf):
    shelf = shelf()
    shelf.within("kfold-speaker", RIGHT, folds=3)
    shelf.within("loso", SOME, folds=3)
    (told,) = sentences(ladder(shelf))
    assert told.endswith("not a second measurement, though +25.0 points apart")


def test_a_broken_rule_goes_with_every_number(shelf):
    shelf = shelf()
    shelf.within("kfold", RIGHT, broken=["L22"], epochs=(SOME,), keep="all")
    shelf.within("loso", SOME, folds=3, broken=["L18", "L22"])
    found = ladder(shelf)
    assert found.broken == {"L18": 3, "L22": 5}  # the two steps of random folds are two trials
    steps = {step["step"]: step for step in found.record()["steps"]}
    assert [steps[key]["ranked"] for key in ("kfold/last", "loso/last")] == [False, False]
    assert steps["kfold/last"]["broken"] == {"L22": 2}
    assert steps["kfold/last"]["flags"][-1:] == ["L22"]
    assert steps["loso/last"]["inflation"] == pytest.approx(0.25)
    (told,) = sentences(found)
    assert told == (
        "m broke L18 (in 3 trials) and L22 (in 5 trials): no board ranks it, and its steps do not "
        "tell what a shortcut is worth"
    )


def test_a_rule_broken_in_a_step_without_a_score_counts(shelf):
    shelf = shelf()
    shelf.within("kfold", RIGHT, broken=["L22"], without={(0, "1")})
    shelf.within("loso", SOME, folds=3, broken=[])
    found = ladder(shelf)
    assert rungs(found)["kfold/last"].missing
    assert (found.broken, rungs(found)["loso/last"].ranked) == ({"L22": 1}, True)


def test_nobody_watched_is_told_apart_from_nothing_seen(shelf):
    for model, broken, known in (("blind", None, None), ("seen", [], {})):
        one = shelf()
        one.within("loso", SOME, folds=3, model=model, broken=broken)
        (found,) = read(one.store.root, [(model, {})], "toy", [])
        assert (found.broken, found.record()["broken"]) == (known, known)
        assert rungs(found)["loso/last"].ranked


def test_what_is_harder_above_has_a_minus(shelf):
    shelf = shelf(truth=(0, 0, 1, 1) * 10, speakers=[f"s{i // 4}" for i in range(40)])
    wrong = np.array([1 - (i == 0) if i % 4 == 0 else (i % 4) // 2 for i in range(40)])
    shelf.within("kfold", wrong)
    shelf.within("loso", shelf.truth, folds=10)
    found = ladder(shelf)
    by = rungs(found)["loso/last"].inflation
    assert by.estimate == pytest.approx(-9 / 40)
    assert by.high < 0
    (told,) = sentences(found)
    low, high = 100 * -by.high, 100 * -by.low
    assert told == (
        f"random folds give m on toy 22.5 points less [{low:.1f}, {high:.1f}] than "
        "leaving one speaker out"
    )


def test_what_is_not_shown_is_not_told_as_a_difference(shelf):
    shelf = shelf()
    shelf.within("kfold", RIGHT)
    shelf.within("loso", SOME, folds=3)
    (told,) = sentences(ladder(shelf))
    assert told.startswith("no difference is shown between random folds and leaving one speaker")
    assert told.endswith("+25.0 points [-37.1, 87.1]")


def test_several_sources_are_averaged_within_the_metric(shelf):
    shelf = shelf(labels="shared5")
    shelf.within("loso", RIGHT, folds=3)
    corpora = ("far", "near", "toy")
    shelf.across({"far": 1 - RIGHT, "near": SOME}, corpora=corpora)
    found = ladder(shelf, ["near", "far"])
    rung = rungs(found)["cross-corpus/last"]
    assert rung.counts.shape == (1, 3, 2, 2, 2)
    assert rung.ua.estimate == pytest.approx(0.75 / 2)
    assert rung.inflation.estimate == pytest.approx(1 - 0.375)
    # Without a speaker: half of what UA on "near" is without it.
    se = np.sqrt(2 / 3 * 2 * (1 / 16) ** 2)
    assert rung.ua.high - rung.ua.estimate == pytest.approx(T2 * se)
    assert (found.labels, found.sources) == ("shared5", ("near", "far"))


def test_the_best_epoch_is_chosen_fold_by_fold(shelf):
    """Even utterances are fold 0, best after the first epoch; odd ones fold 1, after the second."""
    shelf = shelf()
    even = np.arange(12) % 2 == 0
    first, second = np.where(even, RIGHT, 1 - RIGHT), np.where(even, 1 - RIGHT, RIGHT)
    shelf.within("kfold", SOME, epochs=(first, second), keep="all")
    found = rungs(ladder(shelf))
    assert found["kfold/best-on-test"].ua.estimate == 1.0
    assert not found["kfold/best-on-test"].step.ranked
    assert found["kfold/last"].ua.estimate == 0.75
    assert found["kfold/last"].inflation.estimate == pytest.approx(0.25)
    told = sentences(ladder(shelf))[0]
    assert "choosing the epoch on the test fold and the last epoch" in told


def test_seeds_are_paired_and_the_steps_add_up(shelf):
    shelf = shelf()
    other = np.array([0, 1, 1, 1] * 3)
    shelf.within("kfold", RIGHT, RIGHT, other)
    shelf.within("kfold-speaker", SOME, RIGHT, folds=3)
    shelf.within("loso", other, SOME, folds=3)
    found = ladder(shelf)
    assert (found.seeds, found.unpaired) == ((0, 1), (2,))
    steps = rungs(found)
    assert steps["kfold/last"].ua.estimate == 1.0  # of two seeds, not of three
    assert steps["kfold-speaker/last"].ua.estimate == pytest.approx((0.75 + 1) / 2)
    parts = [rung.inflation.estimate for rung in found.measured[1:]]
    assert found.total.estimate == pytest.approx(sum(parts))
    assert steps["loso/last"].inflation.method == "two-way"


def test_what_is_not_there_says_why_and_the_ladder_goes_on(shelf):
    shelf = shelf()
    shelf.within("kfold", RIGHT, RIGHT, without={(0, "1"), (1, "0")})
    shelf.within("loso", SOME, folds=3)
    found = rungs(ladder(shelf))
    assert found["kfold/last"].missing == "2 of 4 trials are finished"
    assert found["kfold-speaker/last"].missing == f"not in {shelf.store.root}"
    assert found["loso/last"].missing == ""
    assert found["loso/last"].inflation is None  # nothing is above it


def test_a_model_without_epochs_has_no_best_one(shelf):
    shelf = shelf()
    shelf.within("kfold", RIGHT)
    found = rungs(ladder(shelf))["kfold/best-on-test"]
    assert (found.ua, found.missing) == (None, "the model has no epochs to choose from")


def test_epochs_that_were_not_kept_are_told_apart_from_none(shelf):
    shelf = shelf()
    shelf.within("kfold", RIGHT, keep="last")
    name = next(iter(shelf.store.ids()))
    assert "stages-toy.parquet" in shelf.store.record(name)["files"]
    for one in shelf.store.ids():  # as --stages last leaves them: losses, and no answers
        path = shelf.store.folder(one) / "record.json"
        record = json.loads(path.read_bytes())
        del record["files"]["stages-toy.parquet"], record["digest"]
        path.write_text(json.dumps(record))
    found = rungs(ladder(shelf))["kfold/best-on-test"]
    assert found.missing == "its trainings kept no epochs: they were run with --stages last"


def test_a_step_with_other_seeds_is_left_out(shelf):
    shelf = shelf()
    shelf.within("kfold", RIGHT)
    shelf.within("loso", SOME, SOME, folds=3, without={(0, "1")})
    found = rungs(ladder(shelf))
    assert found["loso/last"].missing == "finished with other seeds than the steps above"
    assert found["kfold/last"].ua.estimate == 1.0


def test_one_speaker_has_scores_and_no_interval(shelf):
    shelf = shelf(speakers="a" * 12)
    shelf.within("kfold", RIGHT)
    shelf.within("loso", SOME)
    found = ladder(shelf)
    record = found.record()["steps"][-1]
    assert (record["inflation"], record["inflation_low"]) == (0.25, None)
    assert record["flags"] == ["single_speaker"]
    assert sentences(found) == [
        "random folds against leaving one speaker out: +25.0 points (no interval) for m on toy"
    ]


def test_a_class_without_an_utterance_leaves_ua_undefined(shelf):
    shelf = shelf(task=Classes(("low", "high", "never")))
    shelf.within("kfold", RIGHT)
    shelf.within("loso", SOME, folds=3)
    record = ladder(shelf).record()
    assert [step["ua"] for step in record["steps"]] == [None] * 4
    assert record["steps"][-1]["wa"] == 0.75
    assert "undefined" in sentences(ladder(shelf))[0]
    json.dumps(record, allow_nan=False)


def test_nothing_at_all_is_an_error(shelf):
    shelf = shelf()
    shelf.within("loso", SOME, folds=3, without={(0, "1")})
    with pytest.raises(StoreError, match="no step of the ladder has a score on toy"):
        ladder(shelf)


@pytest.mark.parametrize(
    ("model", "corpus", "others", "hint"),
    [
        ("svm-mfc", "toy", [], "svm-mfcc"),  # registered, and not in the folder
        ("Cheap", "toy", [], "Cheat"),  # in the folder, and not registered
        ("Cheat", "emodbb", [], "emodb"),
        ("Cheat", "toy", ["toi"], "toy"),
    ],
)
def test_a_name_that_nobody_knows_is_no_missing_score(shelf, model, corpus, others, hint):
    shelf = shelf()
    shelf.within("loso", SOME, folds=3, model="Cheat")
    with pytest.raises(UnknownName, match="holds nothing of that name") as unknown:
        read(shelf.store.root, [(model, {})], corpus, others)
    assert unknown.value.advice == f"did you mean {hint!r}?"


@pytest.mark.parametrize("change", ["utterances", "speakers", "truth"])
def test_steps_that_cannot_be_paired_are_refused(shelf, change):
    one = shelf()
    one.within("kfold", RIGHT)
    other = shelf(
        truth=1 - RIGHT if change == "truth" else RIGHT,
        speakers="aaaabbbbdddd" if change == "speakers" else "aaaabbbbcccc",
    )
    if change == "utterances":
        other.ids[0] = "toy/new"
    other.within("loso", SOME, folds=3)
    with pytest.raises(StoreError, match="two steps"):
        ladder(one)


def test_one_ladder_has_one_label_space(shelf):
    one = shelf()
    one.within("kfold", RIGHT)
    shelf(task=Classes(("high", "low"))).within("loso", SOME, folds=3)
    with pytest.raises(UsageError, match="several label spaces"):
        ladder(one)


def test_two_rows_that_could_be_meant_are_not_guessed_between(shelf):
    shelf = shelf()
    shelf.within("kfold", RIGHT, version="1")
    shelf.within("kfold", RIGHT, version="2")
    with pytest.raises(UsageError, match=r"2 rows of m under kfold could be meant: version 1; "):
        ladder(shelf)


def test_the_label_space_is_that_of_the_last_step(shelf):
    """Rows of another space in the same folder are no steps of this ladder."""
    one = shelf(labels="shared5")
    one.within("loso", RIGHT, folds=3)
    one.across({"other": SOME})
    shelf(labels="own").within("loso", 1 - RIGHT, folds=3)
    found = ladder(one, ["other"])
    assert (found.labels, rungs(found)["loso/last"].ua.estimate) == ("shared5", 1.0)
    alone = ladder(one)
    assert (alone.labels, rungs(alone)["loso/last"].ua.estimate) == ("own", 0.0)
    assert "cross-corpus/last" not in rungs(alone)
    assert rungs(ladder(one, labels="shared5"))["loso/last"].ua.estimate == 1.0


def test_the_record_is_json_with_every_step(shelf):
    shelf = shelf()
    shelf.within("kfold", RIGHT)
    shelf.within("loso", SOME, folds=3)
    record = json.loads(json.dumps(ladder(shelf).record(), allow_nan=False))
    assert [step["step"] for step in record["steps"]] == [
        "kfold/best-on-test", "kfold/last", "kfold-speaker/last", "loso/last",
    ]  # fmt: skip
    assert [step["ranked"] for step in record["steps"]] == [False, True, True, True]
    assert [step["speaker_independent"] for step in record["steps"]] == [None, False, None, True]
    assert record["steps"][1]["inflation"] is None
    assert record["steps"][3]["inflation"] == pytest.approx(0.25)
    assert record["total"]["between"] == ["kfold/last", "loso/last"]
    assert record["total"]["inflation"] == pytest.approx(0.25)
    assert (record["corpus"], record["sources"], record["classes"]) == ("toy", [], ["low", "high"])
