"""Whether the intervals hold the truth as often as they say, on oracles whose truth is known.

A speaker shifts the odds of a hit for all classes alike, and for each class by half as much again.
"""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import expit, logit

from serbench.intervals import jackknife, two_way
from serbench.metrics import recalls, ua

BASE = np.array([0.6, 0.7, 0.5, 0.65])


def true_ua(sd):
    """The expected recall of a new speaker, by integrating over the logistic-normal."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    spread = np.hypot(sd, sd / 2)
    shares = expit(logit(BASE)[:, np.newaxis] + spread * nodes) @ weights / weights.sum()
    return shares.mean()


def simulate(rng, runs, speakers, per_class, sd):
    """Confusion matrices [runs, S, C, C] of an oracle whose recalls vary over speakers."""
    shift = rng.normal(0, sd, (runs, speakers, 1)) + rng.normal(0, sd / 2, (runs, speakers, 4))
    hits = rng.binomial(per_class, expit(logit(BASE) + shift))
    eye = np.eye(4, dtype=np.int64)
    return hits[..., np.newaxis] * eye + (per_class - hits)[..., np.newaxis] * np.roll(eye, 1, 1)


def iid_interval(counts):
    """What treating every utterance as independent would claim."""
    pool = counts.sum(axis=0)
    p = recalls(pool)
    half = 1.96 * np.sqrt((p * (1 - p) / pool.sum(axis=1)).sum()) / len(p)
    return ua(pool) - half, ua(pool) + half


def coverage(runs, speakers, per_class, sd, seed=0):
    """The shares of runs in which the jackknife's and the naive interval hold the truth."""
    truth = true_ua(sd)
    trials = simulate(np.random.default_rng(seed), runs, speakers, per_class, sd)
    ours = [jackknife(trial, ua) for trial in trials]
    naive = [iid_interval(trial) for trial in trials]
    return (
        np.mean([interval.low <= truth <= interval.high for interval in ours]),
        np.mean([low <= truth <= high for low, high in naive]),
    )


def test_the_truth_of_the_simulation():
    def density(x, base):
        return expit(logit(base) + x) * stats.norm.pdf(x, scale=np.hypot(0.5, 0.25))

    exact = np.mean([integrate.quad(density, -8, 8, args=(base,))[0] for base in BASE])
    assert true_ua(0.5) == pytest.approx(exact, rel=1e-6)
    assert true_ua(0.5) == pytest.approx(0.605874, abs=5e-4)  # as others simulated it
    assert true_ua(0) == pytest.approx(BASE.mean())


def test_coverage_in_short():
    covered, naive = coverage(runs=300, speakers=10, per_class=12, sd=0.5)
    assert 0.91 <= covered <= 0.985  # three standard errors of 300 runs
    assert naive < 0.80


@pytest.mark.slow
@pytest.mark.parametrize(
    ("speakers", "per_class", "sd"), [(10, 12, 0.5), (24, 10, 0.5), (4, 30, 0.5), (10, 12, 0.0)]
)
def test_coverage(speakers, per_class, sd):
    covered, naive = coverage(2000, speakers, per_class, sd)
    assert 0.93 <= covered <= 0.97
    if sd:
        assert naive < 0.80
    else:
        assert 0.93 <= naive <= 0.97


@pytest.mark.slow
def test_a_class_of_one_speaker_makes_the_interval_too_narrow():
    """What the flag warns of: one speaker cannot show how the class varies over speakers."""
    trials = simulate(np.random.default_rng(0), runs=1000, speakers=4, per_class=30, sd=0.5)
    trials[:, 1:, 3] = 0
    intervals = [jackknife(trial, ua) for trial in trials]
    assert {interval.flags for interval in intervals} == {("class_single_speaker",)}
    held = np.mean([i.low <= true_ua(0.5) <= i.high for i in intervals])
    assert 0.80 <= held <= 0.88


@pytest.mark.slow
@pytest.mark.parametrize(
    ("speakers", "seeds", "sds", "speakers_only", "both"),
    [
        (10, 5, (3, 1, 2), 0.069, 0.046),
        (10, 10, (3, 0.5, 2), 0.053, 0.050),
        (4, 10, (4, 1, 2), 0.051, 0.053),
        (24, 5, (3, 1, 3), 0.097, 0.048),
        (10, 5, (0, 1, 2), 0.255, 0.033),
    ],
)
def test_false_alarms_over_speakers_and_seeds(speakers, seeds, sds, speakers_only, both):
    """Rejections of a true zero at 5%, against rates from an independent 20,000 runs."""
    runs, rng = 20_000, np.random.default_rng(0)
    of_speaker, of_seed, residual = (rng.normal(0, sd, runs * speakers * seeds) for sd in sds)
    scores = (
        of_speaker[: runs * speakers].reshape(runs, speakers, 1)
        + of_seed[: runs * seeds].reshape(runs, 1, seeds)
        + residual.reshape(runs, speakers, seeds)
    )

    def rate(tables):
        mean, variance, df = np.array([two_way(table) for table in tables]).T
        return np.mean(2 * stats.t.sf(np.abs(mean) / np.sqrt(variance), df) < 0.05)

    for found, expected in [
        (rate(scores), both),
        (rate(scores.mean(axis=2, keepdims=True)), speakers_only),
    ]:
        assert found == pytest.approx(expected, abs=4 * np.sqrt(2 * expected / runs))
