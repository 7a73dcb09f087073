"""The folders of a part as they are filled, none of them beyond what an upload may hold."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from serbench.bundle.manifest import Stored, upload_folder
from serbench.errors import StoreError
from serbench.writing import write_through

MIB = 2**20


@dataclass
class Uploads:
    """The folders of a part, filled one after the other.

    Parameters
    ----------
    most
        Bytes of each; None: there is one.
    """

    folder: Path
    most: int | None
    files: dict[str, Stored] = field(default_factory=dict)
    _filled: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _last: int = 1

    def put(self, name: str, content: bytes, upload: int | None = None) -> None:
        """Write a file into the last folder, or the next where that is full."""
        if upload is None:
            if self.most is not None and self._filled[self._last] + len(content) > self.most:
                self._last += 1
            if self.most is not None and len(content) > self.most:
                raise StoreError(
                    f"{name} alone takes {len(content) / MIB:.1f} MiB",
                    expected="files that fit an upload",
                    advice="raise --max-mib",
                )
            upload = self._last
        path = upload_folder(self.folder, upload) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_through(path, content)
        self._note(name, content, upload)

    def have(self, name: str) -> None:
        """Take note of a file that stands in the first folder already."""
        self._note(name, (self.folder / name).read_bytes(), 1)

    def _note(self, name: str, content: bytes, upload: int) -> None:
        self._filled[upload] += len(content)
        self.files[name] = Stored(hashlib.sha256(content).hexdigest(), len(content), upload)
