"""A JSON file under its own checksum: what a cache keeps, believed only if every byte is there.

The first line is the version and the SHA-256 of what follows. A torn, altered, foreign or older
file is read as none at all, and a folder that cannot be written is done without.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from serbench.errors import StoreError
from serbench.writing import write_aside


def write_sealed(path: Path, version: int, content: Any) -> bool:
    """Write JSON values; False if the disk would not have them."""
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode(
        errors="surrogatepass"
    )
    seal = f"{version} {hashlib.sha256(body).hexdigest()}\n".encode()
    try:
        write_aside(path, seal + body)
    except StoreError:
        return False
    return True


def read_sealed(path: Path, version: int) -> Any:
    """What was written under this version; None if there is no such file, whole."""
    try:
        seal, _, body = path.read_bytes().partition(b"\n")
        if seal != f"{version} {hashlib.sha256(body).hexdigest()}".encode():
            return None
        return json.loads(body.decode(errors="surrogatepass"))
    except (OSError, ValueError, RecursionError):
        return None
