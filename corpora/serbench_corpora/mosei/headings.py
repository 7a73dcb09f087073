"""What kind of table a file is, told by its first line."""

from __future__ import annotations

import codecs
from pathlib import Path

from serbench.errors import CorpusError

_DELIMITERS = ",;\t|"
_LONGEST = 1 << 16  # bytes of a heading


def heading(path: Path) -> list[str]:
    """The column names of a table, empty where there is no text.

    Raises
    ------
    CorpusError
        If the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            first = file.read(_LONGEST)
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}") from error
    wide = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = first.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    lines = text.splitlines()
    return split_heading(lines[0])[0] if lines else []


def split_heading(line: str) -> tuple[list[str], str]:
    """The column names in a line, and what stands between them.

    Examples
    --------
    >>> split_heading(',file,"index"')
    (['', 'file', 'index'], ',')
    """
    delimiter = max(_DELIMITERS, key=line.count)
    return [name.strip().strip('"') for name in line.split(delimiter)], delimiter
