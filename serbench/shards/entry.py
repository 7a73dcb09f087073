"""A trial in a shard: where its files lie, and what a board asks of it first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serbench import record as records
from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.migration import NewerFormat, OlderFormat
from serbench.trial import Trial

STAGES = "stages-"  # how the names of files begin that only some rules of selection read


@dataclass(frozen=True, slots=True)
class File:
    """Where a file lies in its shard, in bytes, and its SHA-256 as it was written."""

    offset: int
    size: int
    sha256: bytes

    def holds(self, content: bytes | memoryview) -> bool:
        """Whether these are the bytes that were written."""
        return hashlib.sha256(content).digest() == self.sha256


@dataclass(frozen=True, slots=True)
class Facts:
    """What a board asks of a trial before it reads what the trial said.

    Parameters
    ----------
    row
        SHA-256 of what the trials of a board's row have in common (:attr:`Trial.row`); "" where
        that cannot be read any more.
    tests
        Its test sets.
    behaviour
        What was seen of the rules that it keeps, as JSON; "null" where nobody watched.
    """

    row: str
    seed: int
    fold: str
    tests: tuple[str, ...]
    behaviour: str

    @classmethod
    def of(cls, trial: Trial, record: Mapping[str, Any]) -> Facts:
        """Of a trial and what stands in its ``record.json``."""
        seen = canonical(record["provenance"].get("behaviour"))
        return cls(digest(trial.row), trial.seed, trial.fold, tuple(trial.tests), seen)


UNREADABLE = Facts("", 0, "", (), "null")


@dataclass(frozen=True, slots=True)
class Entry:
    """A trial of a shard."""

    trial: str
    facts: Facts
    files: Mapping[str, File]


def entry_of(
    trial_id: str, files: Mapping[str, File], trial: bytes | None, record: bytes | None
) -> Entry:
    """A trial's entry, as its own files tell it.

    A trial whose ``trial.json`` or ``record.json`` cannot be read has an entry all the same, of no
    row: it is there, and damaged.

    Parameters
    ----------
    files
        As they lie in the tar now. The SHA-256 of all that the record names become the recorded
        ones: or damage would vouch for itself.
    trial, record
        The bytes of these two; None: they are not there.

    Raises
    ------
    NewerFormat
        If a newer serbench wrote them in another way.
    """
    try:
        told = records.read(record or b"", f"trial {trial_id[:12]}")
        recorded = {name: bytes.fromhex(sha) for name, sha in told["files"].items()}
        facts = Facts.of(
            Trial.from_record(json.loads(trial or b""), f"trial {trial_id[:12]}"), told
        )
    except NewerFormat:  # an index that calls it unreadable would outlive the next upgrade
        raise
    except (OlderFormat, StoreError, ValueError, KeyError, TypeError, AttributeError):
        recorded, facts = {}, UNREADABLE
    return Entry(
        trial_id,
        facts,
        {
            name: File(file.offset, file.size, recorded.get(name, file.sha256))
            for name, file in files.items()
        },
    )


def in_order(names: Mapping[str, Any]) -> list[str]:
    """The names of a trial's files as they lie in a shard: what every board reads comes first."""
    first = {"trial.json": 0, "record.json": 1}
    return sorted(names, key=lambda name: (first.get(name, 2), name.startswith(STAGES), name))
