"""From a folder to utterances: every entry mapped, its sound read, and all of it counted.

Nothing is dropped in silence. Whatever does not agree with the corpus's card is a finding with its
path, and a grave finding is an error unless a partial corpus was allowed for; then it is kept
beside the utterances, and the fingerprint of the corpus is another one, so that its results stand
apart.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

from serbench.audio import Sound
from serbench.canonical import digest
from serbench.copies import each_once
from serbench.corpus import (
    AUDIO_SUFFIXES,
    KINDS,
    Corpus,
    Entry,
    Finding,
    Release,
    Utterance,
    audio_files,
    names_below,
)
from serbench.errors import AudioError, CorpusError
from serbench.inspected import Inspected
from serbench.reconcile import reconcile
from serbench.scanned import Progress, Scan, assembled, recall, remember, state_of

__all__ = ["Scan", "scan"]

MOST_NAMED = 4  # findings of each kind that an error message spells out


def scan(
    corpus: Corpus,
    root: Path,
    *,
    allow_partial: bool = False,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Scan:
    """Read a corpus from its folder.

    Parameters
    ----------
    corpus
        The adapter.
    root
        The folder, as the corpus's authors or the usual mirrors lay it out.
    allow_partial
        Keep what can be read, and the findings, where these would be an error.
    cache
        The cache folder, where the last scan is kept: one of a folder in which nothing has changed
        is read from there, and only sounds that are new or have changed are read again. None: read
        them all.
    progress
        Called with (utterances whose sound was read, utterances).

    Raises
    ------
    CorpusError
        Naming the findings, unless ``allow_partial``; always if there is no utterance at all.
    """
    before = state_of(corpus, root) if cache is not None else ""
    found = recall(cache, corpus, root, before) if cache is not None else None
    if found is None:
        found = _examine(corpus, root, Inspected(cache, root), progress)
        # A folder that changed under our eyes is read anew the next time.
        if cache is not None and state_of(corpus, root) == before:
            remember(cache, found, before)
    if not found.utterances or (found.partial and not allow_partial):
        raise _refusal(corpus, found)
    return found


def _examine(corpus: Corpus, root: Path, inspected: Inspected, progress: Progress | None) -> Scan:
    by_id, findings, release = _gather(corpus, root)
    entries = each_once(corpus, root, by_id, inspected, findings)
    known: list[Entry] = []
    unknown: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.native in corpus.labels:
            known.append(entry)
        else:
            unknown[entry.native].append(entry)
    findings += [
        Finding(
            "unknown-label",
            f"label {native!r} of {len(group)} utterances, such as {group[0].audio}, is none of "
            f"{', '.join(corpus.labels)}",
        )
        for native, group in unknown.items()
    ]
    sounds = _listen(known, inspected, findings, progress)
    heard = sorted((entry for entry in known if entry.id in sounds), key=lambda entry: entry.id)
    utterances = _utterances(corpus, heard, [sounds[entry.id] for entry in heard])
    release, remarks = reconcile(corpus, utterances, release)
    return Scan(
        corpus=corpus.card.name,
        root=root,
        release=release.name,
        utterances=utterances,
        findings=tuple(findings + remarks),
        fingerprint=_fingerprint(corpus, root, utterances, findings + remarks),
    )


def _gather(
    corpus: Corpus, root: Path
) -> tuple[dict[str, list[Entry]], list[Finding], Release | None]:
    """The entries by id, what is wrong with the tree, and the release if the adapter names it."""
    by_id: dict[str, list[Entry]] = defaultdict(list)
    findings: list[Finding] = []
    release: Release | None = None
    for found in corpus.entries(root):
        if isinstance(found, Finding):
            findings.append(found)
        elif isinstance(found, Release):
            release = found
        else:
            by_id[found.id].append(found)
    if not by_id:
        others = list(audio_files(root))
        example = f", such as {others[0].relative_to(root)}" if others else ""
        faults = "".join(f"\n  {finding.message}" for finding in findings[:MOST_NAMED])
        raise CorpusError(
            f"{root} holds no file of {corpus.card.title}: "
            f"{len(others)} other sound files{example}{faults}",
            expected="; ".join(corpus.card.layouts) or "the corpus as its authors distribute it",
            advice=corpus.card.how_to_get,
        )
    claimed = (entry for entries in by_id.values() for entry in entries)
    findings += [
        Finding("unclaimed", f"{path}: a sound file that is none of {corpus.card.title}'s names")
        for path in unclaimed(corpus, root, claimed)
    ]
    return by_id, findings, release


def unclaimed(corpus: Corpus, root: Path, entries: Iterable[Entry]) -> list[str]:
    """The sound files below a folder that no entry has, and the corpus does not pass over."""
    claimed = {str(entry.audio) for entry in entries}
    return [
        path
        for path in names_below(root, AUDIO_SUFFIXES)
        if path not in claimed and not corpus.passed_over(Path(path))
    ]


def _listen(
    entries: list[Entry],
    inspected: Inspected,
    findings: list[Finding],
    progress: Progress | None,
) -> dict[str, Sound]:
    """The sound of every entry by id; what cannot be read becomes a finding."""
    places = [(entry.audio, entry.start, entry.end) for entry in entries]
    sounds: dict[str, Sound] = {}
    for entry, sound in zip(entries, inspected.sounds(places, progress), strict=True):
        if isinstance(sound, AudioError):
            kind = "damaged" if os.path.exists(entry.audio) else "missing"  # noqa: PTH110
            findings.append(Finding(kind, str(sound)))
        else:
            sounds[entry.id] = sound
    inspected.save()
    return sounds


# Where a sound stands, and in which of two layouts, is not what it is.
_OF_THIS_DISK = {"id", "corpus", "audio", "start", "end", "duration"}
_CONTENT = tuple(f.name for f in dataclasses.fields(Utterance) if f.name not in _OF_THIS_DISK)


def _fingerprint(
    corpus: Corpus, root: Path, utterances: tuple[Utterance, ...], findings: list[Finding]
) -> str:
    """Of all that is known of the utterances, and of what is wrong with a partial corpus."""
    content: list[object] = [
        [u.id, corpus.labels.get(u.intended or ""), *(getattr(u, name) for name in _CONTENT)]
        for u in utterances
    ]
    faults = [[f.kind, f.message.replace(f"{root}/", "")] for f in findings if f.grave]
    return digest([content, sorted(faults)] if faults else content)


def _numbers(entry: Entry, values: Mapping[str, float]) -> dict[str, float]:
    """As JSON has them, whatever an adapter gave."""
    numbers = {str(name): float(value) for name, value in values.items()}
    if not all(map(math.isfinite, numbers.values())):
        raise CorpusError(
            f"{entry.id} has {numbers}",
            expected="finite numbers, and no entry where one is not known",
        )
    return numbers


_ENTRY_FIELDS = tuple(
    field.name
    for field in dataclasses.fields(Entry)
    if field.name not in {"id", "votes", "attributes"}
)


def _utterances(
    corpus: Corpus, entries: Sequence[Entry], sounds: Sequence[Sound]
) -> tuple[Utterance, ...]:
    name, size = corpus.card.name, len(entries)
    emotions = {
        native: "" if emotion is None else str(emotion) for native, emotion in corpus.labels.items()
    }
    columns: dict[str, Iterable[Any]] = {
        field: [getattr(entry, field) for entry in entries] for field in _ENTRY_FIELDS
    }
    return assembled(
        size,
        columns
        | {
            "id": [f"{name}/{entry.id}" for entry in entries],
            "votes": [
                None if entry.votes is None else _numbers(entry, entry.votes) for entry in entries
            ],
            "attributes": [_numbers(entry, entry.attributes) for entry in entries],
            "corpus": repeat(name, size),
            "emotion": [emotions[entry.native] for entry in entries],
            "rate": [sound.rate for sound in sounds],
            "channels": [sound.channels for sound in sounds],
            "duration": [sound.duration for sound in sounds],
            "samples": [sound.samples for sound in sounds],
        },
    )


def _refusal(corpus: Corpus, found: Scan) -> CorpusError:
    grave = [finding for finding in found.findings if finding.grave]
    release = corpus.card.release(found.release)
    speakers = f", {len(release.speakers)} speakers" if release.speakers else ""
    return CorpusError(
        f"{found.root} is not {corpus.card.title} as it should be, {len(grave)} findings:\n"
        f"{_listed(grave)}",
        expected=f"{release.name}: {release.utterances} utterances{speakers}",
        advice="complete or correct the folder, or take what can be read with --allow-partial "
        "(its results then stand apart); "
        f"serbench corpora check {corpus.card.name} --all names everything"
        if found.utterances
        else corpus.card.how_to_get,
    )


def _listed(findings: Sequence[Finding]) -> str:
    """A few findings of each kind, so that the many of one do not hide the cause in another."""
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.kind].append(finding)
    lines = []
    for kind in sorted(by_kind, key=_urgency):
        group = by_kind[kind]
        lines += [f"  {kind}: {finding.message}" for finding in group[:MOST_NAMED]]
        if len(group) > MOST_NAMED:
            lines.append(f"  {kind}: and {len(group) - MOST_NAMED} more")
    return "\n".join(lines)


def _urgency(kind: str) -> int:
    """A guest's adapter may have kinds of its own."""
    return KINDS.index(kind) if kind in KINDS else len(KINDS)
