"""Holm's adjustment against statsmodels and a worked example."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from serbench.stats.family import holm


def test_six_pairs():
    adjusted = holm([0.001, 0.008, 0.012, 0.021, 0.040, 0.060])
    assert adjusted == pytest.approx([0.006, 0.04, 0.048, 0.063, 0.08, 0.08])


@pytest.mark.parametrize("seed", range(5))
def test_it_is_statsmodels_in_any_order_and_with_ties(seed):
    p = np.random.default_rng(seed).beta(0.3, 1, 12).round(2)
    assert holm(list(p)) == pytest.approx(multipletests(p, method="holm")[1], rel=1e-12)


def test_a_pair_without_a_test_is_not_of_the_family():
    adjusted = holm([0.01, float("nan"), 0.04])
    assert adjusted[0] == pytest.approx(0.02)
    assert np.isnan(adjusted[1])
    assert adjusted[2] == pytest.approx(0.04)


def test_none_and_one():
    assert holm([]) == []
    assert holm([0.3]) == [0.3]


@pytest.mark.parametrize("p", [[-0.1], [0.5, 1.1]])
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(ValueError, match="p-values from"):
        holm(p)
