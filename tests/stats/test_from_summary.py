"""Welch's test of printed results, against TIM-Net's Table 2 and scipy."""

import math

import pytest
from scipy import stats

from serbench.stats.from_summary import CAVEAT, Summary, welch

TIMNET, CAAM = Summary(34.49, 0.43, 10), Summary(32.37, 0.27, 10)  # mean UA over 20 pairs, 10 runs


def test_timnets_table_2():
    found = welch(TIMNET, CAAM)
    assert found.t == pytest.approx(13.2037, abs=5e-5)
    assert found.p == pytest.approx(1.0288e-9, rel=5e-5)
    assert found.flags == (CAVEAT,)


@pytest.mark.parametrize(
    ("first", "second"),
    [(TIMNET, CAAM), (Summary(0.5, 0.1, 4), Summary(0.6, 0.02, 30)), (CAAM, Summary(32.0, 0, 2))],
)
def test_it_is_scipys(first, second):
    found = welch(first, second)
    oracle = stats.ttest_ind_from_stats(
        first.mean, first.std, first.n, second.mean, second.std, second.n, equal_var=False
    )
    assert (found.t, found.p) == pytest.approx((oracle.statistic, oracle.pvalue), rel=1e-9)
    assert found.low < found.estimate < found.high
    reach = (found.estimate - found.low) / (found.estimate / found.t)
    assert 2 * stats.t.sf(abs(reach), found.df) == pytest.approx(0.05)


def test_exchanging_the_two_changes_only_the_sign():
    there, back = welch(TIMNET, CAAM), welch(CAAM, TIMNET)
    assert (there.t, there.p, there.low) == (-back.t, back.p, -back.high)


def test_results_that_do_not_vary():
    found = welch(Summary(0.5, 0, 5), Summary(0.6, 0, 5))
    assert (found.flags, math.isnan(found.p)) == ((CAVEAT, "degenerate"), True)
    assert welch(Summary(0.5, 0, 5), Summary(0.5, 0, 5)).p == 1


@pytest.mark.parametrize(
    ("mean", "std", "n"), [(0.5, 0.1, 1), (0.5, -0.1, 5), (math.nan, 0.1, 5), (0.5, math.inf, 5)]
)
def test_what_is_no_summary_is_refused(mean, std, n):
    with pytest.raises(ValueError, match="standard deviation"):
        Summary(mean, std, n)
