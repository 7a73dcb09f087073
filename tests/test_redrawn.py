"""Scores on drawn units are those that a board's ranks were drawn from."""

import numpy as np
import pytest

from serbench.cells import cell_scores
from serbench.contest import contest
from serbench.predictions import Predictions
from serbench.redrawn import redrawn
from serbench.scores import class_scores
from serbench.stats.stability import stability


def said(name, right):
    truth = np.repeat([0, 1], 10)
    told = np.where(np.tile(np.arange(10), 2) < right, truth, 1 - truth)
    ids = tuple(f"{name}-{i}" for i in range(20))
    return Predictions(("low", "high"), ids, (name,) * 20, truth, np.eye(2)[told])


def within(*rights):
    return class_scores({(0, f"s{i}"): said(f"s{i}", right) for i, right in enumerate(rights)})


def crossed(names, base):
    return cell_scores(
        {
            (0, f"{a}>{b}", b): said(b, (base + 3 * i + j) % 11)
            for i, a in enumerate(names)
            for j, b in enumerate(names)
            if a != b
        }
    )


@pytest.mark.parametrize(
    "scores",
    [
        [within(9, 4, 8, 3), within(5, 6, 7, 5), within(6, 6, 6, 4)],
        [crossed("abcd", 0), crossed("abcd", 2), crossed("abcd", 5)],
    ],
    ids=["speakers", "corpora"],
)
def test_ranks_of_these_draws_are_the_boards(scores):
    drawn = redrawn(scores)
    assert drawn.shape[1] == 3
    assert np.isfinite(drawn).all()
    found = stability(drawn)
    ranks = [rank.drawn for rank in contest(scores).ranks]
    assert list(zip(found.low.tolist(), found.high.tolist(), strict=True)) == ranks


def test_means_over_all_units_are_the_score():
    scores = [within(9, 4, 8, 3), within(5, 6, 7, 5)]
    means = redrawn(scores).mean(axis=0)
    assert means == pytest.approx([one.ua.estimate for one in scores], abs=0.01)


def test_too_few_units_are_not_drawn():
    assert redrawn([within(9, 4), within(5, 6)]) is None
    assert redrawn([crossed("abc", 0), crossed("abc", 2)]) is None
