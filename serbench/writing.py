"""Files that are there whole or not at all: written aside, flushed to the disk, renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from pathlib import Path

from serbench.errors import StoreError


def write_aside(path: Path, content: bytes) -> None:
    """Replace a file in one step. Readers see the old content or the new, never a part.

    Raises
    ------
    StoreError
        If the disk is full or the folder cannot be written.
    """
    try:
        try:
            _replace(path, content)
        except FileNotFoundError:  # another writer has removed the folder this very moment
            _replace(path, content)
    except OSError as error:
        raise cannot_write(path, error) from error


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_through(aside, content)
        aside.replace(path)
        sync_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def write_through(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clock_of(folder: Path) -> float | None:
    """Now, by the clock of the machine that keeps the folder; None: it cannot be written to.

    What lies in a shared folder was dated by that clock, and no two machines' clocks agree.
    """
    probe = folder / f".clock.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp"
    try:
        probe.write_bytes(b"?")
        return probe.stat().st_mtime
    except OSError:
        return None
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)


def cannot_write(path: Path, error: OSError) -> StoreError:
    """The error to raise for a file that could not be written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreError(
            f"{path} cannot be written: no space is left on the device",
            advice="free some space and run the same command again: what is finished is kept",
        )
    return StoreError(
        f"{path} cannot be written: {error.strerror}",
        expected="a folder that this user may write to",
    )
