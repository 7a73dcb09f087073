"""Folds that were drawn before, so that asking again for what is finished need not draw them anew.

scikit-learn takes a second to import. The planner may read folds from here; a worker never does,
and refuses to run if what it draws for itself is not what was planned.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Sequence
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path

from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.protocols import Protocol, Split
from serbench.registry import source_digest
from serbench.splitters import Row
from serbench.writing import write_aside


def drawn_splits(protocol: Protocol, table: Sequence[Row], cache: Path) -> tuple[Split, ...]:
    """The folds of a table, read if the same question was answered before.

    The question is the table, the resolved protocol, the splitter's code and scikit-learn's
    version.

    Raises
    ------
    ProtocolError
        Where the corpora do not allow for such folds.
    """
    values = attrgetter(*(field.name for field in dataclasses.fields(Row)))
    rows = [values(row) for row in sorted(table, key=lambda row: row.id)]
    question = digest(
        [
            rows,
            protocol.record(sorted({row.corpus for row in table})),
            source_digest(type(protocol.splitter)),
            version("scikit-learn"),
        ]
    )
    path = cache / "splits" / f"{question}.json"
    found = _read(path)
    if found is not None:
        return found
    splits = protocol.splits(table)
    record = [split.record() for split in splits]
    with contextlib.suppress(StoreError):  # a cache that cannot be written is done without
        write_aside(path, canonical({"digest": digest(record), "splits": record}).encode())
    return splits


def _read(path: Path) -> tuple[Split, ...] | None:
    """What was drawn, unless the file is torn or altered."""
    try:
        content = json.loads(path.read_bytes())
        if content["digest"] != digest(content["splits"]):
            return None
        return tuple(
            Split(
                split["fold"],
                tuple(split["train"]),
                {name: tuple(ids) for name, ids in split["tests"].items()},
                tuple(split.get("validation", ())),
            )
            for split in content["splits"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
