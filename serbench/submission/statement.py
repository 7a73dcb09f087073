"""``submission.json``: which rows a submission is of, what it claims of them, what each file is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from serbench.canonical import digest
from serbench.errors import StoreError
from serbench.planned import Plan
from serbench.submission.environment import dumped

KIND = "serbench submission"
FORMAT = 1
_ID = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class StatedRow:
    """A row of a submission.

    Parameters
    ----------
    row
        What its trials have in common (:attr:`serbench.trial.Trial.row`).
    digest
        The SHA-256 of that.
    protocol, split
        The SHA-256 of the protocol's record, and of its folds.
    trials
        The ids of the finished ones, in their order.
    planned
        How many trials the row has, finished or not.
    partial
        Whether some are not finished, or a seed lacks a fold.
    stages
        Whether what was said after every epoch came along.
    claimed
        Its scores (:func:`serbench.submission.claimed.claim_of`).
    """

    row: Mapping[str, Any]
    digest: str
    protocol: str
    split: str
    trials: tuple[str, ...]
    planned: int
    partial: bool
    stages: bool
    claimed: Mapping[str, Any]

    @classmethod
    def of(
        cls, plan: Plan, planned: int, *, partial: bool, stages: bool, claimed: Mapping[str, Any]
    ) -> StatedRow:
        """A row, of a plan of its finished trials."""
        return cls(
            row=plan.row,
            digest=plan.row_digest,
            protocol=digest(plan.row["protocol"]),
            split=str(plan.row["split"]),
            trials=plan.trials,
            planned=planned,
            partial=partial,
            stages=stages,
            claimed=claimed,
        )

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> StatedRow:
        """Read a row back; what it says of itself must hold together.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it does not.
        """
        found = cls(**{**record, "trials": tuple(record["trials"])})
        texts = (found.digest, found.protocol, found.split, *found.trials)
        if not all(isinstance(value, str) for value in texts):
            raise TypeError("a row whose digests are no texts")
        if type(found.planned) is not int or type(found.partial) is not bool:
            raise TypeError("a row with a field of the wrong kind")
        if type(found.stages) is not bool or not isinstance(found.claimed, dict):
            raise TypeError("a row with a field of the wrong kind")
        stood = digest(found.row), digest(found.row["protocol"]), found.row["split"]
        if stood != (found.digest, found.protocol, found.split):
            raise ValueError(f"the row {found.digest[:12]} is not of its digests")
        if not all(_ID.fullmatch(name) for name in found.trials):
            raise ValueError(f"the row {found.digest[:12]} names what is no id of a trial")
        if sorted(set(found.trials)) != list(found.trials):
            raise ValueError(f"the trials of the row {found.digest[:12]} are not each named once")
        return found


@dataclass(frozen=True)
class Statement:
    """What a submission says of itself.

    Parameters
    ----------
    serbench
        The version that wrote it.
    rows
        By their digests.
    files
        Every other file of the archive, but for the seal, to its SHA-256.
    environment
        As of :func:`serbench.submission.environment.environment_of`.
    """

    serbench: str
    rows: tuple[StatedRow, ...]
    files: Mapping[str, str]
    environment: Mapping[str, Any]

    def content(self) -> bytes:
        """The file."""
        record = {
            "kind": KIND,
            "format": FORMAT,
            "serbench": self.serbench,
            "rows": [asdict(row) for row in self.rows],
            "files": dict(self.files),
            "environment": dict(self.environment),
        }
        return dumped(record)

    @property
    def id(self) -> str:
        """SHA-256 of the file: what a person quotes."""
        return id_of(self.content())


def id_of(content: bytes) -> str:
    """The id of a submission, by the bytes of its ``submission.json``."""
    return hashlib.sha256(content).hexdigest()


def seal_of(content: bytes) -> bytes:
    """The content of ``submission.sha256``, which ``sha256sum -c`` reads as well."""
    return f"{id_of(content)}  submission.json\n".encode()


def read_statement(content: bytes) -> Statement:
    """Read what :meth:`Statement.content` wrote.

    Raises
    ------
    StoreError
        If it is no such file, of another format, or written in another way.
    """
    try:
        record = json.loads(content)
        if record["kind"] != KIND or record["format"] != FORMAT:
            raise StoreError(
                f"submission.json is of the kind {record['kind']!r:.80} and the format "
                f"{record['format']!r:.20}",
                expected=f"{KIND!r}, {FORMAT}: what this version of serbench reads",
            )
        rows = tuple(StatedRow.from_record(row) for row in record["rows"])
        files = {str(name): str(sha) for name, sha in record["files"].items()}
        found = Statement(str(record["serbench"]), rows, files, dict(record["environment"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"submission.json cannot be read: {error}"[:500]) from error
    if not rows or [row.digest for row in rows] != sorted({row.digest for row in rows}):
        raise StoreError("submission.json names no row, or one twice", expected="each row once")
    if found.content() != content:
        raise StoreError(
            "submission.json is not written as `serbench submit` writes it",
            expected="sorted keys, no other fields",
        )
    return found
