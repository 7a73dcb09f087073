"""A user's own table, whose encoding is never guessed at.

Text of any encoding can be read as Latin-1, and comes out as other names and other words.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from serbench.annotations import read_table
from serbench.errors import CorpusError


def read_encoded(path: Path, encoding: str, how: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table, as :func:`serbench.annotations.read_table`.

    Parameters
    ----------
    encoding
        What the user says it is; "": UTF-8, or UTF-16 with its mark.
    how
        How the user can say so.

    Raises
    ------
    CorpusError
        If it is neither, or no table.
    """
    try:
        yield from read_table(path, (), encoding or "utf-8")
    except CorpusError as error:
        if encoding or "is not text" not in error.found:
            raise
        raise CorpusError(
            error.found, expected="UTF-8, or to be told which encoding it is", advice=how
        ) from error
