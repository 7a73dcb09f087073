"""What is known of sound files that have not changed: an index beside the feature cache.

Reading 23,000 files to learn their length and digest takes minutes; a look at their sizes and times
takes a second. A file is taken as unchanged if its size, inode, modification and status-change
times are: the last of these cannot be set back by a program.
"""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

from serbench.audio import Sound, inspect
from serbench.canonical import digest
from serbench.errors import AudioError, StoreError
from serbench.writing import write_aside

VERSION = 1  # raised when serbench.audio.inspect learns to see more


class Inspected:
    """An index of sounds for one corpus folder.

    Parameters
    ----------
    cache
        The cache folder; None: remember nothing.
    root
        The corpus folder, which names the index.

    Notes
    -----
    Two writers at once: the later one stays, and each entry in it is right. A torn or foreign index
    is read as an empty one, and its files are inspected again.
    """

    def __init__(self, cache: Path | None = None, root: Path | None = None) -> None:
        self._path: Path | None = None
        self._known: dict[str, list[Any]] = {}
        self._fresh = False
        self._lock = threading.Lock()
        if cache is not None and root is not None:
            name = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:24]
            self._path = cache / "sounds" / f"{name}.json"
            self._known = self._load()

    def sound(self, path: Path, start: float | None, end: float | None) -> Sound:
        """What a file or a segment of it holds, read only if it is new or has changed."""
        try:
            stat = path.stat()
        except OSError as error:
            raise AudioError(f"{path} cannot be opened: {error.strerror}") from error
        state = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        key = f"{path.absolute()}\t{start}\t{end}"
        known = self._known.get(key)
        if known is not None and known[:4] == state:
            return Sound(*known[4:])
        sound = inspect(path, start, end)
        with self._lock:
            self._fresh = True
            self._known[key] = [*state, sound.rate, sound.channels, sound.frames, sound.samples]
        return sound

    def save(self) -> None:
        """Write the index if it has changed. A cache that cannot be written is done without."""
        if self._path is None or not self._fresh:
            return
        try:
            content = {"version": VERSION, "digest": digest(self._known), "sounds": self._known}
            write_aside(self._path, json.dumps(content).encode())
        except StoreError:
            return
        self._fresh = False

    def _load(self) -> dict[str, list[Any]]:
        if self._path is None:
            return {}
        try:
            content = json.loads(self._path.read_bytes())
            known: dict[str, list[Any]] = content["sounds"]
            if content["version"] != VERSION or content["digest"] != digest(known):
                return {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return known
