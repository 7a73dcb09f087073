"""Ranks drawn again, against every draw there is."""

import itertools

import numpy as np
import pytest

from serbench.intervals import speaker_draws
from serbench.stats.stability import drawn_means, stability

SCORES = np.array([[0.60, 0.62, 0.55], [0.70, 0.69, 0.75], [0.50, 0.48, 0.52], [0.40, 0.41, 0.30]])


def every_mean():
    """The means of all 4^4 draws of four corpora."""
    return speaker_draws(4) @ SCORES / 4


def test_ranks_and_wins_are_counted_over_the_draws():
    drawn = np.array([[0.3, 0.2, 0.1]] * 38 + [[0.3, 0.3, 0.1]] + [[0.1, 0.2, 0.3]])
    found = stability(drawn)
    assert found.low.tolist() == [1, 1, 1]  # the last draw is one of forty: 2.5%
    assert found.high.tolist() == [1, 2, 3]
    assert found.first == pytest.approx([39 / 40, 1 / 40, 1 / 40])
    assert found.wins[0] == pytest.approx([0.5, 38.5 / 40, 39 / 40])
    assert found.wins + found.wins.T == pytest.approx(np.ones((3, 3)))


def test_ends_are_ranks_that_a_model_had():
    drawn = np.random.default_rng(0).normal([0.5, 0.52, 0.54], 0.05, (999, 3))
    found = stability(drawn)
    assert found.low.dtype == found.high.dtype == np.int64
    assert (found.low <= found.high).all()
    assert ((found.low >= 1) & (found.high <= 3)).all()


def test_drawing_is_close_to_all_the_draws_there_are():
    drawn, every = stability(drawn_means(SCORES)), stability(every_mean())
    assert drawn_means(SCORES).mean(axis=0) == pytest.approx(SCORES.mean(axis=0), abs=0.005)
    assert drawn.wins == pytest.approx(every.wins, abs=4 * 0.5 / np.sqrt(10_000))
    assert (drawn.low.tolist(), drawn.high.tolist()) == (every.low.tolist(), every.high.tolist())


def test_all_models_are_drawn_on_the_same_corpora():
    scores = np.stack([SCORES[:, 0], SCORES[:, 0] - 0.001], axis=1)
    found = stability(drawn_means(scores))
    assert found.wins[0, 1] == 1
    assert (found.high[0], found.low[1]) == (1, 2)


def test_the_same_seed_gives_the_same_board_and_a_further_model_moves_none():
    assert np.array_equal(drawn_means(SCORES), drawn_means(SCORES))
    more = np.hstack([SCORES, SCORES[:, :1]])
    assert np.array_equal(drawn_means(more)[:, :3], drawn_means(SCORES))
    assert not np.array_equal(drawn_means(SCORES, seed=1), drawn_means(SCORES))
    pairs = itertools.combinations(range(3), 2)
    wide, narrow = stability(drawn_means(more)).wins, stability(drawn_means(SCORES)).wins
    assert all(wide[pair] == narrow[pair] for pair in pairs)


def test_one_corpus_leaves_nothing_to_draw():
    found = stability(drawn_means(SCORES[:1]))
    assert found.low.tolist() == found.high.tolist() == [2, 1, 3]


@pytest.mark.parametrize(
    "drawn", [np.zeros((0, 2)), np.zeros(3), [[0.1, np.nan]], np.zeros((3, 0))]
)
def test_what_was_not_drawn_whole_is_refused(drawn):
    with pytest.raises(ValueError, match=r"scores of shape|no rank|no model"):
        stability(drawn)


@pytest.mark.parametrize(
    ("scores", "draws"), [(np.zeros((0, 2)), 5), (SCORES, 0), ([[0.1, np.nan]], 5), ([0.1], 5)]
)
def test_units_that_are_not_whole_are_refused(scores, draws):
    with pytest.raises(ValueError, match=r"draws of scores|is missing"):
        drawn_means(scores, draws)
