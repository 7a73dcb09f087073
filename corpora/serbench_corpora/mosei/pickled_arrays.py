"""NumPy arrays as a pickle file describes them, none of them made before its values are wanted."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_WANTED = 1 << 29  # bytes of an array whose values are asked for
_PLAIN_TYPE = re.compile(r"[biufSU]\d{1,9}")  # truth values, numbers, text


@dataclass(frozen=True)
class Block:
    """Bytes that were stepped over, and where they stand."""

    path: Path
    offset: int
    size: int

    def read(self) -> bytes:
        if self.size > LARGEST_WANTED:
            raise ValueError(f"{self.size} bytes where labels were expected")
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.size)


@dataclass
class Type:
    """The type of an array's elements, NumPy's code of it and its byte order."""

    code: str
    order: str = "="


@dataclass
class Array:
    """A NumPy array as the file describes it."""

    shape: tuple[int, ...] = ()
    code: str = ""  # of its type: "f4", "U10", "O"
    order: str = "="
    content: bytes | list[Any] | Block = b""

    def values(self) -> list[Any]:
        """Its elements in the order of storage.

        Raises
        ------
        ValueError
            If its content does not fit its shape and type, or is far too large for labels.
        OSError
            If the file cannot be read any more.
        """
        count = math.prod(self.shape)
        if isinstance(self.content, list):
            values = self.content
        elif not _PLAIN_TYPE.fullmatch(self.code):
            raise ValueError(f"an array of the type {self.code!r}")
        else:
            import numpy as np

            content = self.content.read() if isinstance(self.content, Block) else self.content
            try:
                values = np.frombuffer(content, np.dtype(self.order + self.code)).tolist()
            except TypeError as error:
                raise ValueError(f"an array of the type {self.code!r}") from error
        if len(values) != count:
            raise ValueError(f"an array of {len(values)} elements and the shape {self.shape}")
        return values
