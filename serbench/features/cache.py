"""The feature cache: arrays under the digest of all that they depend on, each with a checksum.

``FOLDER/features/RECIPE/x/KEY.array`` holds the SHA-256 of what follows (32 bytes), then a NumPy
file (``.npy``). A file is written aside and renamed, so any number of processes may write at once
and be killed at any moment: what stands under a key is whole, or its checksum says that it is not.
Nothing is waited for on the disk; an array that a power failure tore is found and made again.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import io
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serbench.errors import CacheDamaged, CacheError, UsageError
from serbench.features.clip import Clip
from serbench.features.extraction import REFERENCE, Extraction
from serbench.features.key import Key
from serbench.features.recipe import AnyRecipe
from serbench.features.sentence import Sentence

CHECKSUM = 32  # bytes
HOUR = 3600.0  # seconds
MENDING = "serbench cache repair"


class FeatureCache:
    """Arrays on a disk.

    Parameters
    ----------
    folder
        Features go below ``folder/features``. None: ``$SERBENCH_CACHE`` or the user's cache folder.
    limit_bytes
        What :meth:`trim` trims to. None: ``$SERBENCH_CACHE_LIMIT`` (GiB), or no limit.
    extraction
        By what the arrays are computed that are looked for here (:meth:`key`).

    Raises
    ------
    UsageError
        If ``$SERBENCH_CACHE_LIMIT`` is no number.
    """

    def __init__(
        self,
        folder: Path | None = None,
        limit_bytes: int | None = None,
        *,
        extraction: Extraction = REFERENCE,
    ) -> None:
        if folder is None:
            from serbench.folders import cache_folder

            folder = cache_folder()
        self.folder = folder / "features"
        self.limit = _limit() if limit_bytes is None else limit_bytes
        self.extraction = extraction

    def under(self, extraction: Extraction) -> FeatureCache:
        """The same arrays on the same disk, looked for under another choice of what computes."""
        return FeatureCache(self.folder.parent, self.limit, extraction=extraction)

    def key(self, item: Clip | Sentence, recipe: AnyRecipe) -> Key:
        """What the recipe's array of a clip or a sentence is kept under."""
        return Key.of(item, recipe, self.extraction.extractor(recipe))

    def path(self, key: Key) -> Path:
        return self.folder / f"{key.recipe[:16]}/{key.array[0]}/{key.array}.array"

    def has(self, key: Key) -> bool:
        """Whether there is an array, which counts as a use of it."""
        path = self.path(key)
        try:
            _mark_used(path, path.stat())
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unreadable(path, error) from error
        return True

    def load(self, key: Key) -> NDArray[Any] | None:
        """The array, held against its checksum; None if there is none.

        Raises
        ------
        CacheDamaged
            If the file is not what was written.
        """
        path = self.path(key)
        try:
            with path.open("rb") as file:
                _mark_used(path, os.fstat(file.fileno()))
                content = bytearray(file.read())  # so that the array may be written to
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(path, error) from error
        if not _is_whole(content):
            raise CacheDamaged(
                f"{path} is damaged: it no longer matches its checksum",
                advice=f"{MENDING} (removes what is damaged; it is computed again when needed)",
            )
        return _array(content)

    def store(self, key: Key, array: NDArray[Any]) -> None:
        """Keep an array. If two processes keep the same one, either's file stays.

        Raises
        ------
        CacheError
            If the disk is full or the folder cannot be written.
        """
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.asarray(array), version=(1, 0), allow_pickle=False)
        payload = buffer.getbuffer()
        path = self.path(key)
        aside = path.with_name(f".{key.array[:16]}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            _write(path, aside, payload)
        except OSError as error:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            raise self._unwritable(error) from error

    def size(self) -> int:
        """Bytes on the disk, unfinished files included."""
        return sum(status.st_size for _, status in self._files("", ".array", ".tmp"))

    def clear(self) -> None:
        """Remove every array, and what killed processes left; folders stay for who writes now."""
        for path, _ in self._files("", ".array"):
            self._remove(path)
        self.sweep()

    def verify(self) -> list[Path]:
        """Read everything; the files that do not match their checksum."""
        damaged = []
        for path, _ in self._files("", ".array"):
            try:
                if not _is_whole(path.read_bytes()):
                    damaged.append(path)
            except FileNotFoundError:
                continue
            except OSError:  # the disk itself fails to give it back
                damaged.append(path)
        return damaged

    def repair(self) -> list[Path]:
        """Remove what is damaged, and what killed processes left behind; the damaged files."""
        damaged = self.verify()
        for path in damaged:
            self._remove(path)
        self.sweep()
        return damaged

    def sweep(self, older_than: float = HOUR) -> None:
        """Remove unfinished files last touched more than so many seconds ago."""
        now = time.time()
        for path, status in self._files(".", ".tmp"):
            if now - status.st_mtime > older_than:
                self._remove(path)

    def trim(self) -> list[Path]:
        """Remove what was not used for the longest time until the rest is within the limit."""
        if self.limit is None:
            return []
        files = list(self._files("", ".array"))
        total = sum(status.st_size for _, status in files)
        removed = []
        for path, status in sorted(files, key=lambda file: (_last_used(file[1]), file[0])):
            if total <= self.limit:
                break
            self._remove(path)
            removed.append(path)
            total -= status.st_size
        return removed

    def _files(self, prefix: str, *suffixes: str) -> Iterator[tuple[Path, os.stat_result]]:
        for folder, _, names in os.walk(self.folder):
            for name in names:
                if name.startswith(prefix) and name.endswith(suffixes):
                    path = Path(folder, name)
                    with contextlib.suppress(FileNotFoundError):  # gone since it was listed
                        yield path, path.stat()

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unreadable(self, path: Path, error: OSError) -> CacheError:
        return CacheError(f"{path} cannot be read: {error.strerror}", advice=MENDING)

    def _unwritable(self, error: OSError) -> CacheError:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return CacheError(
                f"the feature cache {self.folder} cannot be written: the disk is full",
                advice="free some space, or name another folder in $SERBENCH_CACHE; "
                "what is finished is kept",
            )
        return CacheError(
            f"the feature cache {self.folder} cannot be written: {error.strerror}",
            expected="a folder that this user may write to",
            advice="name another folder in $SERBENCH_CACHE",
        )


def _write(path: Path, aside: Path, payload: memoryview) -> None:
    content = hashlib.sha256(payload).digest() + payload
    try:
        aside.write_bytes(content)
    except FileNotFoundError:  # the first array in this folder: asking each time costs more
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(content)
    aside.replace(path)


def _array(content: bytearray) -> NDArray[Any]:
    """The array of a whole file, as np.lib.format.read_array gives it, but without a copy."""
    start = CHECKSUM + 10 + int.from_bytes(content[CHECKSUM + 8 : CHECKSUM + 10], "little")
    shape, fortran, dtype = _header(bytes(content[CHECKSUM:start]))
    flat: NDArray[Any] = np.frombuffer(content, dtype, offset=start)
    return flat.reshape(shape, order="F" if fortran else "C")


@functools.lru_cache(maxsize=4096)
def _header(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """What a NumPy file's header says. Reading it takes longer than reading the array."""
    file = io.BytesIO(header)
    np.lib.format.read_magic(file)
    read: tuple[tuple[int, ...], bool, np.dtype[Any]] = np.lib.format.read_array_header_1_0(file)
    return read


def _is_whole(content: bytes | bytearray) -> bool:
    view = memoryview(content)
    return len(view) > CHECKSUM and hashlib.sha256(view[CHECKSUM:]).digest() == view[:CHECKSUM]


def _last_used(status: os.stat_result) -> float:
    return max(status.st_atime, status.st_mtime)


def _mark_used(path: Path, status: os.stat_result) -> None:
    # Many file systems note no reading, or once a day. An hour is fine enough to say what is old.
    if time.time() - _last_used(status) > HOUR:
        with contextlib.suppress(OSError):  # one that may only be read
            os.utime(path)


def _limit() -> int | None:
    given = os.environ.get("SERBENCH_CACHE_LIMIT")
    if not given:
        return None
    try:
        limit = float(given)
    except ValueError:
        limit = -1.0
    if not 0 <= limit < float("inf"):
        raise UsageError(f"SERBENCH_CACHE_LIMIT={given}", expected="a number of GiB, such as 20")
    return int(limit * 2**30)
