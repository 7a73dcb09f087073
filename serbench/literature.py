"""The numbers that papers print, each with what a reader needs to set it beside a measured one.

They stand in ``results/literature.csv``, a row a number, with the words of the paper and, beside
them, the names that boards use: ``results/literature_words.csv`` translates. A number that answers
the question of no board says why (``unmatched``); what is odd about a number stands with it
(``doubts``). Nothing here knows a paper or a model: names are in the file.
"""

from __future__ import annotations

import csv
import functools
import json
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from serbench.errors import SerbenchError
from serbench.protocols import SELECTIONS
from serbench.published import Published

__all__ = ["Published", "beside", "literature", "located"]

FILE = "literature.csv"
BETWEEN = " | "  # between several reasons, and between several doubts
LARGEST = 1 << 26  # bytes
UNITS = ("percent", "points", "p")
AGGREGATIONS = ("fold_mean", "pooled", "fold", "run_mean", "best_run", "unknown")


def literature(path: Path | None = None) -> tuple[Published, ...]:
    """All published numbers, in the order of the file.

    Parameters
    ----------
    path
        Another file of the same columns. None: the one that ships.

    Raises
    ------
    SerbenchError
        If it is not there, or a row of it cannot be read.
    """
    return _read(located() if path is None else path)


def beside(
    corpora: Sequence[str],
    labels: str,
    protocol: str,
    selection: str = "last",
    *,
    metric: str = "",
    target_access: str = "",
    among: Iterable[Published] | None = None,
) -> tuple[Published, ...]:
    """The published numbers that answer a board's question.

    A paper that does not say which epoch it scored is taken to have scored the last; its ``doubts``
    say so.

    Parameters
    ----------
    corpora, labels, protocol, selection
        Of the board, and of the row on it.
    metric, target_access
        Only these; empty: any.
    among
        Of these alone; None: of :func:`literature`.

    Raises
    ------
    SerbenchError
        As :func:`literature`.
    """
    asked = "+".join(sorted(corpora))
    return tuple(
        one
        for one in (literature() if among is None else among)
        if not one.unmatched
        and (one.corpora, one.labels, one.protocol) == (asked, labels, protocol)
        and (one.selection or "last") == selection
        and (not metric or one.metric == metric)
        and (not target_access or one.target_access == target_access)
    )


def located() -> Path:
    """Where the file is: in the package of a wheel, in ``results/`` of a checkout.

    Raises
    ------
    SerbenchError
        If it is in neither.
    """
    here = Path(__file__).parent
    places = (here / FILE, here.parent / "results" / FILE)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise SerbenchError(
            f"the published numbers are neither {places[0]} nor {places[1]}",
            expected="an installed serbench, or a checkout whole",
            advice="pip install --force-reinstall serbench",
        )
    return found


@functools.lru_cache(maxsize=4)
def _read(path: Path) -> tuple[Published, ...]:
    try:
        _refuse_what_is_no_table(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            names = [part.name for part in fields(Published)]
            if list(reader.fieldnames or ()) != names:
                raise SerbenchError(
                    f"{path} has the columns {', '.join(reader.fieldnames or ()) or 'none'}",
                    expected=", ".join(names),
                )
            return tuple(_one(row, f"{path}, line {reader.line_num}") for row in reader)
    except OSError as error:
        raise SerbenchError(f"{path} cannot be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise SerbenchError(f"{path} is no CSV file: {error}") from error


def _refuse_what_is_no_table(path: Path) -> None:
    """A pipe would be waited for, and a device read for ever."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        return  # said where it is opened
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise SerbenchError(
            f"{path} is no regular file of {LARGEST >> 20} MiB at most", expected="a CSV file"
        )


def _one(row: Mapping[str, Any], where: str) -> Published:
    """A row as a number, or an error that names the line and the column."""
    if None in row or None in row.values():
        raise SerbenchError(f"{where}: too many or too few cells", expected="one for each column")
    _known(row, where)
    return Published(
        **{
            **row,
            "value": _value(row["value"], where),
            "spread": _read_as(float, row, "spread", where),
            "n_runs": _read_as(int, row, "n_runs", where),
            "settings": _settings(row, where),
            "unmatched": tuple(filter(None, row["unmatched"].split(BETWEEN))),
            "counts": _counts(row["counts"], where),
            "doubts": tuple(filter(None, row["doubts"].split(BETWEEN))),
        }
    )


def _known(row: Mapping[str, str], where: str) -> None:
    for name, allowed in (
        ("selection", ("", *SELECTIONS)),
        ("aggregation", AGGREGATIONS),
        ("unit", UNITS),
    ):
        if row[name] not in allowed:
            raise SerbenchError(
                f"{where}: the {name} {row[name]!r}",
                expected="one of " + ", ".join(repr(word) for word in allowed),
            )
    for name in ("paper", "table", "method", "corpora", "metric", "source"):
        if not row[name]:
            raise SerbenchError(f"{where}: no {name}")
    if not row["protocol"] and not row["unmatched"]:
        raise SerbenchError(f"{where}: neither a protocol nor a reason why there is none")


def _value(text: str, where: str) -> str:
    try:
        float(text.removeprefix("<"))
    except ValueError as error:
        raise SerbenchError(f"{where}: the value {text!r}", expected="79.36 or <0.0001") from error
    return text


def _read_as(kind: type, row: Mapping[str, str], name: str, where: str) -> Any:
    try:
        return kind(row[name]) if row[name] else None
    except ValueError as error:
        raise SerbenchError(
            f"{where}: the {name} {row[name]!r}", expected="a number, or nothing"
        ) from error


def _counts(text: str, where: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, text.split()))
    except ValueError as error:
        raise SerbenchError(
            f"{where}: the counts {text!r}", expected="whole numbers with blanks between"
        ) from error


def _settings(row: Mapping[str, str], where: str) -> dict[str, Any] | None:
    if not row["model"]:
        return None
    try:
        found = json.loads(row["settings"])
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SerbenchError(
            f"{where}: the settings {row['settings']!r} of {row['model']}",
            expected='a JSON object: {} or {"epochs": 100}',
        )
    return found
