"""Predictions: the result of a trial, and the only thing that scores are computed from.

A file holds one test set of one trial as Parquet: ``id``, ``speaker``, ``truth`` and a float32
column ``p_<class>`` for each class, rows in the order of ids (:mod:`serbench.ratings` has the file
of a scale). Another holds the stages: what was said after every epoch, as float16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench import parquet
from serbench.session import Stage

PREFIX = "p_"
VALIDATION = "validation"  # beside the test sets: the utterances that choose an epoch


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
    return parquet.to_bytes(columns)


def from_parquet(content: bytes, where: str) -> Predictions:
    """Read a predictions file.

    Raises
    ------
    StoreError
        If it is no such file, or names a class that it has no column for.
    """
    columns = "id, speaker, truth and p_<class> for each class"
    with parquet.read(content, where, what="a predictions file", columns=columns) as table:
        names = tuple(name[len(PREFIX) :] for name in table.column_names if name.startswith(PREFIX))
        index = {name: i for i, name in enumerate(names)}
        return Predictions(
            names,
            parquet.texts(table, "id"),
            parquet.texts(table, "speaker"),
            np.array([index[name] for name in parquet.texts(table, "truth")], dtype=np.int64),
            np.column_stack([parquet.numbers(table, PREFIX + name, np.float32) for name in names]),
        )


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
    return parquet.to_bytes(
        {
            "epoch": pa.array([stage.epoch for stage in stages], pa.int32()),
            "loss": pa.array([stage.loss for stage in stages], pa.float64()),
            "accuracy": pa.array([stage.accuracy for stage in stages], pa.float64()),
            # float16, little-endian, [utterances, columns] row by row: a column a class, or the
            # one of a scale's values
            "probabilities": pa.array(flat, pa.binary()),
        }
    )


def stages_from_parquet(content: bytes, test: str, columns: int, where: str) -> list[Stage]:
    """Read a stages file back: rows in the order of ids.

    Parameters
    ----------
    columns
        Of each row: the number of classes, 1 for a scale.

    Raises
    ------
    StoreError
        If it is no such file, or of another number of columns.
    """
    names = "epoch, loss, accuracy, probabilities"
    with parquet.read(content, where, what="a stages file", columns=names) as table:
        stages = []
        for row in table.to_pylist():
            blob = row["probabilities"]
            array = None if blob is None else np.frombuffer(blob, "<f2").reshape(-1, columns)
            held = {} if array is None else {test: array}
            stages.append(Stage(row["epoch"], row["loss"], row["accuracy"], held))
        return stages
