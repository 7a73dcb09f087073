"""nkululeko's tables: a CSV file for each side of a fold, as its databases of ``type = csv`` are.

::

    fold_03/emodb_train.csv        file,emotion,speaker,gender,...
    fold_03/emodb_test.csv
    fold_03/emodb_dev.csv          where there is a validation set
    fold_03/nkululeko.ini          what nkululeko needs to be told of them

``start`` and ``end`` stand where an utterance is a part of its file. Without folders for folds, and
called ``train.csv`` and ``test.csv`` alone, such tables are read too: many who publish splits do
so by a file for each side.

Burkhardt et al., Nkululeko: A tool for rapid speaker characteristics detection, LREC 2022;
github.com/felixbur/nkululeko, ``ini_file.md`` and ``nkululeko/data/dataset_csv.py``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from serbench.errors import few
from serbench.interchange.columns import NAMES, TOLD, fields_of, seconds_told
from serbench.interchange.declared import declared
from serbench.interchange.gathering import NONE, TEST, TRAIN, VALID, Gathering, sides_of
from serbench.interchange.lines import SplitsError
from serbench.interchange.parts import files_for, folder_for, parts_of
from serbench.interchange.sounds import Sounds
from serbench.interchange.table import SUFFIXES, rows_of
from serbench.listing import Item, Listing
from serbench.printable import name_cell
from serbench.protocols import Split
from serbench.writing import write_aside

Placed = tuple[Item, str]  # an utterance, and the test set that it is of
LEFT_OVER = "in_no_fold"
SPELLED = {TRAIN: "train", TEST: "test", VALID: "dev"}  # of a file, and of a split_strategy


def read_nkululeko(folder: Path) -> Listing:
    """The splits in a folder of tables.

    Raises
    ------
    SplitsError
        If there are none, or a table has no column of ids or files.
    """
    gathering = Gathering()
    parts, others = parts_of(folder, SUFFIXES)
    if not parts:
        raise SplitsError(
            f"{folder} holds no tables of nkululeko",
            expected="NAME_train.csv and NAME_test.csv, or such tables in a folder for each fold",
        )
    passed = [path.name for path in others if path.stem != LEFT_OVER]
    notes = (f"tables of no side were passed over: {few(passed)}",) if passed else ()
    sides = [(part.path, part.corpus, part.fold, part.side) for part in parts]
    left_over = [(path, "", "", NONE) for path in others if path.stem == LEFT_OVER]
    for path, corpus, fold, side in (*sides, *left_over):
        headings, rows = rows_of(path)
        fields = fields_of([one for one in headings if one.strip()], str(path))
        for where, row in rows:
            values = {field: row[heading] for heading, field in fields.items()}
            gathering.add({"corpus": corpus, **values}, fold, side, where)
    return gathering.listing(folder.name, notes=notes)


def write_nkululeko(listing: Listing, folder: Path, sounds: Sounds) -> None:
    """Write splits as tables, and for each fold an ``.ini`` from which nkululeko runs.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    items = {item.id: item for item in listing.items}
    files = files_for(["", *(item.corpus for item in listing.items)])
    columns = _columns(listing)
    cells = {item.id: _cells(item, columns, sounds) for item in listing.items}
    said = declared(listing)
    named: set[str] = set()
    for split in listing.splits:
        here = folder / folder_for(split.fold)
        databases: dict[str, tuple[str, str]] = {}  # name to corpus and side
        for (corpus, side), lines in _tables(split, items).items():
            named.update(item.id for item, _ in lines)
            name = f"{files[corpus]}_{SPELLED[side]}"
            databases[name] = corpus, side
            extra = any(test_set not in ("", item.corpus) for item, test_set in lines)
            rows = [
                [
                    *(cells.get(item.id) or _cells(item, columns, sounds)),
                    *[test_set] * extra,
                    *said.values(),
                ]
                for item, test_set in lines
            ]
            _write(here / f"{name}.csv", [*columns, *["test_set"] * extra, *said], rows)
        ini = _ini(listing, split.fold, databases, sounds)
        write_aside(here / "nkululeko.ini", ini.encode())
    left_over = [cells[item.id] for item in listing.items if item.id not in named]
    if left_over:
        _write(folder / f"{LEFT_OVER}.csv", columns, left_over)


def _columns(listing: Listing) -> list[str]:
    """The headings: the file, its segment where there is one, what is known, the id."""
    items = listing.items
    cut = any(item.start is not None or item.end is not None for item in items)
    known = [
        NAMES[name][0]
        for name in TOLD
        if name not in ("file", "start", "end")
        and any(getattr(item, name) is not None for item in items)
    ]
    return ["file", *(["start", "end"] if cut else []), *known, "id"]


def _cells(item: Item, columns: Sequence[str], sounds: Sounds) -> list[str]:
    told: dict[str, Any] = {NAMES[name][0]: getattr(item, name) for name in TOLD}
    told |= {"id": item.id, "file": sounds.file(item), "start": seconds_told(item.start or 0.0)}
    told["end"] = None if item.end is None else seconds_told(item.end)
    return ["" if told[name] is None else str(told[name]) for name in columns]


def _tables(split: Split, items: Mapping[str, Item]) -> dict[tuple[str, str], list[Placed]]:
    """The utterances of a fold, each with its test set, by corpus and side."""
    tables: dict[tuple[str, str], list[Placed]] = {}
    for side, test_set, ids in sides_of(split):
        for name in ids:
            item = items.get(name) or Item(id=name)
            tables.setdefault((item.corpus, side), []).append((item, test_set))
    return tables


def _write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([name_cell(str(cell)) for cell in row] for row in rows)
    write_aside(path, text.getvalue().encode())


def _ini(listing: Listing, fold: str, databases: dict[str, tuple[str, str]], sounds: Sounds) -> str:
    """An experiment on one fold: openSMILE features and an SVM, as nkululeko's tutorial has it."""
    dev = any(side == VALID for _, side in databases.values())
    labels = listing.classes or sorted({item.label for item in listing.items} - {""})
    lines = [
        f"; {_line(listing.name)}, fold {_line(fold)}. Run in this folder:",
        ";   python -m nkululeko.nkululeko --config nkululeko.ini",
        "[EXP]",
        "root = ./",
        "name = results",
        *(["traindevtest = True"] if dev else []),
        "[DATA]",
        f"databases = {sorted(databases)}",
    ]
    for name, (corpus, side) in sorted(databases.items()):
        root = sounds.roots.get(corpus)
        lines += [
            f"{name} = ./{name}.csv",
            f"{name}.type = csv",
            f"{name}.absolute_path = True",
            f"{name}.audio_path = {_line(str(root)) if root else '/folder/of/the/corpus'}",
            f"{name}.split_strategy = {SPELLED[side]}",
        ]
    lines += [
        "target = emotion",
        f"labels = {[_line(label) for label in labels]}",
        "[FEATS]",
        "type = ['os']",
        "scale = standard",
        "[MODEL]",
        "type = svm",
    ]
    return "".join(line + "\n" for line in lines)


def _line(text: str) -> str:
    """A text on one line, whose % does not ask configparser for another option."""
    return " ".join(text.split()).replace("%", "%%")
