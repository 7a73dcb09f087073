from __future__ import annotations

import numpy as np
import pytest

from serbench.errors import ModelError
from serbench.nets.shelf import Shelf


def _arrays(lengths, dims=3, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((n, dims)).astype(np.float32) for n in lengths]


def test_a_batch_holds_the_arrays_and_zeros():
    sound, words = _arrays([4, 1, 6, 2]), _arrays([2, 7, 1, 3], dims=2)
    shelf = Shelf.of([{"sound": s, "words": w} for s, w in zip(sound, words, strict=True)])
    assert len(shelf) == 4
    assert shelf.longest.tolist() == [4, 7, 6, 3]
    rows = np.array([3, 0, 1])
    batch = shelf.batch(rows)
    for name, arrays in {"sound": sound, "words": words}.items():
        x = batch[name]
        assert x.values.shape[:2] == (3, max(len(arrays[row]) for row in rows))
        for at, row in enumerate(rows):
            n = len(arrays[row])
            assert x.lengths[at] == n
            assert np.array_equal(x.values[at, :n].numpy(), arrays[row])
            assert not x.values[at, n:].any()
            assert x.mask[at].tolist() == [True] * n + [False] * (x.values.shape[1] - n)


def test_one_vector_an_utterance_is_one_frame():
    shelf = Shelf.of([{"v": np.arange(3.0)}, {"v": np.ones(3)}])
    assert shelf.batch(np.array([1, 0]))["v"].values.tolist() == [[[1, 1, 1]], [[0, 1, 2]]]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"other": np.zeros((2, 3))}, "the same names"),
        ({"sound": np.zeros((2, 4))}, "dims"),
        ({"sound": np.zeros((0, 3))}, "shape"),
        ({"sound": np.zeros((2, 3, 1))}, "shape"),
        ({"sound": np.full((2, 3), np.nan)}, "NaN"),
    ],
)
def test_arrays_that_cannot_be_batched_are_refused(second, message):
    with pytest.raises(ModelError, match=message):
        Shelf.of([{"sound": np.zeros((2, 3))}, second])


def test_an_empty_set_has_no_utterances():
    assert len(Shelf.of([])) == 0
