"""What arrives: results folders, bundles with results in them, and archives of either."""

from __future__ import annotations

import contextlib
import lzma
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from serbench.bundle.manifest import NAME
from serbench.errors import UsageError

ARCHIVES = ("*.tar", "*.tar.gz", "*.tgz")
# Unpacked to packed bytes. Logs and plans give up to 20; what is made to fill a disk, thousands.
MOST_RATIO, ALWAYS = 100, 64 * 1024 * 1024
_ID = "[0-9a-f]{64}"
# Everything that a results folder may bring, and nothing else: no link, no path that leads out. It
# may stand below the name of the folder that was packed, as `tar -cf FILE FOLDER` writes it.
_ABOVE = r"(?P<above>(?:(?!\.\.?/)[^/]+/|\./)*?)"
_WANTED = re.compile(
    rf"{_ABOVE}(?P<own>trials/[0-9a-f]{{2}}/{_ID}/[\w+>-][\w.+>-]*"
    rf"|failed/{_ID}\.json|unfinished/{_ID}/checkpoint\.pt"
    r"|packed/(?:set-aside/)?\w[\w.-]*)"
)
# What a results folder may hold beside: nothing that a merge takes.
_PASSED_OVER = re.compile(
    rf"{_ABOVE}(?:(?:sent|submission|card)\.json|submission\.sha256"
    r"|(?:plans|boards|planes|superseded|running|scores)/[^/].*"
    r"|(?:(?:trials/[0-9a-f]{2}|running|failed|packed|plans)/)?\.(?!\.?/)[^/]+(?:/[^/]*)?)"
)


def arriving(path: Path, refuse: Callable[[str, str], None]) -> Iterator[Path]:
    """Each results folder that a path stands for, while it is there.

    An archive is unpacked into a folder that goes away again.

    Parameters
    ----------
    path
        A results folder, a bundle, an archive, or a folder of archives.
    refuse
        Told of what cannot be taken out of an archive, and why.

    Raises
    ------
    UsageError
        If it is none of these.
    """
    if path.is_file():
        with _unpacked(path, refuse) as folders:
            yield from folders
        return
    found = list(_folders(path))
    archives = sorted({one for pattern in ARCHIVES for one in path.glob(pattern)})
    if not found and not archives:
        there = "holds no results" if path.is_dir() else "does not exist"
        raise UsageError(
            f"{path} {there}",
            expected="a results folder, a bundle that was worked on, or archives of results (.tar)",
        )
    yield from found
    for archive in archives:
        with _unpacked(archive, refuse) as folders:
            yield from folders


def _folders(path: Path) -> Iterator[Path]:
    """A results folder, or those within a bundle and its parts."""
    for folder in (path, path / "results", *sorted(path.glob("part-*/results"))):
        if folder != path and not _is_bundle(path) and not _is_bundle(folder.parent):
            continue
        if any((folder / name).is_dir() for name in ("trials", "packed", "unfinished", "failed")):
            yield folder


def _is_bundle(folder: Path) -> bool:
    return (folder / NAME).is_file() or any(folder.glob(f"part-*/{NAME}"))


@contextmanager
def _unpacked(archive: Path, refuse: Callable[[str, str], None]) -> Iterator[list[Path]]:
    """The results folders in an archive."""
    with TemporaryDirectory(prefix="serbench-merge-") as name:
        found: dict[str, Path] = {}  # what stands above a results folder in the archive, to it
        try:
            with tarfile.open(archive) as opened:
                room = MOST_RATIO * archive.stat().st_size + ALWAYS
                for above, path, content, written in _files(opened, archive.name, refuse, room):
                    target = found.setdefault(above, Path(name, str(len(found)))) / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
                    with contextlib.suppress(OSError, OverflowError):
                        os.utime(target, (written, written))
                _check_end(opened)
        except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
            refuse(str(archive), f"cut short, damaged or no archive: {error}")
        yield list(found.values())


def _files(
    archive: tarfile.TarFile, called: str, refuse: Callable[[str, str], None], room: int
) -> Iterator[tuple[str, str, bytes, float]]:
    """What a merge takes of an archive: what stands above it, its path below that, its content and
    when that was written.

    Raises
    ------
    tarfile.ReadError
        If it holds more than ``room`` bytes: compression makes gigabytes of a few kilobytes.
    """
    for member in archive:
        room -= max(member.size, 0)
        if room < 0:
            raise tarfile.ReadError("it claims to hold far more bytes than its size allows for")
        named = _WANTED.fullmatch(member.name)
        if member.isdir() or (named is None and _PASSED_OVER.fullmatch(member.name)):
            continue
        if not member.isfile() or named is None:
            refuse(f"{called}: {member.name[:200]}", "it is no file of a results folder")
            continue
        content = archive.extractfile(member)
        assert content is not None
        yield named["above"].replace("./", ""), named["own"], content.read(), member.mtime


def _check_end(archive: tarfile.TarFile) -> None:
    """See that an archive ended where it was read to: tarfile takes a damaged header for the end.

    Raises
    ------
    tarfile.ReadError
        If it did not.
    """
    assert archive.fileobj is not None
    archive.fileobj.seek(archive.offset)
    if archive.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError(f"what follows after {archive.offset} bytes cannot be read")
