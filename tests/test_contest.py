"""All models of one board against each other, and what is kept of it."""

import math

import numpy as np
import pytest

from serbench.contest import contest
from serbench.duel import duel
from serbench.predictions import Predictions
from serbench.scorecache import ScoreCache
from serbench.scores import class_scores
from serbench.stats.family import holm
from serbench.storedcontest import known_contest

CLASSES = ("low", "high")


def model(*rights):
    """One speaker a fold, fifty utterances of each class; how many of each are right."""
    trials = {}
    for at, right in enumerate(rights):
        truth = np.repeat([0, 1], 50)
        told = np.where(np.tile(np.arange(50), 2) < right, truth, 1 - truth)
        ids = tuple(f"{at}-{i}" for i in range(100))
        trials[0, f"s{at}"] = Predictions(CLASSES, ids, (f"s{at}",) * 100, truth, np.eye(2)[told])
    return class_scores(trials)


BEST = model(45, 44, 46, 43, 45, 44)
NEXT = model(44, 45, 45, 43, 46, 43)
LAST = model(30, 28, 33, 27, 31, 29)


def test_two_that_are_alike_share_a_letter_and_the_third_does_not():
    found = contest([BEST, NEXT, LAST])
    assert [rank.letters for rank in found.ranks] == ["a", "a", "b"]
    assert [(rank.best, rank.worst) for rank in found.ranks] == [(1, 2), (1, 2), (3, 3)]
    assert [rank.drawn for rank in found.ranks] == [(1, 2), (1, 2), (3, 3)]
    assert (found.test, found.units, found.silent) == ("corrected", 6, "")


def test_the_family_is_all_pairs_or_those_against_a_chosen_one():
    raw = [duel(*pair).tested.p for pair in ((BEST, NEXT), (BEST, LAST), (NEXT, LAST))]
    leader = contest([BEST, NEXT, LAST])
    assert [rank.p for rank in leader.ranks[1:]] == pytest.approx(holm(raw)[:2])
    assert math.isnan(leader.ranks[0].p)
    assert leader.ranks[0].delta is None
    chosen = contest([BEST, NEXT, LAST], reference=2)
    assert [rank.p for rank in chosen.ranks[:2]] == pytest.approx(holm(raw[1:]))
    assert chosen.ranks[2].delta is None
    assert [rank.letters for rank in chosen.ranks] == [rank.letters for rank in leader.ranks]


def test_differences_are_of_the_reference():
    leader = contest([BEST, NEXT, LAST])
    gap, low, high = leader.ranks[2].delta
    assert gap == pytest.approx(LAST.ua.estimate - BEST.ua.estimate)
    assert low < gap < high < 0
    chosen = contest([BEST, NEXT, LAST], reference=2)
    assert chosen.ranks[0].delta == pytest.approx((-gap, -high, -low))


def test_another_model_changes_no_difference():
    two, three = contest([BEST, LAST]), contest([BEST, NEXT, LAST])
    assert two.ranks[1].delta == three.ranks[2].delta
    assert two.ranks[1].p < three.ranks[2].p  # the family has grown


def test_one_model_or_none_is_no_contest():
    assert contest([]).ranks == ()
    (rank,) = contest([BEST]).ranks
    assert (rank.best, rank.worst, rank.letters, rank.delta) == (1, 1, "", None)


def test_two_speakers_say_nothing_of_ranks():
    found = contest([model(45, 44), model(30, 28)])
    assert found.silent == "fewer than 3 speakers allow no test"
    assert [(rank.best, rank.worst) for rank in found.ranks] == [(1, 2), (1, 2)]
    assert [(rank.letters, rank.drawn) for rank in found.ranks] == [("", None)] * 2
    assert found.ranks[1].delta[0] < 0


@pytest.fixture
def cache(tmp_path):
    return ScoreCache(tmp_path)


@pytest.mark.parametrize("reference", [None, 2])
def test_what_is_kept_is_what_was_found(cache, reference, monkeypatch):
    scores, said = [BEST, NEXT, LAST], ["x", "y", "z"]
    found = known_contest(scores, said, reference, cache)
    assert repr(found) == repr(contest(scores, reference))
    monkeypatch.setattr("serbench.storedcontest.contest", None)
    assert repr(known_contest(scores, said, reference, cache)) == repr(found)


def test_unknown_predictions_are_not_kept(cache):
    known_contest([BEST, LAST], ["x", ""], None, cache)
    assert cache.size() == 0


def test_what_is_no_contest_is_computed_again(cache, monkeypatch):
    monkeypatch.setattr(cache, "get", lambda key: {"ranks": [[1, 2]], "test": ""})
    found = known_contest([BEST, LAST], ["x", "y"], None, cache)
    assert repr(found) == repr(contest([BEST, LAST]))
