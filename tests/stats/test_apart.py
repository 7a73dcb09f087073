"""Which pairs are told apart, and what is no matrix of p-values."""

import numpy as np
import pytest

from serbench.stats.apart import apart, untested

NAN = float("nan")


def test_below_five_percent_and_nothing_else():
    p = [[1, 0.049, 0.05], [0.049, 1, NAN], [0.05, NAN, 1]]
    assert apart(p).tolist() == [[False, True, False], [True, False, False], [False, False, False]]
    assert untested(p) == 1


def test_the_diagonal_is_not_read():
    for diagonal in (0.0, -1.0, NAN):
        p = np.full((2, 2), 0.001)
        np.fill_diagonal(p, diagonal)
        assert apart(p).tolist() == [[False, True], [True, False]]
        assert untested(p) == 0


@pytest.mark.parametrize(
    ("p", "what"),
    [
        ([0.1, 0.2], "shape"),
        ([[0.1, 0.2]], "shape"),
        ([[1, 0.1], [0.2, 1]], "both ways"),
        ([[1, NAN], [0.2, 1]], "both ways"),
        ([[1, 1.2], [1.2, 1]], "p-values from"),
        ([[1, -0.2], [-0.2, 1]], "p-values from"),
    ],
)
def test_what_is_no_such_matrix_is_refused(p, what):
    with pytest.raises(ValueError, match=what):
        apart(p)
