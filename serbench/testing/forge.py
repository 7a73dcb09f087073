"""Forged corpora: the real file names in the real layout, with make-believe speech in them.

For tests, demonstrations and whoever has no licence at hand. Nothing that is measured on a forged
corpus says anything about people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from serbench.corpus import AUDIO_SUFFIXES, Corpus, Release
from serbench.errors import CorpusError, SerbenchError, UsageError
from serbench.testing.voices import length, speak


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


def forge_corpus(
    corpus: Corpus,
    root: Path,
    *,
    seed: int = 0,
    seconds: tuple[float, float] = (1.0, 1.6),
    rate: int = 16000,
    per_cell: int | None = None,
    release: Release | None = None,
    suffix: str = ".wav",
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write a forged corpus below ``root``, the same for the same arguments.

    Parameters
    ----------
    corpus
        An adapter with the method ``forged_path`` (:class:`Forgeable`).
    root
        A folder that is empty or does not exist yet.
    seed
        Another seed gives other voices under the same names.
    seconds
        The shortest and the longest utterance.
    rate
        Hz.
    per_cell
        Utterances per speaker and native label; None: as many as the release has, exactly by label
        and exactly by speaker (:func:`margins`).
    release
        The edition to forge; None: the usual one.
    suffix
        ".wav" or ".flac", 16 bit either way.
    progress
        Called with (files written, files).

    Returns
    -------
    root

    Raises
    ------
    SerbenchError
        If the corpus has no ``forged_path``, or its names hold fewer utterances than asked for.
    CorpusError
        If ``root`` holds something already: a real corpus is never written over.
    UsageError
        If ``suffix`` or ``seconds`` are none.
    """
    import soundfile

    if suffix.lower() not in AUDIO_SUFFIXES:
        expected = "one of " + ", ".join(sorted(AUDIO_SUFFIXES))
        raise UsageError(f"suffix {suffix!r}", expected=expected)
    if not 0 < seconds[0] <= seconds[1]:
        raise UsageError(f"seconds {seconds}", expected="the shortest and the longest, above 0")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise CorpusError(
            f"{root} is not empty", expected="an empty folder or none, to forge a corpus in"
        )
    chosen = release if release is not None else corpus.card.standard
    files = list(forged_files(corpus, chosen, per_cell))
    for done, (speaker, native, take, path) in enumerate(files, 1):
        # Speakers of two corpora are two people, even where both are called 03.
        person = f"{corpus.card.name}/{speaker}"
        emotion = str(corpus.labels[native] or "other")
        lasting = length(person, emotion, take, seed=seed, between=seconds)
        sound = speak(person, emotion, take, seed=seed, seconds=lasting, rate=rate)
        target = (root / path).with_suffix(suffix)
        target.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(target, sound, rate, subtype="PCM_16", format=suffix[1:].upper())
        if progress is not None:
            progress(done, len(files))
    return root


def forged_files(
    corpus: Corpus, release: Release, per_cell: int | None
) -> Iterator[tuple[str, str, int, str]]:
    """Speaker, native label, take and path of every file that forging a release writes.

    Raises
    ------
    SerbenchError
        As :func:`forge_corpus`.
    """
    if not isinstance(corpus, Forgeable):
        raise SerbenchError(
            f"{corpus.card.title} cannot be forged: {type(corpus).__name__} has no forged_path",
            expected="a method forged_path(speaker, native, take) that gives a path",
            advice="write one; serbench_corpora.savee is an example",
        )
    if per_cell is None:
        table = margins(release.speakers, release.counts)
    else:
        table = {speaker: dict.fromkeys(release.counts, per_cell) for speaker in release.speakers}
    for speaker, row in table.items():
        for native, takes in row.items():
            for take in range(takes):
                try:
                    path = corpus.forged_path(speaker, native, take)
                except ValueError as error:
                    raise SerbenchError(
                        f"{corpus.card.title} cannot be forged so large: {error}",
                        advice=f"forge fewer than {takes} utterances per speaker and label",
                    ) from error
                yield speaker, native, take, path


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
