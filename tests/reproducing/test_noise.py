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


def test_over_runs_is_welch_where_the_paper_prints_its_spread() -> None:
    noise = over_runs(0.0043, 10, 0.0027, 10)
    assert noise is not None
    found = welch(Summary(0.3449, 0.0043, 10), Summary(0.3237, 0.0027, 10))
    assert (noise.se, noise.df) == (found.se, found.df)
    assert noise.half == pytest.approx((found.high - found.low) / 2)


def test_without_a_spread_the_papers_runs_vary_as_ours_do() -> None:
    """Else ours of many runs would be told from a single one of the very same training."""
    single = over_runs(0.004, 10)
    assert single is not None
    assert (single.se, single.df) == pytest.approx((0.004 * math.sqrt(1 / 10 + 1), 9))
    ten = over_runs(0.004, 10, None, 10)
    assert ten is not None
    assert ten.se == pytest.approx(0.004 * math.sqrt(2 / 10))
    draw = np.random.default_rng(3).normal(0.8, 0.004, (4000, 4))  # three runs of ours, one of its
    ours, its = draw[:, :3], draw[:, 3]
    held = [
        noise.holds(mean - one)
        for mean, sd, one in zip(ours.mean(axis=1), ours.std(axis=1, ddof=1), its, strict=True)
        if (noise := over_runs(float(sd), 3)) is not None
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.01)


def test_one_run_and_runs_that_do_not_vary_tell_nothing() -> None:
    assert over_runs(0.01, 1) is None
    assert over_runs(0.0, 5) is None
    assert over_runs(0.0, 5, 0.0, 5) is None


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
    run = Noise(0.01, 2, "runs")
    overs = [noise.over for noise in (of_mean([run, run]), of_mean([run, one])) if noise]
    assert overs == ["runs", "corpora"]


def test_holds() -> None:
    noise = Noise(0.01, 9, "folds")
    assert noise.holds(noise.half)
    assert not noise.holds(-noise.half - 1e-9)
