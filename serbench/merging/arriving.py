"""What arrives: results folders, bundles with results in them, and archives of either."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from serbench.bundle.manifest import NAME
from serbench.errors import UsageError

ARCHIVES = ("*.tar", "*.tar.gz", "*.tgz")
_ID = "[0-9a-f]{64}"
# Everything that a results folder may bring, and nothing else: no link, no path that leads out.
_WANTED = re.compile(
    rf"(\./)?(trials/[0-9a-f]{{2}}/{_ID}/[\w+>-][\w.+>-]*"
    rf"|failed/{_ID}\.json|unfinished/{_ID}/checkpoint\.pt)"
)
# What a results folder may hold beside: nothing that a merge takes.
_PASSED_OVER = re.compile(
    r"(\./)?(sent\.json|(plans|boards|superseded|claims)/[\w./-]*|trials/[0-9a-f]{2}/\.[^/]*/[^/]*)?"
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
        with _unpacked(path, refuse) as folder:
            yield folder
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
        with _unpacked(archive, refuse) as folder:
            yield folder


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
def _unpacked(archive: Path, refuse: Callable[[str, str], None]) -> Iterator[Path]:
    with TemporaryDirectory(prefix="serbench-merge-") as name:
        folder = Path(name)
        try:
            with tarfile.open(archive) as opened:
                _take_out(opened, folder, lambda what, why: refuse(f"{archive.name}: {what}", why))
        except (tarfile.TarError, EOFError, OSError) as error:
            refuse(str(archive), f"cut short or no archive: {error}")
        yield folder


def _take_out(archive: tarfile.TarFile, folder: Path, refuse: Callable[[str, str], None]) -> None:
    for member in archive:
        if member.isdir() or _PASSED_OVER.fullmatch(member.name):
            continue
        if not member.isfile() or not _WANTED.fullmatch(member.name):
            refuse(member.name[:200], "it is no file of a results folder")
            continue
        content = archive.extractfile(member)
        assert content is not None
        path = folder / member.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read())
