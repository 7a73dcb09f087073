"""Which trainings are done again, and when two of them agree."""

import dataclasses

import numpy as np
import pytest

from serbench.verifying.rerunning import Again, _differences, _held, drawn
from serbench.verifying.trials import check_trials

NAMES = [f"{n:064x}" for n in range(20)]


def test_the_draw_hangs_on_what_nobody_chooses(tmp_path):
    first = drawn(NAMES, 3, "id", "row", "")
    assert first == drawn(list(reversed(NAMES)), 3, "id", "row", "")
    assert len(set(first)) == 3
    others = [
        drawn(NAMES, 3, *asked) for asked in (("x", "row", ""), ("id", "x", ""), ("id", "row", "x"))
    ]
    assert all(other != first for other in others)
    assert sorted(drawn(NAMES, 99, "id", "row", "")) == NAMES


def test_every_trial_is_drawn_about_as_often():
    counts = np.zeros(20)
    for at in range(2000):
        for name in drawn(NAMES, 2, str(at), "row", ""):
            counts[int(name, 16)] += 1
    assert counts.min() > 150
    assert counts.max() < 250


@pytest.fixture
def one(toy):
    plan = toy.row(seeds=(0,), folds=("1",))
    (sound,) = check_trials(toy.store, plan, []).values()
    rows = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]], np.float32)
    return with_rows(sound, rows)


def with_rows(sound, rows):
    answers = {name: dataclasses.replace(a, said=rows) for name, a in sound.found.answers.items()}
    return dataclasses.replace(sound, found=dataclasses.replace(sound.found, answers=answers))


@pytest.mark.parametrize(
    ("moved", "differ", "allowed", "agrees", "words"),
    [
        (0.0, "", 0.05, True, "3 answers agree bit for bit"),
        (1e-6, "", 0.05, True, "3 decisions agree"),
        (0.05, "", 0.05, False, "on the same kind of machine"),
        (0.05, "device cuda, here cpu", 0.05, True, "0 of 3 decisions are turned"),
        (0.2, "device cuda, here cpu", 0.05, False, "1 of 3 decisions are turned"),
        (0.2, "device cuda, here cpu", 0.5, True, "50% allowed on another kind of machine"),
    ],
)
def test_when_two_trainings_agree(one, tmp_path, moved, differ, allowed, agrees, words):
    rows = one.found.answers["toy"].said.copy()
    rows[2] += np.array([moved, -moved], np.float32)
    other = with_rows(one, rows).found.answers
    held, said = _held(one, other, differ, Again(1, tmp_path, allowed=allowed))
    assert held is agrees
    assert words in said


def test_machines_of_another_kind():
    told = {"machine": "x86_64", "device": "cpu", "versions": {"numpy": "2.1", "serbench": "0.1"}}
    assert _differences(told, {**told, "versions": {"numpy": "2.1", "serbench": "0.2"}}) == ""
    found = _differences(told, {**told, "device": "cuda", "versions": {"numpy": "2.2"}})
    assert found == "device cpu, here cuda; numpy 2.1, here 2.2"
