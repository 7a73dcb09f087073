"""The folder of a site: written aside and put in place whole, and never over what is no site.

A file in it says that serbench wrote it. A folder that holds anything and has not got that file is
somebody's own, and stays as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serbench.errors import StoreError, UsageError
from serbench.writing import cannot_write

MARKER = ".serbench-site.json"
MARKED = {"written_by": "serbench site", "format": 1}
BETWEEN = 60.0  # seconds that nobody needs between two renames
ABANDONED = 3600.0  # seconds after which nobody can be at it any more


def check(folder: Path, results: Path) -> None:
    """Find out before any work whether a site may be written there.

    Raises
    ------
    UsageError
        If something else is there, or the folder holds the results or lies in them.
    """
    inside, outside = folder.resolve(), results.resolve()
    if inside == outside or outside in inside.parents or inside in outside.parents:
        raise UsageError(
            f"the site {folder} and the results folder {results} lie in each other",
            expected="two folders, so that neither is written over",
        )
    if not os.path.lexists(folder):
        return
    if not folder.is_dir() or folder.is_symlink():
        kind = "a link" if folder.is_symlink() else "no folder"
        raise UsageError(f"{folder} is {kind}", expected="a folder, or a name that is free")
    if any(folder.iterdir()) and not is_site(folder):
        raise UsageError(
            f"{folder} holds files that are no site of serbench: it has no {MARKER}",
            expected="an empty folder, a site that serbench wrote, or a name that is free",
            advice="another folder: all that is in a site is replaced",
        )


@contextmanager
def swapped_in(folder: Path) -> Iterator[Path]:
    """A folder to write a site into, which takes the place of the old one when all went well.

    Whatever goes wrong before leaves the old site as it was.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    folder = folder.absolute()
    number = f"{os.getpid()}.{uuid.uuid4().hex[:8]}"
    aside = folder.with_name(f".{folder.name}.{number}.tmp")
    old = folder.with_name(f".{folder.name}.{number}.old")
    _pick_up(folder)
    try:
        aside.mkdir(parents=True)
        (aside / MARKER).write_text(json.dumps(MARKED) + "\n", encoding="utf-8")
        yield aside
        if folder.exists():
            folder.rename(old)
        try:
            aside.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    except OSError as error:
        raise _refused(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        with contextlib.suppress(OSError):
            if old.exists() and folder.exists():
                shutil.rmtree(old)


def _pick_up(folder: Path) -> None:
    """What killed writers left: a site that was being replaced comes back, parts of others go."""
    own = re.compile(rf"\.{re.escape(folder.name)}\.\d+\.[0-9a-f]{{8}}\.(tmp|old)")
    with contextlib.suppress(OSError):  # another writer may be at the same
        for path in sorted(folder.parent.iterdir()):
            found = own.fullmatch(path.name)
            age = time.time() - path.stat().st_ctime if found else 0.0  # since it was renamed
            if found and found[1] == "old" and age > BETWEEN and not folder.exists():
                path.rename(folder)
            elif age > ABANDONED:
                shutil.rmtree(path, ignore_errors=True)


def is_site(folder: Path) -> bool:
    """Whether a site lies there that serbench wrote."""
    try:
        marked = json.loads((folder / MARKER).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(marked, dict) and marked.get("written_by") == MARKED["written_by"]


def _refused(folder: Path, error: OSError) -> StoreError:
    return cannot_write(Path(error.filename or folder), error)
