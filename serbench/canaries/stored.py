"""A flock on disk: one Parquet file for each question that a board asks.

A row is a test utterance in a fold: ``id``, ``speaker``, ``corpus`` (the test set), ``fold``,
``truth``, and for each canary a column ``by_<name>`` with what it said, a class by name or a value
on a scale. The order of the classes stands in the file's metadata, since one that no test utterance
has cannot be read off the rows.
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from typing import Any

import numpy as np

from serbench import parquet
from serbench.canaries.flock import Decisions, Flock
from serbench.canaries.lookup import Said

PREFIX = "by_"
CLASSES = b"classes"


def to_parquet(flock: Flock) -> bytes:
    """The bytes of a canaries file: equal flocks give equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    places = sorted(flock.decisions)
    sets = [flock.decisions[place] for place in places]
    columns: dict[str, Any] = {
        "id": pa.array([name for d in sets for name in d.ids], pa.string()),
        "speaker": pa.array([name for d in sets for name in d.speakers], pa.string()),
        "corpus": pa.array(
            [test for (_, test), d in zip(places, sets, strict=True) for _ in d.ids], pa.string()
        ),
        "fold": pa.array(
            [fold for (fold, _), d in zip(places, sets, strict=True) for _ in d.ids], pa.string()
        ),
        "truth": _column(flock, [d.truth for d in sets]),
    }
    for name in flock.names:
        columns[PREFIX + name] = _column(flock, [d.by[name] for d in sets])
    table = pa.table(columns).replace_schema_metadata({CLASSES: json.dumps(flock.classes)})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def from_parquet(content: bytes, where: str) -> Flock:
    """Read a canaries file.

    Raises
    ------
    StoreError
        If it is no such file, or names a class that is none of its own.
    """
    columns = "id, speaker, corpus, fold, truth and by_<canary> for each canary, and its classes"
    with parquet.read(content, where, what="a canaries file", columns=columns) as table:
        classes = _classes(table.schema.metadata or {})
        ids, speakers = parquet.texts(table, "id"), parquet.texts(table, "speaker")
        places = zip(parquet.texts(table, "fold"), parquet.texts(table, "corpus"), strict=True)
        truth = _said(table, "truth", classes)
        by = {
            name.removeprefix(PREFIX): _said(table, name, classes)
            for name in table.column_names
            if name.startswith(PREFIX)
        }
        rows: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, place in enumerate(places):
            rows[place].append(row)
        return Flock(
            classes,
            {
                place: Decisions(
                    tuple(ids[i] for i in at),
                    tuple(speakers[i] for i in at),
                    truth[at],
                    {name: said[at] for name, said in by.items()},
                )
                for place, at in rows.items()
            },
        )


def _column(flock: Flock, parts: list[Said]) -> Any:  # a pyarrow array
    import pyarrow as pa

    if not flock.classes:
        return pa.array(np.concatenate(parts) if parts else [], pa.float64())
    return pa.array([flock.classes[i] for part in parts for i in part.tolist()], pa.string())


def _said(table: Any, name: str, classes: tuple[str, ...]) -> Said:
    if not classes:
        return parquet.numbers(table, name, np.float64)
    index = {one: i for i, one in enumerate(classes)}
    return np.array([index[one] for one in parquet.texts(table, name)], dtype=np.int64)


def _classes(metadata: dict[bytes, bytes]) -> tuple[str, ...]:
    """The classes in their order; a KeyError, TypeError or ValueError where they are none."""
    classes = json.loads(metadata[CLASSES])
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise TypeError(f"its classes are {classes!r}")
    return tuple(classes)
