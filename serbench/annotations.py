"""Reading label files: text in whatever encoding and line ends it has come to have.

Corpora are older than UTF-8, and have passed through Windows, macOS and spreadsheets since. What a
line of text says is found out once, here; what cannot be read is an error with its path.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from serbench.errors import CorpusError

LARGEST = 512 * 1024 * 1024  # bytes; no corpus has a label file of half a gigabyte
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",;\t|"


def read_bytes(path: Path, expected: str = "a label file") -> bytes:
    """The content of a file that is one: a pipe would be waited for, a device read for ever.

    Raises
    ------
    CorpusError
        If it cannot be opened, is no regular file, or has more than ``LARGEST`` bytes.
    """
    try:
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise CorpusError(f"{path} is no regular file", expected=expected)
        if status.st_size > LARGEST:
            raise CorpusError(
                f"{path} has {status.st_size} bytes", expected=f"{expected} of {LARGEST} at most"
            )
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}", expected=expected) from error


def read_text(path: Path, fallback: str = "latin-1") -> str:
    """The text of a label file, with Unix line ends and without a byte order mark.

    Parameters
    ----------
    path
        The file.
    fallback
        The encoding of what is not UTF-8 (nor marked as UTF-16): "latin-1", or "gbk" where a corpus
        is Chinese.

    Raises
    ------
    CorpusError
        If it cannot be opened, holds bytes that are no text, or is not of that encoding either.
    """
    content = read_bytes(path)
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    # What calls itself Latin-1 mostly comes from Windows, and has quotation marks where Latin-1
    # has control characters that no text holds.
    latin = ["cp1252", "latin-1"] if fallback == "latin-1" else [fallback]
    for encoding in [marked] if marked else ["utf-8", *latin]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        # Some editors put a second mark before the first.
        return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    raise CorpusError(
        f"{path} is not text: {content[:16]!r}...",
        expected=f"a label file in UTF-8 or {fallback}",
        advice="copy the file again from its source",
    )


def read_lines(path: Path, fallback: str = "latin-1") -> list[str]:
    """The lines of a label file, as :func:`read_text`, without line ends and trailing blanks."""
    return [line.rstrip() for line in read_text(path, fallback).split("\n")]


def read_table(
    path: Path, required: Sequence[str], fallback: str = "latin-1"
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table with a heading, whichever of ``, ; | TAB`` stands between its cells.

    Cells are stripped; column names are taken as written. Empty lines are passed over.

    Parameters
    ----------
    required
        Columns that must be there.

    Yields
    ------
    line number (from 1, that of the row's last line where a cell has line breaks), cells by column

    Raises
    ------
    CorpusError
        If there is no heading, a required column is missing, a column occurs twice, a row has more
        or fewer cells than the heading, or a quotation mark is opened and not closed.
    """
    text = read_text(path, fallback)
    heading = next((line for line in text.split("\n") if line.strip()), "")
    # Strict: a mark that is not closed would else take all rows after it for one cell.
    lines = csv.reader(
        io.StringIO(text),
        delimiter=_delimiter(heading, required),
        skipinitialspace=True,
        strict=True,
    )
    columns: list[str] = []
    try:
        for row in lines:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not columns:
                columns = cells
                _check_columns(path, columns, required)
                continue
            if len(cells) != len(columns):
                raise CorpusError(
                    f"{path}, line {lines.line_num}: {len(cells)} cells",
                    expected=f"{len(columns)}, as in the heading {heading.strip()[:200]!r}",
                    advice="copy the file again from its source",
                )
            yield lines.line_num, dict(zip(columns, cells, strict=True))
    except csv.Error as error:
        raise CorpusError(
            f"{path}, line {lines.line_num}: {error}",
            expected="a table whose cells with quotation marks are quoted, and the marks doubled",
        ) from error
    if not columns:
        raise CorpusError(f"{path} is empty", expected="a table with a heading")


def _delimiter(heading: str, required: Sequence[str]) -> str:
    """What stands between the cells, by the heading: a look at the data errs on decimal commas."""

    def columns(delimiter: str) -> list[str]:
        cells = csv.reader([heading], delimiter=delimiter, skipinitialspace=True)
        try:
            return [name.strip() for name in next(cells, [])]
        except csv.Error:
            return []  # said where the table is read

    fitting = [mark for mark in _DELIMITERS if set(required) <= set(columns(mark))]
    return max(fitting or _DELIMITERS, key=lambda mark: len(columns(mark)))


def number(text: str) -> float | None:
    """A number as written, with a decimal point or comma; None where it is NaN or nothing.

    Raises
    ------
    ValueError
        If it is no number, or infinite.

    Examples
    --------
    >>> number("2,5"), number("nan"), number(" 3 ")
    (2.5, None, 3.0)
    """
    stripped = text.strip()
    if not stripped:
        return None
    if "_" in stripped:  # Python takes 1_000 for a number; nobody writes so
        raise ValueError(f"{text!r} is no number")
    if stripped.count(",") == 1 and "." not in stripped:
        stripped = stripped.replace(",", ".")
    value = float(stripped)
    if math.isinf(value):
        raise ValueError(f"{text!r} is no finite number")
    return None if math.isnan(value) else value


def _check_columns(path: Path, columns: Sequence[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in columns]
    if missing:
        raise CorpusError(
            f"{path} has no column {', '.join(missing)}: its columns are "
            f"{', '.join(columns)[:300] or 'none'}",
            expected=", ".join(required),
        )
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise CorpusError(
            f"{path} has the column {', '.join(twice)} more than once", expected="each once"
        )
