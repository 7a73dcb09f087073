from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serbench.nets.batches import POOL, draw, in_order_of_length


@given(
    n=st.integers(1, 300),
    batch=st.integers(1, 40),
    seed=st.integers(0, 2**63),
    epoch=st.integers(1, 500),
)
def test_every_utterance_exactly_once_and_no_batch_of_one(n, batch, seed, epoch):
    lengths = np.random.default_rng(n).integers(1, 500, n)
    batches = draw(lengths, batch, seed=seed, epoch=epoch)
    assert sorted(np.concatenate(batches)) == list(range(n))
    assert all(len(rows) <= batch + 1 for rows in batches)
    if n > 1 and batch > 1:
        assert min(len(rows) for rows in batches) > 1
    assert sum(len(rows) > batch for rows in batches) <= 1


def test_a_batch_of_one_is_allowed_where_it_was_asked_for():
    batches = draw(np.full(5, 9), 1, seed=0, epoch=1)
    assert [len(rows) for rows in batches] == [1] * 5


@pytest.mark.parametrize("n", [8 * 4 + 1, 8 * POOL + 1, 2 * 8 * POOL + 1])
def test_the_last_one_joins_its_neighbours(n):
    batches = draw(np.arange(n), 8, seed=3, epoch=1)
    assert max(len(rows) for rows in batches) == 9


def test_the_same_arguments_give_the_same_batches_whatever_was_drawn_before():
    lengths = np.random.default_rng(1).integers(1, 300, 200)
    first = draw(lengths, 16, seed=5, epoch=3)
    draw(lengths, 16, seed=5, epoch=4)
    np.random.random()  # noqa: NPY002  the global generator is meant
    again = draw(lengths, 16, seed=5, epoch=3)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_epochs_seeds_and_streams_mix_anew():
    lengths = np.random.default_rng(1).integers(1, 300, 200)

    def company(seed, epoch, stream=0):
        batches = draw(lengths, 16, seed=seed, epoch=epoch, stream=stream)
        return {frozenset(rows.tolist()) for rows in batches}

    assert not company(0, 1) & company(0, 2)
    assert not company(0, 1) & company(1, 1)
    assert not company(0, 1) & company(0, 1, stream=1)


def test_the_order_of_the_training_set_is_that_of_earlier_releases():
    """Which knew no streams: trials that were run before keep their meaning."""
    (first,) = draw(np.full(6, 9), 8, seed=3, epoch=2)
    assert first.tolist() == np.random.default_rng([3, 2]).permutation(6).tolist()


@given(n=st.integers(1, 300), batch=st.integers(1, 40), seed=st.integers(0, 99))
def test_every_epoch_has_as_many_batches(n, batch, seed):
    lengths = np.random.default_rng(n).integers(1, 500, n)
    counts = {
        len(draw(lengths, batch, seed=s, epoch=epoch, stream=stream))
        for s, epoch, stream in ((seed, 1, 0), (seed, 2, 0), (seed + 1, 7, 0), (seed, 0, 1))
    }
    assert len(counts) == 1


def test_the_order_of_batches_says_nothing_of_length():
    lengths = np.arange(800)
    means = [lengths[rows].mean() for rows in draw(lengths, 8, seed=0, epoch=1)]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.3


def test_little_of_a_batch_is_padding():
    lengths = np.random.default_rng(0).integers(100, 500, 1000)

    def padding(batches):
        cells = sum(lengths[rows].max() * len(rows) for rows in batches)
        return 1 - lengths.sum() / cells

    assert padding(draw(lengths, 32, seed=0, epoch=1)) < 0.1
    assert padding([np.arange(at, at + 32) % 1000 for at in range(0, 1000, 32)]) > 0.3


def test_prediction_takes_everyone_once_shortest_first():
    lengths = np.array([5, 1, 9, 1, 3])
    batches = in_order_of_length(lengths, 2)
    assert [rows.tolist() for rows in batches] == [[1, 3], [4, 0], [2]]
    assert in_order_of_length(np.array([], np.int64), 2) == []
