"""L03, L07, L08: sessions, dialogues, recordings and copies stay on one side."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from serbench.audit.case import Case
from serbench.audit.finding import Finding
from serbench.audit.rule import Check, Need, Rule, by_fold
from serbench.audit.shortcuts import told
from serbench.audit.sides import UNKNOWN, Fold, Groups
from serbench.interchange.naming import stem
from serbench.listing import Item

# What augmentation adds to a name, with a setting perhaps: _noise, -pitch2, .aug_3, _sp0.9.
_ALTERED = re.compile(
    r"(.+?)[_. -](?:aug(?:mented)?|noisy?|noise|pitch(?:ed)?|shift(?:ed)?|speed|slow|fast|sp|"
    r"stretch(?:ed)?|tempo|reverb|rir|gain|vol(?:ume)?|mix(?:ed)?|copy|clone|smote)"
    r"[a-z]{0,3}[_. -]?[+-]?[0-9.]*"
)
COPY = "#"  # serbench.cohort calls the copies that a label space makes "<id>#2", "<id>#3"


SESSIONS = Need("sessions", "the sessions", lambda case: case.sides.sessions.known)
DIALOGUES = Need("dialogues", "the dialogues", lambda case: case.sides.dialogues.known)
SOURCES = Need(
    "sources",
    "the recordings that utterances are cut from",
    lambda case: _sources(case).known,
)
PARENTS = Need(
    "parents",
    "names of what each copy is a copy of (a column parent)",
    lambda case: any(parent_of(item, case.sides.position) for item in case.sides.items),
)


def shared(case: Case, groups: Groups) -> dict[str, list[str]]:
    """Fold to the sessions or dialogues that are heard in training and tested."""
    return {fold.name: groups.both(fold.train, fold.test) for fold in case.sides.folds}


def _sessions(case: Case) -> Iterator[Finding]:
    apart = case.declared.session_independent is True
    yield from by_fold(
        "L03",
        "error" if apart else "warning",
        shared(case, case.sides.sessions),
        "{count:session is|sessions are} heard in training and tested, {folds}"
        + (", though the protocol keeps sessions apart" if apart else ""),
    )


def _dialogues(case: Case) -> Iterator[Finding]:
    apart = case.declared.session_independent is True
    canary = case.canary("dialogue")
    worth = "one turn tells the mood of the next" if canary is None else told(canary)
    yield from by_fold(
        "L03",
        "error" if apart else "warning",
        shared(case, case.sides.dialogues),
        f"{{count:dialogue is|dialogues are}} heard in training and tested, {{folds}}: {worth}",
    )


Part = tuple[float | None, float | None, bool]  # start and end in seconds, and whether it is tested


def _segments(case: Case) -> Iterator[Finding]:
    """Parts of one recording on both sides: an error where they overlap, or nobody knows.

    A recording is named by the first of its parts, since its own name may be a path.
    """
    overlapping: dict[str, list[str]] = {}
    apart: dict[str, list[str]] = {}
    for fold in case.sides.folds:
        cut, whole = overlapping.setdefault(fold.name, []), apart.setdefault(fold.name, [])
        for name, parts in _split_recordings(case, fold):
            (cut if _overlap(parts) else whole).append(name)
    yield from by_fold(
        "L07",
        "error",
        overlapping,
        "{count:recording has|recordings have} the same stretch of sound on both sides, {folds}",
    )
    yield from by_fold(
        "L07",
        "warning",
        apart,
        "{count:recording is|recordings are} cut into parts, some of them trained on and others "
        "tested, {folds}",
    )


def _split_recordings(case: Case, fold: Fold) -> Iterator[tuple[str, list[Part]]]:
    """The recordings that have parts on both sides, with all their parts."""
    items = case.sides.items
    sources = _sources(case)
    both = sources.among(fold.train) & sources.among(fold.test)
    if not both.any():
        return
    parts: dict[int, list[Part]] = defaultdict(list)
    for tested, side in ((False, fold.train), (True, fold.test)):
        codes = sources.codes[side]
        chosen = (codes != UNKNOWN) & both[codes]
        for i, code in zip(side[chosen].tolist(), codes[chosen].tolist(), strict=True):
            parts[code].append((items[i].start, items[i].end, tested))
    known, first = np.unique(sources.codes, return_index=True)
    names = dict(zip(known.tolist(), first.tolist(), strict=True))
    for code, every in parts.items():
        yield items[names[code]].id, every


def _sources(case: Case) -> Groups:
    return case.sides.by("source", _source)


def _source(item: Item) -> tuple[str, str] | None:
    """The recording that an item is a part of: as it says, or the file that its times are of."""
    part = item.start is not None or item.end is not None
    name = item.source or (item.file if part else "")
    return (item.corpus, name) if name else None


def _overlap(parts: list[Part]) -> bool:
    """Whether any stretch of time is on both sides; an unknown time may be any."""
    known = [(s, e, tested) for s, e, tested in parts if s is not None and e is not None]
    if len(known) < len(parts):
        return True
    latest = {False: -math.inf, True: -math.inf}  # the end of what began so far, by side
    for start, end, tested in sorted(known):
        if start < latest[not tested]:
            return True
        latest[tested] = max(latest[tested], end)
    return False


def parent_of(item: Item, known: dict[str, int]) -> str | None:
    """The id that an item is a copy of: as it says, or by the name that a label space gives."""
    if item.parent is not None:
        return item.parent
    stem, mark, number = item.id.rpartition(COPY)
    return stem if mark and number.isdigit() and stem in known else None


def _copies(case: Case) -> Iterator[Finding]:
    """An augmented copy is on its original's side."""
    position, items = case.sides.position, case.sides.items
    families = defaultdict[str, list[int]](list)
    for i, item in enumerate(items):
        parent = parent_of(item, position)
        if parent is not None:
            families[parent].append(i)
    family = {i: parent for parent, members in families.items() for i in members}
    family |= {position[parent]: parent for parent in families if parent in position}
    seen: dict[str, list[str]] = {}
    for fold in case.sides.folds:
        trained = {family[i] for i in fold.train.tolist() if i in family}
        tested = {family[i] for i in fold.test.tolist() if i in family}
        seen[fold.name] = sorted(trained & tested)
    yield from by_fold(
        "L08",
        "error",
        seen,
        "{count:utterance is|utterances are} tested with a copy in training, or the other way "
        "round, {folds}",
    )


def _named_as_copies(case: Case) -> Iterator[Finding]:
    """Names that augmentation gives, 03a01Fa_noise beside 03a01Fa, where nobody says of what."""
    items, position = case.sides.items, case.sides.position
    stems = [stem(item.file or item.id) for item in items]
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, item in enumerate(items):
        places[item.corpus, stems[i]].append(i)
    originals = {}
    for i, item in enumerate(items):
        altered = _ALTERED.fullmatch(stems[i])
        if altered and parent_of(item, position) is None:
            called = places.get((item.corpus, altered[1]), [])
            if len(called) > 1:  # take 1 of each speaker, in a folder each
                folder = item.file.rpartition("/")[0]
                called = [j for j in called if items[j].file.rpartition("/")[0] == folder]
            originals[i] = called
    seen = {}
    for fold in case.sides.folds:
        trained, tested = set(fold.train.tolist()), set(fold.test.tolist())
        seen[fold.name] = [
            items[i].id
            for i, theirs in originals.items()
            if (i in trained and tested.intersection(theirs))
            or (i in tested and trained.intersection(theirs))
        ]
    yield from by_fold(
        "L08",
        "warning",
        seen,
        "{count:utterance is|utterances are} called as an altered copy of one on the other side, "
        "{folds}",
    )


L03 = Rule(
    "L03",
    "no session and no dialogue is on both sides",
    (Check(_sessions, SESSIONS), Check(_dialogues, DIALOGUES)),
)
L07 = Rule("L07", "the parts of one recording are on one side", (Check(_segments, SOURCES),))
L08 = Rule(
    "L08",
    "copies are on their original's side",
    (Check(_copies, PARENTS), Check(_named_as_copies)),
)
