"""Tests over speakers, folds and corpora, with seeds and without, against worked examples."""

import itertools

import numpy as np
import pytest

from serbench.intervals import jackknife, pseudo_values
from serbench.metrics import ua
from serbench.stats.claims import across_corpora, method, system
from serbench.stats.paired import corrected

NO = float("nan")
SPEAKERS_BY_SEEDS = np.array([[2, 1, 3], [0.5, 1.5, 1], [3, 2, 4], [1, -0.5, 1.5]])
MEANS = [
    [NO, 2.1, 1.4, 0.8, 3.0],
    [1.2, NO, 0.5, 2.2, 1.9],
    [2.6, 1.1, NO, 0.4, 2.4],
    [0.9, 1.7, 1.0, NO, 2.8],
    [1.5, 0.2, -0.3, 1.6, NO],
]
CELLS = {
    ("abcde"[row], "abcde"[column]): MEANS[row][column]
    for row, column in itertools.permutations(range(5), 2)
}
HITS_A = [[9, 6, 8], [7, 5, 9], [10, 8, 7], [6, 4, 5]]
HITS_B = [[8, 6, 7], [7, 4, 8], [9, 8, 7], [6, 3, 5]]
SUPPORT = [[10, 8, 10], [10, 8, 12], [12, 10, 8], [10, 6, 9]]


def confusions(hits):
    """Counts [1, speakers, 3, 3] with what was missed in the next column."""
    counts = np.zeros((1, len(hits), 3, 3), np.int64)
    for speaker, (right, there) in enumerate(zip(hits, SUPPORT, strict=True)):
        for one in range(3):
            counts[0, speaker, one, one] = right[one]
            counts[0, speaker, one, (one + 1) % 3] = there[one] - right[one]
    return counts


def test_two_seeds_and_speakers():
    found = system(SPEAKERS_BY_SEEDS, float(SPEAKERS_BY_SEEDS.mean()))
    assert (found.test, found.n) == ("two-way", 4)
    assert found.se**2 == pytest.approx(0.3958333, rel=1e-6)
    assert found.df == pytest.approx(4.1016793, rel=1e-6)
    assert found.statistic == pytest.approx(2.6490647, rel=1e-6)
    assert found.p == pytest.approx(0.0555808, rel=1e-5)
    assert (found.low, found.high) == pytest.approx((-0.0631958, 3.3965291), rel=1e-5)


def test_four_speakers_of_one_seed():
    first, second = (confusions(hits) for hits in (HITS_A, HITS_B))
    values = pseudo_values(first, ua) - pseudo_values(second, ua)
    found = system(values, ua(first[0].sum(0)) - ua(second[0].sum(0)))
    assert found.test == "jackknife"
    assert found.estimate == pytest.approx(0.0538003663, rel=1e-7)
    assert (found.se, found.df) == (pytest.approx(0.0105948792, rel=1e-7), 3)
    assert found.statistic == pytest.approx(5.0779594100, rel=1e-8)
    assert found.p == pytest.approx(0.0147524717, rel=1e-7)
    assert (found.low, found.high) == pytest.approx((0.0200827323, 0.0875180003), rel=1e-7)
    pairs = np.stack([first[0], second[0]], axis=1)
    same = jackknife(pairs, lambda pair: ua(pair[0]) - ua(pair[1]))
    assert (found.low, found.high) == pytest.approx((same.low, same.high), rel=1e-12)


def test_folds_of_one_seed_are_the_corrected_test():
    differences = np.array([0.017, -0.003, 0.023, 0.013, 0.014, 0.006, 0.025, 0.006, 0.008, 0.004])
    found, same = method(differences[:, None]), corrected(differences, 10)
    assert found.test == "corrected"
    assert (found.statistic, found.p, found.df) == pytest.approx(
        (same.statistic, same.p, same.df), rel=1e-9
    )
    assert (found.low, found.high) == pytest.approx((same.low, same.high), rel=1e-9)


def test_seeds_that_agree_change_nothing_and_seeds_that_differ_widen():
    differences = np.array([0.017, -0.003, 0.023, 0.013, 0.014])
    once = method(differences[:, None])
    again = method(np.tile(differences[:, None], (1, 3)))
    assert (again.test, again.se) == ("corrected two-way", pytest.approx(once.se, rel=1e-9))
    apart = method(differences[:, None] + np.array([[-0.05, 0.0, 0.05]]))
    assert apart.se > 2 * once.se
    assert apart.df < 5


def test_one_corpus_is_left_out_at_a_time():
    found = across_corpora(CELLS)
    assert found.estimate == pytest.approx(1.45)
    assert (found.se, found.df) == (pytest.approx(0.2649947589, rel=1e-8), 4)
    assert found.statistic == pytest.approx(5.4718063, rel=1e-7)
    assert found.p == pytest.approx(0.0054278164, rel=1e-7)
    assert (found.low, found.high) == pytest.approx((0.7142566, 2.1857434), rel=1e-6)


def test_three_corpora_allow_no_inference():
    found = across_corpora({pair: CELLS[pair] for pair in itertools.permutations("abc", 2)})
    assert found.flags == ("few_corpora",)
    assert np.isnan([found.p, found.low, found.high]).all()
    assert not np.isnan(found.estimate)


def test_one_unit_allows_no_inference():
    for found in (system(np.array([[0.1, 0.2]]), 0.15), method(np.array([[0.1]]))):
        assert found.flags == ("single",)
        assert np.isnan(found.p)


def test_equal_differences_are_said_to_be_degenerate():
    found = system(np.full((5, 1), 0.02), 0.02)
    assert (found.flags, found.p) == (("degenerate",), 2 / 2**5)
    assert system(np.zeros((5, 2)), 0.0).p == 1.0


def test_the_other_way_round_has_the_other_sign():
    ahead = system(SPEAKERS_BY_SEEDS, 1.0)
    behind = system(-SPEAKERS_BY_SEEDS, -1.0)
    assert (ahead.p, ahead.statistic, ahead.low) == (behind.p, -behind.statistic, -behind.high)


def test_a_speaker_who_alone_speaks_a_class_is_refused():
    with pytest.raises(ValueError, match="finite"):
        system(np.array([[0.1], [NO]]), 0.1)
