"""Results on the disk: a folder a trial, written aside and renamed, so that what is there is whole.

::

    trials/ab/ab12.../trial.json               the trial; its SHA-256 is the folder's name
                      predictions-emodb.parquet  one file a test set
                      stages-emodb.parquet       the same after every epoch, of a net
                      record.json                provenance, and the SHA-256 of the other files
    failed/ab12....json                        why a trial failed, until it succeeds
    unfinished/ab12.../                        checkpoints
    plans/....json                             which trials a row of a board is made of
    boards/....                                beside the models (:mod:`serbench.background`)
    superseded/ab12....                        what was run again, read by nothing

Any number of writers may share the folder. Two that finish one trial are both right; one stays.
Nothing here is ever unpickled.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serbench.canonical import canonical
from serbench.errors import StoreError
from serbench.trial import FORMAT, Trial
from serbench.writing import cannot_write, sync_folder, write_aside, write_through


@dataclass(frozen=True)
class Failure:
    """Why a trial failed."""

    trial: str
    title: str
    reason: str
    log: str


@dataclass(frozen=True)
class Plan:
    """The trials that make one row of a board.

    Parameters
    ----------
    row
        What the trials have in common (:attr:`serbench.trial.Trial.row`).
    notes
        What a board shows beside the row and cannot derive from it: the settings that differ from
        the model's defaults, whether speakers are shared, findings of a partial corpus.
    trials
        Their ids.
    """

    row: Mapping[str, Any]
    notes: Mapping[str, Any]
    trials: tuple[str, ...]


class Store:
    """A results folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, trial_id: str) -> Path:
        return self.root / "trials" / trial_id[:2] / trial_id

    def checkpoint(self, trial_id: str) -> Path:
        """Where a training goes on from."""
        return self.root / "unfinished" / trial_id / "checkpoint.pt"

    def has(self, trial_id: str) -> bool:
        return (self.folder(trial_id) / "record.json").is_file()

    def save(self, trial: Trial, files: Mapping[str, bytes], provenance: Mapping[str, Any]) -> None:
        """Keep a finished trial. When this returns, the disk has it.

        Raises
        ------
        StoreError
            If the folder cannot be written.
        """
        contents = {"trial.json": trial.json().encode(), **files}
        record = {
            "format": FORMAT,
            "trial": trial.id,
            "files": {
                name: hashlib.sha256(content).hexdigest() for name, content in contents.items()
            },
            "provenance": dict(provenance),
        }
        contents["record.json"] = json.dumps(record, indent=1, sort_keys=True).encode()
        folder = self.folder(trial.id)
        aside = folder.with_name(f".{trial.id}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            aside.mkdir(parents=True)
            for name, content in contents.items():
                write_through(aside / name, content)
            sync_folder(aside)
            self._publish(aside, folder)
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            raise cannot_write(folder, error) from error
        (self.root / "failed" / f"{trial.id}.json").unlink(missing_ok=True)
        shutil.rmtree(self.root / "unfinished" / trial.id, ignore_errors=True)

    def _publish(self, aside: Path, folder: Path) -> None:
        try:
            aside.rename(folder)
            sync_folder(folder.parent)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
            if self.whole(folder.name):
                shutil.rmtree(aside)  # another writer finished the same trial first
            else:
                self.set_aside(folder.name)  # what stands there is not a result
                aside.rename(folder)
                sync_folder(folder.parent)

    def set_aside(self, trial_id: str) -> Path:
        """Move a finished trial out of the way, where nothing reads it but nothing is lost."""
        target = self.root / "superseded" / f"{trial_id}.{uuid.uuid4().hex[:8]}"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self.folder(trial_id).rename(target)
        except OSError as error:
            raise cannot_write(target, error) from error
        return target

    def trial(self, trial_id: str) -> Trial:
        """Read a trial, and hold it to its id.

        Raises
        ------
        StoreError
            If it is not whole.
        """
        try:
            trial = Trial.from_record(json.loads(self.read(trial_id, "trial.json")))
        except (ValueError, AttributeError) as error:
            raise self._damaged(trial_id, "trial.json", str(error)) from error
        if trial.id != trial_id:
            raise self._damaged(trial_id, "trial.json", "its SHA-256 is not its folder's name")
        return trial

    def record(self, trial_id: str) -> dict[str, Any]:
        """Provenance and file digests."""
        try:
            record = json.loads((self.folder(trial_id) / "record.json").read_bytes())
        except (OSError, ValueError) as error:
            raise self._damaged(trial_id, "record.json", str(error)) from error
        if not isinstance(record, dict) or record.get("trial") != trial_id:
            raise self._damaged(trial_id, "record.json", "it is of another trial")
        if not all(isinstance(record.get(part), dict) for part in ("files", "provenance")):
            raise self._damaged(trial_id, "record.json", "files or provenance are missing")
        return record

    def read(self, trial_id: str, name: str) -> bytes:
        """One file of a finished trial, if it is what was written.

        Raises
        ------
        StoreError
            If it is missing, or its SHA-256 is not the recorded one.
        """
        expected = self.record(trial_id)["files"].get(name)
        try:
            content = (self.folder(trial_id) / name).read_bytes()
        except OSError as error:
            raise self._damaged(trial_id, name, str(error.strerror)) from error
        if hashlib.sha256(content).hexdigest() != expected:
            raise self._damaged(trial_id, name, "its SHA-256 is not the recorded one")
        return content

    def whole(self, trial_id: str) -> bool:
        """Whether every file of a finished trial is what was written."""
        try:
            tests = {f"predictions-{test}.parquet" for test in self.trial(trial_id).tests}
            for name in tests | set(self.record(trial_id)["files"]):
                self.read(trial_id, name)
        except StoreError:
            return False
        return True

    def sweep(self, older_than: float = 3600.0) -> None:
        """Remove what killed writers left unfinished, once nobody can be at it any more (s)."""
        for aside in self.root.glob("trials/*/.*.tmp"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - aside.stat().st_mtime > older_than:
                    shutil.rmtree(aside, ignore_errors=True)

    def ids(self) -> Iterator[str]:
        """All finished trials."""
        for folder in sorted(self.root.glob("trials/*/*")):
            if not folder.name.startswith("."):
                yield folder.name

    def fail(self, trial: Trial, reason: str, log: str) -> None:
        """Keep the reason why a trial failed. The next run tries it again."""
        failure = {"trial": trial.id, "title": trial.title, "reason": reason, "log": log}
        write_aside(
            self.root / "failed" / f"{trial.id}.json", json.dumps(failure, indent=1).encode()
        )

    def failure(self, trial_id: str) -> Failure | None:
        try:
            content = json.loads((self.root / "failed" / f"{trial_id}.json").read_bytes())
            return Failure(**content)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            return Failure(trial_id, "", "its record cannot be read", "")

    def plan(self, plan: Plan) -> None:
        """Remember which trials make one row of a board, so that a missing one is missed."""
        content = canonical({"format": FORMAT, **dataclasses.asdict(plan)})
        name = hashlib.sha256(content.encode()).hexdigest()
        path = self.root / "plans" / f"{name}.json"
        if not path.exists():
            write_aside(path, content.encode())

    def plans(self) -> Iterator[Plan]:
        """Every plan that was ever begun in this folder."""
        for path in sorted(self.root.glob("plans/*.json")):
            try:
                plan = json.loads(path.read_bytes())
                row = plan["row"]
                if plan["format"] != FORMAT or not isinstance(plan["notes"], dict):
                    raise ValueError(f"format {plan['format']!r}")
                for part in ("protocol", "model", "labels", "task", "corpora", "split", "folds"):
                    row[part]
                found = Plan(row, plan["notes"], tuple(map(str, plan["trials"])))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise StoreError(
                    f"{path} cannot be read: {error}",
                    advice="delete it; the next `serbench run` writes it again",
                ) from error
            yield found

    def _damaged(self, trial_id: str, name: str, why: str) -> StoreError:
        return StoreError(
            f"{self.folder(trial_id) / name} is damaged: {why}",
            advice="the next `serbench run` of the same command runs this trial again",
        )
