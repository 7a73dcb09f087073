"""Scores over pairs of corpora: the mean over cells, its interval with the corpus as the unit."""

import math

import numpy as np
import pytest

from serbench.cells import REST, cell_scores
from serbench.errors import StoreError
from serbench.intervals import leave_one_corpus_out
from serbench.predictions import Predictions

# Rows train, columns test; differences of two models in points.
GRID = [
    [None, 2.1, 1.4, 0.8, 3.0],
    [1.2, None, 0.5, 2.2, 1.9],
    [2.6, 1.1, None, 0.4, 2.4],
    [0.9, 1.7, 1.0, None, 2.8],
    [1.5, 0.2, -0.3, 1.6, None],
]
CELLS = {
    (f"c{i}", f"c{j}"): value
    for i, row in enumerate(GRID)
    for j, value in enumerate(row)
    if value is not None
}


def test_the_interval_over_twenty_cells():
    found = leave_one_corpus_out(CELLS)
    assert found.estimate == pytest.approx(1.45)
    assert found.se == pytest.approx(0.2649947589)
    assert found.df == 4
    assert (found.low, found.high) == pytest.approx((0.7142566, 2.1857434))
    assert found.estimate / found.se == pytest.approx(5.4718063)


def test_it_does_not_hang_on_the_order_or_the_names():
    renamed = {(b[::-1], a[::-1]): value for (a, b), value in reversed(CELLS.items())}
    assert leave_one_corpus_out(renamed).se == pytest.approx(leave_one_corpus_out(CELLS).se)


def test_three_corpora_or_a_hole_have_no_interval():
    three = {pair: value for pair, value in CELLS.items() if not {"c3", "c4"} & set(pair)}
    holed = {pair: value for pair, value in CELLS.items() if pair != ("c0", "c1")}
    for cells in (three, holed):
        found = leave_one_corpus_out(cells)
        assert math.isnan(found.low)
        assert found.flags == ("few_corpora",)
    undefined = leave_one_corpus_out({**CELLS, ("c0", "c1"): math.nan})
    assert undefined.flags == ("undefined",)


def said(target, right, n=12):
    """Predictions of three speakers, of which the first ``right`` are right."""
    truth = np.arange(n) % 2
    told = np.where(np.arange(n) < right, truth, 1 - truth)
    return Predictions(
        ("a", "h"), tuple(f"{target}/{i}" for i in range(n)),
        tuple(f"s{i % 3}" for i in range(n)), truth, np.eye(2, dtype=np.float32)[told],
    )  # fmt: skip


def grid(corpora, right, seeds=(0,)):
    return {
        (seed, source, target): said(target, right(seed, source, target))
        for seed in seeds
        for source in corpora
        for target in corpora
        if source != target
    }


def test_the_headline_is_the_plain_mean_over_cells():
    scores = cell_scores(grid("nsw", lambda seed, source, target: 12 if source == "n" else 6))
    assert scores.ua.estimate == pytest.approx((1 + 1 + 0.5 * 4) / 6)
    assert scores.ua.flags == ("few_corpora",)
    assert (scores.utterances, scores.speakers) == (36, 9)
    assert math.isnan(scores.ua_sd)
    assert scores.record()["ua_low"] is None
    cell = next(c for c in scores.record()["cells"] if (c["source"], c["target"]) == ("s", "n"))
    assert cell["ua"] == pytest.approx(0.5)
    assert cell["n_utterances"] == 12


def test_the_spread_over_seeds_is_that_of_the_means():
    scores = cell_scores(grid("nswe", lambda seed, *_: 6 + 2 * seed, seeds=(0, 1, 2)))
    means = [6 / 12, 8 / 12, 10 / 12]
    assert scores.ua.estimate == pytest.approx(np.mean(means))
    assert scores.ua_sd == pytest.approx(np.std(means, ddof=1))
    assert scores.ua.method == "leave-one-corpus-out"


def test_trainings_that_share_corpora_give_no_interval():
    out = {(0, target, target): said(target, 9) for target in "nswe"}
    scores = cell_scores(out)
    assert {cell.source for cell in scores.cells} == {REST}
    assert scores.ua.flags == ("shared_training",)
    assert math.isnan(scores.ua.low)


def test_a_pair_names_its_source():
    scores = cell_scores({(0, "n>s", "s"): said("s", 9), (0, "s>n", "n"): said("n", 9)})
    assert {(cell.source, cell.target) for cell in scores.cells} == {("n", "s"), ("s", "n")}


def test_seeds_with_different_cells_are_no_row():
    trials = grid("nsw", lambda *_: 9, seeds=(0, 1))
    del trials[1, "n", "s"]
    with pytest.raises(StoreError, match="differ in their pairs"):
        cell_scores(trials)
