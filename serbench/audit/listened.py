"""The sounds of a case, searched for copies (:mod:`serbench.twins`)."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from serbench.audit.case import Case
from serbench.audit.evidence import Alike
from serbench.audit.recordings import parent_of
from serbench.corpus import Utterance
from serbench.interchange.naming import Names
from serbench.listing import Item, Listing
from serbench.splitters import Row
from serbench.twins.search import Sound as Searched
from serbench.twins.search import Twins, twins


def with_sounds(
    case: Case,
    cache: Path,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Case:
    """The case with what sounds alike among its items; as it is where no sound is at hand.

    Items without a sound on this disk are left out of the search, and their number stands among
    the reasons.

    Raises
    ------
    AudioError
        If a sound cannot be read.
    """
    position = case.sides.position
    originals = [item for item in case.listing.items if parent_of(item, position) is None]
    heard = [item for item in originals if item.path is not None]
    missing = len(originals) - len(heard)
    reasons = dict(case.reasons)
    if missing:
        reasons["sounds"] = f"{missing} of {len(originals)} are not at hand"
    if not heard:
        return dataclasses.replace(case, reasons=reasons)
    sounds = [
        Searched(item.id, item.path, item.start, item.end, item.samples)
        for item in heard
        if item.path is not None
    ]
    found = twins(sounds, cache=cache, workers=workers, progress=progress)
    return dataclasses.replace(case, alike=families(found), reasons=reasons)


def families(found: Iterable[Twins]) -> tuple[Alike, ...]:
    """Pairs of one kind put together where they share a sound, with the least of their likeness."""
    by_kind: dict[str, list[Twins]] = defaultdict(list)
    for pair in found:
        by_kind[pair.kind].append(pair)
    alike: list[Alike] = []
    for pairs in by_kind.values():
        head: dict[str, str] = {}
        for pair in pairs:
            first, second = _head(head, pair.first), _head(head, pair.second)
            if first != second:
                head[second] = first
        members: dict[str, dict[str, None]] = defaultdict(dict)
        least: dict[str, float] = defaultdict(lambda: 1.0)
        for pair in pairs:
            root = _head(head, pair.first)
            members[root].update({pair.first: None, pair.second: None})
            least[root] = min(least[root], pair.correlation)
        alike += [Alike(tuple(ids), pairs[0].kind, least[root]) for root, ids in members.items()]
    return tuple(alike)


def _head(head: Mapping[str, str], name: str) -> str:
    while name in head:
        name = head[name]
    return name


def with_files(listing: Listing, utterances: Sequence[Utterance]) -> Listing:
    """Somebody's folds with the sounds of corpora at hand, and what these tell of the items.

    An item is an utterance of the corpora by its id or its file
    (:class:`serbench.interchange.naming.Names`). What the folds' author says of it stands.
    """
    table = [_row(utterance) for utterance in utterances]
    names = Names(table)
    items = []
    for item in listing.items:
        at = names.find(item)
        items.append(item if at is None else _known(item, utterances[at]))
    return dataclasses.replace(listing, items=tuple(items))


def _row(utterance: Utterance) -> Row:
    return Row(
        utterance.id,
        utterance.file,
        utterance.speaker,
        utterance.session or "",
        utterance.emotion,
        utterance.corpus,
    )


_SAID = ("speaker", "gender", "session", "dialogue", "scenario", "style", "sentence", "text")
_HEARD = ("duration", "rate", "channels", "samples")


def _known(item: Item, utterance: Utterance) -> Item:
    whole = item.start is None and item.end is None  # else it is a part of the utterance
    names = (*_SAID, *_HEARD) if whole else _SAID
    told = {name: getattr(utterance, name) for name in names if getattr(item, name) in (None, "")}
    if whole:
        told |= {"path": utterance.audio, "start": utterance.start, "end": utterance.end}
    return dataclasses.replace(item, **told)
