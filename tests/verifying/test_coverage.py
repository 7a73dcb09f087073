"""What trials make up together."""

import dataclasses

from serbench.verifying.coverage import check_coverage, judged_by
from serbench.verifying.trials import check_trials


def faults(toy, plan, planned=None, **asked):
    findings = []
    trials = check_trials(toy.store, plan, findings)
    findings += check_coverage(plan, trials, planned or len(plan.trials), **asked)
    return {(one.code, one.severity): one.message for one in findings}


def test_a_whole_row(toy):
    assert faults(toy, toy.row()) == {}


def test_a_missing_fold_of_a_seed(toy):
    plan = toy.row()
    fewer = toy.plan(*[one for one in plan.trials if one != toy.trial("2", 1).id])
    found = faults(toy, fewer, planned=4)
    assert found["partial", "error"] == "3 of 4 trials are finished and whole"
    assert found["coverage", "error"] == "seed 1: 1 of 2 folds"
    assert {severity for _, severity in faults(toy, fewer, 4, partial=True)} == {"warning"}


def test_a_seed_that_was_left_out(toy):
    found = faults(toy, toy.row(seeds=(0, 2)))
    assert found["seeds", "error"].startswith("the seeds are 0, 2;")


def test_a_fold_that_no_split_has(toy):
    plan = toy.row()
    third = dataclasses.replace(toy.trial("1", 0), fold="3")
    found = faults(toy, toy.with_more(plan, toy.save(third, toy.said("1", 0))))
    assert "tested twice: toy/a, toy/b, toy/c" in found["coverage", "error"]


def test_one_fold_twice(toy):
    plan = toy.row()
    again = toy.trial("1", 0, train={"digest": "0", "size": 3})
    found = faults(toy, toy.with_more(plan, toy.save(again, toy.said("1", 0))))
    assert ("coverage", "error") in found


def test_seeds_that_were_trained_on_others(toy):
    plan = toy.row(seeds=(0,))
    other = [
        toy.save(toy.trial(fold, 1, train={"digest": "0", "size": 2}), toy.said(fold, 1))
        for fold in "12"
    ]
    found = faults(toy, toy.with_more(plan, *other))
    assert "have another train" in found["coverage", "error"]


def test_a_speaker_with_two_names(toy):
    plan = toy.row(seeds=(0,))
    other = toy.save(toy.trial("1", 1), toy.said("1", 1, speakers=("s1", "s1", "s9")))
    second = toy.save(toy.trial("2", 1), toy.said("2", 1))
    found = faults(toy, toy.with_more(plan, other, second))
    assert "spoken by s1 in one trial, by s9 in another" in found["coverage", "error"]


def test_a_seed_that_repeats_another(toy):
    plan = toy.row(seeds=(0,))
    copies = [toy.save(toy.trial(fold, 1), toy.said(fold, 0)) for fold in "12"]
    found = faults(toy, toy.with_more(plan, *copies))
    assert "give the same to the last bit" in found["seeds", "warning"]


def test_seeds_of_what_gives_one_answer(toy):
    plan = toy.row()
    steady = toy.plan(*plan.trials, notes={"deterministic": True})
    trials = check_trials(toy.store, plan, [])
    (found,) = check_coverage(steady, trials, 4)
    assert "whatever the seed" in found.message


def test_who_was_judged(toy):
    plan = toy.row()
    judged = judged_by(check_trials(toy.store, plan, []))
    assert set(judged) == {("1", "toy"), ("2", "toy")}
    other = toy.save(
        toy.trial("1", 0, model={"name": "n", "version": "1", "settings": {}}),
        toy.said("1", 0, speakers=("x", "x", "x")),
    )
    seen = judged_by(check_trials(toy.store, toy.plan(other), []))
    assert seen["1", "toy"] != judged["1", "toy"]
