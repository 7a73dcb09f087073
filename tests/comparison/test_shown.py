"""What tests may show: one gate for all of them."""

import math

import numpy as np
import pytest

from serbench.comparison.shown import over_known_speakers, shown, sized
from serbench.stats.claims import across_corpora, method, system
from serbench.stats.effect import effect
from serbench.stats.paired import sign_flip, uncorrected, wilcoxon

SPREAD = np.array([0.04, 0.07, 0.02, 0.05, 0.09, 0.01])


def t_tests(values):
    columns = np.array(values)[:, np.newaxis]
    return [
        system(columns, float(np.mean(values))),
        system(np.hstack([columns, columns + 0.01]), float(np.mean(values))),
        method(columns),
        uncorrected(values),
    ]


@pytest.mark.parametrize("count", [1, 2])
def test_no_t_test_of_fewer_than_three_units_has_a_p(count):
    for one in t_tests(SPREAD[:count]):
        told = shown(one)
        assert math.isnan(told.p)
        assert math.isnan(told.statistic)
        assert "few_units" in told.flags
        assert told.low == one.low or math.isnan(one.low)


def test_three_units_are_enough():
    for one in t_tests(SPREAD[:3]):
        assert shown(one) == one


def test_exact_tests_that_cannot_reach_5_percent_are_silent():
    for test in (sign_flip, wilcoxon):
        assert math.isnan(shown(test(SPREAD[:5])).p)
        assert shown(test(SPREAD)) == test(SPREAD)


def test_without_spread_there_is_no_interval():
    for one in t_tests([0.05] * 6)[:1] + t_tests([0.05] * 6)[2:]:
        assert one.low == one.high  # what would claim to know it exactly
        told = shown(one)
        assert math.isnan(told.low)
        assert math.isnan(told.df)
        assert {"degenerate", "no_spread"} <= set(told.flags)
        assert told.p == sign_flip([0.05] * 6).p


def test_nothing_is_said_of_other_speakers_by_those_who_were_trained_on():
    over_speakers, _, over_folds, _ = t_tests(SPREAD)
    told = over_known_speakers(over_speakers)
    assert math.isnan(told.p)
    assert math.isnan(told.low)
    assert told.estimate == over_speakers.estimate
    assert over_known_speakers(over_folds) == over_folds


def test_of_few_corpora_the_reason_stays():
    told = shown(across_corpora({("a", "b"): 0.1, ("b", "a"): 0.2}))
    assert told.flags[0] == "few_corpora"


def test_two_units_have_no_effect_size():
    told = sized(effect([0.24, 0.22]), 2)
    assert (told.wins, told.ties, told.losses) == (2, 0, 0)
    assert all(map(math.isnan, (told.d, told.hedges, told.rank_biserial)))
    assert sized(effect(SPREAD), 6) == effect(SPREAD)
