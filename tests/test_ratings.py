"""Ratings on the disk: rows by id, numbers as they were, and files that are none."""

import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from serbench import parquet
from serbench.errors import StoreError
from serbench.predictions import Predictions, stages_from_parquet, stages_to_parquet
from serbench.predictions import from_parquet as predictions_from
from serbench.predictions import to_parquet as predictions_to
from serbench.ratings import Ratings, from_parquet, to_parquet
from serbench.session import Stage

RATINGS = Ratings(
    ("toy/c", "toy/a", "toy/b"),
    ("s1", "s1", "s2"),
    np.array([1 / 3, -3.0, 0.0]),
    np.array([0.1, -7.5, 2.0], dtype=np.float32),
)


def test_they_come_back_in_the_order_of_ids():
    read = from_parquet(to_parquet(RATINGS), "x")
    assert read.ids == ("toy/a", "toy/b", "toy/c")
    assert read.speakers == ("s1", "s2", "s1")
    assert (read.truth.dtype, read.values.dtype) == (np.float64, np.float32)
    assert read.truth.tolist() == [-3.0, 0.0, 1 / 3]  # to the last bit
    np.testing.assert_array_equal(read.values, RATINGS.values[[1, 2, 0]])


def test_the_columns_are_those_that_are_promised():
    with parquet.read(to_parquet(RATINGS), "x", what="", columns="") as table:
        assert [(field.name, str(field.type)) for field in table.schema] == [
            ("id", "string"), ("speaker", "string"), ("truth", "double"), ("value", "float"),
        ]  # fmt: skip


def test_bytewise_reproducible_whatever_the_order():
    order = [2, 0, 1]
    turned = Ratings(
        tuple(RATINGS.ids[i] for i in order),
        tuple(RATINGS.speakers[i] for i in order),
        RATINGS.truth[order],
        RATINGS.values[order],
    )
    assert to_parquet(turned) == to_parquet(RATINGS)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["truth", "values"])
def test_numbers_that_are_none(name, broken):
    array = getattr(RATINGS, name).copy()
    array[1] = broken
    content = to_parquet(dataclasses.replace(RATINGS, **{name: array}))
    with pytest.raises(StoreError, match="1 values that are NaN or infinite"):
        from_parquet(content, "x")


def test_files_that_are_no_ratings():
    probabilities = np.array([[1, 0], [0, 1]], dtype=np.float32)
    classes = Predictions(("a", "b"), ("t/1", "t/2"), ("s", "s"), np.array([0, 1]), probabilities)
    with pytest.raises(StoreError, match="not a ratings file") as caught:
        from_parquet(predictions_to(classes), "here.parquet")
    assert "here.parquet" in caught.value.found
    assert "value" in caught.value.expected
    with pytest.raises(StoreError, match="not a predictions file"):
        predictions_from(to_parquet(RATINGS), "x")
    with pytest.raises(StoreError, match="not a Parquet file"):
        from_parquet(to_parquet(RATINGS)[:-20], "x")
    with pytest.raises(StoreError, match="not a ratings file"):
        from_parquet(parquet.to_bytes({"id": pa.array(["a"])}), "x")


def test_stages_have_the_one_column_of_values():
    said = np.array([[0.5], [-2.25], [3.0]], dtype=np.float16)
    content = stages_to_parquet([Stage(1, 0.7, 0.5, {"toy": said})], "toy", np.array([1, 2, 0]))
    (stage,) = stages_from_parquet(content, "toy", 1, "x")
    assert stage.probabilities["toy"].tolist() == [[-2.25], [3.0], [0.5]]
    with pytest.raises(StoreError, match="x is not a stages file"):
        stages_from_parquet(content, "toy", 2, "x")
    with pytest.raises(StoreError, match="not a stages file"):
        stages_from_parquet(to_parquet(RATINGS), "toy", 1, "x")
