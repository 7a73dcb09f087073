"""The paths that a ``corpus.toml`` and its table may give: the same on every machine."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from serbench.errors import CorpusError

DESCRIPTION = "corpus.toml"
_NO_TEXT = frozenset({".xlsx", ".xls", ".ods", ".parquet", ".json", ".jsonl", ".pkl"})


def outside(file: str) -> bool:
    """Whether a path is absolute or leads out of the folder that it is relative to."""
    if file[:1] != "/" and ".." not in file and ":" not in file and "\\" not in file:
        return False  # nearly every file, without a look at its parts
    posix, windows = PurePosixPath(file), PureWindowsPath(file)
    return posix.is_absolute() or bool(windows.anchor) or ".." in windows.parts


def plain_path(file: str) -> str:
    """With forward slashes, one at a time, and no dots between them."""
    file = file.replace("\\", "/")
    return str(PurePosixPath(file)) if "//" in file or "./" in file else file


def table_path(path: Path, table: str) -> Path:
    """The table that the ``corpus.toml`` at ``path`` names.

    Raises
    ------
    CorpusError
        If it stands elsewhere, or is of a kind that is no text.
    """
    if outside(table):
        raise CorpusError(
            f"{path}: the table {table} stands outside of {path.parent}",
            expected=f"a path relative to {DESCRIPTION}, the same on every machine",
            advice="copy the table into the folder, or link to it from there",
        )
    if Path(table).suffix.lower() in _NO_TEXT:
        raise CorpusError(
            f"{path}: the table {table} is no text",
            expected="a table of cells that , ; | or TAB stand between, with a heading",
            advice="save it as CSV, in UTF-8",
        )
    return path.parent / PurePosixPath(table.replace("\\", "/"))


def files_folder(path: Path, folder: str) -> str:
    """The folder of the sounds that the ``corpus.toml`` at ``path`` names; "" for its own.

    Raises
    ------
    CorpusError
        If it stands elsewhere.
    """
    if outside(folder):
        raise CorpusError(
            f"{path}: files_in {folder} leads out of {path.parent}",
            expected=f"a folder beside {DESCRIPTION}, by its path from there",
            advice="link to the sounds from there",
        )
    plain = plain_path(folder).rstrip("/")
    return "" if plain == "." else plain
