"""All shards of a results folder, and which of their trials still count."""

from __future__ import annotations

import errno
import functools
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path

from serbench.shards.entry import Entry
from serbench.shards.shard import Checker, Shard
from serbench.writing import write_aside

ID = 64  # hexadecimal digits of a trial's id
MARK = 32  # of the SHA-256 of its record, in the name of a mark


class Packed:
    """The trials of a results folder that lie in shards.

    A result that is run again is marked as set aside, by the trial's id and the SHA-256 of its
    ``record.json``. So a mark is of one result, in whichever shard that lies or is about to lie.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / "packed"
        self._marks = self.folder / "set-aside"
        self.shards: list[Shard] = []  # all, as of the last refresh
        self._seen: tuple[list[str], list[str]] = ([], [])
        self._places: dict[str, tuple[Shard, int]] = {}
        self._twice = False  # whether several shards hold one trial

    def refresh(self) -> None:
        """Take notice of shards that were added, and of what was set aside, since the last time."""
        seen = (_names(self.folder), _names(self._marks))
        if seen == self._seen:
            return
        shards = [
            shard for name in seen[0] if name.endswith(".tar") if (shard := self._shard(name))
        ]
        self.shards, self._places = shards, {}
        for shard in reversed(shards):  # of two that hold a trial, the first counts
            places = range(len(shard.index.trials))
            self._places.update(zip(shard.index.trials, zip(repeat(shard), places), strict=False))
        self._twice = sum(len(shard.index.trials) for shard in shards) > len(self._places)
        marked = {name[:ID] for name in seen[1]}.intersection(self._places)
        for trial_id in marked:
            del self._places[trial_id]
        for shard in shards if marked else ():
            for place, trial_id in enumerate(shard.index.trials):
                if trial_id in marked and not self._is_marked(shard, place):
                    self._places.setdefault(trial_id, (shard, place))
        self._seen = seen

    def at(self, trial_id: str) -> tuple[Shard, int] | None:
        """The shard that a trial lies in, and its place there; None if none does that counts."""
        found = self._places.get(trial_id)
        if found is None and _names(self.folder) != self._seen[0]:
            self.refresh()
            found = self._places.get(trial_id)
        if found is not None and self._is_marked(*found):
            if self._twice:  # another shard may hold another result of it
                self.refresh()
            else:
                del self._places[trial_id]
            found = self._places.get(trial_id)
        return found

    def known(self, ids: Iterable[str]) -> dict[Shard, list[int]]:
        """The same for many trials at one moment, that of the last :meth:`refresh`."""
        found: dict[Shard, list[int]] = defaultdict(list)
        places = self._places  # a board of 100,000 trials comes by here with each of them, twice
        for trial_id in ids:
            if trial_id in places:
                shard, at = places[trial_id]
                found[shard].append(at)
        return found

    def entry(self, trial_id: str) -> Entry | None:
        """What the index says of a trial; None if it lies in no shard."""
        found = self.at(trial_id)
        return None if found is None else found[0].index.entry(found[1])

    def ids(self) -> Iterator[str]:
        """All trials that lie in shards, each once."""
        self.refresh()
        yield from self._places

    def content(self, trial_id: str, name: str) -> bytes:
        """One file of a trial, if it is what was written.

        Raises
        ------
        OSError
            If it is not, or there is none.
        """
        found = self.at(trial_id)
        files = {} if found is None else found[0].index.entry(found[1]).files
        if found is None or name not in files:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        content = found[0].content(files[name])
        if not files[name].holds(content):
            raise OSError(errno.EIO, "its SHA-256 is not the recorded one", name)
        return content

    def whole(self, trial_id: str) -> bool:
        """Whether every file of a trial is what was written."""
        found = self.at(trial_id)
        return found is not None and not Checker(found[0]).broken([found[1]], stages=True)

    def mark(self, trial_id: str, record: bytes) -> None:
        """Set a result aside: no shard that holds it counts any more. Its bytes stay there.

        Parameters
        ----------
        record
            The SHA-256 of its ``record.json``.

        Raises
        ------
        StoreError
            If the folder cannot be written.
        """
        write_aside(Path(self._mark(trial_id, record)), b"")

    def _shard(self, name: str) -> Shard | None:
        path = self.folder / name
        try:
            state = path.stat()
            return _read_shard(path, state.st_size, state.st_mtime_ns)
        except FileNotFoundError:  # removed this very moment
            return None

    def _mark(self, trial_id: str, record: bytes) -> str:
        return f"{self._marks}/{trial_id}.{record.hex()[:MARK]}"

    def _is_marked(self, shard: Shard, place: int) -> bool:
        record = shard.index.hashes(place).get("record.json")
        mark = None if record is None else self._mark(shard.index.trials[place], record)
        return mark is None or os.path.exists(mark)  # noqa: PTH110  asked for every trial


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208  asked for each trial that is missing
    except FileNotFoundError:
        return []


@functools.lru_cache(maxsize=256)
def _read_shard(path: Path, size: int, changed: int) -> Shard:
    """Each read once by a process, however many trials it stores one after the other."""
    del size, changed
    return Shard.load(path)
