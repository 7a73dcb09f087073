"""Whose a sound is: the manifests of all registered corpora, asked by the digest of the samples.

A file of another name, or in a folder of another corpus, is recognised by what is heard in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from serbench.corpus import Corpus
from serbench.errors import SerbenchError
from serbench.manifest import read_manifest
from serbench.registry import load, registered


@dataclass(frozen=True, slots=True, order=True)
class KnownSound:
    """A file of some corpus's release."""

    corpus: str
    file: str  # as Entry.file

    def __str__(self) -> str:
        return f"{self.corpus} {self.file}"


class KnownSounds:
    """Sounds by digest. Nothing is read before the first question.

    Parameters
    ----------
    corpora
        Whose manifests to read; None: every registered corpus's.

    Attributes
    ----------
    unread
        Why a corpus or a manifest could not be read, if any could not. Such a one is done without,
        for it may be a guest's, and nothing of it was asked for.
    """

    def __init__(self, corpora: Iterable[type[Corpus] | Corpus] | None = None) -> None:
        self._corpora = None if corpora is None else list(corpora)
        self.unread: list[str] = []
        self._lock = Lock()

    def holding(self, samples: str) -> Sequence[KnownSound]:
        """The files, of whatever corpus, whose decoded samples have this digest."""
        with self._lock:  # threads ask, and one of them reads
            return self._by_samples.get(samples, ())

    @cached_property
    def _by_samples(self) -> dict[str, list[KnownSound]]:
        found: dict[str, dict[KnownSound, None]] = defaultdict(dict)
        for corpus in self._cards():
            for release in corpus.card.releases:
                if release.manifest is None:
                    continue
                try:
                    manifest = read_manifest(release.manifest)
                except SerbenchError as error:
                    self.unread.append(error.found)
                    continue
                for file, fingerprint in manifest.items():
                    # Two releases may share a file: it is named once.
                    found[fingerprint.samples][KnownSound(corpus.card.name, file)] = None
        return {samples: sorted(sounds) for samples, sounds in found.items()}

    def _cards(self) -> Iterable[type[Corpus] | Corpus]:
        if self._corpora is not None:
            yield from self._corpora
            return
        for name in registered("corpora"):
            try:
                yield load("corpora", name)
            except SerbenchError as error:
                self.unread.append(error.found)
