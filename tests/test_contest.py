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
    return class_scores(trials_of(*rights))


def trials_of(*rights):
    trials = {}
    for at, right in enumerate(rights):
        truth = np.repeat([0, 1], 50)
        told = np.where(np.tile(np.arange(50), 2) < right, truth, 1 - truth)
        ids = tuple(f"{at}-{i}" for i in range(100))
        trials[0, f"s{at}"] = Predictions(CLASSES, ids, (f"s{at}",) * 100, truth, np.eye(2)[told])
    return trials


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


def turned(big, small):
    """One speaker of many utterances, and nine of few."""
    trials = {}
    for at, (right, count) in enumerate([(big, 2000), *((one, 20) for one in small)]):
        truth = np.repeat([0, 1], count)
        told = np.where(np.tile(np.arange(count), 2) < right, truth, 1 - truth)
        ids = tuple(f"{at}-{i}" for i in range(2 * count))
        who = (f"s{at}",) * (2 * count)
        trials[0, f"s{at}"] = Predictions(CLASSES, ids, who, truth, np.eye(2)[told])
    return class_scores(trials)


def test_a_test_that_favours_the_lower_score_tells_nobody_apart():
    first = turned(1300, [10, 11, 12, 10, 11, 12, 10, 11, 12])
    second = turned(1240, [12, 13, 14, 12, 13, 14, 12, 14, 14])
    assert first.ua.estimate > second.ua.estimate
    told = duel(first, second).tested
    assert told.estimate < 0
    assert told.p < 0.01
    found = contest([first, second])
    assert [(rank.best, rank.worst, rank.letters) for rank in found.ranks] == [(1, 2, "a")] * 2
    assert math.isnan(found.ranks[1].p)
    assert found.remarks == {"contrary": 1}
    assert math.isnan(contest([first, second], reference=1).ranks[0].p)


def test_what_is_to_be_known_of_pairs_is_counted():
    seeds = {0: (45, 44, 46), 1: (44, 45, 45)}
    several = class_scores({
        (seed, fold): one
        for seed, rights in seeds.items()
        for (_, fold), one in trials_of(*rights).items()
    })  # fmt: skip
    other = class_scores({(2, fold): one for (_, fold), one in trials_of(40, 41, 42).items()})
    found = contest([several, model(44, 43, 45), other])
    assert found.remarks == {"degenerate": 1, "fewer_seeds": 1, "untested": 2}
    assert found.ranks[2].delta is not None
    assert math.isnan(found.ranks[2].delta[0])
    assert found.test == "corrected"
    whole = contest([several, model(44, 42, 45)], steady=[False, True])
    assert (whole.test, whole.remarks) == ("corrected two-way", {})


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
    found = known_contest(scores, said, reference, None, cache)
    assert repr(found) == repr(contest(scores, reference))
    monkeypatch.setattr("serbench.storedcontest.contest", None)
    assert repr(known_contest(scores, said, reference, None, cache)) == repr(found)


def test_unknown_predictions_are_not_kept(cache):
    known_contest([BEST, LAST], ["x", ""], None, None, cache)
    assert cache.size() == 0


def test_what_is_no_contest_is_computed_again(cache, monkeypatch):
    monkeypatch.setattr(cache, "get", lambda key: {"ranks": [[1, 2]], "test": ""})
    found = known_contest([BEST, LAST], ["x", "y"], None, None, cache)
    assert repr(found) == repr(contest([BEST, LAST]))
