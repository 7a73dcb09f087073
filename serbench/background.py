"""What a board shows beside its models: what an audit finds in its folds, and what canaries reach.

Both hang on the corpora and the folds alone. They are worked out where the corpora are at hand, by
`serbench run`, and kept beside the trials, so that a board made elsewhere has them::

    boards/ab12.../verdict.json      the audit (:class:`serbench.audit.verdict.Verdict`)
                   canaries.parquet  what each canary said of each test utterance

The folder's name is the SHA-256 of the board's question, and the verdict holds the SHA-256 of both
files' contents: of one that is torn or altered nothing is shown, and the next run writes it anew.
Scores of canaries are not kept: they are taken from what they said, as a model's are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.question import question_digest
from serbench.store import Store
from serbench.writing import write_aside

if TYPE_CHECKING:
    from serbench.audit.verdict import Verdict
    from serbench.canaries.flock import Flock
    from serbench.pool import Pool
    from serbench.protocols import Protocol, Split

VERDICT, CANARIES = "verdict.json", "canaries.parquet"
VERSION = 1  # of the rules and the canaries: what an older one wrote is worked out again


@dataclass(frozen=True)
class Background:
    """What is known of a board's folds."""

    verdict: Verdict
    flock: Flock


def ensure(
    store: Store,
    row: Mapping[str, Any],
    pool: Pool,
    protocol: Protocol,
    splits: Sequence[Split],
) -> None:
    """Work the background of a row's board out, unless it is there.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    folder = _folder(store, row)
    if _read(folder).get("version") == VERSION:
        return
    from serbench.audit.auditing import audit
    from serbench.audit.gather import protocol_case, with_canaries
    from serbench.canaries.predict import AUDITED, predict
    from serbench.canaries.predict import CANARIES as CANARY_ROWS
    from serbench.canaries.stored import to_parquet
    from serbench.labels import Classes

    case = protocol_case(pool, protocol, splits)
    if isinstance(pool.task, Classes):
        every = predict(case.listing, AUDITED)  # asked once, for the audit and for the board
        case, kept = with_canaries(case, every), every.only(CANARY_ROWS)
    else:
        values = {u.id: float(y) for u, y in zip(pool.utterances, pool.y, strict=True)}
        kept = predict(case.listing, values=values)
    flock = to_parquet(kept)
    write_aside(folder / CANARIES, flock)
    record = {"version": VERSION, "verdict": audit(case).record(), CANARIES: _sha256(flock)}
    write_aside(folder / VERDICT, canonical({**record, "digest": digest(record)}).encode())


def background(store: Store, row: Mapping[str, Any]) -> Background | None:
    """The background of a row's board; None where none was kept, or what was is no longer whole."""
    folder = _folder(store, row)
    record = _read(folder)
    if not record:
        return None
    from serbench.audit.verdict import Verdict
    from serbench.canaries.stored import from_parquet

    path = folder / CANARIES
    try:
        return Background(
            Verdict.from_record(record["verdict"]), from_parquet(path.read_bytes(), str(path))
        )
    except (OSError, KeyError, StoreError):
        return None


def stands(store: Store, row: Mapping[str, Any]) -> str | None:
    """A digest of all that :func:`background` reads, as it is now; None where nothing was kept."""
    folder = _folder(store, row)
    try:
        return digest([_sha256((folder / name).read_bytes()) for name in (VERDICT, CANARIES)])
    except OSError:
        return None


def _folder(store: Store, row: Mapping[str, Any]) -> Path:
    return store.root / "boards" / question_digest(row)


def _read(folder: Path) -> dict[str, Any]:
    """The record of the verdict; empty unless both files are what was written."""
    try:
        record: dict[str, Any] = json.loads((folder / VERDICT).read_bytes())
        stood = record.pop("digest")
        canaries = _sha256((folder / CANARIES).read_bytes())
        return record if (stood, canaries) == (digest(record), record[CANARIES]) else {}
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return {}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
