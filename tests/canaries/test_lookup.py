"""The look-up: what it says of a key, and how well a key tells."""

from __future__ import annotations

import numpy as np
import pytest

from serbench.canaries.lookup import Answers, codes_of, learn, tells


def of(keys, labels, classes=2):
    codes, count = codes_of(keys)
    return codes, count, Answers(np.array([int(label) for label in labels]), classes)


def test_the_class_wins_that_makes_the_key_most_likely():
    """Of eight of class 0 three carry the key, of two of class 1 one does: 3/8 < 1/2."""
    said = learn(*of("kkkxxxxxkx", "0000000011"))
    assert said[0] == 1


def test_ties_go_to_the_lower_index():
    assert learn(*of("kxkx", "1100"))[0] == 0


def test_a_key_without_training_gets_the_majority():
    codes, _, answers = of("kkm", "110")
    said = learn(codes, 3, answers)
    assert said.tolist() == [1, 0, 1, 1]  # k, m, one that training lacks, an unknown one


def test_unknown_keys_are_not_a_key_of_their_own():
    """Else "no text given" would be a text, though it may be no more than a gap in a table."""
    said = learn(*of([None, None, "k", "k", "k"], "00111"))
    assert said.tolist() == [1, 1]


def test_values_on_a_scale_get_the_mean_of_their_key():
    codes, keys = codes_of(["k", "k", "m", None])
    said = learn(codes, keys + 1, Answers(np.array([1.0, 2.0, -1.0, 0.0]), 0))
    assert said == pytest.approx([1.5, -1.0, 0.5, 0.5])


def test_a_key_that_nobody_shares_tells_nothing():
    assert tells(*of("abcdef", "000111")) == 0.0
    assert tells(*of("aaabbb", "000111")) == 1.0
    assert tells(*of("aabbab", "000111")) == pytest.approx(2 / 3)


def test_telling_is_leave_one_out():
    rng = np.random.default_rng(0)
    codes, y = rng.integers(0, 6, 80), rng.integers(0, 3, 80)
    hits = np.zeros(3)
    for i in range(80):
        rest = np.arange(80) != i
        counts = np.array([np.sum((codes == codes[i]) & (y == c) & rest) for c in range(3)])
        # the others' shares are of all of them, its own class's share of the rest of that class
        sizes = np.bincount(y, minlength=3) - (np.arange(3) == y[i])
        shares = counts / sizes
        hits[y[i]] += shares[y[i]] > np.delete(shares, y[i]).max()
    expected = np.mean(hits / np.bincount(y))
    assert tells(codes, 6, Answers(y, 3)) == pytest.approx(expected)


def test_telling_on_a_scale():
    values = np.array([1.0, 1.0, -2.0, -2.0])
    by_key = tells(np.array([0, 0, 1, 1]), 2, Answers(values, 0))
    by_name = tells(np.arange(4), 4, Answers(values, 0))
    assert by_key == 0.0
    assert by_name == pytest.approx(-np.mean((values - values.mean()) ** 2))
