"""The file of a submission: a tar with one way to be written, so that every byte is vouched for.

Members stand in the order of their names, without owner, date or mode of their own, under names
that a submission may have and no others. A reader makes each header anew and compares: a byte that
differs, in a header or between two files, is an error, and so is a name that leads elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from serbench.errors import StoreError
from serbench.writing import cannot_write, sync_folder

STATEMENT, SEAL, CARD = "submission.json", "submission.sha256", "card.json"
RESULTS = "results"  # what lies below it is a results folder
PIECE = 1 << 20  # bytes copied at once
_ID = "[0-9a-f]{64}"
_NAME = re.compile(
    rf"submission\.json|submission\.sha256|card\.json|{RESULTS}/(?:plans/{_ID}\.json"
    rf"|boards/{_ID}/(?:verdict\.json|canaries\.parquet)"
    rf"|trials/[0-9a-f]{{2}}/{_ID}/(?:trial\.json|record\.json"
    r"|(?:predictions|stages)-[\w+>-][\w.+>-]*\.parquet))"
)


def write(path: Path, contents: Iterable[tuple[str, bytes]]) -> None:
    """Write a submission's file aside and rename it.

    Parameters
    ----------
    contents
        Name and bytes of each file, in the order of names.

    Raises
    ------
    StoreError
        If it cannot be written, or a name is none that a submission has.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with aside.open("wb") as file:
            _fill(file, contents)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.absolute().parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        aside.unlink(missing_ok=True)


def unpack(path: Path, folder: Path) -> dict[str, str]:
    """Take a submission's file apart, into a folder that is empty.

    Returns
    -------
    The name of each file to its SHA-256.

    Raises
    ------
    StoreError
        For the first byte that a submission would not have there. What was written to the folder
        until then is no submission.
    """
    try:
        with path.open("rb") as file:
            return _taken(file, path.stat().st_size, folder)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error


def _fill(file: IO[bytes], contents: Iterable[tuple[str, bytes]]) -> None:
    before, size = "", 0
    for name, content in contents:
        if not _NAME.fullmatch(name) or name <= before:
            raise StoreError(
                f"{name!r} cannot stand in a submission", expected="its own files, each once"
            )
        before = name
        for part in (_header(name, len(content)), content, _padding(len(content))):
            file.write(part)
            size += len(part)
    file.write(_end(size))


def _taken(file: IO[bytes], size: int, folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    before = ""
    while True:
        at = file.tell()
        block = file.read(tarfile.BLOCKSIZE)
        if block == bytes(tarfile.BLOCKSIZE):
            file.seek(at)
            break
        name, length = _told(block, at)
        if name <= before:
            raise _odd(at, f"{name} stands after {before}", "files in the order of their names")
        if length > size - file.tell():
            raise _odd(at, f"{name} is cut short", f"{length} bytes")
        found[name] = _copy(file, length, folder / name)
        if file.read(len(_padding(length))) != _padding(length):
            raise _odd(at, f"something stands behind {name}", "nothing")
        before = name
    if size - at != len(_end(at)) or file.read() != _end(at):
        raise _odd(at, f"{size - at} bytes behind the last file", "the end that a tar has")
    return found


def _told(block: bytes, at: int) -> tuple[str, int]:
    """The name and the length in a header, which must be the one that is written here."""
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise _odd(at, f"no header of a file ({error})", "a whole submission") from error
    if not _NAME.fullmatch(info.name):
        raise _odd(at, f"the name {info.name[:200]!r}", "a name that a submission has")
    if info.size < 0 or _header(info.name, info.size) != block:
        raise _odd(at, f"the header of {info.name}", "the one that `serbench submit` writes")
    return info.name, info.size


def _copy(file: IO[bytes], length: int, target: Path) -> str:
    """Write so many bytes to a file; their SHA-256."""
    sha = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        while length:
            piece = file.read(min(PIECE, length))
            sha.update(piece)
            out.write(piece)
            length -= len(piece)
    return sha.hexdigest()


def _header(name: str, size: int) -> bytes:
    """512 bytes: a plain file of nobody's, of no date, that all may read."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    try:
        return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")
    except ValueError as error:
        raise StoreError(f"{name} cannot stand in a tar: {error}") from error


def _padding(length: int) -> bytes:
    return bytes(-length % tarfile.BLOCKSIZE)


def _end(size: int) -> bytes:
    """Two empty blocks, and what fills the last record."""
    blocks = 2 * tarfile.BLOCKSIZE
    return bytes(blocks + -(size + blocks) % tarfile.RECORDSIZE)


def _odd(at: int, found: str, expected: str) -> StoreError:
    return StoreError(f"{found}, at byte {at}", expected=expected)
