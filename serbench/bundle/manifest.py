"""What a part of a bundle holds: every file with its size and SHA-256, and in which upload it is.

A part is a folder. Where the features of one trial alone outgrow an upload, the part is spread over
several folders that lie side by side: ``part-03``, ``part-03.2``, ``part-03.3``. All but the first
hold arrays and nothing else, and the manifest stands in the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from serbench.canonical import canonical, digest
from serbench.errors import StoreError
from serbench.writing import write_aside

KIND = "serbench bundle"
FORMAT = 1
NAME = "bundle.json"
AGAIN = "upload the bundle again, or make it anew by `serbench plan --bundle`"


@dataclass(frozen=True)
class Stored:
    """One file of a part."""

    sha256: str
    bytes: int
    upload: int = 1  # which of the part's folders it is in


@dataclass(frozen=True)
class Manifest:
    """What a part holds, and how its files are to be read.

    Parameters
    ----------
    serbench, created
        The version that wrote it, and when, in UTC.
    part, parts
        The number of this part, from 1, and how many there are.
    files
        Path within the part to what stands there.
    cohorts
        Name to a corpus under a label space (:mod:`serbench.bundle.tables`).
    questions
        Digest of a board's question (:func:`serbench.question.question_digest`) to its cohorts and
        the file of its folds.
    recipes
        Digest of a recipe to the library that made its arrays.
    """

    serbench: str
    created: str
    part: int
    parts: int
    files: Mapping[str, Stored]
    cohorts: Mapping[str, Mapping[str, Any]]
    questions: Mapping[str, Mapping[str, Any]]
    recipes: Mapping[str, Mapping[str, Any]]

    @property
    def id(self) -> str:
        """SHA-256 of all that it says, and so of all that the part holds."""
        return digest(self._record())

    @property
    def uploads(self) -> int:
        """Folders that the part is spread over."""
        return max((file.upload for file in self.files.values()), default=1)

    def write(self, folder: Path) -> None:
        """Write it, when everything else is there."""
        record = {**self._record(), "digest": self.id}
        write_aside(folder / NAME, (canonical(record) + "\n").encode())

    def _record(self) -> dict[str, Any]:
        return {"kind": KIND, "format": FORMAT, **asdict(self)}


def read(folder: Path) -> Manifest:
    """The manifest of a part.

    Raises
    ------
    StoreError
        If there is none, or it is torn, altered or of another format.
    """
    path = folder / NAME
    try:
        record = json.loads(path.read_bytes())
        stood = record.pop("digest")
        kind, written = record.pop("kind"), record.pop("format")
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror}", expected="a part of a bundle"
        ) from error
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise StoreError(f"{path} is torn or no manifest of a bundle", advice=AGAIN) from error
    if (kind, written) != (KIND, FORMAT):
        raise StoreError(
            f"{path} is of the format {kind!r} {written!r}",
            expected=f"{KIND!r} {FORMAT}",
            advice="use the serbench that wrote it",
        )
    try:
        files = {name: Stored(**file) for name, file in record.pop("files").items()}
        found = Manifest(files=files, **record)
    except (TypeError, AttributeError) as error:
        raise StoreError(f"{path} has other fields than a manifest: {error}") from error
    if found.id != stood:
        raise StoreError(f"{path} is no longer what was written", advice=AGAIN)
    return found


def parts_of(folder: Path) -> list[Path]:
    """The parts of a bundle that are here: the folder itself, or those in it.

    Raises
    ------
    StoreError
        If there is none.
    """
    if (folder / NAME).is_file():
        return [folder]
    found = [path for path in sorted(folder.glob("part-*")) if (path / NAME).is_file()]
    if not found:
        there = "holds no bundle" if folder.is_dir() else "does not exist"
        first, _, upload = folder.name.rpartition(".")
        if folder.is_dir() and upload.isdecimal() and (folder.with_name(first) / NAME).is_file():
            raise StoreError(
                f"{folder} is upload {upload} of a part of a bundle",
                expected=f"{folder.with_name(first)}, beside which it lies",
            )
        raise StoreError(
            f"{folder} {there}",
            expected=f"a folder with {NAME}, or with part-01, part-02, ...",
            advice="`serbench plan --bundle DIR` writes one",
        )
    return found


def upload_folder(folder: Path, upload: int) -> Path:
    """The folder of an upload of a part."""
    return folder if upload == 1 else folder.with_name(f"{folder.name}.{upload}")


def located(folder: Path, manifest: Manifest, name: str) -> Path:
    """Where a file of a part stands."""
    return upload_folder(folder, manifest.files[name].upload) / name


def check(folder: Path, manifest: Manifest) -> None:
    """Hold every file of a part to its SHA-256.

    Raises
    ------
    StoreError
        Naming the folders of a part that are missing, or the files that are not what was written.
    """
    lost = sorted(_missing_folders(folder, manifest))
    if lost:
        raise StoreError(
            f"part {manifest.part} of the bundle is spread over {manifest.uploads} uploads, and "
            + ", ".join(path.name for path in lost)
            + (" is" if len(lost) == 1 else " are")
            + " missing",
            expected=f"{', '.join(str(path) for path in lost)}, beside {folder}",
            advice="upload what is missing and run the same command again",
        )
    wrong = list(_wrong(folder, manifest))
    if wrong:
        raise StoreError(
            f"{folder} is not what was written: " + "; ".join(wrong[:5]),
            expected=f"{len(manifest.files)} files as {NAME} lists them",
            advice=AGAIN,
        )


def _missing_folders(folder: Path, manifest: Manifest) -> Iterator[Path]:
    for upload in range(2, manifest.uploads + 1):
        if not upload_folder(folder, upload).is_dir():
            yield upload_folder(folder, upload)


def _wrong(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, file in manifest.files.items():
        path = located(folder, manifest, name)
        if not _within(folder, path):
            yield f"{name} stands outside of it"
            continue
        try:
            with path.open("rb") as opened:
                found = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            yield f"{name}: {error.strerror}"
            continue
        if found != file.sha256:
            yield f"{name} is damaged"


def _within(folder: Path, path: Path) -> bool:
    """Whether a file stands in one of the part's folders, whatever a manifest may say."""
    return path.resolve().is_relative_to(folder.resolve().parent)
