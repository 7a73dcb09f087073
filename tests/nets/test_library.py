from __future__ import annotations

import numpy as np
import pytest
import torch

from serbench.errors import ModelError
from serbench.nets.library import Library
from serbench.nets.shelf import Shelf

CPU = torch.device("cpu")


def sounds(count, *, seed=0):
    rng = np.random.default_rng(seed)
    return [
        {
            "frames": rng.normal(size=(2 + row % 5, 3)).astype(np.float32),
            "vector": rng.normal(size=4).astype(np.float32),
        }
        for row in range(count)
    ]


def opened(*sets, dtype=torch.float32):
    library = Library()
    places = [library.add(one) for one in sets]
    library.open(CPU, dtype)
    return library, places


def test_each_array_lies_there_once_whoever_reads_it():
    every = sounds(10)
    copies = [{name: array.copy() for name, array in one.items()} for one in every]
    library, (first, second, third) = opened(every[:7], copies[4:], every[:2])
    assert first.tolist() == [*range(7)]
    assert second.tolist() == [4, 5, 6, 7, 8, 9]
    assert third.tolist() == [0, 1]
    assert len(library.longest) == 10


def test_what_differs_in_name_shape_or_one_bit_is_another():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    near = array.copy()
    near[1, 2] = np.nextafter(near[1, 2], np.float32(9))
    library = Library()
    others = [{"a": array}, {"b": array}, {"a": array.reshape(3, 2)}, {"a": near}]
    assert library.add(others).tolist() == [0, 1, 2, 3]
    assert library.add([{"a": np.asfortranarray(array)}]).tolist() == [0]


def test_batches_are_those_of_a_shelf_padded_to_the_longest_of_all():
    every = sounds(10)
    library, _ = opened(every, dtype=torch.float64)
    assert library.longest.tolist() == [max(len(one["frames"]), 1) for one in every]
    rows = np.array([[3, 0], [4, 1], [9, 9]])
    batch = library.batch(rows)
    assert batch["frames"][0].shape == (3, 2, 6, 3)
    assert batch["frames"][0].dtype == torch.float64
    for at, own in enumerate(rows):
        alone = Shelf.of(every).batch(own)
        for name, (values, lengths, mask) in batch.items():
            frames = alone[name].values.shape[1]
            assert torch.equal(
                values[at, :, :frames].float(), alone[name].values.view(2, frames, -1)
            )
            assert not values[at, :, frames:].any()
            assert torch.equal(lengths[at], alone[name].lengths)
            assert torch.equal(mask[at, :, :frames], alone[name].mask)
            assert not mask[at, :, frames:].any()


def test_trainings_that_read_unlike_arrays_are_refused():
    library = Library()
    library.add([{"a": np.ones((2, 3), np.float32)}])
    library.add([{"a": np.ones((2, 4), np.float32)}])
    with pytest.raises(ModelError, match=r"\[3, 4\] dims"):
        library.open(CPU, torch.float32)
