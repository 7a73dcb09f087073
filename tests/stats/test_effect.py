"""Effect sizes and detectable differences against worked examples."""

import numpy as np
import pytest

from serbench.stats.effect import detectable, effect
from serbench.stats.paired import corrected

FOLDS = [0.017, -0.003, 0.023, 0.013, 0.014, 0.006, 0.025, 0.006, 0.008, 0.004]


def test_ten_folds():
    found = effect(FOLDS)
    assert found.d == pytest.approx(1.2885915336, rel=1e-9)
    assert found.hedges == pytest.approx(1.1781408307, rel=1e-9)
    assert found.rank_biserial == pytest.approx(0.9636363636, rel=1e-9)
    assert (found.wins, found.ties, found.losses) == (9, 0, 1)


@pytest.mark.parametrize(("n", "times"), [(4, 4.161), (5, 3.717), (6, 3.490), (10, 3.146)])
def test_what_could_have_been_seen_in_standard_errors(n, times):
    assert detectable(1.0, n - 1) == pytest.approx(times, abs=5e-4)


def test_what_ten_folds_could_have_shown():
    found = corrected(FOLDS, 10)
    assert detectable(found.se, found.df) == pytest.approx(0.0126740913, rel=1e-7)


def test_ties_and_no_spread():
    found = effect([0.0, 0.01, 0.01, 1e-13])
    assert (found.wins, found.ties, found.losses) == (2, 2, 0)
    assert found.rank_biserial == 1
    equal = effect([0.0, 0.0])
    assert (np.isnan(equal.d), equal.rank_biserial, equal.ties) == (True, 0, 2)


@pytest.mark.parametrize("differences", [[], [1.0], [np.nan, 1.0]])
def test_too_few(differences):
    with pytest.raises(ValueError, match="2 or more"):
        effect(differences)
