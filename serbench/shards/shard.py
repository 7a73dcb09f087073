"""One shard, to be read: its index in memory, its files when they are asked for."""

from __future__ import annotations

import bisect
import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from serbench.errors import StoreError
from serbench.shards.entry import STAGES, Entry, File
from serbench.shards.index import SHA, Index, Stretch, index_of
from serbench.shards.tar import extents, walk
from serbench.writing import write_aside

STRETCH = 1 << 20  # bytes that are held against one SHA-256
NEAR = 1 << 16  # bytes: a smaller gap is read over rather than jumped


class Shard:
    """A tar of trials and its index."""

    def __init__(self, path: Path, index: Index) -> None:
        self.path, self.index = path, index

    @classmethod
    def load(cls, path: Path) -> Shard:
        """Read the index of a tar; one that is not what was written is made anew from the tar.

        Raises
        ------
        OSError
            If the tar cannot be read.
        """
        found = sorted(path.parent.glob(f"{path.stem}.*.parquet"))
        for beside in found:
            with contextlib.suppress(OSError, StoreError):
                content = beside.read_bytes()
                if beside.name == index_path(path, content).name:
                    return cls(path, Index(content, str(beside)))
        content = made_index(path, walk(path))
        with contextlib.suppress(OSError, StoreError):  # a folder that may only be read
            write_aside(index_path(path, content), content)
            for beside in {*found} - {index_path(path, content)}:
                beside.unlink()
        return cls(path, Index(content, str(path)))

    def content(self, file: File) -> bytes:
        """The bytes of a file as they are now, unchecked."""
        with self.path.open("rb") as tar:
            tar.seek(file.offset)
            return tar.read(file.size)


class Checker:
    """Holds the trials of a shard against what was written, each stretch of them once."""

    def __init__(self, shard: Shard) -> None:
        self.shard = shard
        self._ends = [stretch.end for stretch in shard.index.stretches]
        self._sound: dict[int, bool] = {}

    def broken(self, places: Iterable[int], *, stages: bool = False) -> list[int]:
        """The places of those trials of which a file is not what was written.

        Parameters
        ----------
        stages
            Read these too, file by file. Without them, a stretch of neighbours is read at once,
            and each of them by itself only where the stretch is not what was written.
        """
        asked = list(places)
        with self.shard.path.open("rb", buffering=0) as tar:
            if not stages:
                torn = {number for number in self._over(asked) if not self._is_sound(tar, number)}
                asked = [at for at in asked if torn and self._over([at]) <= torn]
            return [place for place in asked if not self._holds(tar, place, stages)]

    def read(self, places: Iterable[int]) -> None:
        """Read the stretches that these trials lie in, so that :meth:`broken` need not.

        Meant for another thread: who asks meanwhile does not wait, and reads what is not read yet.
        """
        with self.shard.path.open("rb", buffering=0) as tar:
            for number in sorted(self._over(places)):
                self._is_sound(tar, number)

    def _over(self, places: Iterable[int]) -> set[int]:
        """The stretches that trials lie in."""
        return {bisect.bisect_right(self._ends, place) for place in places}

    def _is_sound(self, tar: IO[bytes], number: int) -> bool:
        if number not in self._sound:
            part = self.shard.index.stretches[number].part
            self._sound[number] = bool(part.sha256) and part.holds(_read(tar, part))
        return self._sound[number]

    def _holds(self, tar: IO[bytes], place: int, stages: bool) -> bool:
        files = self.shard.index.entry(place).files
        asked = (file for name, file in files.items() if stages or not _of_stages(name))
        return all(file.holds(_read(tar, file)) for file in asked)


def index_path(tar: Path, content: bytes) -> Path:
    """Where the index of a tar stands."""
    return tar.with_name(f"{tar.stem}.{hashlib.sha256(content).hexdigest()[:SHA]}.parquet")


def made_index(path: Path, entries: Sequence[Entry]) -> bytes:
    """The index of a tar that holds these trials, in this order. Every file is read for it."""
    with path.open("rb", buffering=0) as tar:
        stretches = [_vouched(tar, stretch, entries) for stretch in _stretches(entries)]
    return index_of(entries, stretches)


def _stretches(entries: Sequence[Entry]) -> Iterator[Stretch]:
    """Parts of a tar in which trials lie close to each other."""
    first = start = end = 0
    for place, (begin, finish) in enumerate(extents(entries)):
        if place > first and (not 0 <= begin - end <= NEAR or finish - start > STRETCH):
            yield Stretch(first, place, File(start, end - start, b""))
            first = place
        start, end = (begin if place == first else start), finish
    if entries:
        yield Stretch(first, len(entries), File(start, end - start, b""))


def _vouched(tar: IO[bytes], stretch: Stretch, entries: Sequence[Entry]) -> Stretch:
    """A stretch with its SHA-256, if every file in it is what was recorded."""
    part = stretch.part
    held = memoryview(_read(tar, part))
    for entry in entries[stretch.first : stretch.end]:
        for name, file in entry.files.items():
            at = file.offset - part.offset
            if not _of_stages(name) and not file.holds(held[at : at + file.size]):
                return stretch
    sha = hashlib.sha256(held).digest()
    return Stretch(stretch.first, stretch.end, File(part.offset, part.size, sha))


def _of_stages(name: str) -> bool:
    return name.startswith(STAGES)


def _read(tar: IO[bytes], part: File) -> bytes:
    tar.seek(part.offset)
    return tar.read(part.size)
