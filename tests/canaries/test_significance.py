"""Chance, and what lies beyond it."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from serbench.canaries.flock import Decisions, Flock
from serbench.canaries.predict import CANARIES, predict
from serbench.canaries.significance import chance, verdict, verdicts
from serbench.errors import UnknownName

EMODB = [127, 81, 46, 69, 71, 79, 62]


def test_chance_on_emodb():
    prior = [count / 535 for count in EMODB]
    assert chance(EMODB) == pytest.approx((1 / 7, 0.0157545), abs=5e-8)
    assert chance(EMODB, prior) == pytest.approx((1 / 7, 0.01513), abs=5e-6)
    assert chance(EMODB, [1, 0, 0, 0, 0, 0, 0]) == (pytest.approx(1 / 7), 0.0)


def test_chance_as_drawn():
    """The formula against predictors that know nothing, drawn 4000 times."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(7), EMODB)
    shares = np.array([0.4, 0.3, 0.1, 0.05, 0.05, 0.05, 0.05])
    said = rng.choice(7, (4000, 535), p=shares)
    uas = np.mean([(said[:, truth == c] == c).mean(axis=1) for c in range(7)], axis=0)
    mean, sd = chance(EMODB, shares.tolist())
    assert uas.mean() == pytest.approx(mean, abs=4 * sd / math.sqrt(4000))
    assert uas.std(ddof=1) == pytest.approx(sd, rel=0.05)


def flock(truth, said, folds=1, classes=2):
    truth, said = np.array(truth), np.array(said)
    ids = tuple(str(i) for i in range(len(truth)))
    one = Decisions(ids, ids, truth, {"k": said})
    return Flock(tuple("abcdefg"[:classes]), {(str(f), "x"): one for f in range(folds)})


def test_both_tails():
    truth = np.arange(100) % 2
    assert verdict(flock(truth, truth), "k").tells
    assert verdict(flock(truth, 1 - truth), "k").misleads
    idle = verdict(flock(truth, np.arange(100) // 2 % 2), "k")
    assert (idle.ua, idle.z) == (0.5, 0.0)
    assert not idle.tells
    assert not idle.misleads


def test_one_class_for_all_is_chance_to_the_last_bit():
    truth = np.repeat(np.arange(7), EMODB)
    assert verdict(flock(truth, np.zeros(535, int), classes=7), "k").z == 0.0


def test_what_is_asked_for_again_is_no_new_evidence():
    truth = np.arange(200) % 2
    said = np.where(np.arange(200) < 20, truth, np.arange(200) // 2 % 2)
    once, four = (verdict(flock(truth, said, folds), "k") for folds in (1, 4))
    assert once == four
    assert 0 < once.z < 3


def test_a_class_that_is_nowhere_tested():
    """What is said of it is lost: of three classes, said alike, two are tested."""
    truth = np.arange(1200) % 2
    said = np.arange(1200) // 2 % 3
    found = verdict(flock(truth, said, classes=3), "k")
    assert found.chance == pytest.approx(1 / 3)
    assert (found.ua, found.z) == (pytest.approx(1 / 3), 0.0)
    assert chance([600, 600, 0], [1 / 3] * 3) == (found.chance, pytest.approx(found.sd))
    assert np.isnan(chance([0, 0])).all()


def test_labels_that_were_shuffled(released, left_out):
    """A draw has the spread of the formula; look-ups, which learn across folds, have half more."""
    listing = left_out(released("emodb"))
    labels = np.array([item.label for item in listing.items])
    some = {name: CANARIES[name] for name in ("uniform", "text", "duration")}
    rng = np.random.default_rng(0)
    found = []
    for _ in range(60):
        items = tuple(
            dataclasses.replace(item, label=label)
            for item, label in zip(listing.items, rng.permutation(labels).tolist(), strict=True)
        )
        told = verdicts(predict(dataclasses.replace(listing, items=items), some))
        found.append([told[name].z for name in some])
    z = np.array(found)
    spread = z.std(axis=0, ddof=1)
    assert np.abs(z.mean(axis=0)).max() < 0.6
    assert spread[0] == pytest.approx(1.0, abs=0.25)
    assert np.all((spread[1:] > 1.1) & (spread[1:] < 2.0))
    assert np.mean(np.abs(z) > 3) < 0.08


def test_a_canary_that_is_not_there():
    with pytest.raises(UnknownName, match="expected: k"):
        verdict(flock([0, 1], [0, 1]), "text")
