"""Results on the disk: a folder a trial, written aside and renamed, so that what is there is whole.

::

    trials/ab/ab12.../trial.json               the trial; its SHA-256 is the folder's name
                      predictions-emodb.parquet  one file a test set
                      stages-emodb.parquet       the same after every epoch, of a net
                      record.json                provenance, and the SHA-256 of the other files
    failed/ab12....json                        why a trial failed, until it succeeds
    unfinished/ab12.../                        checkpoints
    packed/....tar                             many finished trials (:mod:`serbench.shards`)
    plans/....json                             which trials a row of a board is made of
    boards/....                                beside the models (:mod:`serbench.background`)
    planes/ab12.../emodb.json                  pictures that were asked for (:mod:`serbench.plane`)
    superseded/ab12....                        what was run again, read by nothing

Any number of writers may share the folder. Two that finish one trial are both right; one stays.
Nothing here is ever unpickled.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from serbench import leftover
from serbench import record as records
from serbench.errors import StoreError
from serbench.failure import Failure
from serbench.planned import Plan, plans_in
from serbench.shards.packed import Packed
from serbench.trial import Trial
from serbench.writing import cannot_write, clock_of, sync_folder, write_through

__all__ = ["Failure", "Plan", "Store"]


class Store:
    """A results folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.packed = Packed(root)

    def folder(self, trial_id: str) -> Path:
        """Where a trial is kept when it is finished, until it is packed."""
        return Path(f"{self.root}/trials/{trial_id[:2]}/{trial_id}")

    def checkpoint(self, trial_id: str) -> Path:
        """Where a training goes on from."""
        return self.root / "unfinished" / trial_id / "checkpoint.pt"

    def has(self, trial_id: str) -> bool:
        """Whether a trial is finished."""
        return self.loose(trial_id) or self.packed.at(trial_id) is not None

    def loose(self, trial_id: str) -> bool:
        """Whether a trial is finished and has a folder of its own, which counts before a shard."""
        # Not by Path, which takes longer than the disk: a run asks for every trial that it plans.
        return os.path.isfile(f"{self.root}/trials/{trial_id[:2]}/{trial_id}/record.json")  # noqa: PTH113

    def save(self, trial: Trial, files: Mapping[str, bytes], provenance: Mapping[str, Any]) -> None:
        """Keep a finished trial. When this returns, the disk has it.

        Raises
        ------
        StoreError
            If the folder cannot be written.
        """
        contents = {"trial.json": trial.json().encode(), **files}
        contents["record.json"] = records.written(trial.id, contents, provenance)
        folder = self.folder(trial.id)
        try:
            try:
                self._save(folder, contents)
            except FileNotFoundError:  # swept up meanwhile: a clock was set
                self._save(folder, contents)
        except OSError as error:
            raise cannot_write(folder, error) from error
        (self.root / "failed" / f"{trial.id}.json").unlink(missing_ok=True)
        shutil.rmtree(self.root / "unfinished" / trial.id, ignore_errors=True)

    def _save(self, folder: Path, contents: Mapping[str, bytes]) -> None:
        aside = folder.with_name(f".{folder.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            aside.mkdir(parents=True)
            for name, content in contents.items():
                write_through(aside / name, content)
            sync_folder(aside)
            self._publish(aside, folder)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            raise

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
        """Put a finished trial where nothing reads it but nothing is lost.

        A folder is moved. What lies in a shard stays there, and is marked.

        Returns
        -------
        The folder's new place, or the shard.
        """
        target = self.root / "superseded" / f"{trial_id}.{uuid.uuid4().hex[:8]}"
        packed = self.packed.at(trial_id)
        if packed is not None:
            shard, place = packed
            self.packed.mark(trial_id, shard.index.hashes(place)["record.json"])
        if packed is not None and not self.folder(trial_id).exists():
            return shard.path
        try:
            if self.packed.folder.exists():  # a pack may be about to publish this very result
                with contextlib.suppress(FileNotFoundError):
                    record = (self.folder(trial_id) / "record.json").read_bytes()
                    self.packed.mark(trial_id, hashlib.sha256(record).digest())
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
            content = json.loads(self.read(trial_id, "trial.json"))
            trial = Trial.from_record(content, f"trial {trial_id[:12]}")
        except (ValueError, AttributeError, RecursionError) as error:
            raise self._damaged(trial_id, "trial.json", str(error)) from error
        if trial.id != trial_id:
            raise self._damaged(trial_id, "trial.json", "its SHA-256 is not its folder's name")
        return trial

    def record(self, trial_id: str) -> dict[str, Any]:
        """Provenance and file digests.

        Raises
        ------
        StoreError
            If it is not what was written.
        OtherFormat
            If another version of serbench wrote it in another way.
        """
        try:
            found = records.read(
                self._content(trial_id, "record.json")[0], f"trial {trial_id[:12]}"
            )
        except (OSError, ValueError) as error:
            raise self._damaged(trial_id, "record.json", str(error)) from error
        if found["trial"] != trial_id:
            raise self._damaged(trial_id, "record.json", "it is of another trial")
        return found

    def hashes(self, trial_id: str) -> dict[str, bytes]:
        """The recorded SHA-256 of a finished trial's files, by name.

        Raises
        ------
        StoreError
            If its record is damaged.
        """
        packed = None if self.loose(trial_id) else self.packed.at(trial_id)
        if packed is not None:
            return packed[0].index.hashes(packed[1])
        recorded = self.record(trial_id)["files"]
        try:
            return {name: bytes.fromhex(sha) for name, sha in recorded.items()}
        except (ValueError, TypeError) as error:
            raise self._damaged(trial_id, "record.json", str(error)) from error

    def read(self, trial_id: str, name: str) -> bytes:
        """One file of a finished trial, if it is what was written.

        Raises
        ------
        StoreError
            If it is missing, or its SHA-256 is not the recorded one.
        """
        try:
            content, packed = self._content(trial_id, name)
        except OSError as error:
            raise self._damaged(trial_id, name, str(error.strerror)) from error
        if packed:  # its index has held it to the same SHA-256
            return content
        expected = self.record(trial_id)["files"].get(name)
        if hashlib.sha256(content).hexdigest() != expected:
            raise self._damaged(trial_id, name, "its SHA-256 is not the recorded one")
        return content

    def _content(self, trial_id: str, name: str) -> tuple[bytes, bool]:
        """A file's bytes, and whether they come from a shard; a folder's are unchecked."""
        try:
            return (self.folder(trial_id) / name).read_bytes(), False
        except FileNotFoundError:
            return self.packed.content(trial_id, name), True

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
        """Clear away what killed writers left, once nobody can be at it any more (s).

        A trial that was whole but for its name is put in its place.
        """
        now = clock_of(self.root)
        if now is None:
            return
        for aside in self.root.glob("trials/*/.*.tmp"):
            with contextlib.suppress(FileNotFoundError):
                # A time to come is of a clock that has been set since.
                if abs(now - aside.stat().st_mtime) > older_than and not self.recover(aside):
                    shutil.rmtree(aside, ignore_errors=True)

    def recover(self, aside: Path) -> bool:
        """Put a finished trial in its place whose writer was killed before; False: it is none.

        Also of a pack that was about to see whether a folder is what its shard holds.
        """
        trial_id = leftover.whose(aside)
        if trial_id is None or self.has(trial_id) or not leftover.holds(aside, trial_id):
            return False
        with contextlib.suppress(OSError):
            aside.rename(self.folder(trial_id))
            sync_folder(aside.parent)
        return True

    def ids(self) -> Iterator[str]:
        """All finished trials, each once."""
        yield from sorted({*self.loose_ids(), *self.packed.ids()})

    def loose_ids(self) -> list[str]:
        """Trials that have a folder of their own."""
        return sorted(
            name
            for part in _names(self.root / "trials")
            for name in _names(self.root / "trials" / part)
            if not name.startswith(".")
        )

    def fail(self, trial: Trial, reason: str, log: str) -> None:
        """Keep the reason why a trial failed. The next run tries it again."""
        failure = Failure(trial.id, trial.title, reason, log, trial.seed, trial.fold)
        failure.write(self.root / "failed")

    def failed_ids(self) -> frozenset[str]:
        """Trials that failed and were not finished since."""
        return frozenset(
            name.removesuffix(".json")
            for name in _names(self.root / "failed")
            if not name.startswith(".")
        )

    def failure(self, trial_id: str) -> Failure | None:
        """Why a trial failed; None if it did not, or was finished since."""
        return Failure.read(self.root / "failed", trial_id)

    def plan(self, plan: Plan) -> None:
        """Remember which trials make one row of a board, so that a missing one is missed."""
        plan.write(self.root / "plans")

    def plans(self) -> Iterator[Plan]:
        """Every plan that was ever begun in this folder."""
        return plans_in(self.root / "plans")

    def _damaged(self, trial_id: str, name: str, why: str) -> StoreError:
        where = self.folder(trial_id)
        if not where.exists() and (packed := self.packed.at(trial_id)) is not None:
            where = packed[0].path / trial_id
        return StoreError(
            f"{where / name} is damaged: {why}",
            advice="the next `serbench run` of the same command runs this trial again",
        )


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  of hundreds of thousands
    except (FileNotFoundError, NotADirectoryError):
        return []
