"""All that was said in a results folder, as one long table for people who do not use serbench.

A row is what one training said of one test utterance. Utterances go by their ids, as their corpora
give them, and speakers by theirs: no sound, text or path is in it. The same results give the same
bytes, in whatever order, folders or shards they lie.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from serbench import metrics
from serbench.canonical import digest
from serbench.errors import UsageError
from serbench.gathered import hold, rows_of
from serbench.held import Held
from serbench.labels import Classes
from serbench.predictions import PREFIX
from serbench.question import question_digest
from serbench.store import Plan, Store
from serbench.writing import cannot_write

FORMATS = ("parquet", "csv")
GROUP = 100_000  # rows that a Parquet file keeps together
KEY = 16  # hexadecimal digits of a board's and a row's key: enough to tell a million apart
FORMULAS = frozenset("=+-@\t\r")  # how a cell begins that a spreadsheet takes for a formula
NAMED = (
    "board", "row", "corpora", "protocol", "labels", "target_access", "model", "version",
    "settings", "trained_for", "trial", "fold", "test",
)  # fmt: skip
CLASSES, RATINGS = "predictions", "ratings"  # names of the tables

Columns = dict[str, Any]


@dataclass(frozen=True)
class Exported:
    """What was written.

    Parameters
    ----------
    rows
        Of each file that was written, by its name.
    trials
        Whose answers these are.
    damaged
        Trials that were left out, since they are not what was written.
    """

    rows: Mapping[str, int]
    trials: int
    damaged: int


def export(
    store: Store,
    folder: Path,
    form: str,
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    models: Collection[str] = (),
) -> Exported:
    """Write the tables into a folder, each whole or not at all.

    ``predictions`` has what was said of classes, ``ratings`` what was said on a scale; one that
    would be empty is not written.

    Parameters
    ----------
    form
        One of :data:`FORMATS`.
    corpora, protocols, models
        Only these; empty: all.

    Raises
    ------
    UsageError
        If nothing matches.
    StoreError
        If the folder cannot be written, or a plan cannot be read.
    """
    rows = sorted(
        rows_of(store, corpora=corpora, protocols=protocols, models=models),
        key=lambda plans: _order(plans[0].row),
    )
    classes = sorted({name for plans in rows for name in plans[0].row["task"].get("names", ())})
    counts, trials, damaged = {}, 0, 0
    tables = {
        CLASSES: ["truth", "predicted", *(PREFIX + name for name in classes)],
        RATINGS: ["truth", "predicted"],
    }
    writers = {
        name: _Table(folder / f"{name}.{form}", form, name == RATINGS, own)
        for name, own in tables.items()
    }
    try:
        for plans in rows:
            held = hold(store, plans)
            trials += len(held.trials)
            damaged += held.trials_damaged
            writer = writers[CLASSES if isinstance(held.task, Classes) else RATINGS]
            for part in _parts(held, plans):
                writer.add(part)
        if not any(writer.rows for writer in writers.values()):
            raise UsageError(
                "no finished trial matches",
                expected="trials of that corpus, protocol and model",
                advice="serbench leaderboard shows what there is",
            )
        for name, writer in writers.items():
            if writer.rows:
                writer.publish()
                counts[f"{name}.{form}"] = writer.rows
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        for writer in writers.values():
            writer.drop()
    return Exported(counts, trials, damaged)


def _order(row: Mapping[str, Any]) -> tuple[str, ...]:
    protocol, model = row["protocol"], row["model"]
    corpora = "+".join(protocol["corpora"])
    return (corpora, protocol["name"], question_digest(row), model["name"], digest(row))


def _parts(held: Held, plans: Sequence[Plan]) -> Iterator[Columns]:
    """What each training said of each test set: columns, of which those of one value are scalars.

    The trials are of the row, so what they have in common is told once.
    """
    row = held.row
    shared = {
        "board": question_digest(row)[:KEY],
        "row": plans[0].row_digest[:KEY],
        "corpora": "+".join(row["protocol"]["corpora"]),
        "protocol": row["protocol"]["name"],
        "labels": row["labels"]["name"],
        "target_access": row["protocol"].get("target_access", "none"),
        "model": row["model"]["name"],
        "version": row["model"]["version"],
        "settings": held.variant,
        "trained_for": held.selection,
    }
    every: Any = held.said
    for (seed, fold, test), said in sorted(every.items()):
        trial = held.trials[seed, fold]
        own = {**shared, "trial": trial, "fold": fold, "test": test, "seed": seed}
        own |= {"id": said.ids, "speaker": said.speakers}
        if (seed, fold, test) in held.told:
            told = held.told[seed, fold, test]
            names = np.array(told.classes)
            own["truth"] = names[told.truth].tolist()
            own["predicted"] = names[metrics.decide(told.probabilities)].tolist()
            for column, name in enumerate(told.classes):
                own[PREFIX + name] = told.probabilities[:, column]
        else:
            rated = held.rated[seed, fold, test]
            own |= {"truth": rated.truth, "predicted": rated.values}
        yield own


class _Table:
    """One table, written aside part by part."""

    def __init__(self, path: Path, form: str, rated: bool, own: Sequence[str]) -> None:
        self.path, self.form, self.rated = path, form, rated
        self.columns = [*NAMED, "seed", "id", "speaker", *own]
        self.aside = path.with_name(f".{path.name}.tmp")
        self.rows = 0
        self._writer: Any = None
        self._file: IO[Any] | None = None
        self._waiting: list[Any] = []  # pyarrow tables of the next group of rows

    def add(self, part: Columns) -> None:
        """Write what one training said of one test set."""
        count = len(part["id"])
        self.rows += count
        if self.form == "csv":
            self._as_csv(part, count)
        else:
            self._as_parquet(part, count)

    def _as_csv(self, part: Columns, count: int) -> None:
        if self._file is None:
            self.aside.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.aside.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file, lineterminator="\n")
            self._writer.writerow(self.columns)
        cells = [_cells(part.get(name, ""), count) for name in self.columns]
        self._writer.writerows(zip(*cells, strict=True))

    def _as_parquet(self, part: Columns, count: int) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            self.aside.parent.mkdir(parents=True, exist_ok=True)
            kinds = {**dict.fromkeys((*NAMED, "id", "speaker"), pa.string()), "seed": pa.int64()}
            truth, said = (pa.float64(), pa.float32()) if self.rated else (pa.string(), pa.string())
            kinds |= {"truth": truth, "predicted": said}
            fields = [(name, kinds.get(name, pa.float32())) for name in self.columns]
            self._writer = pq.ParquetWriter(self.aside, pa.schema(fields), compression="zstd")
        schema = self._writer.schema
        columns = (part.get(name) for name in self.columns)
        spread = [[one] * count if one is None or isinstance(one, str | int) else one
                  for one in columns]  # fmt: skip
        arrays = [pa.array(one, kind) for one, kind in zip(spread, schema.types, strict=True)]
        self._waiting.append(pa.Table.from_arrays(arrays, schema=schema))
        if sum(len(table) for table in self._waiting) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting).combine_chunks())
            self._waiting = []

    def publish(self) -> None:
        """Put it in place of what is there."""
        self._close()
        self.aside.replace(self.path)

    def drop(self) -> None:
        """Leave nothing half written."""
        self._close()
        self.aside.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._writer is not None and self.form == "parquet":
            self._flush()
            self._writer.close()
        if self._file is not None:
            self._file.close()
        self._writer = self._file = None


def _cells(value: Any, count: int) -> Iterable[Any]:
    """A column as cells: floats by the fewest digits that give them back, nothing computed."""
    if isinstance(value, str | int):
        return [_safe(value)] * count
    if isinstance(value, np.ndarray):
        return list(map(str, value))
    return [_safe(one) for one in value]


def _safe(value: Any) -> Any:
    return "'" + value if isinstance(value, str) and value[:1] in FORMULAS else value
