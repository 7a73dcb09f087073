"""Columns out and in, and files that are none."""

import functools

import numpy as np
import pyarrow as pa
import pytest

from serbench import parquet
from serbench.errors import StoreError


def opened(content):
    return parquet.read(content, "x.parquet", what="a file of x", columns="word and number")


def test_there_and_back():
    columns = {"word": pa.array(["b", "a"]), "number": pa.array([0.5, -1.0], pa.float32())}
    with opened(parquet.to_bytes(columns)) as table:
        assert parquet.texts(table, "word") == ("b", "a")
        numbers = parquet.numbers(table, "number", np.float64)
    assert numbers.dtype == np.float64
    assert numbers.tolist() == [0.5, -1.0]


def test_no_row_at_all():
    columns = {"word": pa.array([], pa.string()), "number": pa.array([], pa.float32())}
    with opened(parquet.to_bytes(columns)) as table:
        assert parquet.texts(table, "word") == ()
        assert parquet.numbers(table, "number", np.float32).shape == (0,)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("other", ["a"]),
        ("word", [1]),
        ("word", [None]),
        ("number", ["1.0"]),
        ("number", [None, 1.0]),
        ("number", [True]),
        ("number", [float("nan")]),
        ("number", [float("-inf")]),
    ],
)
def test_columns_that_are_not_what_they_should_be(name, column):
    content = parquet.to_bytes({name: pa.array(column)})
    what = "x.parquet is not a file of x: "
    ask = parquet.texts
    if name == "number":
        ask = functools.partial(parquet.numbers, dtype=np.float64)
    with pytest.raises(StoreError, match=what) as caught, opened(content) as table:
        ask(table, "number" if name == "number" else "word")
    assert caught.value.expected == "columns word and number"


def test_bytes_that_are_no_parquet():
    whole = parquet.to_bytes({"word": pa.array(["a", "b"])})
    for content in (b"", b"hello", whole[:-9], whole[: len(whole) // 2]):
        with pytest.raises(StoreError, match="not a Parquet file"), opened(content):
            pass


def test_a_part_of_an_array_is_that_part():
    whole = pa.array([3, 1, 4, 1, 5], pa.int32())
    assert parquet.plain(whole.slice(1, 3)).tolist() == [1, 4, 1]
    assert parquet.plain(whole.slice(5)).tolist() == []
    assert parquet.plain(pa.chunked_array([whole, whole]).combine_chunks()).tolist()[4:6] == [5, 3]
