"""What a corpus is: a card, a map from native labels to emotions, and the entries in a folder.

An adapter subclasses :class:`Corpus` and says only what stands on the disk; counting, mapping,
comparing with the card and reading the sound are the harness's (:mod:`serbench.scan`). What is odd
in a folder but leaves the rest readable, an adapter yields as a :class:`Finding` among its entries.
"""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NoReturn

from serbench.errors import CorpusError
from serbench.labels import Emotion

AUDIO_SUFFIXES = frozenset({".wav", ".flac"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One utterance as the corpus's folder shows it, its label as written there.

    ``id`` is unique within the corpus and the same for every layout of it; ``file`` is the path
    under which the corpus's authors distribute it, so that folds drawn over files are the same
    everywhere.

    ``audio`` need not exist: where annotations name a sound that is not there, the entry says where
    it should be, and the scan finds it missing.
    """

    id: str  # "03a01Fa", "DC/a01"
    audio: Path
    file: str  # "03a01Fa.wav", "DC/a01.wav": as distributed, whatever stands on this disk
    speaker: str
    native: str  # "F", "sa": as written
    gender: str | None = None  # "female" or "male"
    session: str | None = None
    dialogue: str | None = None  # one recording of people who talk to each other
    scenario: str | None = None  # what they were given to play, whoever plays it
    style: str | None = None  # "scripted", "improvised", "song", ...
    sentence: str | None = None  # which text is spoken, where the corpus numbers them
    text: str | None = None
    intended: str | None = None  # a native label, where ``native`` is what listeners perceived
    votes: Mapping[str, float] | None = None  # native label or rater's word to number of raters
    start: float | None = None  # seconds into the file; None: from its start
    end: float | None = None  # seconds into the file; None: to its end
    # valence, arousal, dominance, sentiment, or an emotion's intensity, on the corpus's own scale
    attributes: Mapping[str, float] = field(default_factory=dict)
    fold: str | None = None  # "train", "valid" or "test" of the corpus's official split


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


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a folder that is not as the card says.

    ``grave`` ones are an error unless a partial corpus is allowed for; the others are a word to
    whoever reads the corpus.
    """

    kind: str  # one of KINDS
    message: str
    grave: bool = True

    def __post_init__(self) -> None:
        # File names may hold bytes that are no UTF-8, and findings are printed and stored.
        plain = self.message.encode(errors="backslashreplace").decode()
        object.__setattr__(self, "message", plain)


# What a finding may be about, causes before what follows from them.
GENDERS = frozenset({"female", "male"})
KINDS = (
    "annotation",  # a label file, or a line of one, that is not as it should be
    "missing",  # a sound that the annotations or the release name, and that is not there
    "damaged",  # a sound that cannot be decoded to its end
    "unknown-label",  # a label that the adapter has no mapping for
    "misplaced",  # a file whose folder contradicts its name
    "repeated",  # several files of one id
    "surplus",  # a file that the release has not
    "unclaimed",  # a sound file that is none of the corpus's names
    "count",  # more or fewer utterances of a label or a speaker than the release has
    "altered",  # sounds that are not the release's: forged, resampled, cut, re-encoded
    "duplicate",  # one sound under two ids
    "known-defect",  # an oddity that the corpus has as its authors distribute it
    "mirrored",  # a tree that holds each file several times
)


@dataclass(frozen=True)
class Defect:
    """An oddity in a corpus as its authors distribute it.

    ``kind`` says how it shows: "duplicate" (these files are one sound), "channels" (another number
    of channels than the rest), or another word for what only the note tells.
    """

    kind: str
    files: tuple[str, ...]  # as :attr:`Entry.file`
    note: str


@dataclass(frozen=True)
class Download:
    """A file that may be fetched by anyone, by the corpus's own licence."""

    url: str
    checksum: str  # "sha256:..." or "md5:...", as its authors publish it; "" where they do not
    size: int | None = None  # bytes


@dataclass(frozen=True)
class Release:
    """One edition of a corpus, by what can be counted in it.

    Parameters
    ----------
    name
        With year or source.
    counts
        Utterances per native label. Empty: nobody has published them.
    speakers
        Utterances per speaker; None for a speaker whose number nobody has published. Empty: the
        speakers are unknown as well.
    manifest
        A table of all its files with their checksums (:mod:`serbench.manifest`), if there is one.
    defects
        What is odd in it as its authors distribute it.
    downloads
        Where anyone may fetch it, if anyone may.
    """

    name: str
    counts: Mapping[str, int]
    speakers: Mapping[str, int | None]
    manifest: Path | None = None
    defects: tuple[Defect, ...] = ()
    downloads: tuple[Download, ...] = ()

    @property
    def utterances(self) -> int:
        """As far as they are known: by label, or else by speaker."""
        return sum(self.counts.values()) or sum(count or 0 for count in self.speakers.values())


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

    def release(self, name: str) -> Release:
        """The release of this name, or the usual one where a scan was of none on the card."""
        return next((one for one in self.releases if one.name == name), self.standard)


class Corpus(ABC):
    """An adapter. It reads names and annotation files, and no sound."""

    card: ClassVar[CorpusCard]
    labels: ClassVar[Mapping[str, Emotion | str | None]]  # every native label; None: left out

    @abstractmethod
    def entries(self, root: Path) -> Iterator[Entry | Finding | Release]:
        """Every utterance below ``root``, in any order, and whatever is odd there.

        An adapter that knows which release it reads, by the form of a label file for example,
        yields that too; else the counts tell.

        Raises
        ------
        CorpusError
            Where a file of this corpus has lost what it takes to read it, its speaker for example.
        """

    def passed_over(self, path: Path) -> bool:
        """Whether a sound file belongs to the corpus and holds no utterance of its own.

        IEMOCAP's recordings of whole dialogues are an example. Whatever else no entry claims is a
        finding.
        """
        del path
        return False


def audio_files(root: Path) -> Iterator[Path]:
    """Every WAV and FLAC file below ``root``, in a fixed order, as :func:`files_below`."""
    return files_below(root, AUDIO_SUFFIXES)


def files_below(root: Path, suffixes: Collection[str]) -> Iterator[Path]:
    """Every file below ``root`` with one of these suffixes (".wav"), in a fixed order.

    Passed over are AppleDouble companions (``._name``), ``__MACOSX`` and hidden folders. Linked
    folders are followed, each real folder once, and none that ``root`` lies in.

    Raises
    ------
    CorpusError
        Where the folder is missing or one below it cannot be opened.
    """
    return map(Path, names_below(root, suffixes))


def names_below(root: Path, suffixes: Collection[str]) -> Iterator[str]:
    """The paths of :func:`files_below` as text, which is several times as fast to make."""
    # os.path asks without raising where a parent may not be entered or a name is too long.
    if not os.path.isdir(root):  # noqa: PTH112
        there = os.path.lexists(root)
        raise CorpusError(
            f"{root} is not a folder" if there else f"{root} does not exist",
            expected="the folder of the corpus as it was unpacked",
        )

    def refuse(error: OSError) -> NoReturn:
        raise CorpusError(
            f"{error.filename} cannot be opened: {error.strerror}",
            expected="a folder that this user may read",
            advice=f"chmod -R u+rX {root}",
        ) from error

    endings = tuple(suffixes)
    seen = set(ancestors(root))  # real folders, by device and inode
    for folder, folders, files in os.walk(root, followlinks=True, onerror=refuse):
        here = Path(folder)
        try:
            stat = here.stat()
        except OSError as error:  # gone since its name was read
            refuse(error)
        real = stat.st_dev, stat.st_ino
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name != "__MACOSX"
        )
        above = "" if folder == os.curdir else str(here / "_")[:-1]  # as a Path is written
        for name in sorted(files):
            if name.lower().endswith(endings) and not name.startswith("."):
                yield f"{above}{name}"


def ancestors(root: Path | str) -> Iterator[tuple[int, int]]:
    """Device and inode of each folder that ``root`` lies in: a link to one leads out of it."""
    for folder in Path(os.path.realpath(root)).parents:
        with contextlib.suppress(OSError):
            stat = folder.stat()
            yield stat.st_dev, stat.st_ino
