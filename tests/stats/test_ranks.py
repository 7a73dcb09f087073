"""Ranks against scipy, worked examples and the trap of a missing corpus."""

import numpy as np
import pytest
from scipy.stats import rankdata

from serbench.stats.ranks import average, borda, competition, intervals, mean_ranks

NAN = float("nan")
CORPORA = np.transpose(
    [(0.60, 0.70, 0.50, 0.40), (0.62, 0.69, 0.48, 0.41), (0.55, 0.75, 0.52, 0.30)]
)


def test_models_that_tie_share_the_smallest_rank():
    assert competition([0.5, 0.7, 0.6, 0.6 + 1e-10, 0.4]).tolist() == [4, 1, 2, 2, 5]
    assert competition([0.6, 0.6 + 1e-8]).tolist() == [2, 1]


@pytest.mark.parametrize("seed", range(3))
def test_ranks_are_scipys(seed):
    scores = np.random.default_rng(seed).random((7, 6)).round(1)
    assert np.array_equal(competition(scores), rankdata(-scores, "min", axis=1))
    assert np.array_equal(average(scores), rankdata(-scores, "average", axis=1))


def test_mean_ranks_and_borda_on_demsars_table(demsar):
    assert mean_ranks(demsar) == pytest.approx([3.142857, 2.0, 2.892857, 1.964286], abs=5e-7)
    assert borda(demsar) == pytest.approx(14 * (4 - mean_ranks(demsar)))
    assert borda([[0.3, 0.2, 0.1], [0.1, 0.2, 0.2]]).tolist() == [2, 2.5, 1.5]


def test_leaving_out_a_hard_corpus_is_refused_and_not_rewarded():
    assert CORPORA.mean(axis=0) == pytest.approx([0.55, 0.55, 0.53])
    assert mean_ranks(CORPORA).tolist() == [2, 2, 2]
    left_out = CORPORA.copy()
    left_out[3, 2] = NAN
    assert np.nanmean(left_out, axis=0).argmax() == 2  # what it would have gained: .6067
    for mean in (mean_ranks, borda):
        with pytest.raises(ValueError, match=r"1 of 12 scores are missing.* model 2 on corpus 3"):
            mean(left_out)


def test_the_tests_leave_an_interval():
    p = np.ones((4, 4))
    p[0, 3] = p[3, 0] = p[1, 3] = p[3, 1] = 0.01
    p[0, 2] = p[2, 0] = 0.04
    p[1, 2] = p[2, 1] = NAN
    assert intervals(p, [0.9, 0.8, 0.7, 0.6]) == [(1, 2), (1, 3), (2, 4), (3, 4)]
    assert intervals(p, [0.6, 0.7, 0.8, 0.9]) == [(3, 4), (2, 4), (1, 3), (1, 2)]


def test_no_test_leaves_every_rank():
    assert intervals(np.full((3, 3), NAN), [0.9, 0.8, 0.7]) == [(1, 3)] * 3


@pytest.mark.parametrize("rank", [competition, average])
@pytest.mark.parametrize("scores", [[], [0.5, NAN], [np.inf, 0.5], 0.5])
def test_what_has_no_rank_is_refused(rank, scores):
    with pytest.raises(ValueError, match=r"no model|no rank"):
        rank(scores)


@pytest.mark.parametrize("scores", [[0.5, 0.6], np.zeros((0, 2)), np.zeros((2, 0))])
def test_what_is_no_table_is_refused(scores):
    with pytest.raises(ValueError, match="a row for each corpus"):
        mean_ranks(scores)


def test_p_values_of_other_models_are_refused():
    with pytest.raises(ValueError, match="beside p-values of 3 models"):
        intervals(np.ones((3, 3)), [0.5, 0.6])
