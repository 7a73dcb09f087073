"""A results folder of an older format becomes one of the present format, trial by trial.

Each trial is held to its id and its files to their SHA-256 before it moves. The new one is saved as
if it had been run here, and then the old one steps aside: killed at any moment nothing is lost, and
the same command goes on. Predictions are not touched: every score stays what it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.migration import FORMAT, OtherFormat, migrated
from serbench.planned import Plan
from serbench.store import Store
from serbench.trial import Trial
from serbench.upkeep.mending import put_aside

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Migration:
    """What came of it.

    Parameters
    ----------
    trials
        The id of each trial that moved, to its new one.
    plans
        Files in ``plans/`` that were written anew.
    refused
        What is older and was left as it is, each with the reason.
    """

    trials: Mapping[str, str]
    plans: tuple[str, ...]
    refused: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def migrate(store: Store, tell: Tell = lambda done, total: None) -> Migration:
    """Bring whatever is older to the present format.

    Parameters
    ----------
    tell
        Hears how many trials are done, of how many.

    Raises
    ------
    NewerFormat
        If any of it is newer; what was done until then stands.
    OlderFormat
        If there is no way from its format.
    StoreError
        If the folder cannot be written.
    """
    moved: dict[str, str] = {}
    refused: list[str] = []
    every = list(store.ids())
    for done, name in enumerate(every, 1):
        try:
            new = _trial(store, name)
            if new is not None:
                moved[name] = new
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            refused.append(f"trial {name[:12]}: {error}")
        tell(done, len(every))
    known = {**_before(store), **moved}
    plans = [path.name for path in sorted(store.root.glob("plans/*.json")) if
             _plan(store, path, known, refused)]  # fmt: skip
    return Migration(moved, tuple(plans), tuple(refused))


def _trial(store: Store, name: str) -> str | None:
    """Move a trial, if it is older; its new id.

    Raises
    ------
    ValueError, KeyError
        If it is not what was written.
    """
    told = json.loads(_read(store, name, "trial.json"))
    if told["format"] == FORMAT:
        return None
    where = f"trial {name[:12]}"
    present = migrated("trial", told, where)
    if digest(told) != name:
        raise ValueError("its SHA-256 is not its folder's name")
    record = migrated("record", json.loads(_read(store, name, "record.json")), where)
    files = {file: _read(store, name, file) for file in record["files"]}
    for file, content in files.items():
        if hashlib.sha256(content).hexdigest() != record["files"][file]:
            raise ValueError(f"{file} is not what was written")
    del files["trial.json"]
    trial = Trial.from_record(present, where)
    lacking = {f"predictions-{test}.parquet" for test in trial.tests} - set(files)
    if lacking:
        raise ValueError(f"{min(lacking)} is missing")
    store.save(trial, files, {**record["provenance"], "before": name})
    store.set_aside(name)
    return trial.id


def _before(store: Store) -> dict[str, str]:
    """What trials that were moved earlier were called: a killed migration goes on."""
    found = {}
    for name in store.ids():
        try:
            before = store.record(name)["provenance"].get("before")
        except (OtherFormat, StoreError):
            continue
        if isinstance(before, str):
            found[before] = name
    return found


def _plan(store: Store, path: Path, moved: Mapping[str, str], refused: list[str]) -> bool:
    """Write a plan anew, if it is older."""
    try:
        content = path.read_bytes()
        told = json.loads(content)
        if told["format"] == FORMAT:
            return False
        present = migrated("plan", told, f"plans/{path.name}")
        if hashlib.sha256(content).hexdigest() != path.stem:
            raise ValueError("its SHA-256 is not its name")
        row = {**present["row"], "format": FORMAT}
        # Of a trial that was never finished nobody can tell the new id: it stays missing.
        trials = tuple(moved.get(one, one) for one in present["trials"])
        for one in set(trials) & set(moved.values()):
            if canonical(store.trial(one).row) != canonical(row):
                raise ValueError(f"its row is not that of its trial {one[:12]}")
        store.plan(Plan(row, dict(present["notes"]), trials))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StoreError) as error:
        refused.append(f"plan {path.name[:12]}: {error}")
        return False
    put_aside(store, path)
    return True


def _read(store: Store, name: str, file: str) -> bytes:
    """One file of a trial, from its folder or its shard, held to nothing."""
    try:
        return (store.folder(name) / file).read_bytes()
    except FileNotFoundError:
        return store.packed.content(name, file)
