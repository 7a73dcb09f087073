"""What is dead in a results folder, and may go: no board, plan, run or worker reads it.

Dead is what a killed writer left half written, a checkpoint or a reason of failure of a trial that
was finished since, the claim of a worker that has ended, what was set aside a month ago, and what
was worked out beside trials or plans that are no longer there. Half-written files count as dead an
hour after they were last touched, by the clock of the machine that keeps the folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from serbench import claims, leftover
from serbench.errors import StoreError
from serbench.planned import Plan
from serbench.question import question_digest
from serbench.shards.packed import ID, MARK
from serbench.store import Store
from serbench.writing import cannot_write, clock_of

HOUR = 3600.0  # seconds
DAY = 24 * HOUR
KEPT = 30.0  # days that what was set aside is kept, unless told otherwise


@dataclass(frozen=True)
class Dead:
    """A file or a folder that may go.

    Parameters
    ----------
    path
        Below the results folder.
    why
        What it is, the same words for all of its kind.
    bytes
        That it takes on the disk, with all that is in it.
    """

    path: str
    why: str
    bytes: int


@dataclass(frozen=True)
class Garbage:
    """All of it.

    Parameters
    ----------
    dead
        By path.
    recovered
        Trials that a killed writer had finished but for the name of their folder: these are put
        in their place, and lost to nobody.
    packing
        Whether somebody packs the folder at this moment, so that ``packed/`` was left alone.
    """

    dead: tuple[Dead, ...]
    recovered: tuple[str, ...]
    packing: bool

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.dead)

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "bytes": self.bytes}


def garbage(root: Path, *, days: float = KEPT, remove: bool = False) -> Garbage:
    """Find what is dead, and remove it where that is asked for.

    Parameters
    ----------
    days
        What was set aside (``superseded/``) is dead after so many.
    remove
        Do it. Otherwise nothing is changed.

    Raises
    ------
    StoreError
        If the folder cannot be written, or a plan in it cannot be read: nobody knows then what is
        needed.
    OtherFormat
        If another version of serbench wrote it.
    """
    from filelock import FileLock, Timeout

    now = clock_of(root)
    if now is None:
        raise StoreError(f"{root} cannot be written", expected="a folder that this user may change")
    lock = FileLock(root / "packed" / ".lock", timeout=0)
    packing = False
    with contextlib.ExitStack() as held:
        if (root / "packed").is_dir():
            try:
                held.enter_context(lock)
            except Timeout:
                packing = True
        found = _Search(Store(root), now, days, packing=packing)
        dead = tuple(sorted(found.dead(), key=lambda one: one.path))
        if remove:
            for one in dead:
                _remove(root / one.path)
            for aside in found.whole:
                found.store.recover(aside)
    recovered = tuple(sorted(str(leftover.whose(aside)) for aside in found.whole))
    return Garbage(dead, recovered, packing)


class _Search:
    """One look through a results folder."""

    def __init__(self, store: Store, now: float, days: float, *, packing: bool) -> None:
        self.store, self.now, self.days, self.packing = store, now, days, packing
        self.whole: list[Path] = []  # half-written folders that lack nothing
        self.plans = list(store.plans())

    def dead(self) -> Iterator[Dead]:
        yield from self._asides()
        yield from self._outlived()
        yield from self._claims()
        yield from self._set_aside()
        yield from self._beside_nothing()
        if not self.packing:
            yield from self._of_no_shard()

    def _asides(self) -> Iterator[Dead]:
        for folder, folders, names in os.walk(self.store.root):
            inside = Path(folder)
            if inside == self.store.root and self.packing:
                folders[:] = [name for name in folders if name != "packed"]
            for name in (*folders, *names):
                path = inside / name
                if not (name.startswith(".") and name.endswith(".tmp") and self._old(path, HOUR)):
                    continue
                trial_id = leftover.whose(path)
                lacking = trial_id is not None and not self.store.has(trial_id)
                if trial_id and lacking and leftover.holds(path, trial_id):
                    self.whole.append(path)
                else:
                    yield self._dead(path, "half written by a process that was stopped")
            folders[:] = [name for name in folders if not name.startswith(".")]

    def _outlived(self) -> Iterator[Dead]:
        for path in sorted(self.store.root.glob("unfinished/*")):
            if self._finished(path.name):
                yield self._dead(path, "checkpoint of a trial that is finished")
        for path in sorted(self.store.root.glob("failed/*.json")):
            if self._finished(path.stem):
                yield self._dead(path, "failure of a trial that was finished since")

    def _claims(self) -> Iterator[Dead]:
        for one in claims.read(self.store.root).seen:
            if one.state == "gone" or one.silence > claims.KEPT:
                yield self._dead(one.path, "claim of a worker that has ended")

    def _set_aside(self) -> Iterator[Dead]:
        for path in sorted(self.store.root.glob("superseded/*")):
            if not path.name.startswith(".") and self._old(path, self.days * DAY):
                yield self._dead(path, f"set aside {self.days:g} days ago or earlier")

    def _beside_nothing(self) -> Iterator[Dead]:
        """Audits of boards that no plan or trial is of, and planes of trials that are not there."""
        boards = sorted(self.store.root.glob("boards/*"))
        asked = {question_digest(plan.row) for plan in self._all_plans()} if boards else set()
        for path in boards:
            if path.name not in asked and self._old(path, HOUR):
                yield self._dead(path, "audit of a board that nothing here is of")
        for path in sorted(self.store.root.glob("planes/*")):
            if not self.store.has(path.name) and self._old(path, HOUR):
                yield self._dead(path, "plane of a trial that is not here")

    def _of_no_shard(self) -> Iterator[Dead]:
        folder = self.store.packed.folder
        for path in sorted(folder.glob("*.parquet")):
            if not (folder / f"{path.name.partition('.')[0]}.tar").exists():
                yield self._dead(path, "index of a shard that is not here")
        self.store.packed.refresh()
        there = {
            (trial_id, sha.hex()[:MARK])
            for shard in self.store.packed.shards
            for place, trial_id in enumerate(shard.index.trials)
            if (sha := shard.index.hashes(place).get("record.json")) is not None
        }
        for path in sorted(folder.glob("set-aside/*")):
            trial_id, _, record = path.name.partition(".")
            named = len(trial_id) == ID and len(record) == MARK
            if named and (trial_id, record) not in there and self._old(path, HOUR):
                yield self._dead(path, "mark of what lies in no shard")

    def _all_plans(self) -> Iterator[Plan]:
        yield from self.plans
        planned = {one for plan in self.plans for one in plan.trials}
        for trial_id in self.store.ids():
            if trial_id not in planned:
                with contextlib.suppress(StoreError):  # nobody can say what it is of
                    yield Plan(self.store.trial(trial_id).row, {}, (trial_id,))

    def _finished(self, trial_id: str) -> bool:
        return self.store.has(trial_id) and self.store.whole(trial_id)

    def _old(self, path: Path, seconds: float) -> bool:
        """Whether it was last touched so long ago; so far in the future, a clock was set since."""
        try:
            state = path.lstat()
        except OSError:
            return False
        # To be renamed changes no folder's own mtime: what was set aside today would look old.
        moved = state.st_mtime if path.name.startswith(".") else state.st_ctime
        return min(abs(self.now - when) for when in {state.st_mtime, moved}) > seconds

    def _dead(self, path: Path, why: str) -> Dead:
        return Dead(str(path.relative_to(self.store.root)), why, _size(path))


def _size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    files = [path] if not path.is_dir() or path.is_symlink() else path.rglob("*")
    total = 0
    for file in files:
        with contextlib.suppress(OSError):
            state = file.lstat()
            total += 0 if file.is_dir() else state.st_size
    return total


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:  # somebody else was there first
        return
    except OSError as error:
        raise cannot_write(path, error) from error
