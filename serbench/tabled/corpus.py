"""The adapter of every corpus that is a folder of sounds with a table."""

from __future__ import annotations

import dataclasses
import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from serbench.annotations import read_table
from serbench.canonical import digest
from serbench.corpus import Corpus, CorpusCard, Entry, Finding, Release, audio_files
from serbench.errors import CorpusError
from serbench.labels import Emotion
from serbench.tabled.columns import columns_of
from serbench.tabled.description import DESCRIPTION, Description, read_description
from serbench.tabled.reading import Row, read_rows
from serbench.tabled.rows import sound_suffix, tidy

_RELEASE_DIGITS = 12  # of the SHA-256 of table and labels that name a release


class TabledCorpus(Corpus):
    """Reads ``corpus.toml`` and the table that it names.

    The card's release is counted in the table itself: what the folder lacks is what the table names
    and the disk has not. Another table or another meaning of a label is another release.

    Parameters
    ----------
    root
        The folder that holds ``corpus.toml``, the table and the sounds.

    Raises
    ------
    CorpusError
        If ``corpus.toml`` or the table cannot be used: the file, the line where there is one, and
        what was expected.
    """

    # Another one for each folder, where an adapter of one corpus has one for its class.
    card: CorpusCard  # type: ignore[misc]
    labels: Mapping[str, Emotion | str | None]  # type: ignore[misc]

    def __init__(self, root: Path) -> None:
        described = read_description(root)
        rows = _rows(described)
        _refuse_empty_classes(described, rows)
        self._root = root
        self._described = described
        self._reading = read_rows(
            described.table, root, rows, described.labels, described.attributes
        )
        self.labels = described.labels
        self.card = CorpusCard(
            name=described.name,
            title=described.title,
            language=described.language,
            licence=described.licence,
            how_to_get=described.how_to_get,
            citation=described.citation,
            releases=(self._release(rows),),
            layouts=(f"{DESCRIPTION}, {described.table.name} and the files that it names",),
        )

    def entries(self, root: Path) -> Iterator[Entry | Finding]:
        """What the table says, with each sound where it stands on this disk.

        A file whose name differs from the table's in capitals, in the composition of its accents,
        or as FLAC from WAV, is taken for the table's where there is one such file.

        Raises
        ------
        CorpusError
            If ``root`` is not the folder that this adapter was made of.
        """
        if root.resolve() != self._root.resolve():
            raise CorpusError(
                f"the table of {self._root} does not describe {root}",
                expected=str(self._root),
                advice=f"read {root} by its own {DESCRIPTION}",
            )
        yield from self._reading.findings
        disk = _Disk(root)
        for entry in self._reading.entries:
            audio = disk.path(entry.file)
            yield entry if audio == entry.audio else dataclasses.replace(entry, audio=audio)
        # The one place where an adapter opens sounds: only who gives checksums pays for it.
        for file, (line, checksum) in self._reading.sha256.items():
            path = disk.path(file)
            found = _sha256(path)
            if found not in (None, checksum):
                where = f"{self._described.table}, line {line}"
                yield Finding("altered", f"{path}: its SHA-256 is {found}, in {where}: {checksum}")

    def passed_over(self, path: Path) -> bool:
        """Whether ``corpus.toml`` says of a sound file that it is no utterance."""
        if not path.is_relative_to(self._root):
            return False
        file = path.relative_to(self._root).as_posix()
        return any(fnmatchcase(file, pattern) for pattern in self._described.passed_over)

    def _release(self, rows: list[Row]) -> Release:
        counted = [entry for entry in self._reading.entries if entry.native in self.labels]
        columns = list(rows[0][1])
        content = [columns, [list(cells.values()) for _, cells in rows], self.labels]
        return Release(
            f"as tabled, {digest(content)[:_RELEASE_DIGITS]}",
            dict(sorted(Counter(entry.native for entry in counted).items())),
            dict(sorted(Counter(entry.speaker for entry in counted).items())),
        )


class _Disk:
    """The sound files below a folder, by the names that a table may have for them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        own = len(root.parts)
        self._files = {"/".join(path.parts[own:]): path for path in audio_files(root)}
        self._alike: dict[str, list[Path]] = defaultdict(list)
        for name, path in self._files.items():
            self._alike[_folded(name)].append(path)

    def path(self, file: str) -> Path:
        """Where a file stands, or should stand."""
        if file in self._files:
            return self._files[file]
        alike = self._alike.get(_folded(file), [])
        return alike[0] if len(alike) == 1 else self._root / file


def _folded(file: str) -> str:
    stem = file[: -len(suffix)] if (suffix := sound_suffix(file)) else file
    return unicodedata.normalize("NFC", stem).casefold()


def _rows(described: Description) -> list[Row]:
    """The rows of a table, their cells by our names of the columns."""
    table = described.table
    raw = list(read_table(table, (), described.encoding))
    if not raw:
        raise CorpusError(f"{table} has no row", expected="a heading, and a row an utterance")
    columns = columns_of(table, list(raw[0][1]), described.columns, described.attributes)
    return [
        (line, tidy({name: cells[column] for name, column in columns.items()}))
        for line, cells in raw
    ]


def _refuse_empty_classes(described: Description, rows: list[Row]) -> None:
    """An emotion that never occurs would be a class that no model can ever get right."""
    found = {cells["emotion"] for _, cells in rows}
    there = {described.labels[label] for label in found if label in described.labels}
    empty = [
        f"{label!r} ({emotion})" for label, emotion in described.labels.items()
        if emotion is not None and emotion not in there
    ]  # fmt: skip
    if empty:
        unknown = sorted(found - set(described.labels))
        raise CorpusError(
            f"{described.path}: no row of {described.table} has the label {', '.join(empty)}",
            expected="in [labels], the labels that the table has",
            advice=f"the table's other labels are {', '.join(map(repr, unknown))[:500]}"
            if unknown
            else "take the line out",
        )


def _sha256(path: Path) -> str | None:
    """None of a file that cannot be read: the scan says so."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
