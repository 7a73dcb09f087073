"""The score cache: what was computed from predictions, under the digest of all that it hangs on.

``FOLDER/scores/ab/ab12....json`` holds scores and their key, and before these the SHA-256 of both:
what is torn, or was altered by hand, is computed again, and so is everything when the folder is
deleted. A key holds the SHA-256 of every file that was read, taken from the files as they are now,
and the version of the metrics: other predictions have other keys. The cache saves time and vouches
for nothing. Whatever checks results, as ``serbench audit`` does, goes without it, and so does
``serbench leaderboard --no-score-cache``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from serbench.canonical import canonical, digest

# To be raised with any change of a score: a test holds it to the code that scores come from.
METRICS = 3
DAY = 86400.0  # seconds
KEPT = 90 * DAY  # that an entry stays without being asked for


def key(**parts: Any) -> str:
    """The key of what hangs on these JSON values, the metrics and NumPy."""
    return digest({**parts, "metrics": METRICS, "numpy": np.__version__})


class ScoreCache:
    """JSON values on a disk. Any number of processes may read and write at once.

    Parameters
    ----------
    folder
        They go below ``folder/scores``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "scores"
        self._swept = False

    def path(self, key: str) -> Path:
        """Where a value stands, if there is one."""
        return self.folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> Any:
        """The value under a key; None if there is none, or it is not what was written."""
        path = self.path(key)
        try:
            with path.open("rb") as file:
                status, stood, content = os.fstat(file.fileno()), file.readline(), file.read()
            if stood.strip() != _sha256(content):
                return None
            entry = json.loads(content)
            if entry["key"] != key:
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if time.time() - status.st_mtime > DAY:
            with contextlib.suppress(OSError):  # of another user
                os.utime(path)
        return entry["value"]

    def put(self, key: str, value: Any) -> None:
        """Keep a value. Where that cannot be written, it is computed again the next time.

        Nobody waits for the disk: what a power failure tears is known by its SHA-256.
        """
        content = canonical({"key": key, "value": value}).encode()
        path = self.path(key)
        aside = path.with_name(f".{key[:16]}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(_sha256(content) + b"\n" + content)
            aside.replace(path)
            self._sweep()
        except OSError:
            with contextlib.suppress(OSError):  # a full disk is not to be left fuller
                aside.unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes on the disk."""
        return sum(status.st_size for _, status in self._files())

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Once a day, remove what nobody has asked for in a long time."""
        looked, now = self.folder / "looked-through", time.time()
        if self._swept or (looked.exists() and now - looked.stat().st_mtime < DAY):
            return
        self._swept = True
        looked.touch()
        for path, status in self._files():
            half = path.name.endswith(".tmp")  # of a process that was killed
            if now - status.st_mtime > (DAY if half else KEPT):
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):  # replaced or removed by another process
                yield path, path.stat()


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
