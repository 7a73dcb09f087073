"""Friedman's test and Nemenyi's distance against Demsar's table 6 and scipy."""

import math

import numpy as np
import pytest
from scipy import stats

from serbench.stats.omnibus import friedman, nemenyi


def test_demsars_table(demsar):
    found = friedman(demsar)
    assert found.mean_ranks == pytest.approx([3.142857, 2.0, 2.892857, 1.964286], abs=5e-7)
    assert found.chi2 == pytest.approx(9.278571, rel=1e-6)  # 9.28 in print
    assert (found.f, found.f_p) == pytest.approx((3.686313, 0.019823), abs=5e-7)  # 3.69
    assert (found.tied, found.tied_p) == pytest.approx((10.228346, 0.016722), abs=5e-7)
    assert found.flags == ()


def test_nemenyi_on_demsars_table(demsar):
    found = nemenyi(demsar)
    assert found.critical == pytest.approx(1.253559, rel=1e-6)  # 1.25 in print
    assert found.critical / math.sqrt(4 * 5 / (6 * 14)) == pytest.approx(2.569032, rel=1e-6)
    assert (found.p[0, 1], found.p[0, 3]) == pytest.approx((0.088673, 0.074185), abs=5e-7)
    assert np.array_equal(found.p, found.p.T, equal_nan=True)
    assert np.isnan(np.diag(found.p)).all()


@pytest.mark.parametrize(("seed", "decimals"), [(0, 6), (1, 1), (2, 1)])
def test_it_is_scipys_with_and_without_ties(seed, decimals):
    scores = np.random.default_rng(seed).normal(0.5, 0.2, (9, 5)).round(decimals)
    found, oracle = friedman(scores), stats.friedmanchisquare(*scores.T)
    assert (found.tied, found.tied_p) == pytest.approx((oracle.statistic, oracle.pvalue), rel=1e-9)
    assert found.chi2_p == pytest.approx(stats.chi2.sf(found.chi2, 4), rel=1e-9)
    assert found.chi2 <= found.tied + 1e-9  # what ties take off, the correction gives back
    ranks = stats.rankdata(-scores, axis=1)
    assert found.mean_ranks == pytest.approx(ranks.mean(axis=0))


def test_a_difference_at_the_critical_distance_has_p_five_percent(demsar):
    distance = np.abs(np.subtract.outer(*[friedman(demsar).mean_ranks] * 2))
    found = nemenyi(demsar)
    off = ~np.eye(4, dtype=bool)
    assert ((distance > found.critical) == (found.p < 0.05))[off].all()


def test_corpora_of_one_mind():
    scores = np.add.outer(np.arange(6) / 10, [0.3, 0.2, 0.1])
    found = friedman(scores)
    assert (found.flags, found.f, found.f_p) == (("unanimous",), math.inf, pytest.approx(6.0**-5))
    assert found.chi2 == pytest.approx(12)


def test_models_that_are_nowhere_different():
    found = friedman(np.full((6, 3), 0.5))
    assert (found.chi2, found.chi2_p, found.tied_p, found.f_p) == (0, 1, 1, 1)
    assert nemenyi(np.full((6, 3), 0.5)).p[0, 1] == pytest.approx(1)


@pytest.mark.parametrize("test", [friedman, nemenyi])
@pytest.mark.parametrize(
    "scores", [np.zeros((6, 2)), np.zeros((1, 3)), np.zeros(3), np.zeros((0, 3))]
)
def test_too_few_are_refused(test, scores):
    with pytest.raises(ValueError, match="scores of shape"):
        test(scores)


@pytest.mark.parametrize("test", [friedman, nemenyi])
def test_a_missing_score_is_refused(demsar, test):
    scores = demsar.copy()
    scores[3, 1] = np.nan
    with pytest.raises(ValueError, match="no finite number"):
        test(scores)
