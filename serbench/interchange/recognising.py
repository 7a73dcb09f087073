"""What a corpus tells of utterances that somebody's splits merely name: speaker, sentence, text.

Most published folds are lists of files. An adapter that reads file names is shown a folder of empty
files with these names, in whichever layout the splits have them, and says whose they are. It is
believed of files that the manifest of a release of the corpus lists. No file that the splits name
is opened.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from serbench.corpus import AUDIO_SUFFIXES, Corpus, Entry
from serbench.errors import few
from serbench.listing import Item
from serbench.manifest import Manifest, read_manifest
from serbench.registry import load, registered

DEEPEST = 4  # folders above a file that may say whose it is
MOST = 100_000  # files of a corpus; more are not asked for


class Unrecognised(str):
    """A note on speakers whom neither the splits nor an installed corpus's list of files names.

    With the corpus itself at hand, it is of no account.
    """

    __slots__ = ()


Reader = tuple[Corpus, list[Manifest]]
Known = dict[str, tuple[Entry, Manifest]]  # by the item's id


def recognised(
    items: Mapping[str, Item], hearsay: Mapping[str, str]
) -> tuple[dict[str, Item], list[str]]:
    """The items, what they lack filled in, and a sentence for each corpus that is not known.

    What the splits say stands; ``hearsay`` names the speakers (by id) that the corpus does not
    tell. The name of a corpus becomes that under which it is registered, and
    the file of a known utterance that under which the corpus's authors distribute it.
    """
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items.values():
        groups[item.corpus].append(item)
    found = dict(items)
    remarks: list[str] = []
    for named, group in groups.items():
        name, known = _named(named, group) if named else _unnamed(group)
        for item in group:
            if name:
                found[item.id] = dataclasses.replace(item, corpus=name)
            if item.id in known:
                found[item.id] = _filled(found[item.id], *known[item.id])
            if item.id in hearsay and not found[item.id].speaker:
                found[item.id] = dataclasses.replace(found[item.id], speaker=hearsay[item.id])
        mute = [item.id for item in group if not found[item.id].speaker]
        if mute:
            of = f" of {named or name}" if named or name else ""
            why = "" if known else ": no installed corpus has a list of these files"
            note = (
                f"the speakers of {len(mute)} of {len(group)} utterances{of} are not known{why} "
                f"({few(sorted(mute))})"
            )
            remarks.append(Unrecognised(note))
    return found, remarks


def release(corpus: str, files: Collection[str]) -> dict[str, Entry]:
    """What a registered corpus says of each file of the release that these files are of.

    Nothing where they are all of none, or where file names alone tell the corpus nothing.
    """
    reader = _reader(corpus) if corpus in registered("corpora") else None
    fitting = [one for one in reader[1] if all(map(one.__contains__, files))] if reader else []
    if reader is None or not fitting or len(fitting[0]) > MOST:
        return {}
    with _empty_files([Item(id=file, file=file) for file in fitting[0]]) as (folder, places):
        return {file: entry for file, (entry, _) in _told(reader, folder, places).items()}


def _named(name: str, group: Sequence[Item]) -> tuple[str, Known]:
    """The corpus that is registered under a name, spelled in any way, and what it knows."""
    wanted = _letters(name)
    known_as = next((one for one in registered("corpora") if _letters(one) == wanted), "")
    reader = _reader(known_as) if known_as and len(group) <= MOST else None
    if reader is None:
        return known_as, {}
    with _empty_files(group) as (folder, places):
        return known_as, _told(reader, folder, places)


def _unnamed(group: Sequence[Item]) -> tuple[str, Known]:
    """The one registered corpus that knows every file of the group, if there is one."""
    if len(group) > MOST or not all(item.file for item in group):
        return "", {}
    with _empty_files(group) as (folder, places):
        for name in registered("corpora"):
            reader = _reader(name)
            known = _told(reader, folder, places) if reader is not None else {}
            if len(known) == len(group):
                return name, known
    return "", {}


def _reader(name: str) -> Reader | None:
    """A corpus's adapter and the lists of its releases' files; None without one, or unusable."""
    try:
        corpus: Corpus = load("corpora", name)()
        manifests = [read_manifest(r.manifest) for r in corpus.card.releases if r.manifest]
    except Exception:  # noqa: BLE001  a guest's may be broken: then it tells nothing
        return None
    return (corpus, manifests) if manifests else None


def _told(reader: Reader, folder: Path, places: Mapping[Path, Sequence[str]]) -> Known:
    """What an adapter says of a folder of empty files, until it stumbles over one."""
    corpus, manifests = reader
    known: Known = {}
    with contextlib.suppress(Exception):  # what it had said by then stands
        for entry in corpus.entries(folder):
            if not isinstance(entry, Entry):
                continue
            listed = [one for one in manifests if entry.file in one]
            if listed:
                known |= dict.fromkeys(places.get(entry.audio, ()), (entry, listed[0]))
    return known


@contextlib.contextmanager
def _empty_files(group: Sequence[Item]) -> Iterator[tuple[Path, dict[Path, list[str]]]]:
    """A folder with an empty file for each item, and which items stand for each of them."""
    with tempfile.TemporaryDirectory(prefix="serbench-") as name:
        folder = Path(name)
        places: dict[Path, list[str]] = defaultdict(list)
        for item in group:
            place = _below(folder, item.file or item.id)
            if place is None:
                continue
            with contextlib.suppress(OSError, ValueError):  # a name that no disk takes
                if place not in places:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.touch()
                places[place].append(item.id)
        yield folder, places


def _below(folder: Path, file: str) -> Path | None:
    """The file's place below a folder, whatever its own path leads to."""
    path = PurePosixPath(file.replace("\\", "/"))
    parts = [part for part in path.parts if part not in ("/", "//", "..", ".")]
    if not parts:
        return None
    if PurePosixPath(parts[-1]).suffix.lower() not in AUDIO_SUFFIXES:
        parts[-1] += ".wav"
    return folder.joinpath(*parts[-DEEPEST - 1 :])


def _filled(item: Item, entry: Entry, manifest: Manifest) -> Item:
    sound = manifest[entry.file]
    told: dict[str, Any] = {
        "speaker": entry.speaker,
        "gender": entry.gender,
        "session": entry.session,
        "dialogue": entry.dialogue,
        "scenario": entry.scenario,
        "style": entry.style,
        "sentence": entry.sentence,
        "text": entry.text,
    }
    if item.start is None and item.end is None:  # else it is a part of the file
        told |= {
            "duration": sound.duration,
            "rate": sound.rate,
            "channels": sound.channels,
            "samples": sound.samples,
        }
    missing = {name: value for name, value in told.items() if getattr(item, name) in (None, "")}
    return dataclasses.replace(item, file=entry.file, **missing)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
