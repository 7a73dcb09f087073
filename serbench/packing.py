"""Finished trials from a folder each into shards, so that 100,000 of them are a handful of files.

A shard is written aside, flushed to the disk and renamed; only what can be read back from it is
then removed, folder by folder, and each in one step. So a trial counts in its folder until its
shard stands, and killed at any moment, nothing is lost and nothing counts twice. Others may write
to the results folder meanwhile: what they finish stays in its folder until the next time.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from serbench.canonical import digest
from serbench.errors import StoreError, few
from serbench.shards.entry import UNREADABLE, Entry, File, entry_of
from serbench.shards.shard import Checker, Shard, index_path, made_index
from serbench.shards.tar import Writer
from serbench.store import Store
from serbench.writing import cannot_write, sync_folder, write_aside

LIMIT = 256 << 20  # bytes of a shard, about: some 25,000 trials without stages
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Packing:
    """What came of it.

    Parameters
    ----------
    packed
        Trials that lie in ``shards`` now, tars of ``bytes`` in all.
    doubles
        Folders that were removed because a shard held the very same files already.
    left
        Trials whose folders stay: they are damaged, or hold more than files.
    """

    packed: int
    shards: tuple[str, ...]
    bytes: int
    doubles: int
    left: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "shards": list(self.shards), "left": list(self.left)}

    def lines(self) -> Iterator[str]:
        """For people."""
        size = f" of {self.bytes / 2**20:.1f} MiB in all" if self.shards else ""
        yield f"{self.packed} trials packed, {len(self.shards)} new shards{size}"
        if self.doubles:
            yield f"{self.doubles} folders removed whose files lay in a shard already"
        if self.left:
            yield (
                f"{len(self.left)} folders left as they are, damaged or with more than files in "
                f"them: {few(one[:12] for one in self.left)} (the next `serbench run` of the same "
                "command runs damaged trials again)"
            )


def pack(root: Path, tell: Tell = lambda done, total: None, limit: int = LIMIT) -> Packing:
    """Move every finished trial of a results folder into shards.

    Parameters
    ----------
    tell
        Hears how many trials are done, of how many.
    limit
        Begin another shard at so many bytes.

    Raises
    ------
    StoreError
        If the folder cannot be written, or is being packed by somebody else at this moment.
    """
    from filelock import FileLock, Timeout

    folder = root / "packed"
    try:
        folder.mkdir(parents=True, exist_ok=True)  # from now on, what is set aside is marked
        with FileLock(folder / ".lock", timeout=0):
            _tidy(folder)
            return _Pack(Store(root), tell, limit).run()
    except Timeout as error:
        raise StoreError(
            f"{root} is being packed already", advice="wait until it is done: nothing is lost"
        ) from error
    except OSError as error:
        raise cannot_write(folder, error) from error


class _Pack:
    """One run of it."""

    def __init__(self, store: Store, tell: Tell, limit: int) -> None:
        self.store, self.tell, self.limit = store, tell, limit
        self.left: list[str] = []
        self.doubles = self.done = self.total = 0

    def run(self) -> Packing:
        loose = iter(self._in_order(self.store.loose_ids()))
        shards: list[Path] = []
        packed = 0
        while (path := self._shard(loose)) is not None:
            shards.append(path)
            packed += self._clear(path)
        names = tuple(path.name for path in shards)
        size = sum(path.stat().st_size for path in shards)
        return Packing(packed, names, size, self.doubles, tuple(sorted(self.left)))

    def _in_order(self, loose: Sequence[str]) -> list[str]:
        """Those to be packed, the trials of a row next to each other: a board reads row by row."""
        places: list[tuple[str, int, str, str]] = []
        for trial_id in loose:
            try:
                if not self._stands_twice(trial_id):
                    trial = self.store.trial(trial_id)
                    places.append((digest(trial.row), trial.seed, trial.fold, trial_id))
            except StoreError:
                self.left.append(trial_id)
        self.total = len(places)
        return [trial_id for *_, trial_id in sorted(places)]

    def _stands_twice(self, trial_id: str) -> bool:
        """Whether a shard holds this very result; then the folder goes, as it was about to.

        Another result of the trial that lies in a shard counted less than the folder, and is set
        aside. The folder of one whose shard is damaged stays, and goes on counting.
        """
        entry = self.store.packed.entry(trial_id)
        if entry is None:
            return False
        contents = self._contents(trial_id)
        if contents is None:
            raise StoreError(f"{trial_id} is not whole")
        if not entry.files["record.json"].holds(contents["record.json"]):
            self.store.packed.mark(trial_id, entry.files["record.json"].sha256)
            return False
        if set(contents) == set(entry.files) and self.store.packed.whole(trial_id):
            self.doubles += self._remove(trial_id, entry)
        return True

    def _shard(self, loose: Iterator[str]) -> Path | None:
        """Write the next shard; None if there is nothing left for one."""
        folder = self.store.packed.folder
        name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:8]}.tar"
        aside, path = folder / f".{name}.tmp", folder / name
        try:
            entries = self._write(aside, loose)
        except OSError:  # a full disk is not to be left fuller
            aside.unlink(missing_ok=True)
            raise
        if not entries:
            aside.unlink()
            return None
        index = made_index(aside, entries)
        write_aside(index_path(path, index), index)
        aside.rename(path)
        sync_folder(folder)
        return path

    def _write(self, aside: Path, loose: Iterator[str]) -> list[Entry]:
        """Fill a tar with the next trials, until it is large enough. The disk has it then."""
        with aside.open("wb") as file:
            writer = Writer(file)
            for trial_id in loose:
                contents = self._contents(trial_id)
                if contents is None:
                    self.left.append(trial_id)
                    continue
                writer.add(trial_id, contents, self._when(trial_id))
                self.done += 1
                self.tell(self.done, self.total)
                if writer.size >= self.limit:
                    break
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        return writer.entries

    def _clear(self, path: Path) -> int:
        """Remove the folders of those trials that can be read back from their new shard.

        A result that was set aside meanwhile is marked, and does not count in the shard.
        """
        packed = self.store.packed
        packed.refresh()
        shard = Shard.load(path)
        broken = set(Checker(shard).broken(range(len(shard.index.trials)), stages=True))
        removed = 0
        for place, trial_id in enumerate(shard.index.trials):
            counts = packed.at(trial_id)
            if counts is not None and counts[0].path == path and place not in broken:
                removed += self._remove(trial_id, shard.index.entry(place))
        return removed

    def _remove(self, trial_id: str, entry: Entry) -> bool:
        """Remove the folder of a result that lies in a shard, unless another has taken its place.

        It is out of the way before it is looked at, so that nobody can put another there unseen.
        """
        folder = self.store.folder(trial_id)
        aside = folder.with_name(f".{trial_id}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            folder.rename(aside)
            if entry.files["record.json"].holds((aside / "record.json").read_bytes()):
                shutil.rmtree(aside)
                return True
            aside.rename(folder)
        except FileNotFoundError:  # set aside by a run, this very moment
            pass
        return False

    def _contents(self, trial_id: str) -> dict[str, bytes] | None:
        """All files of a trial's folder; None unless it is whole and holds nothing else."""
        try:
            within = list(os.scandir(self.store.folder(trial_id)))
            if not all(one.is_file(follow_symlinks=False) for one in within):
                return None
            contents = {one.name: Path(one.path).read_bytes() for one in within}
            files = {name: File(0, len(c), sha256(c).digest()) for name, c in contents.items()}
            entry = entry_of(
                trial_id, files, contents.get("trial.json"), contents.get("record.json")
            )
        except OSError:
            return None
        named = {"trial.json", *(f"predictions-{test}.parquet" for test in entry.facts.tests)}
        sound = entry.facts != UNREADABLE and named <= set(contents) and entry.files == files
        recorded = set(json.loads(contents["record.json"])["files"]) if sound else set()
        return contents if sound and recorded <= set(contents) else None

    def _when(self, trial_id: str) -> float:
        """When a trial was finished, in seconds since 1970; now, if that has gone meanwhile."""
        with contextlib.suppress(OSError):
            return (self.store.folder(trial_id) / "record.json").stat().st_mtime
        return time.time()


def _tidy(folder: Path) -> None:
    """Remove what a killed pack has left: a tar in the making, an index without its tar."""
    for left in folder.glob(".*.tmp"):
        left.unlink(missing_ok=True)
    for index in folder.glob("*.parquet"):
        if not (folder / f"{index.name.partition('.')[0]}.tar").exists():
            index.unlink(missing_ok=True)
