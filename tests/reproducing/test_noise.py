"""The noise of a measured number against the tests that it comes from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from serbench.intervals import Interval
from serbench.reproducing.noise import Noise, of_mean, over_folds, over_runs, over_speakers
from serbench.stats.from_summary import Summary, welch
from serbench.stats.paired import corrected

FOLDS = [0.81, 0.74, 0.9, 0.62, 0.77, 0.85]


def test_over_folds_is_nadeau_and_bengio() -> None:
    noise = over_folds(FOLDS)
    assert noise is not None
    found = corrected(FOLDS, len(FOLDS))
    assert noise.se == pytest.approx(found.se)
    assert noise.half == pytest.approx((found.high - found.low) / 2)
    # by hand: s^2 (1/6 + 1/5), t of 5 degrees of freedom
    s2 = np.var(FOLDS, ddof=1)
    assert noise.half == pytest.approx(2.570582 * math.sqrt(s2 * (1 / 6 + 1 / 5)), rel=1e-6)


def test_what_does_not_vary_has_no_noise() -> None:
    assert over_folds([0.5, 0.5, 0.5]) is None
    assert over_folds([0.5]) is None
    missing = over_folds([*FOLDS, math.nan])
    assert missing == over_folds(FOLDS)


def test_over_runs_is_welch() -> None:
    noise = over_runs(0.0043, 10, 0.0027, 10)
    found = welch(Summary(0.3449, 0.0043, 10), Summary(0.3237, 0.0027, 10))
    assert noise.half == pytest.approx((found.high - found.low) / 2)
    alone = over_runs(0.0043, 10, None, None)
    assert (alone.se, alone.df) == pytest.approx((0.0043 / math.sqrt(10), 9))
    assert alone.half < noise.half


def test_over_speakers() -> None:
    found = over_speakers(Interval(0.5, 0.4, 0.6, 0.05, 9, "jackknife"))
    assert found == Noise(0.05, 9, "speakers")
    none = float("nan")
    assert over_speakers(Interval(0.5, none, none, none, none, "none")) is None


def test_of_a_mean() -> None:
    one = Noise(0.03, 9, "folds")
    mean = of_mean([one] * 6)
    assert mean is not None
    assert mean.se == pytest.approx(0.03 / math.sqrt(6))
    assert mean.df == pytest.approx(54)
    assert of_mean([one, None]) is None


def test_holds() -> None:
    noise = Noise(0.01, 9, "folds")
    assert noise.holds(noise.half)
    assert not noise.holds(-noise.half - 1e-9)
