"""Each trial by itself."""

import json

import numpy as np
import pytest

from serbench.verifying.trials import check_trials


def faults(toy, plan, **asked):
    findings = []
    kept = check_trials(toy.store, plan, findings, **asked)
    return kept, {one.code: one.message for one in findings}


def test_what_holds(toy):
    kept, found = faults(toy, toy.row())
    assert (len(kept), found) == (4, {})


def test_a_trial_of_another_row(toy):
    plan = toy.row()
    model = {"name": "n", "version": "1", "settings": {}}
    other = toy.save(toy.trial("1", 0, model=model), toy.said("1", 0))
    kept, found = faults(toy, toy.with_more(plan, other))
    assert len(kept) == 4
    assert "of another row" in found["row"]


def test_a_torn_file(toy):
    plan = toy.row()
    path = toy.store.folder(plan.trials[0]) / "predictions-toy.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    kept, found = faults(toy, plan)
    assert len(kept) == 3
    assert "SHA-256" in found["trial"]


def test_a_folder_under_another_id(toy):
    plan = toy.row()
    strange = "00" * 32
    target = toy.store.folder(strange)
    target.parent.mkdir()
    toy.store.folder(plan.trials[0]).rename(target)
    kept, found = faults(toy, toy.with_more(plan, strange))
    assert len(kept) == 3
    assert "another trial" in found["trial"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[0.5, 0.6], [0.5, 0.5], [1, 0]], "do not sum to one, such as toy/a"),
        ([[1.5, -0.5], [0.4, 0.6], [1, 0]], "below 0 or above 1"),
    ],
)
def test_what_is_no_probability(toy, rows, words):
    said = toy.said("1", 0, probabilities=np.array(rows, np.float32))
    plan = toy.plan(toy.save(toy.trial("1", 0), said))
    kept, found = faults(toy, plan)
    assert not kept
    assert words in found["probabilities"]


def test_what_is_not_finite(toy):
    rows = np.array([[np.nan, 1], [0.5, 0.5], [1, 0]], np.float32)
    plan = toy.plan(toy.save(toy.trial("1", 0), toy.said("1", 0, probabilities=rows)))
    assert "NaN" in faults(toy, plan)[1]["trial"]


def test_ties_are_said_and_no_error(toy):
    rows = np.full((3, 2), 0.5, np.float32)
    plan = toy.plan(toy.save(toy.trial("1", 0), toy.said("1", 0, probabilities=rows)))
    kept, found = faults(toy, plan)
    assert len(kept) == 1
    assert found["ties"].startswith("100.00%")


def test_notes_that_the_trial_did_not_record(toy):
    name = toy.save(toy.trial("1", 0), toy.said("1", 0))
    plan = toy.plan(name, notes={"deterministic": True, "seeds": 2, "newer": 1})
    assert "deterministic = true" in faults(toy, plan)[1]["notes"]


def test_answers_for_others_than_the_trial_names(toy):
    said = toy.said("1", 0, truth=np.array([1, 1, 1]))
    plan = toy.plan(toy.save(toy.trial("1", 0), said))
    assert "another class" in faults(toy, plan)[1]["trial"]


def test_predictions_of_another_epoch_than_the_last(toy):
    said = toy.said("1", 0)
    best = np.array([[0.9, 0.1]] * 3)
    for stages, words in (
        ([best, said.probabilities], None),
        ([said.probabilities, best], "not those of the last epoch"),
    ):
        halved = [one.astype(np.float16) for one in stages]
        toy.save(toy.trial("1", len(words or "")), said, stages=halved, keep="all")
        plan = toy.plan(toy.trial("1", len(words or "")).id)
        found = faults(toy, plan)[1]
        assert (words is None) is (found == {})
        assert words is None or words in found["stages"]


def test_stages_that_stayed_at_home_or_came_unasked(toy):
    said = toy.said("1", 0)
    bare = toy.plan(toy.save(toy.trial("1", 0), said, keep="all"))
    assert "are missing" in faults(toy, bare, stages=True)[1]["stages"]
    kept = toy.save(
        toy.trial("1", 1), said, stages=[said.probabilities.astype(np.float16)], keep="all"
    )
    assert "said to have none" in faults(toy, toy.plan(kept), stages=False)[1]["stages"]


def test_json_that_is_none_of_ours(toy):
    plan = toy.row()
    path = toy.store.folder(plan.trials[0]) / "trial.json"
    path.write_text(json.dumps({"format": 1, "tests": 3}))
    assert "trial" in faults(toy, plan)[1]
