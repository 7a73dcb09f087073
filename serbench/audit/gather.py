"""Cases as they are met with: a protocol on corpora, somebody's folds, and what look-ups say."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from serbench.audit.case import Case, Declared
from serbench.audit.classes import LABELS, no_classes
from serbench.audit.evidence import Canary
from serbench.audit.rule import plural
from serbench.listing import Listing
from serbench.protocols import Protocol, Selection, Split

if TYPE_CHECKING:
    from serbench.canaries.flock import Flock
    from serbench.corpus import CorpusCard, Entry
    from serbench.pool import Pool


def protocol_case(
    pool: Pool,
    protocol: Protocol,
    splits: Iterable[Split],
    *,
    selection: Selection | None = None,
    pretraining: tuple[str, ...] | None = (),
) -> Case:
    """The folds of a protocol on corpora at hand, with what both claim.

    Parameters
    ----------
    splits
        With the copies that a label space makes.
    selection
        The rule that was asked for; None: the protocol's own.
    pretraining
        What the model was pre-trained on (:class:`serbench.audit.case.Declared`).
    """
    from serbench.pool import listing_of

    listing = listing_of(pool, tuple(splits), f"{protocol.name} on {pool.title}")
    declared = dataclasses.replace(
        Declared.by(protocol, selection),
        split_seeds=_seeds(protocol, pool.names),
        speakers=speakers_of(pool),
        pretraining=pretraining,
    )
    return Case(listing, declared)


def _seeds(protocol: Protocol, corpora: Collection[str]) -> Mapping[str, int]:
    """What draws the folds of these corpora and of those that the protocol names beside them."""
    if not protocol.split_seeds:
        return {}
    return {**protocol.split_seeds, **{name: protocol.seed_for([name]) for name in corpora}}


def speakers_of(pool: Pool) -> dict[str, int]:
    """Of whole corpora, the number of speakers on their card; a label space may keep fewer."""
    found = {}
    for name, cohort in pool.cohorts.items():
        here = {utterance.speaker for utterance in cohort.scan.utterances}
        kept = {utterance.speaker for utterance in cohort.utterances}
        if here == kept:
            release = _release(name, cohort.scan.release)
            if release:
                found[name] = release
    return found


def _release(corpus: str, name: str) -> int:
    card = _card(corpus)
    return len(card.release(name).speakers) if card else 0


def _card(corpus: str) -> CorpusCard | None:
    """The card of an installed corpus; None of one that a table describes, or nobody knows."""
    from serbench.errors import SerbenchError
    from serbench.registry import load, registered

    if corpus not in registered("corpora"):
        return None
    try:
        card: CorpusCard = load("corpora", corpus)().card
    except SerbenchError:
        return None
    return card


def splits_case(listing: Listing, *, speaker_independent: bool | None = None) -> Case:
    """Somebody's folds, as they were read.

    Parameters
    ----------
    speaker_independent
        What their author says of speakers; None: what is written beside the folds. Where nothing
        is, sharing speakers is an error.
    """
    from serbench.interchange.recognising import release

    if speaker_independent is None:
        speaker_independent = listing.speaker_independent
    corpora = {item.corpus for item in listing.items}
    speakers = {}
    for corpus in sorted(corpora):
        card = _card(corpus)
        if card is not None and card.standard.speakers:
            speakers[corpus] = len(card.standard.speakers)
    releases = {
        corpus: release(corpus, {item.file for item in listing.items if item.corpus == corpus})
        for corpus in sorted(corpora)
    }
    return Case(
        _labelled(listing, releases),
        Declared(speaker_independent=speaker_independent, speakers=speakers),
        releases=releases,
    )


def _labelled(listing: Listing, releases: Mapping[str, Mapping[str, Entry]]) -> Listing:
    """The same with a corpus's own labels where the lists have none of its utterances."""
    told = {item.corpus for item in listing.items if item.label}
    filled: dict[str, int] = {}
    items = []
    for item in listing.items:
        entry = releases.get(item.corpus, {}).get(item.file)
        if entry is not None and item.corpus not in told:
            filled[item.corpus] = filled.get(item.corpus, 0) + 1
            items.append(dataclasses.replace(item, label=_emotion(item.corpus, entry.native)))
        else:
            items.append(item)
    notes = [
        f"no labels are told; {plural(count, 'utterance has that', 'utterances have those')} of "
        f"the release of {corpus}"
        for corpus, count in filled.items()
    ]
    return dataclasses.replace(listing, items=tuple(items), notes=(*listing.notes, *notes))


def _emotion(corpus: str, native: str) -> str:
    """A native label as an emotion; as it is where the corpus leaves it out."""
    from serbench.registry import load

    labels: Mapping[str, str | None] = load("corpora", corpus)().labels
    return str(labels.get(native) or native)


def with_canaries(case: Case, flock: Flock | None = None) -> Case:
    """The case with what look-ups reach on its folds; ``flock``: what they said, if it is known.

    As it is where there are no classes to tell apart, or nothing to learn them from. A look-up
    whose UA is undefined, since a class is never tested, is left out.
    """
    from serbench.canaries.predict import AUDITED, predict
    from serbench.canaries.significance import verdict
    from serbench.errors import ProtocolError

    if not LABELS.met(case):
        return _because(_because(case, "canaries", no_classes(case)), "labels", no_classes(case))
    try:
        flock = predict(case.listing, AUDITED) if flock is None else flock
    except ProtocolError as error:
        return _because(case, "canaries", error.found)
    told = [(name, verdict(flock, name)) for name in flock.names]
    canaries = tuple(
        Canary(name, one.ua, one.chance, one.z) for name, one in told if not math.isnan(one.z)
    )
    found = dataclasses.replace(case, canaries=canaries)
    return found if canaries else _because(found, "canaries", "a class is never tested")


def _because(case: Case, need: str, reason: str) -> Case:
    return dataclasses.replace(case, reasons={**case.reasons, need: reason})
