"""The tar of a shard: written trial by trial, and read back from nothing but itself."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from serbench.shards.entry import STAGES, Entry, File, entry_of, in_order

BLOCK = 512  # bytes; a tar is made of them
GROUP = 1 << 20  # bytes of files whose stages come after all that every board reads
TOLD = ("trial.json", "record.json")
MEMBER = re.compile(r"trials/[0-9a-f]{2}/([0-9a-f]{64})/([^/]+)")


class Writer:
    """A tar in the making.

    Stages are far larger than all else, and a board that shows last epochs reads none of them: so
    they lie behind the other files of a group of trials, where nothing reads over them.

    Parameters
    ----------
    file
        Written from its beginning. Whoever opened it flushes and closes it.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._group: list[tuple[str, Mapping[str, bytes], float]] = []
        self._waiting = 0
        self.entries: list[Entry] = []

    @property
    def size(self) -> int:
        """Bytes that were handed over so far."""
        return self._tar.offset + self._waiting

    def add(self, trial_id: str, contents: Mapping[str, bytes], when: float) -> None:
        """Take a trial's files, which are dated ``when`` (seconds since 1970)."""
        self._group.append((trial_id, contents, when))
        self._waiting += sum(map(len, contents.values()))
        if self._waiting >= GROUP:
            self._write_group()

    def close(self) -> None:
        """Write what is left, and the tar's end."""
        self._write_group()
        self._tar.close()

    def _write_group(self) -> None:
        files: list[dict[str, File]] = [{} for _ in self._group]
        for stages in (False, True):
            for held, (trial_id, contents, when) in zip(files, self._group, strict=True):
                for name in in_order(contents):
                    if name.startswith(STAGES) == stages:
                        held[name] = self._write(trial_id, name, contents[name], when)
        for held, (trial_id, contents, _) in zip(files, self._group, strict=True):
            self.entries.append(entry_of(trial_id, held, *(contents.get(name) for name in TOLD)))
        self._group, self._waiting = [], 0

    def _write(self, trial_id: str, name: str, content: bytes, when: float) -> File:
        info = tarfile.TarInfo(f"trials/{trial_id[:2]}/{trial_id}/{name}")
        info.size, info.mtime = len(content), int(when)
        self._tar.addfile(info, io.BytesIO(content))
        offset = self._tar.offset - -(-len(content) // BLOCK) * BLOCK
        return File(offset, len(content), hashlib.sha256(content).digest())


def walk(path: Path) -> list[Entry]:
    """The trials of a tar, in its order, from the tar alone. What is no header is skipped.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    files: dict[str, dict[str, File]] = {}
    told: dict[str, dict[str, bytes]] = {}
    with path.open("rb") as file:
        for trial_id, name, offset, content in _members(file):
            sha = hashlib.sha256(content).digest()
            files.setdefault(trial_id, {})[name] = File(offset, len(content), sha)
            if name in TOLD:
                told.setdefault(trial_id, {})[name] = content
    return [
        entry_of(trial_id, held, *(told.get(trial_id, {}).get(name) for name in TOLD))
        for trial_id, held in files.items()
    ]


def _members(file: IO[bytes]) -> Iterator[tuple[str, str, int, bytes]]:
    """Trial, name, place and content of the files in a tar; of a torn one, as far as it goes."""
    try:
        with tarfile.open(fileobj=file, mode="r:", ignore_zeros=True) as tar:
            for member in tar:
                found = MEMBER.fullmatch(member.name)
                if member.isreg() and found:
                    file.seek(member.offset_data)
                    yield found[1], found[2], member.offset_data, file.read(member.size)
    except tarfile.TarError:
        return


def extents(entries: Iterable[Entry]) -> Iterator[tuple[int, int]]:
    """Where in its tar each trial begins and ends, stages left out, in bytes."""
    for entry in entries:
        core = [file for name, file in entry.files.items() if not name.startswith(STAGES)]
        parts = core or list(entry.files.values())
        yield min(f.offset for f in parts), max(f.offset + f.size for f in parts)
