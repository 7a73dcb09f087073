"""Forged corpora: the real file names in the real layout, with make-believe speech in them.

For tests, demonstrations and whoever has no licence at hand. Nothing that is measured on a forged
corpus says anything about people.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from serbench.corpus import AUDIO_SUFFIXES, Corpus, Release
from serbench.errors import CorpusError, UsageError
from serbench.testing.forgery import Forged, Forgery, forgery_of
from serbench.testing.voices import length, speak


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
    defects: Collection[str] = (),
    silent: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write a forged corpus below ``root``, the same for the same arguments.

    Parameters
    ----------
    corpus
        An adapter with a method ``forged_path`` or ``forgery``
        (:mod:`serbench.testing.forgery`).
    root
        A folder that is empty or does not exist yet.
    seed
        Another seed gives other voices under the same names.
    seconds
        The shortest and the longest utterance.
    rate
        Hz.
    per_cell
        Utterances per speaker and native label; None: as many as the release has.
    release
        The edition to forge; None: the usual one.
    suffix
        ".wav" or ".flac", 16 bit either way.
    defects
        Oddities of the real corpus to plant, by name: ``forgery_of(corpus).defects`` has them.
    silent
        Click and be still, instead of speaking: a full-size corpus in seconds.
    progress
        Called with (utterances written, utterances).

    Returns
    -------
    root

    Raises
    ------
    SerbenchError
        If the corpus cannot be forged, or its names hold fewer utterances than asked for.
    CorpusError
        If ``root`` holds something already: a real corpus is never written over.
    UsageError
        If ``suffix``, ``seconds`` or a defect are none.
    """
    if suffix.lower() not in AUDIO_SUFFIXES:
        expected = "one of " + ", ".join(sorted(AUDIO_SUFFIXES))
        raise UsageError(f"suffix {suffix!r}", expected=expected)
    if not 0 < seconds[0] <= seconds[1]:
        raise UsageError(f"seconds {seconds}", expected="the shortest and the longest, above 0")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise CorpusError(
            f"{root} is not empty", expected="an empty folder or none, to forge a corpus in"
        )
    forgery = forgery_of(corpus)
    _refuse_unknown(corpus, forgery, defects)
    chosen = release if release is not None else corpus.card.standard
    planned = list(forgery.utterances(chosen, per_cell))
    voice = _Speaker(corpus, seed, seconds, rate, silent)
    written = []
    for done, forged in enumerate(planned, 1):
        written.append(forgery.sound(root, suffix, forged, voice))
        if progress is not None:
            progress(done, len(planned))
    forgery.annotate(root, chosen, written)
    for defect in defects:
        forgery.spoil(root, defect)
    return root


_TAKES = 1_000_000  # more than a speaker has of any label


@dataclass(frozen=True)
class _Speaker:
    """Speaks in the voice of the person and the emotion that an utterance names."""

    corpus: Corpus
    seed: int
    seconds: tuple[float, float]
    rate: int
    silent: bool

    def __call__(self, forged: Forged) -> NDArray[np.float32]:
        # Speakers of two corpora are two people, even where both are called 03.
        person = f"{self.corpus.card.name}/{forged.speaker}"
        emotion = str(self.corpus.labels[forged.native] or "other")
        take = forged.take + self._before(forged.native)
        between = self.seconds
        if forged.start is not None and forged.end is not None:
            between = (forged.end - forged.start,) * 2
        if self.silent:
            return self._click(person, emotion, take, between)
        lasting = length(person, emotion, take, seed=self.seed, between=between)
        return speak(person, emotion, take, seed=self.seed, seconds=lasting, rate=self.rate)

    def _before(self, native: str) -> int:
        """Keeps the takes of labels apart that stand for one emotion, or for none."""
        emotion = self.corpus.labels[native]
        alike = [label for label, other in self.corpus.labels.items() if other == emotion]
        return alike.index(native) * _TAKES

    def _click(
        self, person: str, emotion: str, take: int, between: tuple[float, float]
    ) -> NDArray[np.float32]:
        """Sixteen samples that no other utterance has, then silence."""
        from hashlib import sha256

        digest = sha256(f"{self.seed}/{person}/{emotion}/{take}".encode()).digest()
        share = digest[0] / 255
        samples = np.zeros(
            max(16, round((between[0] + share * (between[1] - between[0])) * self.rate)),
            dtype=np.float32,
        )
        samples[:16] = np.frombuffer(digest, "<i2")[:16] / 32768
        return samples


def _refuse_unknown(corpus: Corpus, forgery: Forgery, defects: Collection[str]) -> None:
    unknown = [name for name in defects if name not in forgery.defects]
    if unknown:
        known = "; ".join(f"{name} ({what})" for name, what in forgery.defects.items())
        raise UsageError(
            f"no defect of {corpus.card.title} is called {', '.join(unknown)}",
            expected=known or "none: it has no defects to plant",
        )
