from __future__ import annotations

import numpy as np

from serbench.behaviour.drawn_labels import BEYOND_CHANCE, check_drawn


def said(classes, count=3):
    return np.eye(count, dtype=np.float32)[classes]


def test_who_knows_drawn_labels_is_found():
    y = np.random.default_rng(0).integers(0, 3, 24)
    (found,) = check_drawn(said(y), y, "L18")
    assert (found.rule, found.count) == ("L18", 24)
    assert "has read it off" in found.message
    (found,) = check_drawn(said(y), y, "L20")
    assert "carried over" in found.message


def test_chance_is_let_pass():
    rng = np.random.default_rng(1)
    fixed = rng.integers(0, 3, 24)
    assert not any(
        check_drawn(said(guess), rng.integers(0, 3, 24), "L18")
        for guess in (fixed, np.zeros(24, np.int64))
        for _ in range(200)
    )
    assert BEYOND_CHANCE < 1e-5


def test_two_wrong_of_twenty_four_do_not_hide_it():
    y = np.random.default_rng(2).integers(0, 3, 24)
    mostly = y.copy()
    mostly[:2] = (mostly[:2] + 1) % 3
    assert check_drawn(said(mostly), y, "L18")
