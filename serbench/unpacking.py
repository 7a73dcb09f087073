"""Unpacking an archive that a stranger may have made.

Nothing is written before the whole of its directory was looked at, and nothing outside the folder.
"""

from __future__ import annotations

import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from serbench.connecting import DownloadError
from serbench.errors import StoreError
from serbench.writing import cannot_write

MOST_FILES = 200_000  # no corpus of speech has more
# Unpacked to packed bytes. Speech gives less than 3, label files up to 20; an archive that is made
# to fill a disk gives thousands.
MOST_RATIO = 100
PIECE = 1024 * 1024  # bytes


def unpack(archive: Path, folder: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Unpack a ZIP archive into a folder, which may hold the content of another one already.

    Parameters
    ----------
    progress
        Called with (bytes written, bytes in all).

    Raises
    ------
    DownloadError
        If it is no ZIP archive, is damaged or encrypted, holds links or other things that are no
        files, names that lead out of the folder, one name twice, a file that the folder holds
        already, or far more bytes than its size allows for.
    StoreError
        If the disk is too small or the folder cannot be written.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            files = _files(archive, opened)
            total = sum(info.file_size for info, _ in files)
            folder.mkdir(parents=True, exist_ok=True)
            _check_room(folder, total)
            done = 0
            for info, path in files:
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                done = _extract(opened, info, target, done, total, progress)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DownloadError(
            f"{archive} cannot be unpacked: {error}{_beginning(archive)}",
            expected="a whole ZIP archive",
            advice="fetch it again",
        ) from error
    except FileExistsError as error:
        raise _unsafe(archive, f"{error.filename} is there already") from error
    except OSError as error:
        raise cannot_write(Path(error.filename or folder), error) from error


def _extract(
    opened: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    target: Path,
    done: int,
    total: int,
    progress: Callable[[int, int], None] | None,
) -> int:
    """Write one file; the bytes written by now. zipfile checks the length and the CRC."""
    with opened.open(info) as packed, target.open("xb") as file:
        while piece := packed.read(PIECE):
            file.write(piece)
            done += len(piece)
            if progress is not None:
                progress(done, total)
    if target.stat().st_size != info.file_size:
        raise zipfile.BadZipFile(f"{info.filename} breaks off")
    return done


def _files(archive: Path, opened: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """What is to be unpacked, each with its place below the folder."""
    everything = opened.infolist()
    if len(everything) > MOST_FILES:
        raise _unsafe(archive, f"it holds {len(everything)} files")
    size = archive.stat().st_size
    unpacked = sum(info.file_size for info in everything)
    packed = sum(info.compress_size for info in everything)
    if packed > size or unpacked > MOST_RATIO * size:
        raise _unsafe(archive, f"{size} bytes claim to hold {unpacked}")
    files = []
    seen: set[str] = set()  # without case: on some disks "A.wav" and "a.wav" are one file
    folders: set[str] = set()
    for info in everything:
        path = _place(archive, info)
        if info.is_dir():
            continue
        key = str(path).casefold()
        if key in seen:
            raise _unsafe(archive, f"it holds {info.filename!r} twice")
        seen.add(key)
        folders |= {str(parent).casefold() for parent in path.parents}
        files.append((info, path))
    if both := seen & folders:
        raise _unsafe(archive, f"{min(both)!r} is a file and a folder in it")
    return files


def _place(archive: Path, info: zipfile.ZipInfo) -> PurePosixPath:
    name = info.filename.replace("\\", "/")
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", name):
        raise _unsafe(archive, f"the name {info.filename!r} leads out of the folder")
    kind = stat.S_IFMT(info.external_attr >> 16)  # 0 where the archive was not made on Unix
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        what = "a link" if kind == stat.S_IFLNK else "no file"
        raise _unsafe(archive, f"{info.filename!r} is {what}")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _unsafe(archive, f"{info.filename!r} is packed by method {info.compress_type}")
    return path


def _check_room(folder: Path, need: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < need:
        raise StoreError(
            f"{folder} has {free / 1e6:,.1f} MB free",
            expected=f"{need / 1e6:,.1f} MB, to unpack the archive",
            advice="free some space, or name a folder on another disk",
        )


def _unsafe(archive: Path, reason: str) -> DownloadError:
    return DownloadError(
        f"{archive} is not unpacked: {reason}",
        expected="an archive of plain files, each once, below one folder",
    )


def _beginning(archive: Path) -> str:
    """The first bytes, where they tell that it is a web page."""
    with archive.open("rb") as file:
        start = file.read(60)
    return f" (it begins {start!r})" if start.lstrip()[:1] == b"<" else ""
