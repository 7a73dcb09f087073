"""Dietterich's and Alpaydin's tests against a worked example and their definitions."""

import numpy as np
import pytest
from scipy import stats

from serbench.stats.five_by_two import FiveByTwo, five_by_two

FOLDS = [[0.020, 0.035], [0.010, 0.025], [0.030, 0.015], [0.005, 0.022], [0.018, 0.040]]


def test_a_worked_example():
    found = five_by_two(FOLDS)
    assert found.estimate == pytest.approx(0.022)
    assert (found.t, found.t_p) == pytest.approx((1.6620562383, 0.1573905326), rel=1e-9)
    assert (found.f, found.f_p) == pytest.approx((4.0801104972, 0.0670227062), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_they_are_what_the_papers_define(seed):
    p = np.random.default_rng(seed).normal(0.01, 0.02, (5, 2)).round(6)
    variances = p.var(axis=1, ddof=1)
    t, f = p[0, 0] / np.sqrt(variances.mean()), (p**2).sum() / (2 * variances.sum())
    found = five_by_two(p)
    assert (found.t, found.f) == pytest.approx((t, f), rel=1e-9)
    assert (found.t_p, found.f_p) == pytest.approx(
        (2 * stats.t.sf(abs(t), 5), stats.f.sf(f, 10, 5))
    )


def test_the_f_does_not_depend_on_the_order_of_the_folds_and_the_t_does():
    found, turned = five_by_two(FOLDS), five_by_two(np.array(FOLDS)[::-1, ::-1])
    assert turned.f == pytest.approx(found.f, rel=1e-12)
    assert turned.t == pytest.approx(2 * found.t)  # 0.040 stands first in place of 0.020


def test_exchanging_the_models_changes_only_the_sign():
    found, swapped = five_by_two(FOLDS), five_by_two(-np.array(FOLDS))
    assert (swapped.t, swapped.t_p, swapped.f_p) == (-found.t, found.t_p, found.f_p)


def test_no_difference_and_no_spread():
    none = five_by_two(np.full((5, 2), 1e-12))
    assert none == FiveByTwo(0.0, 0.0, 1.0, 0.0, 1.0)
    equal = five_by_two([[0.3 - 0.1, 0.2]] * 5)
    assert equal.flags == ("degenerate",)
    assert np.isnan([equal.t, equal.t_p, equal.f, equal.f_p]).all()


@pytest.mark.parametrize("p", [np.zeros((2, 5)), np.zeros(10), [[np.nan, 1.0]] * 5])
def test_what_is_not_five_times_two_is_refused(p):
    with pytest.raises(ValueError, match="differences of shape"):
        five_by_two(p)
