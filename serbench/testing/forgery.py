"""How one corpus is forged: which utterances, in which files, with which annotations and defects.

A corpus whose file names say everything needs only a ``forged_path`` on its adapter. One that has
annotation files, long recordings or oddities of its own gives a :class:`Forgery`.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from serbench.corpus import Corpus, Release
from serbench.errors import CorpusError, SerbenchError
from serbench.manifest import read_manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Forged:
    """One utterance to be written."""

    speaker: str
    native: str
    take: int  # from 0, among those of this speaker and label
    path: str  # of the sound file, relative to the corpus's root
    start: float | None = None  # seconds into that file, where it holds several
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An utterance whose sound stands on the disk."""

    forged: Forged
    seconds: float


class Voice(Protocol):
    """Who speaks a forged utterance."""

    @property
    def rate(self) -> int:
        """Hz."""

    def __call__(self, forged: Forged) -> NDArray[np.float32]:
        """Samples [n]."""


@runtime_checkable
class Forgeable(Protocol):
    """A corpus adapter that knows where its authors would put a file."""

    def forged_path(self, speaker: str, native: str, take: int) -> str:
        """The path, relative to the corpus's root, of the ``take``-th (from 0) utterance.

        Raises
        ------
        ValueError
            If the corpus's names hold no such utterance.
        """


@runtime_checkable
class HasForgery(Protocol):
    """A corpus adapter whose forged tree takes more than file names."""

    def forgery(self) -> Forgery: ...


class Forgery:
    """Writes what file names alone do not tell. The defaults are those of a simple corpus.

    Attributes
    ----------
    defects
        The oddities of the real corpus and its mirrors that can be planted, and what each is.
    """

    defects: ClassVar[Mapping[str, str]] = {}

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def utterances(self, release: Release, per_cell: int | None) -> Iterator[Forged]:
        """Every utterance of a forged release.

        Parameters
        ----------
        per_cell
            Utterances per speaker and native label; None: the files of the release's manifest, or
            where it has none as many as it has, exactly by label and exactly by speaker
            (:func:`margins`).
        """
        if per_cell is None and release.manifest is not None:
            yield from self._released(release, release.manifest)
            return
        for speaker, row in self.cells(release, per_cell).items():
            for native, takes in row.items():
                for take in range(takes):
                    path = self._path(speaker, native, take)
                    yield Forged(speaker=speaker, native=native, take=take, path=path)

    def cells(self, release: Release, per_cell: int | None) -> dict[str, dict[str, int]]:
        """Utterances per speaker and native label."""
        if per_cell is not None:
            return {who: dict.fromkeys(release.counts, per_cell) for who in release.speakers}
        return margins(speaker_counts(release), release.counts)

    def sound(self, root: Path, suffix: str, forged: Forged, voice: Voice) -> Written:
        """Write the sound of one utterance into a file of its own."""
        import soundfile

        samples = voice(forged)
        target = (root / forged.path).with_suffix(suffix)
        target.parent.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()  # soundfile flushes a file on the disk for every chunk
        soundfile.write(content, samples, voice.rate, subtype="PCM_16", format=suffix[1:].upper())
        target.write_bytes(content.getvalue())
        return Written(forged, len(samples) / voice.rate)

    def annotate(self, root: Path, release: Release, written: Sequence[Written]) -> None:
        """Write the label files. Simple corpora have none."""

    def spoil(self, root: Path, defect: str) -> None:
        """Plant one of ``defects`` into a finished tree."""
        raise NotImplementedError(f"{type(self).__name__} names {defect!r} and does not plant it")

    def _released(self, release: Release, manifest: Path) -> Iterator[Forged]:
        """The utterances of a manifest, found among all that the corpus's names hold."""
        wanted = set(read_manifest(manifest))
        for speaker in release.speakers:
            for native in release.counts:
                for take in itertools.count():
                    try:
                        path = self._path(speaker, native, take)
                    except SerbenchError:
                        break
                    parts = PurePosixPath(path).parts  # below a folder such as wav/ or none
                    file = next(
                        (f for i in range(len(parts)) if (f := "/".join(parts[i:])) in wanted), None
                    )
                    if file is not None:
                        wanted.remove(file)
                        yield Forged(speaker=speaker, native=native, take=take, path=path)
        if wanted:
            raise SerbenchError(
                f"{len(wanted)} files of {release.name} cannot be forged, such as {min(wanted)}",
                expected="a forged_path that reaches every file of the release's manifest",
            )

    def _path(self, speaker: str, native: str, take: int) -> str:
        if not isinstance(self.corpus, Forgeable):
            raise SerbenchError(
                f"{self.corpus.card.title} cannot be forged: {type(self.corpus).__name__} has "
                "neither forged_path nor forgery",
                expected="a method forged_path(speaker, native, take) that gives a path",
                advice="write one; serbench_corpora.savee is an example",
            )
        try:
            return self.corpus.forged_path(speaker, native, take)
        except ValueError as error:
            raise SerbenchError(
                f"{self.corpus.card.title} cannot be forged so large: {error}",
                advice=f"forge fewer than {take + 1} utterances per speaker and label",
            ) from error


def forgery_of(corpus: Corpus) -> Forgery:
    """The corpus's own way of being forged, or the simple one."""
    return corpus.forgery() if isinstance(corpus, HasForgery) else Forgery(corpus)


def speaker_counts(release: Release) -> dict[str, int]:
    """Utterances per speaker; where nobody has published them, as even as the total allows."""
    known = {who: count for who, count in release.speakers.items() if count is not None}
    unknown = [who for who, count in release.speakers.items() if count is None]
    left = release.utterances - sum(known.values())
    share, more = divmod(left, len(unknown)) if unknown else (0, 0)
    spread = {who: share + (i < more) for i, who in enumerate(unknown)}
    return {who: known.get(who, spread.get(who, 0)) for who in release.speakers}


def margins(rows: Mapping[str, int], columns: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """A table of whole numbers with given row and column sums, as proportional as these allow.

    Every cell first gets its proportional share, rounded down. What rows and columns then lack is
    less than one a cell, so it can be filled with ones and zeros (the shares' fractions do it with
    numbers between, and sums of whole numbers that fractions reach are reached by whole numbers
    too). Row by row the ones go to the columns that lack most, which never runs into a dead end
    (Ryser 1957); among equals, to the larger fraction.

    Raises
    ------
    CorpusError
        If the two do not sum to the same total.
    """
    total = sum(rows.values())
    if total != sum(columns.values()):
        raise CorpusError(
            f"{total} utterances by speaker, but {sum(columns.values())} by label",
            expected="the same total",
            advice="correct the counts of the corpus's card",
        )
    shares = {(r, c): rows[r] * columns[c] for r in rows for c in columns}  # times the total
    table = {r: {c: shares[r, c] // max(total, 1) for c in columns} for r in rows}
    lacking = {c: columns[c] - sum(table[r][c] for r in rows) for c in columns}
    for r in rows:

        def want(c: str, r: str = r) -> tuple[int, int]:
            return lacking[c], shares[r, c] % max(total, 1)

        for c in sorted(columns, key=want, reverse=True)[: rows[r] - sum(table[r].values())]:
            table[r][c] += 1
            lacking[c] -= 1
    return table
