"""Text files of strangers, line by line and within limits. Nothing in them is executed."""

from __future__ import annotations

import codecs
import json
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from serbench.errors import ProtocolError

MOST_BYTES = 2**29  # of a file: ten times the folds of the largest corpus of the field
LONGEST = 2**20  # bytes of a line

# A terminal obeys control characters, and what is half a surrogate pair cannot be written.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class SplitsError(ProtocolError):
    """A file or folder of splits that cannot be read, or whose splits contradict themselves."""


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file, ends included, each with its number from 1.

    Raises
    ------
    SplitsError
        If it is no file that can be read, too large, has too long a line, or is no UTF-8.
    """
    try:
        if not path.is_file():
            raise SplitsError(f"{path} is no file", expected="a file of splits")
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MOST_BYTES:
                raise SplitsError(
                    f"{path} has more than {MOST_BYTES >> 20} MiB", expected="a smaller table"
                )
            number = 0
            while line := file.readline(LONGEST + 1):
                number += 1
                if len(line) > LONGEST:
                    raise SplitsError(
                        f"{path}, line {number} has more than {LONGEST >> 10} KiB",
                        expected="a line for each utterance",
                    )
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise SplitsError(
            f"{path}, line {number}: byte {error.object[error.start]:#04x} at column "
            f"{error.start + 1} is no UTF-8",
            expected="text as UTF-8",
            advice=f"iconv -f {_encoding(path)} -t utf-8 {shlex.quote(path.name)} > new",
        ) from error
    except OSError as error:
        raise SplitsError(f"{path} cannot be read: {error.strerror or error}") from error


def _encoding(path: Path) -> str:
    """What a file that is no UTF-8 most likely is: UTF-16 where it begins with the mark of that."""
    with path.open("rb") as file:
        marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return "utf-16" if marked else "latin1"


def json_value(text: str, where: str) -> Any:
    """A JSON value, without NaN, infinity, or an object that names a key twice.

    Raises
    ------
    SplitsError
        If it is none.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise SplitsError(f"{where}: {error or 'nested too deeply'}", expected="JSON") from error


def plain(value: str, what: str, where: str) -> str:
    """A name as it is, if it can be shown and written.

    Raises
    ------
    SplitsError
        If it holds a control character or half a surrogate pair.
    """
    if _UNFIT.search(value):
        raise SplitsError(
            f"{where}: the {what} {ascii(value)[:80]} holds a character that is no text",
            expected="a name in printable characters",
        )
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        ((again, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {ascii(again)[:80]} stands twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
