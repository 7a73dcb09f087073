"""The index of a shard: a Parquet file with a row a trial, so that one read finds any of them.

Columns ``trial``, ``row``, ``seed``, ``fold``, and as JSON ``tests``, ``behaviour`` and ``files``
(their names); ``offset``, ``size`` and ``sha256`` are lists, an element a file. The metadata's
``stretches`` are parts of the tar that are held against one SHA-256 each.
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from serbench import parquet
from serbench.canonical import canonical
from serbench.errors import StoreError
from serbench.migration import FORMAT, NewerFormat
from serbench.shards.entry import Entry, Facts, File

COLUMNS = "trial, row, seed, fold, tests, behaviour, files, offset, size and sha256"
CODED = ("row", "fold", "tests", "behaviour", "files")
STRETCHES = b"stretches"
OF_FORMAT = b"format"  # of the trials that it is of
SHA = 32  # bytes of a SHA-256


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a tar that is read at once: trials ``first`` to ``end`` - 1, without their stages.

    Without a SHA-256 (``b""``) it vouches for nothing: something in it was damaged already.
    """

    first: int
    end: int
    part: File


class Told(NamedTuple):
    """What a board asks of a trial first.

    ``tests``, ``behaviour`` and ``files`` are JSON, as in :class:`serbench.shards.entry.Facts`;
    ``sha256`` are those of its files, in the order of ``files``, one after the other.
    """

    trial: str
    row: str
    seed: int
    fold: str
    tests: str
    behaviour: str
    files: str
    sha256: bytes


class Index:
    """The trials of a shard, held in memory: about 300 bytes each.

    Raises
    ------
    StoreError
        If the content is no index, or one of an older format, which is made anew.
    NewerFormat
        If a newer serbench made it.
    """

    def __init__(self, content: bytes, where: str) -> None:
        with parquet.read(content, where, what="an index", columns=COLUMNS) as table:
            self.trials = list(parquet.texts(table, "trial"))
            self.seeds: list[int] = parquet.numbers(table, "seed", np.int64).tolist()
            self._coded = {name: _coded(table.column(name)) for name in CODED}
            first, self._offsets = _lists(table.column("offset"))
            self._starts: list[int] = first.tolist()
            others, self._sizes = _lists(table.column("size"))
            self._sha256 = _hashes(table.column("sha256"))
            metadata = table.schema.metadata or {}
            _check_format(metadata, where)
            self.stretches = _stretches(metadata, len(self.trials))
            if not np.array_equal(first, others) or len(self._sha256) != SHA * first[-1]:
                raise ValueError("its lists differ in length")

    def told(self, places: Iterable[int]) -> list[Told]:
        """What a board asks of trials first, by their places in ``trials``."""
        # A board of 100,000 trials comes by here with each of them: 1 us a trial.
        (rows, row), (folds, fold), (tests, test), (seen, behaviour), (files, names) = (
            self._coded[name] for name in CODED
        )
        trials, seeds, first, sha = self.trials, self.seeds, self._starts, self._sha256
        return [
            Told(
                trials[at],
                row[rows[at]],
                seeds[at],
                fold[folds[at]],
                test[tests[at]],
                behaviour[seen[at]],
                names[files[at]],
                sha[SHA * first[at] : SHA * first[at + 1]],
            )
            for at in places
        ]

    def facts(self, place: int) -> Facts:
        """What a board asks of a trial, by its place in ``trials``."""
        row, fold, tests, behaviour = (self._text(name, place) for name in CODED[:4])
        return Facts(row, self.seeds[place], fold, listed(tests), behaviour)

    def entry(self, place: int) -> Entry:
        """A trial, by its place in ``trials``."""
        first, end = self._starts[place : place + 2]
        places = zip(
            self._offsets[first:end].tolist(), self._sizes[first:end].tolist(), strict=True
        )
        names = listed(self._text("files", place))
        if len(names) != end - first:
            raise StoreError(
                f"an index whose trial {self.trials[place]} has other files than names"
            )
        files = {
            name: File(offset, size, self._sha256[SHA * at : SHA * (at + 1)])
            for at, (name, (offset, size)) in enumerate(zip(names, places, strict=True), first)
        }
        return Entry(self.trials[place], self.facts(place), files)

    def hashes(self, place: int) -> dict[str, bytes]:
        """The SHA-256 of a trial's files by name, as they were written."""
        at, sha = self._starts[place], self._sha256
        names = listed(self._text("files", place))
        return {n: sha[SHA * i : SHA * (i + 1)] for i, n in enumerate(names, at)}

    def _text(self, name: str, place: int) -> str:
        codes, values = self._coded[name]
        return values[codes[place]]


def index_of(entries: Sequence[Entry], stretches: Sequence[Stretch]) -> bytes:
    """The index of these trials."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def coded(values: list[str]) -> Any:
        return pa.array(values, pa.string()).dictionary_encode()

    def lists(name: str, kind: Any) -> Any:
        values = [[getattr(file, name) for file in entry.files.values()] for entry in entries]
        return pa.array(values, pa.list_(kind))

    facts = [entry.facts for entry in entries]
    table = pa.table(
        {
            "trial": pa.array([entry.trial for entry in entries], pa.string()),
            "row": coded([one.row for one in facts]),
            "seed": pa.array([one.seed for one in facts], pa.int64()),
            "fold": coded([one.fold for one in facts]),
            "tests": coded([canonical(list(one.tests)) for one in facts]),
            "behaviour": coded([one.behaviour for one in facts]),
            "files": coded([canonical(list(entry.files)) for entry in entries]),
            "offset": lists("offset", pa.int64()),
            "size": lists("size", pa.int64()),
            "sha256": lists("sha256", pa.binary()),  # of a fixed size, pandas could not read it
        }
    )
    parts = [
        [one.first, one.end, one.part.offset, one.part.size, one.part.sha256.hex()]
        for one in stretches
    ]
    buffer = io.BytesIO()
    table = table.replace_schema_metadata({STRETCHES: canonical(parts), OF_FORMAT: str(FORMAT)})
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


@functools.lru_cache(maxsize=1024)
def listed(text: str) -> tuple[str, ...]:
    """Names from their JSON."""
    return tuple(map(str, json.loads(text)))


def _coded(column: Any) -> tuple[list[int], list[str]]:
    """A column of texts as codes and what these stand for."""
    array = column.unify_dictionaries().combine_chunks()
    values = array.dictionary.to_pylist()
    return parquet.plain(array.indices).tolist(), [str(value) for value in values]


def _lists(column: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A column of lists: where each begins, with the end of the last, and all their elements."""
    first, values = _flat(column)
    return first, parquet.plain(values).astype(np.int64)


def _hashes(column: Any) -> bytes:
    """All SHA-256 of a column of lists, one after the other."""
    _, flat = _flat(column)
    if not len(flat):
        return b""
    _, ends, held = flat.buffers()
    ends = np.frombuffer(ends, np.int32)[flat.offset : flat.offset + len(flat) + 1]
    if not (np.diff(ends) == SHA).all():
        raise ValueError("a SHA-256 of another length")
    content: bytes = held.to_pybytes()[ends[0] : ends[-1]]
    return content


def _flat(column: Any) -> tuple[NDArray[np.int64], Any]:
    array = column.combine_chunks()
    first = parquet.plain(array.offsets).astype(np.int64)
    # Arrow's own flatten() would import pyarrow.compute: 0.2 s.
    return first - first[0], array.values.slice(first[0], first[-1] - first[0])


def _check_format(metadata: dict[bytes, bytes], where: str) -> None:
    written = int(metadata.get(OF_FORMAT, b"1"))  # the first ones did not say
    if written > FORMAT:
        raise NewerFormat(
            f"{where} is an index of format {written}, by a newer serbench",
            expected=f"format {FORMAT}, which this version of serbench reads and writes",
            advice="upgrade serbench (pip install --upgrade serbench); nothing was changed",
        )
    if written < FORMAT:
        raise ValueError(f"it is of format {written}")


def _stretches(metadata: dict[bytes, bytes], trials: int) -> list[Stretch]:
    parts = json.loads(metadata[STRETCHES])
    found = [
        Stretch(int(first), int(end), File(int(offset), int(size), bytes.fromhex(sha)))
        for first, end, offset, size, sha in parts
    ]
    ends = [0, *(one.end for one in found)]
    if [one.first for one in found] != ends[:-1] or ends[-1] != trials:
        raise ValueError("its stretches do not cover its trials")
    return found
