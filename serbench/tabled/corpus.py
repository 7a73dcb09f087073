"""The adapter of every corpus that is a folder of sounds with a table."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from serbench.canonical import digest
from serbench.corpus import Corpus, CorpusCard, Entry, Finding, Release
from serbench.errors import CorpusError
from serbench.labels import Emotion
from serbench.tabled.columns import columns_of
from serbench.tabled.description import Description, read_description
from serbench.tabled.disk import Disk, folded
from serbench.tabled.encoded import read_encoded
from serbench.tabled.paths import DESCRIPTION
from serbench.tabled.reading import Row, read_rows
from serbench.tabled.rows import tidy

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
            described.table,
            root,
            rows,
            described.labels,
            described.attributes,
            described.files_in,
        )
        self._left_out = {folded(file) for file in self._reading.left_out}
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
        or as FLAC from WAV, is taken for the table's where there is one such file. Files that stand
        in another folder than the table says are told in one finding, and are no entries.

        Raises
        ------
        CorpusError
            If ``root`` is not the folder that this adapter was made of, or all files of the table
            stand in another folder than it says.
        """
        if root.resolve() != self._root.resolve():
            raise CorpusError(
                f"the table of {self._root} does not describe {root}",
                expected=str(self._root),
                advice=f"read {root} by its own {DESCRIPTION}",
            )
        yield from self._reading.findings
        disk = Disk(root, {entry.file for entry in self._reading.entries})
        mislaid = self._mislaid(disk)
        if mislaid is not None:
            yield mislaid[0]
        elsewhere = frozenset[str]() if mislaid is None else mislaid[1]
        for entry in self._reading.entries:
            if entry.file in elsewhere:
                continue
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
        """Whether a sound file is known to be no utterance.

        ``corpus.toml`` says so, or its row in the table is at fault, which a finding tells.
        """
        if not path.is_relative_to(self._root):
            return False
        file = path.relative_to(self._root).as_posix()
        if folded(file) in self._left_out:
            return True  # its row is at fault, and a finding says so
        return any(fnmatchcase(file, pattern) for pattern in self._described.passed_over)

    def _mislaid(self, disk: Disk) -> tuple[Finding, frozenset[str]] | None:
        """The finding of files that stand elsewhere, and these; None where there are none."""
        described = self._described
        files = dict.fromkeys(entry.file for entry in self._reading.entries)
        mislaid = disk.mislaid(files, described.table.name, described.files_in)
        if mislaid is None:
            return None
        if len(mislaid.stand) == len(files):  # nothing would be left to read
            raise CorpusError(
                f"{self._root}: {mislaid.said}",
                expected="each at the path that the table gives, below the corpus's folder",
                advice=mislaid.advice(str(described.path)),
            )
        said = f"{mislaid.said}: {mislaid.advice(DESCRIPTION)}"
        return Finding("missing", said), mislaid.stand

    def _release(self, rows: list[Row]) -> Release:
        counted = self._reading.entries
        columns = list(rows[0][1])
        content = [columns, [list(cells.values()) for _, cells in rows], self.labels]
        if self._described.files_in:
            content.append(self._described.files_in)
        return Release(
            f"as tabled, {digest(content)[:_RELEASE_DIGITS]}",
            dict(sorted(Counter(entry.native for entry in counted).items())),
            dict(sorted(Counter(entry.speaker for entry in counted).items())),
        )


def _rows(described: Description) -> list[Row]:
    """The rows of a table, their cells by our names of the columns."""
    table = described.table
    how = f'a line such as encoding = "gbk" or "cp1252" in {DESCRIPTION}, above its first section'
    raw = list(read_encoded(table, described.encoding, how))
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
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
