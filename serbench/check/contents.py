"""What sounds a folder holds: those that utterances are made of, and all others."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serbench.audio import Sound
from serbench.corpus import Corpus, Entry, Finding
from serbench.errors import AudioError
from serbench.inspected import Inspected
from serbench.scan import unclaimed
from serbench.scanned import Progress, Scan

# Findings that tell of files which are no utterance of the scan. Without any, there is none.
LEFT_OUT = frozenset({"damaged", "missing", "repeated", "surplus", "unclaimed", "unknown-label"})


@dataclass(frozen=True, slots=True)
class Found:
    """A sound file, or a segment of one."""

    file: str  # as Entry.file; an unclaimed one by its path below the folder
    path: Path
    sound: Sound | AudioError

    @property
    def released_name(self) -> bool:
        """Whether its name is the release's to the letter."""
        return self.path.name == self.file.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Contents:
    """The sounds of a folder."""

    used: tuple[Found, ...]  # one for each id, damaged ones among them
    repeated: tuple[Found, ...]  # further files of an id
    unclaimed: tuple[Found, ...]  # no file of the corpus, by its name
    absent: tuple[str, ...]  # named by the annotations, and not there
    said: frozenset[Finding] = frozenset()  # by the adapter, beside its entries
    read: int = 0  # files that the scan had not used


def contents(
    corpus: Corpus, found: Scan, cache: Path | None = None, progress: Progress | None = None
) -> Contents:
    """The sounds of a folder that was scanned. Read are only those that the scan could not use."""
    used = [
        Found(u.file, u.audio, Sound(u.rate, u.channels, round(u.duration * u.rate), u.samples))
        for u in found.utterances
    ]
    kinds = {finding.kind for finding in found.findings}
    if not kinds & LEFT_OUT:
        return Contents(tuple(used), (), (), ())
    walked = list(corpus.entries(found.root))
    entries = [one for one in walked if isinstance(one, Entry)]
    prefix = len(corpus.card.name) + 1  # of "savee/DC/a01"
    taken = {u.id[prefix:]: u.audio for u in found.utterances}
    others: list[Entry] = []
    repeated: list[Entry] = []
    absent: list[str] = []
    for entry in entries:
        if entry.id not in taken:
            taken[entry.id] = entry.audio
            if os.path.exists(entry.audio):  # noqa: PTH110  asks without raising
                others.append(entry)
            else:
                absent.append(entry.file)
        elif "repeated" in kinds and not _same_place(entry.audio, taken[entry.id]):
            repeated.append(entry)
    strays = [Path(path) for path in unclaimed(corpus, found.root, entries)]
    places = [(entry.audio, entry.start, entry.end) for entry in [*others, *repeated]]
    inspected = Inspected(cache, found.root)
    sounds = inspected.sounds([*places, *((path, None, None) for path in strays)], progress)
    inspected.save()
    first, second = len(others), len(others) + len(repeated)
    used += _with(others, sounds[:first])
    place = [u.id[prefix:] for u in found.utterances] + [entry.id for entry in others]
    again = _with(repeated, sounds[first:second])
    _name_the_extra(used, {name: row for row, name in enumerate(place)}, again, repeated)
    return Contents(
        used=tuple(used),
        repeated=tuple(again),
        unclaimed=tuple(
            Found(path.relative_to(found.root).as_posix(), path, sound)
            for path, sound in zip(strays, sounds[second:], strict=True)
        ),
        absent=tuple(absent),
        said=frozenset(one for one in walked if isinstance(one, Finding)),
        read=len(sounds),
    )


def _with(entries: Sequence[Entry], sounds: Sequence[Sound | AudioError]) -> list[Found]:
    return [
        Found(entry.file, entry.audio, sound) for entry, sound in zip(entries, sounds, strict=True)
    ]


def _name_the_extra(
    used: list[Found], place: Mapping[str, int], again: list[Found], repeated: Sequence[Entry]
) -> None:
    """Of two files of one sound, that under the name of the release is used, the other is extra.

    The scan takes whichever comes first by its path, such as 03a04Fd.WAV before 03a04Fd.wav.
    """
    for row, entry in enumerate(repeated):
        at = place.get(entry.id)
        if at is None:  # the first of its files is named and not there
            continue
        one, other = used[at], again[row]
        if other.released_name and not one.released_name and one.sound == other.sound:
            used[at], again[row] = other, one


def _same_place(one: Path, other: Path) -> bool:
    # Path.resolve would follow links, and two links to one file are two files of the corpus.
    return one == other or os.path.abspath(one) == os.path.abspath(other)  # noqa: PTH100
