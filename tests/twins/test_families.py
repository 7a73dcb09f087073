"""What follows from what was found."""

from __future__ import annotations

import pytest

from serbench.twins.correlation import Match
from serbench.twins.families import untried


def test_copies_of_one_are_compared_with_each_other():
    found = {(0, 1): Match(0.99, 0.5), (0, 2): Match(0.97, -0.25)}
    (one,) = untried(found, set(found), [5.0, 5.0, 5.0])
    assert (one.first, one.second) == (1, 2)
    assert one.lag == pytest.approx(-0.75)  # the third begins .75 s before the second


def test_a_chain_is_followed():
    found = {(0, 3): Match(0.99, 1.0), (2, 3): Match(0.99, -1.0), (1, 2): Match(0.99, 0.5)}
    lags = {(one.first, one.second): one.lag for one in untried(found, set(found), [9.0] * 4)}
    assert lags == pytest.approx({(0, 1): 1.5, (0, 2): 2.0, (1, 3): -0.5})


def test_what_was_tried_is_not_tried_again():
    found = {(0, 1): Match(0.99, 0.0), (1, 2): Match(0.99, 0.0)}
    assert untried(found, {*found, (0, 2)}, [5.0] * 3) == []
    assert untried({}, set(), [5.0] * 3) == []


def test_excerpts_of_one_recording_that_do_not_overlap_are_left():
    found = {(0, 1): Match(0.99, 1.0), (0, 2): Match(0.99, 7.0), (0, 3): Match(0.99, 2.0)}
    more = untried(found, set(found), [10.0, 3.0, 3.0, 3.0])
    assert [(one.first, one.second) for one in more] == [(1, 3)]


def test_families_are_kept_apart():
    found = {(0, 1): Match(0.99, 0.0), (2, 3): Match(0.99, 0.0)}
    assert untried(found, set(found), [5.0] * 4) == []
