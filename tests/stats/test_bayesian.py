"""Beliefs against worked examples, the corrected t-test and a draw of our own."""

import warnings

import numpy as np
import pytest

from serbench.stats import bayesian
from serbench.stats.bayesian import Belief, correlated, posterior, signed_rank
from serbench.stats.claims import method
from serbench.stats.paired import corrected

A = [0.712, 0.698, 0.735, 0.701, 0.744, 0.690, 0.728, 0.715, 0.707, 0.722]
B = [0.695, 0.701, 0.712, 0.688, 0.730, 0.684, 0.703, 0.709, 0.699, 0.718]
FOLDS = np.subtract(A, B)
TWICE_FIVE = [0.012, -0.004, 0.020, 0.008, 0.015, 0.010, 0.002, 0.018, -0.001, 0.014]


def of(belief):
    return belief.first, belief.equivalent, belief.second


@pytest.fixture(autouse=True)
def _quick_and_without_warning(monkeypatch):
    monkeypatch.setattr(bayesian, "DRAWS", 8_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


def test_ten_folds():
    found = correlated(FOLDS, 10)
    assert of(found) == pytest.approx((0.6228332, 0.3769154, 0.0002514), abs=5e-8)
    without = correlated(FOLDS, 10, rope=0)
    assert of(without) == pytest.approx((0.9897199981, 0, 0.0102800019), rel=1e-8)
    assert without.second == pytest.approx(corrected(FOLDS, 10).p / 2, rel=1e-9)


def test_twice_five_folds_know_one_fold_in_five():
    assert correlated(TWICE_FIVE, 5, rope=0).second == pytest.approx(0.0407080509, rel=1e-8)


@pytest.mark.parametrize("rope", [0, 0.01, 0.02])
def test_the_corrected_t_of_one_seed_read_as_a_posterior_is_the_correlated_t(rope):
    for differences in (FOLDS, -FOLDS, FOLDS[:3]):
        tested = method(differences[:, np.newaxis])
        found = posterior(tested.estimate, tested.se, tested.df, rope)
        by_library = correlated(differences, len(differences), rope)
        assert of(found) == pytest.approx(of(by_library), rel=1e-7, abs=1e-12)


def test_seeds_that_disagree_make_one_less_sure():
    """Every fold agrees; one seed of five is far off."""
    rng = np.random.default_rng(2)
    seeds = np.array([0.16, -0.02, 0.01, 0.15, 0.02])
    differences = rng.normal(0, 0.01, (10, 1)) + seeds + rng.normal(0, 0.005, (10, 5))
    tested = method(differences)
    found = posterior(tested.estimate, tested.se, tested.df)
    assert tested.p == pytest.approx(0.164, abs=0.001)
    assert correlated(differences.mean(axis=1), 10).first > 0.9999
    assert 0.85 < found.first < 1 - tested.p / 2
    assert sum(of(found)) == pytest.approx(1)


@pytest.mark.parametrize(("se", "df"), [(0, 9), (float("nan"), 9), (0.1, 0), (-0.1, 9)])
def test_a_posterior_without_spread_is_refused(se, df):
    with pytest.raises(ValueError, match="degrees of freedom about"):
        posterior(0.1, se, df)


def signed_rank_by_hand(differences, rope, draws, seed):
    """Which of the three regions holds most of the Walsh averages, by Dirichlet weights."""
    d = np.concatenate([[0], differences])
    walsh = np.add.outer(d, d) / 2
    weights = np.random.default_rng(seed).dirichlet([0.5] + [1] * len(differences), draws)
    above, below = (
        np.einsum("na,ab,nb->n", weights, region.astype(float), weights)
        for region in (walsh > rope, walsh < -rope)
    )
    most = np.argmax([above, 1 - above - below, below], axis=0)
    return np.bincount(most, minlength=3) / draws


@pytest.mark.parametrize("rope", [0.01, 0.02])
def test_over_corpora_it_is_what_was_drawn_by_hand(demsar, rope):
    differences = np.round(demsar[:, 1] - demsar[:, 0], 6) + 1e-7  # none at the edge of the region
    by_hand = signed_rank_by_hand(differences, rope, 8_000, seed=1)
    assert of(signed_rank(differences, rope)) == pytest.approx(by_hand, abs=0.025)


def test_the_same_scores_give_the_same_numbers_and_exchanged_ones_the_reverse():
    differences = np.random.default_rng(0).normal(0.01, 0.02, 8)
    found, swapped = signed_rank(differences), signed_rank(-differences)
    assert signed_rank(differences) == found
    assert of(swapped) == pytest.approx(of(found)[::-1], abs=1e-12)
    one, other = correlated(FOLDS, 10), correlated(-FOLDS, 10)
    assert of(other) == pytest.approx(of(one)[::-1], abs=1e-12)


def test_models_that_never_differ():
    for belief in (correlated(np.zeros(10), 10), signed_rank(np.full(8, 1e-13))):
        assert belief == Belief(0, 1, 0)
    for belief in (correlated(np.zeros(10), 10, rope=0), signed_rank(np.zeros(8), rope=0)):
        assert belief == Belief(0.5, 0, 0.5)


def test_differences_that_are_all_equal():
    assert correlated([0.3 - 0.1] * 10, 10) == Belief(1, 0, 0)
    assert correlated([-0.2] * 10, 10, rope=0) == Belief(0, 0, 1)
    assert correlated([0.01] * 10, 10) == Belief(0, 1, 0)


@pytest.mark.parametrize("differences", [[], [0.1], [np.nan, 0.1], [[0.1, 0.2]]])
def test_too_few_or_no_numbers_are_refused(differences):
    with pytest.raises(ValueError, match="differences of shape"):
        correlated(differences, 2)
    with pytest.raises(ValueError, match="differences of shape"):
        signed_rank(differences)


@pytest.mark.parametrize("k", [1, 3])
def test_folds_that_are_not_whole_repeats_are_refused(k):
    with pytest.raises(ValueError, match="not whole repeats"):
        correlated(FOLDS, k)


@pytest.mark.parametrize("rope", [-0.01, float("nan"), float("inf")])
def test_a_region_without_a_width_to_it_is_refused(rope):
    with pytest.raises(ValueError, match="practical equivalence"):
        signed_rank(FOLDS, rope)
    with pytest.raises(ValueError, match="practical equivalence"):
        posterior(0.1, 0.1, 9, rope)
