"""Text files of a site: the same bytes everywhere, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FORMULAS = frozenset("=+-@\t\r")  # how a cell begins that a spreadsheet takes for a formula


def write(path: Path, text: str) -> None:
    """Write a file in a folder of the site, made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "backslashreplace"))


def as_csv(records: Sequence[Mapping[str, Any]]) -> str:
    """Records with the fields of all, lists and objects in them as JSON."""
    buffer = io.StringIO()
    fields = list(dict.fromkeys(name for record in records for name in record))
    writer = csv.DictWriter(buffer, fields, lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({name: _cell(value) for name, value in record.items()})
    return buffer.getvalue()


def as_json(value: Any) -> str:
    """JSON for scripts."""
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False)
    if isinstance(value, list | tuple):
        return json.dumps(list(value), ensure_ascii=False)
    if isinstance(value, str) and value[:1] in FORMULAS:
        return "'" + value
    return value
