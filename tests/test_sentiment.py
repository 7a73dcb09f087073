"""Sentiment scores, against worked numbers, scikit-learn and numpy; and the sums they are of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from serbench.errors import ModelError
from serbench.sentiment import SCORES, acc2, acc7, sentiment_scores, sums, weighted_f1

Y = [-2, -1, -1 / 3, 0, 0, 1 / 3, 2 / 3, 1, 5 / 3, 7 / 3, 8 / 3, 3]
P = [-1.4, 0.2, -0.6, 0.3, -0.2, 0, 0.4, 1.5, 2.5, -0.1, 3.4, 2.2]


def test_the_worked_example():
    scores = sentiment_scores(Y, P)
    assert scores.acc7 == pytest.approx(5 / 12)
    assert scores.acc2_non0 == pytest.approx(0.7)
    assert scores.f1_non0 == pytest.approx(0.7098901, abs=5e-8)
    assert scores.acc2_has0 == pytest.approx(0.75)
    assert scores.f1_has0 == pytest.approx(0.7605042, abs=5e-8)
    assert scores.mae == pytest.approx(np.abs(np.subtract(Y, P)).mean())
    assert scores.correlation == pytest.approx(np.corrcoef(Y, P)[0, 1])


def test_swapped_arguments_weigh_by_what_was_predicted():
    kept = [(y, p) for y, p in zip(Y, P, strict=True) if y]
    y, p = np.sign(np.array(kept)).T
    p[p == 0] = -1
    assert weighted_f1(p, y, "non0") == pytest.approx(0.6901099, abs=5e-8)


def test_halves_go_to_the_even_neighbour():
    assert acc7([0.5, 1.5, 2.5], [0, 2, 2]) == 1.0
    assert acc7([3.0, -3.0], [7.0, -9.0]) == 1.0


def test_a_prediction_of_zero_is_negative_in_one_convention_only():
    assert acc2([1.0, -1.0], [0.0, 0.0], "non0") == 0.5
    assert acc2([1.0, -1.0], [0.0, 0.0], "has0") == 0.5
    assert acc2([-1.0], [0.0], "non0") == 1.0
    assert acc2([-1.0], [0.0], "has0") == 0.0


def test_undefined_rather_than_zero():
    scores = sentiment_scores([0.0, 0.0], [1.0, 1.0])
    assert np.isnan([scores.acc2_non0, scores.f1_non0, scores.correlation]).all()
    assert scores.acc2_has0 == 1.0


@settings(deadline=None, max_examples=50)  # the first call imports, and machines are shared
@given(
    st.lists(
        st.tuples(
            st.integers(-9, 9).map(lambda n: n / 3), st.integers(-40, 40).map(lambda n: n / 10)
        ),
        min_size=1,
        max_size=40,
    )
)
def test_as_scikit_learn(pairs):
    y, p = np.array(pairs).T
    assert acc2(y, p, "has0") == pytest.approx(accuracy_score(y >= 0, p >= 0))
    assert weighted_f1(y, p, "has0") == pytest.approx(
        f1_score(y >= 0, p >= 0, average="weighted", zero_division=0)
    )


@pytest.mark.parametrize("spread", [1e-3, 1.0, 50.0])
@pytest.mark.parametrize("shift", [-50.0, 0.0, 2.0])
def test_as_numpy(spread, shift):
    random = np.random.default_rng(0)
    y = random.integers(-9, 10, 50) / 3
    p = (spread * (y + random.normal(size=50)) + shift).astype(np.float32)
    scores = sentiment_scores(y, p)
    assert scores.mae == pytest.approx(np.abs(y - p).mean())
    assert scores.correlation == pytest.approx(np.corrcoef(y, p)[0, 1], abs=1e-6)
    nearest = [np.rint(np.clip(side, -3, 3)) for side in (y, p)]
    assert scores.acc7 == pytest.approx((nearest[0] == nearest[1]).mean())


@pytest.mark.parametrize("constant", [0.0, 0.1, -1 / 3, 1e6])
@pytest.mark.parametrize("n", [2, 7, 20_000])
def test_a_constant_has_no_correlation(constant, n):
    """Sums of squares round: what is left of a constant must not pass for spread."""
    y = np.arange(n) % 7 - 3.0
    assert np.isnan(sentiment_scores(y, np.full(n, constant)).correlation)
    assert np.isnan(sentiment_scores(np.full(n, constant), y).correlation)


def test_a_little_spread_has_one():
    y = np.arange(700) % 7 - 3.0
    assert sentiment_scores(y, 0.3 + 1e-4 * y).correlation == pytest.approx(1, abs=1e-6)


def test_what_a_group_contributes_can_be_taken_away():
    random = np.random.default_rng(0)
    y, p, who = random.integers(-3, 4, 60), random.normal(0, 2, 60), random.integers(0, 5, 60)
    held = sums(y, p, who, 6)
    assert held.shape == (6, 64)
    assert not held[5].any()  # of whom there is no utterance
    np.testing.assert_allclose(held.sum(axis=0), sums(y, p)[0], rtol=1e-12)
    left = vars(sentiment_scores(y[who != 2], p[who != 2]))
    for name, score in SCORES.items():
        assert score(held.sum(axis=0) - held[2]) == pytest.approx(left[name], rel=1e-9), name


def test_nothing_left_has_no_score():
    for name, score in SCORES.items():
        assert np.isnan(score(np.zeros(64))), name


@pytest.mark.parametrize("bad", [[np.nan], [np.inf]])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ModelError, match="NaN or infinite"):
        sentiment_scores([1.0], bad)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="shape"):
        sentiment_scores([1.0, 2.0], [1.0])
