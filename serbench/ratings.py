"""Ratings: what a model said of a test set whose answers are numbers on a scale.

A file holds one test set of one trial as Parquet: ``id``, ``speaker``, ``truth`` (float64, as the
corpus gives it) and ``value`` (float32, as the model says it), rows in the order of ids. It stands
where the file of :mod:`serbench.predictions` does for classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench import parquet


@dataclass(frozen=True)
class Ratings:
    """What a model said of one test set: ``truth`` and ``values`` are float [utterances].

    Values are as the model gave them: neither rounded nor cut to the ends of the scale.
    """

    ids: tuple[str, ...]
    speakers: tuple[str, ...]
    truth: NDArray[np.float64]
    values: NDArray[np.float32]


def to_parquet(ratings: Ratings) -> bytes:
    """The bytes of a ratings file."""
    import pyarrow as pa

    order = sorted(range(len(ratings.ids)), key=lambda i: ratings.ids[i])
    return parquet.to_bytes(
        {
            "id": pa.array([ratings.ids[i] for i in order], pa.string()),
            "speaker": pa.array([ratings.speakers[i] for i in order], pa.string()),
            "truth": pa.array(ratings.truth[order], pa.float64()),
            "value": pa.array(ratings.values[order], pa.float32()),
        }
    )


def from_parquet(content: bytes, where: str) -> Ratings:
    """Read a ratings file.

    Raises
    ------
    StoreError
        If it is no such file, or holds a number that is NaN or infinite.
    """
    columns = "id, speaker, truth and value"
    with parquet.read(content, where, what="a ratings file", columns=columns) as table:
        return Ratings(
            parquet.texts(table, "id"),
            parquet.texts(table, "speaker"),
            parquet.numbers(table, "truth", np.float64),
            parquet.numbers(table, "value", np.float32),
        )
