"""What a corpus is: a card, a map from native labels to emotions, and the entries in a folder.

An adapter subclasses :class:`Corpus` and says only what stands on the disk; counting, mapping,
comparing with the card and reading the sound are the harness's (:mod:`serbench.scan`).
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from serbench.errors import CorpusError
from serbench.labels import Emotion

AUDIO_SUFFIXES = frozenset({".wav", ".flac"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One utterance as the corpus's folder shows it, its label as written there.

    ``id`` is unique within the corpus and the same for every layout of it; ``file`` is the path
    under which the corpus's authors distribute it, so that folds drawn over files are the same
    everywhere.
    """

    id: str  # "03a01Fa", "DC/a01"
    audio: Path
    file: str  # "03a01Fa.wav", "DC/a01.wav": as distributed, whatever stands on this disk
    speaker: str
    native: str  # "F", "sa": as written
    gender: str | None = None  # "female" or "male"
    session: str | None = None
    dialogue: str | None = None
    scenario: str | None = None
    style: str | None = None  # "scripted", "improvised", ...
    sentence: str | None = None  # which text is spoken, where the corpus numbers them
    text: str | None = None
    intended: str | None = None  # where the label is what listeners perceived
    votes: Mapping[str, float] | None = None
    start: float | None = None  # seconds into the file; None: from its start
    end: float | None = None  # seconds into the file; None: to its end
    attributes: Mapping[str, float] = field(default_factory=dict)  # valence, arousal, dominance


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance(Entry):
    """An entry that was mapped and whose sound was read.

    Here ``id`` carries the corpus's name and is unique across corpora: ``savee/DC/a01``.
    """

    corpus: str
    emotion: str
    rate: int  # Hz, native
    channels: int
    duration: float  # seconds
    samples: str  # SHA-256 of the decoded samples of the segment (serbench.audio)


@dataclass(frozen=True)
class Release:
    """One edition of a corpus, by what can be counted in it."""

    name: str
    counts: Mapping[str, int]  # utterances per native label
    speakers: Mapping[str, int]  # utterances per speaker


@dataclass(frozen=True)
class CorpusCard:
    """What is known of a corpus before anyone has it.

    ``releases`` are the editions that a folder may turn out to be; the first is the usual one.
    """

    name: str
    title: str
    language: str
    licence: str
    how_to_get: str
    citation: str  # BibTeX
    releases: tuple[Release, ...]
    layouts: tuple[str, ...] = ()  # for people: where a file may stand

    @property
    def standard(self) -> Release:
        return self.releases[0]


class Corpus(ABC):
    """An adapter. It reads names and annotation files, and no sound."""

    card: ClassVar[CorpusCard]
    labels: ClassVar[Mapping[str, Emotion | str | None]]  # every native label; None: left out

    @abstractmethod
    def entries(self, root: Path) -> Iterator[Entry]:
        """Every utterance below ``root``, in any order.

        Raises
        ------
        CorpusError
            Where a file of this corpus has lost what it takes to read it, its speaker for example.
        """


def audio_files(root: Path) -> Iterator[Path]:
    """Every WAV and FLAC file below ``root``, in a fixed order.

    Passed over are AppleDouble companions (``._name``), ``__MACOSX`` and hidden folders. Linked
    folders are followed, each real folder once.

    Raises
    ------
    CorpusError
        Where the folder is missing or one below it cannot be opened.
    """
    if not root.is_dir():
        raise CorpusError(
            f"{root} is not a folder" if root.exists() else f"{root} does not exist",
            expected="the folder of the corpus as it was unpacked",
        )

    def refuse(error: OSError) -> None:
        raise CorpusError(
            f"{error.filename} cannot be opened: {error.strerror}",
            expected="a folder that this user may read",
            advice=f"chmod -R u+rX {root}",
        ) from error

    seen: set[str] = set()
    for folder, folders, files in os.walk(root, followlinks=True, onerror=refuse):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name != "__MACOSX"
        )
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in AUDIO_SUFFIXES:
                yield Path(folder, name)
