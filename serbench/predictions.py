"""Predictions: the result of a trial, and the only thing that scores are computed from.

A file holds one test set of one trial as Parquet: ``id``, ``speaker``, ``truth`` and a float32
column ``p_<class>`` for each class, rows in the order of ids. Another holds the stages: the same
probabilities after every epoch, as float16.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.errors import StoreError
from serbench.session import Stage

PREFIX = "p_"


@dataclass(frozen=True)
class Predictions:
    """What a model said of one test set.

    ``truth`` holds indices into ``classes``; ``probabilities`` is float32 [utterances, classes].
    """

    classes: tuple[str, ...]
    ids: tuple[str, ...]
    speakers: tuple[str, ...]
    truth: NDArray[np.int64]
    probabilities: NDArray[np.float32]


def to_parquet(predictions: Predictions) -> bytes:
    """The bytes of a predictions file."""
    import pyarrow as pa

    order = sorted(range(len(predictions.ids)), key=lambda i: predictions.ids[i])
    names = np.array(predictions.classes)
    columns: dict[str, Any] = {
        "id": pa.array([predictions.ids[i] for i in order]),
        "speaker": pa.array([predictions.speakers[i] for i in order]),
        "truth": pa.array(names[predictions.truth[order]].tolist()),
    }
    for column, name in enumerate(predictions.classes):
        columns[PREFIX + name] = pa.array(predictions.probabilities[order, column])
    return _bytes(pa.table(columns))


def from_parquet(content: bytes, where: str) -> Predictions:
    """Read a predictions file.

    Raises
    ------
    StoreError
        If it is no such file, or names a class that it has no column for.
    """
    table = _table(content, where)
    names = tuple(name[len(PREFIX) :] for name in table.column_names if name.startswith(PREFIX))
    index = {name: i for i, name in enumerate(names)}
    try:
        truth = [index[name] for name in table.column("truth").to_pylist()]
        return Predictions(
            names,
            tuple(table.column("id").to_pylist()),
            tuple(table.column("speaker").to_pylist()),
            np.array(truth, dtype=np.int64),
            np.column_stack([_floats(table.column(PREFIX + name)) for name in names]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{where} is not a predictions file: {error}",
            expected="columns id, speaker, truth and p_<class> for each class",
        ) from error


def stages_to_parquet(stages: Sequence[Stage], test: str, order: NDArray[np.int64]) -> bytes:
    """The bytes of a stages file: epoch, loss and accuracy of each, and what was said then.

    Parameters
    ----------
    stages
        In the order of epochs.
    test
        Which of their test sets.
    order
        The positions, in the order handed over, that put the rows in the order of ids.
    """
    import pyarrow as pa

    flat = [
        s.probabilities[test][order].reshape(-1).tobytes() if test in s.probabilities else None
        for s in stages
    ]
    columns = {
        "epoch": pa.array([stage.epoch for stage in stages], pa.int32()),
        "loss": pa.array([stage.loss for stage in stages], pa.float64()),
        "accuracy": pa.array([stage.accuracy for stage in stages], pa.float64()),
        # float16, little-endian, [utterances, classes] row by row
        "probabilities": pa.array(flat, pa.binary()),
    }
    return _bytes(pa.table(columns))


def stages_from_parquet(content: bytes, test: str, classes: int, where: str) -> list[Stage]:
    """Read a stages file back: rows in the order of ids."""
    table = _table(content, where)
    stages = []
    for row in table.to_pylist():
        blob = row["probabilities"]
        array = None if blob is None else np.frombuffer(blob, "<f2").reshape(-1, classes)
        held = {} if array is None else {test: array}
        stages.append(Stage(row["epoch"], row["loss"], row["accuracy"], held))
    return stages


def _floats(column: Any) -> NDArray[np.float32]:
    """A column without gaps. Arrow's own to_numpy would import pandas: 0.4 s."""
    return np.asarray(np.from_dlpack(column.combine_chunks()), dtype=np.float32)


def _bytes(table: Any) -> bytes:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _table(content: bytes, where: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # pq.read_table would import pyarrow.dataset, and with it pandas: 0.4 s.
        return pq.ParquetFile(io.BytesIO(content)).read()
    except (pa.ArrowException, OSError) as error:
        raise StoreError(f"{where} is not a Parquet file: {error}") from error
