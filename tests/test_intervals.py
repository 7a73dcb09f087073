"""Intervals against published numbers and closed forms, and where there is no interval."""

import functools
import math

import numpy as np
import pytest
from scipy import stats

from serbench.intervals import (
    Interval,
    bootstrap_scores,
    jackknife,
    jackknife_over_seeds,
    pseudo_values,
    speaker_draws,
    two_way,
)
from serbench.metrics import macro_f1, ua, wa

close = functools.partial(pytest.approx, rel=1e-6)
RTOL = 1e-6


def from_hits(hits, support):
    """Matrices [..., C, C] of given recalls; every miss goes to the next class."""
    eye = np.eye(hits.shape[-1], dtype=np.int64)
    misses = (support - hits)[..., np.newaxis] * np.roll(eye, 1, axis=1)
    return hits[..., np.newaxis] * eye + misses


def ends(interval):
    return interval.low, interval.high


SUPPORT = np.array([[10, 8, 10], [10, 8, 12], [12, 10, 8], [10, 6, 9]])
A = from_hits(np.array([[9, 6, 8], [7, 5, 9], [10, 8, 7], [6, 4, 5]]), SUPPORT)
B = from_hits(np.array([[8, 6, 7], [7, 4, 8], [9, 8, 7], [6, 3, 5]]), SUPPORT)


def difference(pair):
    return ua(pair[0]) - ua(pair[1])


class TestGoldenNumbers:
    def test_four_speakers(self):
        leave_out = [ua(A.sum(axis=0) - speaker) for speaker in A]
        expected = [0.71707375, 0.75733025, 0.70827631, 0.78108974]
        np.testing.assert_allclose(leave_out, expected, atol=5e-9)
        interval = jackknife(A, ua)
        assert interval.estimate == close(0.7414148352)
        assert interval.se == close(0.0513601715)
        assert interval.df == 3
        assert (interval.high - interval.estimate) / interval.se == close(3.1824463053)
        assert ends(interval) == close((0.5779638472, 0.9048658231))
        assert interval.method == "jackknife"
        assert interval.flags == ()

    def test_two_models_on_four_speakers(self):
        pairs = np.stack([A, B], axis=1)
        leave_out = [difference(pairs.sum(axis=0) - speaker) for speaker in pairs]
        expected = [0.0496887, 0.0470679, 0.06291952, 0.05587607]
        np.testing.assert_allclose(leave_out, expected, atol=5e-8)
        interval = jackknife(pairs, difference)
        assert interval.estimate == close(0.0538003663)
        assert interval.se == close(0.0105948792)
        assert ends(interval) == close((0.0200827323, 0.0875180003))
        t = interval.estimate / interval.se
        assert t == close(5.0779594100)
        assert 2 * stats.t.sf(t, interval.df) == close(0.0147524717)

    def test_speakers_by_seeds(self):
        scores = np.array([[2, 1, 3], [0.5, 1.5, 1], [3, 2, 4], [1, -0.5, 1.5]])
        mean, variance, df = two_way(scores)
        assert mean == close(1.6666667, abs=5e-8)
        assert variance == close(0.3958333, abs=5e-8)
        assert df == close(4.1016793, abs=5e-8)
        t = mean / np.sqrt(variance)
        assert t == close(2.6490647, abs=5e-8)
        assert 2 * stats.t.sf(t, df) == close(0.0555808, abs=5e-8)
        half = stats.t.isf(0.025, df) * np.sqrt(variance)
        assert mean - half == close(-0.0631958, abs=5e-8)
        assert mean + half == close(3.3965291, abs=5e-8)

    def test_all_draws_of_four_speakers(self):
        weights = speaker_draws(4)
        assert weights.shape == (256, 4)
        scores = bootstrap_scores(A[np.newaxis], ua, weights)[0]
        assert scores.mean() == close(0.7404427182)
        assert scores.std() == close(0.0454128877)
        percentiles = np.percentile(scores, [2.5, 97.5])
        np.testing.assert_allclose(percentiles, [0.6531746032, 0.8249158249], rtol=RTOL)
        half = stats.t.isf(0.025, 3) * scores.std() * np.sqrt(4 / 3)
        found = (ua(A.sum(axis=0)) - half, ua(A.sum(axis=0)) + half)
        assert found == close((0.5745328, 0.9082969), abs=5e-8)


def test_accuracy_of_equal_speakers_has_the_interval_of_a_mean():
    hits = np.array([5, 9, 7, 8, 6, 9, 4])
    counts = np.zeros((7, 2, 2), dtype=np.int64)
    counts[:, 0, 0], counts[:, 0, 1] = hits, 10 - hits
    shares = hits / 10
    expected = stats.t.interval(0.95, 6, loc=shares.mean(), scale=stats.sem(shares))
    assert ends(jackknife(counts, wa)) == close(expected)


class TestSeeds:
    seeds = np.stack([A, B, from_hits(np.minimum(SUPPORT - 1, 7), SUPPORT)])

    def test_one_seed_is_the_jackknife(self):
        assert jackknife_over_seeds(A[np.newaxis], ua) == jackknife(A, ua)

    def test_pseudo_values(self):
        values = pseudo_values(self.seeds, ua)
        assert values.shape == (4, 3)
        pool = B.sum(axis=0)
        assert values[2, 1] == close(4 * ua(pool) - 3 * ua(pool - B[2]))

    def test_the_mean_over_seeds_with_the_two_way_variance(self):
        interval = jackknife_over_seeds(self.seeds, ua)
        _, variance, df = two_way(pseudo_values(self.seeds, ua))
        assert interval.estimate == close(np.mean([ua(seed.sum(axis=0)) for seed in self.seeds]))
        assert (interval.se, interval.df) == (close(np.sqrt(variance)), close(df))
        half = stats.t.isf(0.025, df) * np.sqrt(variance)
        assert interval.high - interval.estimate == close(half)
        assert interval.method == "two-way"

    def test_seeds_that_change_nothing_add_nothing(self):
        repeated = jackknife_over_seeds(np.stack([A, A, A]), ua)
        assert ends(repeated) == close(ends(jackknife(A, ua)))
        assert repeated.df == 3

    def test_neither_factor_is_undercut(self):
        # The residual is so large that Vs + Vr - Ve falls below both.
        scores = np.array([[5.0, -5.0], [-5.2, 6.0]])
        rows, columns = scores.mean(axis=1), scores.mean(axis=0)
        larger = max(rows.var(ddof=1) / 2, columns.var(ddof=1) / 2)
        assert two_way(scores)[1] == close(larger)
        assert two_way(scores.T)[1] == close(larger)

    def test_scores_that_never_vary(self):
        assert two_way(np.full((4, 3), 0.5)) == (0.5, 0, 3)

    def test_one_speaker_has_no_variance(self):
        with pytest.raises(ValueError, match="two of them"):
            two_way(np.array([[1.0, 2.0]]))


class TestFewSpeakers:
    def test_one(self):
        interval = jackknife(A[:1], ua)
        assert interval.estimate == close(ua(A[0]))
        assert all(map(math.isnan, (interval.low, interval.high, interval.se, interval.df)))
        assert all(map(math.isnan, interval.clipped()))
        assert (interval.method, interval.flags) == ("none", ("single_speaker",))

    def test_one_with_seeds(self):
        interval = jackknife_over_seeds(np.stack([A[:1], B[:1]]), ua)
        assert interval.flags == ("single_speaker",)
        assert interval.estimate == close((ua(A[0]) + ua(B[0])) / 2)

    @pytest.mark.parametrize(("speakers", "sds"), [(2, 8.98), (3, 2.48)])
    def test_two_and_three(self, speakers, sds):
        interval = jackknife(A[:speakers], wa)
        assert interval.flags == ("few_speakers",)
        assert interval.df == speakers - 1
        sd = interval.se * np.sqrt(speakers)
        assert (interval.high - interval.estimate) / sd == pytest.approx(sds, abs=0.006)

    def test_none(self):
        with pytest.raises(ValueError, match="no speaker"):
            jackknife(np.zeros((2, 3, 3), dtype=np.int64), ua)


class TestClassOfOneSpeaker:
    """Class 2 is spoken by the first speaker alone: without that speaker there is no UA."""

    def alone(self, counts):
        counts = counts.copy()
        counts[1:, 2] = 0
        return counts

    def test_every_draw_of_few_speakers(self):
        counts = self.alone(A)
        weights = speaker_draws(4)
        kept = weights[weights[:, 0] > 0]
        scores = [ua(np.einsum("s,sij->ij", w, counts)) for w in kept]
        interval = jackknife(counts, ua)
        assert interval.se == close(np.std(scores) * np.sqrt(4 / 3))
        assert interval.df == 3
        assert interval.high - interval.estimate == close(3.1824463053 * interval.se)
        assert (interval.method, interval.flags) == ("bootstrap", ("class_single_speaker",))

    def test_many_speakers_from_a_fixed_seed(self):
        counts = self.alone(np.concatenate([A, B]))
        interval = jackknife(counts, ua)
        assert interval == jackknife(counts, ua)
        assert 0 < interval.se < 1
        assert interval.flags == ("class_single_speaker",)

    def test_accuracy_needs_no_fallback(self):
        assert jackknife(self.alone(A), wa).method == "jackknife"

    def test_macro_f1_falls_back_as_ua_does(self):
        assert jackknife(self.alone(A), macro_f1).flags == ("class_single_speaker",)

    def test_every_speaker_alone_with_a_class(self):
        # All draws that hold every class are one draw: a width of zero would be a lie.
        counts = 5 * np.eye(3, dtype=np.int64)[:, :, np.newaxis] * np.eye(3, dtype=np.int64)
        counts[:, :, 0] += np.eye(3, dtype=np.int64)
        interval = jackknife(counts, ua)
        assert math.isnan(interval.low)
        assert interval.method == "none"
        assert interval.flags == ("few_speakers", "class_single_speaker")

    def test_seeds(self):
        interval = jackknife_over_seeds(np.stack([self.alone(A), self.alone(B)]), ua)
        assert interval.method == "two-way bootstrap"
        assert interval.flags == ("class_single_speaker",)
        one, two = jackknife(self.alone(A), ua), jackknife(self.alone(B), ua)
        assert interval.estimate == close((one.estimate + two.estimate) / 2)
        # The mean varies over speakers no more than its parts do, and the seeds add their own.
        assert interval.se <= np.hypot(max(one.se, two.se), abs(one.estimate - two.estimate) / 2)

    def test_the_bootstrap_agrees_with_the_jackknife_where_both_exist(self, monkeypatch):
        """For a mean, all draws give exactly the two-way variance of the pseudo-values."""
        hits = np.array([[[5, 9, 7, 2]], [[3, 7, 4, 1]], [[6, 10, 9, 2]]]).transpose(0, 2, 1)
        counts = np.zeros((3, 4, 2, 2), dtype=np.int64)
        counts[:, :, 0, :1], counts[:, :, 0, 1:] = hits, 10 - hits
        exact = jackknife_over_seeds(counts, wa)
        shares = hits[:, :, 0].T / 10
        parts = shares.mean(axis=1).var(ddof=1) / 4, shares.mean(axis=0).var(ddof=1) / 3
        assert exact.se**2 > max(parts)  # so that all three parts of the variance count
        monkeypatch.setattr(
            "serbench.intervals.pseudo_values", lambda counts, metric: np.array([[np.nan]])
        )
        fallback = jackknife_over_seeds(counts, wa)
        assert fallback.method == "two-way bootstrap"
        assert (fallback.se, fallback.df) == (close(exact.se), close(exact.df))
        assert ends(fallback) == close(ends(exact))


class TestDegenerate:
    def test_a_speaker_without_utterances_is_no_speaker(self):
        silent = np.zeros((1, 3, 3), dtype=np.int64)
        assert jackknife(np.concatenate([A[:2], silent, A[2:]]), ua) == jackknife(A, ua)

    def test_a_class_that_nobody_speaks(self):
        counts = A.copy()
        counts[:, 1] = 0
        interval = jackknife(counts, ua)
        assert math.isnan(interval.estimate)
        assert math.isnan(interval.low)
        assert (interval.method, interval.flags) == ("none", ("undefined",))

    def test_a_perfect_model(self):
        interval = jackknife(from_hits(SUPPORT, SUPPORT), ua)
        assert (interval.estimate, interval.low, interval.high) == close((1, 1, 1))
        assert interval.flags == ("no_spread",)

    def test_clipping_is_for_display(self):
        interval = Interval(0.95, 0.8, 1.1, 0.05, 3, "jackknife")
        assert interval.clipped() == (0.8, 1.0)
        assert interval.high == 1.1
        assert Interval(0.1, -0.2, 0.4, 0.1, 3, "jackknife").clipped() == (0.0, 0.4)
        assert Interval(1.5, -0.2, 3.2, 0.5, 3, "jackknife").clipped(0, math.inf) == (0.0, 3.2)
        assert Interval(-0.9, -1.1, -0.7, 0.1, 3, "jackknife").clipped(-1) == (-1.0, -0.7)


class TestSumsThatAreNoCounts:
    """Of each speaker: utterances, and the sum of a number over them, of either sign."""

    sums = np.array([[4.0, 1.5], [0.0, 0.0], [4.0, -0.25], [4.0, 0.5], [4.0, 3.125]])

    @staticmethod
    def mean(pool):
        return float(pool[1] / pool[0])

    def test_the_interval_of_a_mean(self):
        means = self.sums[[0, 2, 3, 4], 1] / 4  # the second has no utterance
        expected = stats.t.interval(0.95, 3, loc=means.mean(), scale=stats.sem(means))
        assert ends(jackknife(self.sums, self.mean)) == close(expected)

    def test_the_bootstrap_too(self):
        """Without the last speaker there is nothing to divide by."""
        sums = np.array([[0.0, 1.0], [0.0, -0.5], [0.0, 0.5], [2.5, 1.0]])
        interval = jackknife(sums, lambda pool: pool[1] / pool[0] if pool[0] else math.nan)
        assert interval.method == "bootstrap"
        assert interval.estimate == close(0.8)
        assert interval.low < 0.8 < interval.high
