"""Small Parquet files held in memory: columns to bytes, and bytes to columns that are checked.

Whatever is wrong with a file's bytes or its columns is a :class:`serbench.errors.StoreError`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from serbench.errors import StoreError

# No corpus of speech has a million utterances, and an index of packed trials is as long.
MOST_ROWS, MOST_COLUMNS = 5_000_000, 10_000
MOST_BYTES = 1 << 31  # of all columns unpacked

N = TypeVar("N", bound=np.generic)


def to_bytes(columns: Mapping[str, Any]) -> bytes:
    """The file of these columns, pyarrow arrays by name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), buffer, compression="zstd")
    return buffer.getvalue()


@contextmanager
def read(content: bytes, where: str, *, what: str, columns: str) -> Iterator[Any]:
    """The pyarrow table in a file. Columns that turn out to be missing or unusable are an error.

    Parameters
    ----------
    where
        The file's name, for people.
    what, columns
        What it is taken for, and the columns of such a file: "a predictions file", "id, ...".

    Raises
    ------
    StoreError
        If the content is no Parquet, and for a KeyError, TypeError or ValueError inside of the
        ``with``.
    """
    import pyarrow as pa

    try:
        # pq.read_table would import pyarrow.dataset, and with it pandas: 0.4 s.
        table = _bounded(content, where)
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise StoreError(f"{where} is not a Parquet file: {error}") from error
    try:
        yield table
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{where} is not {what}: {error}", expected=f"columns {columns}"
        ) from error


def _bounded(content: bytes, where: str) -> Any:
    """The table in a file, if it is no larger than one of predictions can be.

    A few kilobytes may claim a thousand million rows, be packed a thousandfold, or say one long
    text again and again.
    """
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(content))
    told = file.metadata
    if told.num_rows > MOST_ROWS or told.num_columns > MOST_COLUMNS:
        raise _too_large(where, f"claims {told.num_rows} rows of {told.num_columns} columns")
    parts = [
        group.column(each)
        for group in map(told.row_group, range(told.num_row_groups))
        for each in range(told.num_columns)
    ]
    if sum(part.total_uncompressed_size for part in parts) > MOST_BYTES:
        raise _too_large(where, "is packed")
    # The longest text is no longer than its column; as many times as there are rows it may fit.
    held = [part for part in parts if part.physical_type == "BYTE_ARRAY"]
    if sum(part.num_values * part.total_uncompressed_size for part in held) <= MOST_BYTES:
        return file.read()
    return _texts_bounded(content, where)


def _texts_bounded(content: bytes, where: str) -> Any:
    """The table, each text of which is held once until it is known how long they are together."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(content))
    leaves = map(file.schema.column, range(file.metadata.num_columns))
    names = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
    table = pq.ParquetFile(io.BytesIO(content), read_dictionary=names).read()
    size = 0
    for chunk in (chunk for column in table.columns for chunk in column.chunks):
        values = chunk
        while pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
            values = values.flatten()
        if pa.types.is_dictionary(values.type):
            lengths = pc.binary_length(values.dictionary)
            size += pc.sum(lengths.take(values.indices)).as_py() or 0
    if size > MOST_BYTES:
        raise _too_large(where, f"holds {size} bytes of text in {len(content)}")
    return table.cast(file.schema_arrow)


def _too_large(where: str, what: str) -> StoreError:
    return StoreError(
        f"{where} {what}",
        expected=f"at most {MOST_ROWS} rows of {MOST_COLUMNS} columns, {MOST_BYTES >> 20} MiB",
        advice="do not use results from whom it came",
    )


def texts(table: Any, name: str) -> tuple[str, ...]:
    """A column of strings.

    Raises
    ------
    KeyError, TypeError, ValueError
        If there is none, or it holds something else.
    """
    values = tuple(table.column(name).to_pylist())
    odd = [value for value in values if not isinstance(value, str)]
    if odd:
        raise TypeError(f"{name} holds {odd[0]!r}, which is no text")
    return values


def numbers(table: Any, name: str, dtype: type[N]) -> NDArray[N]:
    """A column of finite numbers, in the type that is asked for.

    Raises
    ------
    KeyError, TypeError, ValueError
        If there is none, or it holds something else: a gap, NaN or infinity too.
    """
    values = plain(table.column(name).combine_chunks()).astype(dtype)
    broken = int(np.count_nonzero(~np.isfinite(values)))
    if broken:
        raise ValueError(f"{name} holds {broken} values that are NaN or infinite")
    return values


def plain(array: Any) -> NDArray[Any]:
    """The numbers of a pyarrow array, which share its memory (its own to_numpy imports pandas).

    Raises
    ------
    TypeError, ValueError
        If it holds something else, or has gaps.
    """
    import pyarrow as pa

    if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        raise TypeError(f"{array.type} where numbers are expected")
    if array.null_count:
        raise ValueError(f"{array.null_count} gaps among the numbers")
    kind = np.dtype(array.type.to_pandas_dtype())  # numpy's own, despite its name
    data = array.buffers()[1]
    if not len(array):
        return np.empty(0, kind)
    return np.frombuffer(data, kind, len(array), array.offset * kind.itemsize)
