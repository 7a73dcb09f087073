"""What a killed writer left among the trials: a folder that was to be renamed, and may be whole."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from serbench import record as records
from serbench.errors import StoreError
from serbench.trial import Trial

NAME = re.compile(r"\.([0-9a-f]{64})\.[0-9]+\.[0-9a-f]{8}\.tmp", re.ASCII)


def whose(aside: Path) -> str | None:
    """The id of the trial that was being written there; None: its name is no such folder's."""
    found = NAME.fullmatch(aside.name)
    return found and found[1]


def holds(folder: Path, trial_id: str) -> bool:
    """Whether a folder holds this very trial, each of its files as it was written.

    Raises
    ------
    OtherFormat
        If another version of serbench wrote it in another way.
    """
    try:
        found = records.read((folder / "record.json").read_bytes(), str(folder))
        trial = Trial.from_record(json.loads((folder / "trial.json").read_bytes()), str(folder))
        named = {"trial.json", *(f"predictions-{test}.parquet" for test in trial.tests)}
        return {trial.id, found["trial"]} == {trial_id} and all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == found["files"].get(name)
            for name in named | set(found["files"])
        )
    except (OSError, ValueError, AttributeError, StoreError):
        return False
