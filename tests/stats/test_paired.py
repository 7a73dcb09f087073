"""Tests of paired differences against scipy, baycomp and worked examples."""

import itertools

import numpy as np
import pytest
from scipy import stats

from serbench.stats.paired import corrected, sign_flip, smallest_p, uncorrected, wilcoxon

A = [0.712, 0.698, 0.735, 0.701, 0.744, 0.690, 0.728, 0.715, 0.707, 0.722]
B = [0.695, 0.701, 0.712, 0.688, 0.730, 0.684, 0.703, 0.709, 0.699, 0.718]
FOLDS = np.subtract(A, B)
TWICE_FIVE = [0.012, -0.004, 0.020, 0.008, 0.015, 0.010, 0.002, 0.018, -0.001, 0.014]
SPEAKERS = [0.0666667, 0.0694444, 0.0277778, 0.0555556]


def test_ten_folds_corrected():
    found = corrected(FOLDS, 10)
    assert found.estimate == pytest.approx(0.0113)
    assert found.statistic == pytest.approx(2.8045276611, rel=1e-9)
    assert found.p == pytest.approx(0.0205600038, rel=1e-8)
    assert (found.se, found.df) == (pytest.approx(0.0040291990, rel=1e-7), 9)
    assert (found.low, found.high) == pytest.approx((0.0021853187, 0.0204146813), rel=1e-7)


def test_it_is_the_bayesian_correlated_t_without_a_region_of_equivalence():
    """As baycomp 1.0.3 has it: two_on_single(A, B, rope=0), and with runs=2."""
    assert corrected(FOLDS, 10).p / 2 == pytest.approx(0.0102800019, rel=1e-8)
    assert corrected(TWICE_FIVE, 5).p / 2 == pytest.approx(0.0407080509, rel=1e-8)


def test_ten_folds_uncorrected_is_scipys_paired_t():
    found, oracle = uncorrected(FOLDS), stats.ttest_rel(A, B)
    assert found.statistic == pytest.approx(oracle.statistic, rel=1e-9)
    assert found.p == pytest.approx(oracle.pvalue, rel=1e-8)
    ends = oracle.confidence_interval()
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), rel=1e-8)
    assert corrected(FOLDS, 10).statistic / found.statistic == pytest.approx(0.6882472017)


def test_twice_five_folds_know_one_fold_in_five():
    found = corrected(TWICE_FIVE, 5)
    assert found.statistic == pytest.approx(1.9617420972, rel=1e-9)
    assert found.p == pytest.approx(0.0814161019, rel=1e-8)
    assert uncorrected(TWICE_FIVE).p == pytest.approx(0.0051541743, rel=1e-7)


def test_exact_tests_of_ten_folds():
    assert sign_flip(FOLDS).p == 4 / 1024
    found = wilcoxon(FOLDS)
    assert (found.statistic, found.p) == (1, 0.00390625)


def test_float_noise_breaks_no_tie():
    a = [0.549, 0.531, 0.714, 0.566, 0.823, 0.509, 0.65, 0.689]
    b = [0.556, 0.531, 0.711, 0.559, 0.812, 0.508, 0.62, 0.685]
    assert stats.wilcoxon(a, b).pvalue == pytest.approx(0.15625)
    assert wilcoxon(np.subtract(a, b)).p == pytest.approx(0.125)


def test_four_speakers_cannot_reach_five_percent():
    assert sign_flip(SPEAKERS).p == smallest_p(4) == 0.125
    assert smallest_p(5) == 0.0625
    assert smallest_p(6) == pytest.approx(0.03125)


@pytest.mark.parametrize("n", [2, 3, 7, 11, 13])
def test_sign_flips_are_counted_as_one_by_one(n):
    drawn = np.round(np.random.default_rng(n).normal(0.3, 1, n), 1)  # with ties and zeros
    tenths = np.rint(drawn * 10)
    every = np.abs([np.dot(signs, tenths) for signs in itertools.product([-1, 1], repeat=n)])
    reached = np.mean(every >= abs(tenths.sum()))
    assert sign_flip(drawn).p == reached


def test_two_dozen_speakers_are_still_exact():
    drawn = np.random.default_rng(0).normal(0.2, 1, 24)
    found = sign_flip(drawn)
    oracle = stats.permutation_test(
        (drawn,), np.mean, permutation_type="samples", n_resamples=200_000, rng=1
    )
    assert found.flags == ()
    assert found.p == pytest.approx(oracle.pvalue, abs=4 * np.sqrt(0.25 / 200_000))


def test_more_are_drawn_and_say_so():
    drawn = np.random.default_rng(0).normal(0.2, 1, 60)
    found = sign_flip(drawn)
    assert found.flags == ("sampled",)
    assert found.p == pytest.approx(uncorrected(drawn).p, abs=0.02)
    assert sign_flip(drawn) == found


def test_no_difference_at_all_is_p_one():
    for n in (5, 60):
        zeros = np.zeros(n)
        for found in (uncorrected(zeros), corrected(zeros, n), sign_flip(zeros), wilcoxon(zeros)):
            assert found.p == 1


def test_equal_differences_are_no_certainty():
    found = uncorrected([0.01] * 6)
    assert (found.flags, found.p) == (("degenerate",), 2 / 64)


def test_one_difference_allows_no_inference():
    for found in (uncorrected([0.1]), sign_flip([0.1]), wilcoxon([0.1])):
        assert (found.flags, np.isnan(found.p)) == (("single",), True)


@pytest.mark.parametrize("differences", [[], [np.nan, 1.0], [[1.0, 2.0]], [np.inf]])
def test_what_is_no_difference_is_refused(differences):
    for test in (uncorrected, sign_flip, wilcoxon):
        with pytest.raises(ValueError, match="differences of shape"):
            test(differences)


@pytest.mark.parametrize(("n", "k"), [(10, 3), (10, 1), (9, 10)])
def test_folds_that_are_not_whole_repeats_are_refused(n, k):
    with pytest.raises(ValueError, match="not whole repeats"):
        corrected(np.arange(n), k)


def test_swapping_the_models_swaps_the_sign_alone():
    there, back = corrected(FOLDS, 10), corrected(-FOLDS, 10)
    assert (there.statistic, there.p) == (-back.statistic, back.p)
    assert (there.low, there.high) == (-back.high, -back.low)


@pytest.mark.parametrize("count", [6, 12, 13, 14, 20])
@pytest.mark.parametrize("tied", [False, True], ids=["all apart", "ties"])
def test_wilcoxon_says_when_it_is_no_longer_exact(count, tied):
    sizes = np.arange(1, count + 1) // (2 if tied else 1) + 1
    found = wilcoxon(np.where(np.arange(count) % 3, sizes, -sizes) / 100)
    signed = np.sort(stats.rankdata(sizes)) * np.where(np.arange(count) % 3, 1, -1)
    whole = (2 * signed).astype(int)
    reached = sum(
        ways for total, ways in _sums(np.abs(whole)).items() if abs(total) >= abs(whole.sum())
    )
    exact = reached / 2**count
    assert ("approximate" in found.flags) == (tied and count > 13)
    assert (found.p == pytest.approx(exact, rel=1e-9)) == ("approximate" not in found.flags)


def _sums(sizes):
    """How many of all ways to set the signs reach each sum."""
    ways = {0: 1}
    for size in sizes.tolist():
        more = {}
        for total, count in ways.items():
            for sign in (-size, size):
                more[total + sign] = more.get(total + sign, 0) + count
        ways = more
    return ways
