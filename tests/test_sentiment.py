"""Sentiment scores, against the numbers that were worked out for this project and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from serbench.errors import ModelError
from serbench.sentiment import acc2, acc7, sentiment_scores, weighted_f1

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


@pytest.mark.parametrize("bad", [[np.nan], [np.inf]])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ModelError, match="NaN or infinite"):
        sentiment_scores([1.0], bad)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="shape"):
        sentiment_scores([1.0, 2.0], [1.0])
