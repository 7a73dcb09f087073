"""Manifests: what each file of a release is, by checksum, so that a folder can be told from it.

A manifest is a CSV table, mostly compressed with xz, a row per sound file as the corpus's authors
distribute it. It holds no sound: of each file its size, the SHA-256 of its bytes, its format, and
the SHA-256 of its decoded samples, which a lossless copy in another container shares.
"""

from __future__ import annotations

import csv
import functools
import io
import lzma
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from serbench.errors import CorpusError

COLUMNS = ("file", "bytes", "sha256", "rate", "channels", "frames", "samples")

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One file of a release."""

    file: str  # as Entry.file
    bytes: int
    sha256: str  # of the file's bytes
    rate: int  # Hz
    channels: int
    frames: int
    samples: str  # SHA-256 of the decoded samples, as serbench.audio.Sound.samples

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.frames / self.rate


class Manifest(Mapping[str, Fingerprint]):
    """The files of a release by name, in the order of the table."""

    def __init__(self, fingerprints: Mapping[str, Fingerprint]) -> None:
        self._files = dict(fingerprints)

    def __getitem__(self, file: str) -> Fingerprint:
        return self._files[file]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    @functools.cached_property
    def _by_samples(self) -> dict[str, tuple[str, ...]]:
        files: dict[str, list[str]] = defaultdict(list)
        for file, fingerprint in self._files.items():
            files[fingerprint.samples].append(file)
        return {samples: tuple(names) for samples, names in files.items()}

    def holding(self, samples: str) -> tuple[str, ...]:
        """The files whose decoded samples have this digest: none, one, or a known duplicate."""
        return self._by_samples.get(samples, ())


@functools.cache
def read_manifest(path: Path) -> Manifest:
    """A manifest from ``.csv.xz`` or ``.csv``, read once.

    Raises
    ------
    CorpusError
        If the file is missing, damaged, or not such a table.
    """
    rows = csv.reader(io.StringIO(_text_of(path)))
    fingerprints: dict[str, Fingerprint] = {}
    try:
        heading = next(rows, [])
        if tuple(heading) != COLUMNS:
            raise CorpusError(
                f"{path}: the manifest's heading is {','.join(heading)[:200]!r}",
                expected=",".join(COLUMNS),
            )
        for row in rows:
            fingerprint = _fingerprint(row)
            if fingerprint is None or fingerprint.file in fingerprints:
                fault = "is no fingerprint" if fingerprint is None else "names its file again"
                raise CorpusError(
                    f"{path}, line {rows.line_num}: {','.join(row)[:200]!r} {fault}",
                    expected="a row per file, of a name, five numbers and checksums: "
                    + ",".join(COLUMNS),
                    advice=_ADVICE,
                )
            fingerprints[fingerprint.file] = fingerprint
    except csv.Error as error:
        raise _damaged(path, str(error)) from error
    if not fingerprints:
        raise _damaged(path, "it names no file")
    return Manifest(fingerprints)


_ADVICE = "install the distribution that ships this manifest again"


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
        if path.suffix == ".xz":
            content = lzma.decompress(content)
        return content.decode("utf-8-sig")
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    except (lzma.LZMAError, UnicodeDecodeError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, reason: str) -> CorpusError:
    return CorpusError(
        f"the manifest {path} cannot be read: {reason}",
        expected="a table of checksums, as .csv.xz or .csv",
        advice=_ADVICE,
    )


def _fingerprint(row: list[str]) -> Fingerprint | None:
    """A row as written, if it can be one."""
    if len(row) != len(COLUMNS):
        return None
    file, size, sha256, rate, channels, frames, samples = row
    try:
        numbers = int(size), int(rate), int(channels), int(frames)
    except ValueError:
        return None
    whole = file and min(numbers) > 0 and _SHA256.fullmatch(sha256) and _SHA256.fullmatch(samples)
    if not whole:
        return None
    return Fingerprint(file, numbers[0], sha256, numbers[1], numbers[2], numbers[3], samples)
