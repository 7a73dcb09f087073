"""One pair of models: which seeds, which unit, whose difference."""

import math

import numpy as np
import pytest

from serbench.comparison.reading import comparisons
from serbench.stats.bayesian import correlated, posterior
from serbench.stats.effect import POWER

NET, SVM = [18, 17, 19, 16, 18, 17], [15, 16, 15, 16, 14, 15]
RIGHT = [14, 12, 13, 15, 11, 12]


def compared(store, *names):
    (found,) = comparisons(store, names or ["net", "svm"])
    return found.pairs[0]


def test_what_one_believes_knows_of_the_seeds(add, store):
    """Folds agree with each other; seeds do not."""
    add("net", RIGHT, seeds=range(5), gains=(5, 0, 0, 5, 0))
    add("svm", [11, 10, 10, 13, 8, 10], seeds=range(5), gains=(0, 0, 0, 0, 0))
    pair = compared(store)
    tested, told = pair.duel.tested, pair.belief
    assert told == posterior(tested.estimate, tested.se, tested.df)
    by_fold = np.subtract(RIGHT, [11, 10, 10, 13, 8, 10]) / 20 + 0.1  # the mean over the seeds
    blind = correlated(by_fold, 6)
    assert tested.p > 0.01
    assert blind.first > 0.9999
    assert told.first < blind.first - 0.003
    assert 1 - told.first > tested.p / 2  # to be better by a point is less sure than to be better


def test_scores_are_of_the_seeds_that_both_have(add, store):
    add("net", RIGHT, seeds=range(5), gains=(0, 0, 0, 5, 5))
    add("svm", [each + 1 for each in RIGHT], seeds=range(3), gains=(0, 0, 0))
    pair = compared(store)
    assert pair.duel.seeds == 3
    assert pair.scores[0] - pair.scores[1] == pytest.approx(pair.duel.difference.estimate)
    assert pair.scores[0] == pytest.approx(np.mean(RIGHT) / 20)


def test_the_smallest_difference_is_of_holms_first_step(add, store):
    from scipy import stats

    for name, rights in (("net", NET), ("svm", SVM), ("forest", RIGHT)):
        add(name, rights)
    (found,) = comparisons(store, ["net", "svm", "forest"])
    for pair in found.pairs:
        tested = pair.duel.tested
        times = stats.t.ppf(1 - 0.05 / 3 / 2, tested.df) + stats.t.ppf(POWER, tested.df)
        assert pair.smallest == pytest.approx(times * tested.se)
        assert pair.alpha == pytest.approx(0.05 / 3)
    (alone,) = comparisons(store, ["net", "svm"])
    assert alone.pairs[0].smallest < 0.85 * found.pairs[0].smallest
    assert alone.pairs[0].alpha == 0.05


def test_a_large_fold_turns_the_scores_round_and_no_order_is_claimed(add, store):
    add("net", [900, 11, 12, 10, 11, 12], large={"s0": 1200})
    add("svm", [870, 15, 16, 14, 15, 16], large={"s0": 1200})
    pair = compared(store)
    assert pair.duel.difference.estimate > 0 > pair.duel.tested.estimate
    assert pair.duel.tested.p < 0.05
    assert pair.contrary
    assert not pair.significant


def test_who_was_trained_on_is_no_sample_of_others(add, store):
    for name, rights in (("net", NET), ("svm", SVM)):
        add(name, rights, speakers=("x", "y", "z"), speaker_independent=False)
    pair = compared(store)
    assert pair.same_speakers
    assert not math.isnan(pair.duel.tested.p)
    assert math.isnan(pair.duel.difference.low)
    assert [one.test for one in pair.others] == ["uncorrected"]
    assert pair.wa is None
    assert pair.effect is None


def test_two_folds_of_who_was_trained_on_allow_no_test(add, store):
    for name, rights in (("net", NET), ("svm", SVM)):
        add(name, rights[:2], speakers=("x", "y", "z"), speaker_independent=False)
    pair = compared(store)
    assert pair.silent == "there are too few folds, and the speakers were trained on"
    assert math.isnan(pair.duel.tested.p)


def test_two_speakers_have_no_p(add, store):
    for name, rights in (("net", NET), ("svm", SVM)):
        add(name, rights, speakers=("x", "y"))
    pair = compared(store)
    assert not math.isnan(pair.duel.tested.p)  # six folds
    over_speakers = [pair.wa, *(one for one in pair.others if one.test != "uncorrected")]
    assert [one.test for one in over_speakers] == [
        "jackknife", "jackknife", "sign-flip", "wilcoxon",
    ]  # fmt: skip
    assert all(math.isnan(one.p) for one in over_speakers)


def test_alike_in_every_fold_there_is_nothing_to_believe_by(add, store):
    add("net", RIGHT)
    add("svm", [each - 2 for each in RIGHT])
    pair = compared(store)
    assert pair.belief is None
    assert math.isnan(pair.duel.difference.low)
    assert math.isnan(pair.smallest)


def test_seeds_that_differ_leave_nothing_to_compare(add, store):
    add("net", RIGHT, seeds=(0, 1))
    add("svm", RIGHT, seeds=(2, 3))
    pair = compared(store)
    assert pair.silent == "the models share no seed"
    assert pair.folds == 6
