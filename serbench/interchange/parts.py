"""Files of a folder of splits, each a side of a fold, as their names and folders say."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from serbench.errors import few
from serbench.interchange.gathering import SIDES, natural, side_of
from serbench.interchange.lines import SplitsError, plain

MOST_FILES = 20_000
ONLY = "1"  # the name of a fold that is the only one

_NAME = re.compile(
    r"(?:(?P<name>(?!fold[_-]?\d).+?)[_.-])?"
    r"(?:fold(?P<before>[_-]?[^_.-]+)[_.-])?"
    r"(?P<side>train|test|dev|val|valid|validation)"
    r"(?P<after>[_.-]?fold[_-]?.+)?",
    re.IGNORECASE,
)
_FOLD = re.compile(r"[_.-]?fold[_-]?", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """A file that holds one side of one fold: ``fold_1/emodb_train_fold_1.jsonl``."""

    path: Path
    corpus: str  # "" where the name does not say
    side: str
    fold: str


def parts_of(folder: Path, suffixes: Collection[str]) -> tuple[list[Part], list[Path]]:
    """The parts in a folder and in the folders in it, by fold, and the files that are none.

    Raises
    ------
    SplitsError
        If the folder cannot be read or holds too many files.
    """
    parts: list[Part] = []
    others: list[Path] = []
    for path in _files(folder, suffixes):
        part = _part(path, folder)
        if part is None:
            others.append(path)
        else:
            parts.append(part)
    parts.sort(key=lambda part: (natural(part.fold), part.path.as_posix()))
    return parts, others


def folder_for(fold: str) -> str:
    """The folder of a fold, from which :func:`parts_of` tells its name whatever is in it."""
    return "fold_" + quote(fold, safe="")


def files_for(corpora: Iterable[str]) -> dict[str, str]:
    """For each corpus the beginning of its files' names: its own as far as a disk takes it.

    One without a name is "data". No two are called alike, not even in another case.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for corpus in sorted(set(corpora)):
        name = re.sub(r"[^A-Za-z0-9-]+", "-", corpus).strip("-")
        name = "data" if name.lower() in SIDES else name
        same = (f"{name}-{number}" for number in itertools.count(2))
        found[corpus] = (
            name
            if name.lower() not in taken
            else next(other for other in same if other.lower() not in taken)
        )
        taken.add(found[corpus].lower())
    return found


def _part(path: Path, root: Path) -> Part | None:
    name = _NAME.fullmatch(path.stem)
    if name is None:
        return None
    side = side_of(name["side"], str(path))
    fold = name["before"] or name["after"]
    if fold:
        fold = _FOLD.sub("", fold, count=1).lstrip("_-")
    elif path.parent != root:
        fold = unquote(_FOLD.sub("", path.parent.name, count=1)) or path.parent.name
    return Part(path, name["name"] or "", side, plain(fold or ONLY, "fold", ascii(path.name)))


def _files(folder: Path, suffixes: Collection[str]) -> Iterator[Path]:
    """In the folder and in the folders in it, in a fixed order; hidden ones are passed over.

    Raises
    ------
    SplitsError
        If a folder cannot be read, holds too many files, or one of them leads nowhere.
    """
    try:
        here = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        inner = [
            path
            for one in here
            if one.is_dir()
            for path in sorted(one.iterdir())
            if not path.name.startswith(".")
        ]
    except OSError as error:
        raise SplitsError(f"{error.filename} cannot be read: {error.strerror}") from error
    found = [path for path in (*here, *inner) if path.suffix.lower() in suffixes]
    if len(found) > MOST_FILES:
        raise SplitsError(
            f"{folder} holds {len(found)} files, such as {few(path.name for path in found)}",
            expected=f"at most {MOST_FILES}: a train and a test file for each fold",
        )
    for path in found:
        plain(path.name, "file name", ascii(str(folder)))
        if path.is_file():
            yield path
        elif not path.is_dir():  # a link to nothing, a pipe: a side of a fold that would be lost
            raise SplitsError(f"{path} is no file", expected="a file of splits")
