"""Splits as one table: a line for each utterance on each side of each fold.

::

    fold,side,id,corpus,file,speaker,emotion
    1,train,emodb/03a01Fa,emodb,03a01Fa.wav,03,happiness
    1,test,emodb/08a01Fd,emodb,08a01Fd.wav,08,happiness
    ,none,emodb/08a01Na,emodb,08a01Na.wav,08,neutral

CSV with commas, or semicolons or tabs where the heading has those. Columns stand in any order
(:data:`serbench.interchange.columns.NAMES`); needed are an id or a file, and a side or a fold. A
table without folds is one fold. One without sides has for each utterance the fold that tests it and
trains in all the others, as k-fold lists often are.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from serbench.errors import few
from serbench.interchange.columns import NAMES, TOLD, fields_of, name_of
from serbench.interchange.declared import declared
from serbench.interchange.gathering import (
    NONE,
    TEST,
    TRAIN,
    Gathering,
    natural,
    side_of,
    sides_of,
)
from serbench.interchange.lines import SplitsError, numbered_lines, plain
from serbench.interchange.parts import ONLY
from serbench.interchange.sounds import Sounds
from serbench.listing import Item, Listing
from serbench.printable import cell_name, name_cell
from serbench.writing import write_aside

SUFFIXES = frozenset({".csv", ".tsv"})
SIDELESS = (
    f"no column {', '.join(NAMES['side'][:-1])} or {NAMES['side'][-1]} says who trains, so that "
    "each row is tested in its fold and trains in all the others"
)


def read_table(path: Path) -> Listing:
    """The splits in a table.

    Raises
    ------
    SplitsError
        If it is no such table, with the line.
    """
    gathering = Gathering()
    headings, rows = rows_of(path)
    fields = fields_of(headings, str(path))
    if not {"side", "fold"} & set(fields.values()):
        raise SplitsError(
            f"{path} has the columns {few(headings)}, and none says who trains and who tests",
            expected=f"a column {' or '.join(NAMES['side'])}, or a column fold",
        )
    passed = [heading for heading in headings if heading.strip() and heading not in fields]
    notes = [f"columns that mean nothing here: {few(passed)}"] if passed else []
    read = (
        (where, {field: row[heading] for heading, field in fields.items()}) for where, row in rows
    )
    if "side" in fields.values():
        for where, values in read:
            fold = name_of(values.get("fold", ""), "fold", where) or ONLY
            gathering.add(values, fold, side_of(values["side"], where), where)
    else:
        notes.insert(0, SIDELESS)
        _add_rotated(gathering, list(read))
    return gathering.listing(path.stem, notes=tuple(notes))


def write_table(listing: Listing, file: TextIO, sounds: Sounds) -> None:
    """Write splits as CSV, lines ended by LF; columns of which nothing is known are left out."""
    corpora = {item.id: item.corpus for item in listing.items}
    told = [name for name in TOLD if any(_told(item, name, sounds) for item in listing.items)]
    cells = {
        i.id: [*map(name_cell, [i.id, *(_told(i, name, sounds) for name in told)])]
        for i in listing.items
    }
    extra = any(
        test_set != corpora.get(name, "")
        for split in listing.splits
        for test_set, ids in split.tests.items()
        for name in ids
    )
    writer = csv.writer(file, lineterminator="\n")
    sets = ["test_set"] * extra
    said = declared(listing)
    writer.writerow(["fold", "side", *sets, "id", *(NAMES[name][0] for name in told), *said])
    named: set[str] = set()
    for split in listing.splits:
        for side, test_set, ids in sides_of(split):
            named.update(ids)
            place = [name_cell(split.fold), side, *[name_cell(test_set)] * extra]
            for name in ids:
                cell = cells.get(name) or [name_cell(name), *[""] * len(told)]
                writer.writerow([*place, *cell, *said.values()])
    for name, row in cells.items():
        if name not in named:
            writer.writerow(["", NONE, *[""] * extra, *row, *said.values()])


def write_table_file(listing: Listing, path: Path, sounds: Sounds) -> None:
    """Write splits as a CSV file, whole or not at all.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    text = io.StringIO()
    write_table(listing, text, sounds)
    write_aside(path, text.getvalue().encode())


def rows_of(path: Path) -> tuple[list[str], Iterator[tuple[str, dict[str, str]]]]:
    """A table's headings, and each row by heading with where it stands, for messages.

    Raises
    ------
    SplitsError
        If it is empty, names a column twice, or (while rows are taken) a row has other columns.
    """
    lines = (text for _, text in numbered_lines(path))
    first = next(lines, "")
    counts = {mark: first.count(mark) for mark in ",;\t"}
    mark = max(counts, key=lambda one: counts[one])
    try:
        headings = next(csv.reader([first], delimiter=mark), [])
    except csv.Error as error:
        raise SplitsError(f"{path}, line 1: {error}", expected="a line of column names") from error
    again = [heading for heading, times in Counter(headings).items() if times > 1]
    if again or not any(headings):
        fault = f"names the column {ascii(again[0])[:80]} twice" if again else "has no heading"
        raise SplitsError(f"{path} {fault}", expected="a line of column names, then the rows")
    for heading in headings:
        plain(heading, "column", str(path))
    return headings, _rows(path, csv.reader(lines, delimiter=mark, strict=True), headings)


def _rows(path: Path, reader: Any, headings: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        for row in reader:
            if not row:
                continue
            where = f"{path}, line {reader.line_num + 1}"
            if len(row) != len(headings):
                raise SplitsError(
                    f"{where} has {len(row)} columns", expected=f"{len(headings)}, as its heading"
                )
            yield where, dict(zip(headings, map(cell_name, row), strict=True))
    except csv.Error as error:
        raise SplitsError(
            f"{path}, line {reader.line_num + 1}: {error}", expected="CSV, with quotes in pairs"
        ) from error


def _add_rotated(gathering: Gathering, read: Sequence[tuple[str, Mapping[str, str]]]) -> None:
    """Utterances by the fold that tests them: each trains in every other fold."""
    folds = sorted({values["fold"] for _, values in read} - {""}, key=natural)
    if len(folds) == 1:
        raise SplitsError(
            f"{read[0][0]}: every utterance is of the fold {folds[0]!r}, and no column says which "
            "of them train",
            expected=f"two folds or more, or a column {NAMES['side'][0]}",
        )
    for where, values in read:
        if not values["fold"]:
            gathering.add(values, "", NONE, where)
            continue
        for fold in folds:
            side = TEST if values["fold"] == fold else TRAIN
            gathering.add(values, name_of(fold, "fold", where), side, where)


def _told(item: Item, name: str, sounds: Sounds) -> str:
    value = sounds.file(item) if name == "file" else getattr(item, name)
    return "" if value is None else str(value)
