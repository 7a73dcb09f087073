"""``record.json``: what vouches for the files of a finished trial, and for itself.

It holds the SHA-256 of the trial's other files, where the result comes from, and a digest of all
that. Records that were written before there was a digest are read as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from serbench.migration import FORMAT, check

PARTS = frozenset({"format", "trial", "files", "provenance"})


def written(trial: str, contents: Mapping[str, bytes], provenance: Mapping[str, Any]) -> bytes:
    """The file's bytes.

    Parameters
    ----------
    trial
        The trial's id.
    contents
        All its other files, by name.
    """
    record = {
        "format": FORMAT,
        "trial": trial,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        "provenance": dict(provenance),
    }
    return json.dumps({**record, "digest": _digest(record)}, indent=1, sort_keys=True).encode()


def read(content: bytes, where: str) -> dict[str, Any]:
    """The record, without its digest.

    Parameters
    ----------
    where
        The file, for people.

    Raises
    ------
    ValueError
        If it is not what was written.
    OtherFormat
        If another version of serbench wrote it in another way.
    """
    try:
        record = json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(record, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004  a file's content
    stood = record.pop("digest", None)
    if stood is not None and stood != _digest(record):
        raise ValueError("it is not what its own digest is of")
    check("record", record.get("format"), where)
    if not all(isinstance(record.get(part), dict) for part in ("files", "provenance")):
        raise ValueError("files or provenance are missing")
    if record.keys() != PARTS:
        raise ValueError(f"it holds {', '.join(sorted(record.keys() ^ PARTS))}, or lacks it")
    return record


def _digest(record: Mapping[str, Any]) -> str:
    """SHA-256 of its values. NaN may be among what is told of a training, so not canonical JSON."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
