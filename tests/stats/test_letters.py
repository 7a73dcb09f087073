"""Letters against worked examples, what they promise, and scikit-posthocs."""

import itertools

import numpy as np
import pytest

from serbench.stats.letters import letters

NAN = float("nan")


def symmetric(upper):
    upper = np.triu(upper, 1)
    return upper + upper.T


def drawn(seed, models):
    """P-values of which about half are below 0.05, in no order."""
    return symmetric(np.random.default_rng(seed).random((models, models)) ** 4)


def on_a_line(seed, models):
    """P-values that fall with the distance of the scores, the best model first."""
    scores = -np.sort(-np.random.default_rng(seed).normal(0, 1, models))
    return np.exp(-4 * np.abs(np.subtract.outer(scores, scores)))


def test_three_models():
    p = [[NAN, 0.2, 0.01], [0.2, NAN, 0.3], [0.01, 0.3, NAN]]
    assert letters(p, [0, 1, 2]).of == ("a", "ab", "b")


def test_four_models():
    p = symmetric([[0, 0.03, 0.01, 0.001], [0, 0, 0.4, 0.02], [0, 0, 0, 0.07], [0, 0, 0, 0]])
    assert letters(p, [0, 1, 2, 3]).of == ("a", "b", "bc", "c")
    assert letters(p, [3, 2, 1, 0]).of == ("c", "b", "ab", "a")


@pytest.mark.parametrize("models", [1, 2, 5, 9, 30])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("forge", [drawn, on_a_line])
def test_two_share_a_letter_exactly_if_they_are_not_told_apart(forge, seed, models):
    p = forge(seed, models)
    order = np.random.default_rng(seed).permutation(models).tolist()
    given = [parts(one) for one in letters(p, order).of]
    found = [set(one) for one in given]
    for one, other in itertools.combinations(range(models), 2):
        assert bool(found[one] & found[other]) == (p[one, other] >= 0.05)
    assert all(found)
    assert "a" in found[order[0]]
    met = list(dict.fromkeys(letter for place in order for letter in given[place]))
    assert met == sorted(met, key=lambda letter: (letter[1:], letter))  # down the board: a, b, c
    together = [one & other for one in found for other in found]
    for letter in set().union(*found):
        assert {letter} in together  # none could be spared


def parts(text):
    """The letters of a text like "az1b12"."""
    found = []
    for sign in text:
        if sign.isdigit():
            found[-1] += sign
        else:
            found.append(sign)
    return found


@pytest.fixture(scope="module")
def oracle():
    from scikit_posthocs import compact_letter_display as display

    return lambda p: [one.replace(" ", "") for one in display(np.where(np.eye(len(p)), 1, p))]


@pytest.mark.parametrize("seed", range(6))
def test_they_are_the_librarys_where_models_stand_on_a_line(oracle, seed):
    p = on_a_line(seed, 12)
    assert list(letters(p, range(12)).of) == oracle(p)


@pytest.mark.parametrize("seed", range(6))
def test_they_are_never_more_than_the_librarys(oracle, seed):
    p = drawn(seed, 8)
    ours, theirs = ("".join(found) for found in (letters(p, range(8)).of, oracle(p)))
    assert len(set(ours)) <= len(set(theirs))
    assert len(ours) <= len(theirs)


def test_a_pair_without_a_test_shares_a_letter_and_is_counted():
    p = [[1, NAN, 0.01], [NAN, 1, 0.01], [0.01, 0.01, 1]]
    found = letters(p, [0, 1, 2])
    assert (found.of, found.untested) == (("a", "a", "b"), 1)


def test_all_alike_and_all_apart():
    assert letters(np.ones((3, 3)), [2, 0, 1]).of == ("a", "a", "a")
    assert letters(np.zeros((3, 3)), [2, 0, 1]).of == ("b", "c", "a")
    assert letters(np.zeros((0, 0)), []).of == ()


def test_more_groups_than_letters_are_still_told_apart():
    found = letters(np.zeros((60, 60)), range(60)).of
    assert (found[0], found[25], found[26], found[59]) == ("a", "z", "a1", "h2")
    assert len(set(found)) == 60


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 1], [1, 2, 3]])
def test_an_order_of_other_models_is_refused(order):
    with pytest.raises(ValueError, match="of 3 models"):
        letters(np.ones((3, 3)), order)
