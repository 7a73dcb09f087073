"""Names of pages: safe as file names everywhere, whatever a board or a model is called."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

from serbench.board import Board
from serbench.canonical import digest
from serbench.rows import Row

LONGEST = 60  # characters of a name's readable part
# No files under Windows, and what another name may have become.
TAKEN = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]|.*-[0-9a-f]{8}")
UNSAFE = re.compile("[^a-z0-9]+")


def slug(name: str) -> str:
    """A file name of small letters, digits and dashes; another for each name.

    A name that is not of that form itself carries eight digits of its SHA-256, so that no two names
    share a page, not even where large and small letters are one.

    >>> slug("svm-mfcc"), slug("SVM")
    ('svm-mfcc', 'svm-b4fcdf6e')
    """
    plain = UNSAFE.sub("-", name.lower()).strip("-")[:LONGEST].strip("-")
    if plain and plain == name and not TAKEN.fullmatch(plain):
        return plain
    return f"{plain or 'x'}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def board_slugs(boards: Sequence[Board]) -> list[str]:
    """A page's name for each board: corpora and protocol, and a digest where these are not all."""
    plain = [_plain(board) for board in boards]
    count = Counter(plain)
    names = [
        name if count[name] == 1 else f"{name}-{digest(_apart(board))[:8]}"
        for name, board in zip(plain, boards, strict=True)
    ]
    return _once(names)


def row_slugs(rows: Sequence[Row]) -> list[str]:
    """A page's name for each row of a board."""
    return _once([slug(_row(row)) for row in rows])


def _once(names: Sequence[str]) -> list[str]:
    """The same, numbered from the second of a name on: nothing else tells these apart."""
    seen, told = Counter[str](), []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name}--{seen[name]}")
    return told


def _plain(board: Board) -> str:
    parts = ["-".join(map(slug, board.corpora)), slug(board.protocol)]
    parts += [slug(board.labels)] if board.labels != "own" else []
    parts += [slug(board.target_access)] if board.target_access != "none" else []
    return "--".join(parts)


def _apart(board: Board) -> list[object]:
    return [
        dict(board.fingerprints), board.split, board.task.record(), board.label_field,
        dict(board.repeated),
    ]  # fmt: skip


def _row(row: Row) -> str:
    named = f"{row.model} {row.variant}".strip()
    return named if row.selection == "last" else f"{named} {row.selection}"
