"""What lies in the parts of a results folder, by names alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from serbench.errors import StoreError
from serbench.printable import one_line

ID = re.compile(r"[0-9a-f]{64}")  # of a trial


def names(folder: Path) -> list[str]:
    """What a folder holds, sorted, but for what is being written; nothing if it is not there.

    Raises
    ------
    StoreError
        If it may not be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be read: {error.strerror}",
            expected="a results folder that this user may read",
        ) from error


def trials_in(root: Path, part: str, ending: str, strange: list[str]) -> Iterator[str]:
    """The trials that a part of a results folder holds something of; others are added to strange.

    Raises
    ------
    StoreError
        As :func:`names`.
    """
    for name in names(root / part):
        trial_id = name.removesuffix(ending)
        if name.endswith(ending) and ID.fullmatch(trial_id):
            yield trial_id
        else:
            strange.append(one_line(f"{part}/{name}: not of a trial"))
