"""L02, L14, L15, of somebody's folds of a corpus that is installed: what the corpus says itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from serbench.audit.case import Case
from serbench.audit.finding import EXAMPLES, Finding
from serbench.audit.rule import Check, Need, plural
from serbench.corpus import Entry
from serbench.interchange.contradiction import Contradiction
from serbench.listing import Item

RELEASES = Need(
    "releases",
    "a corpus that is installed and reads its file names",
    # A protocol's corpora are scanned, and held against their cards there.
    lambda case: bool(case.declared.protocol) or any(True for _ in _both(case)),
)


def _both(case: Case) -> Iterator[tuple[Item, Entry]]:
    """Each item that is a file of a known release, with what the corpus says of it."""
    for item in case.sides.items:
        entry = case.releases.get(item.corpus, {}).get(item.file)
        if entry is not None:
            yield item, entry


def _torn_speakers(case: Case) -> Iterator[Finding]:
    """One person under several names: then no rule sees that one is on both sides."""
    names = defaultdict[tuple[str, str], set[str]](set)
    for item, entry in _both(case):
        if item.speaker:
            names[item.corpus, entry.speaker].add(item.speaker)
    torn = {who: sorted(said) for who, said in names.items() if len(said) > 1}
    if torn:
        yield Finding(
            "L02",
            "error",
            len(torn),
            f"{plural(len(torn), 'speaker')} of the corpus have several names here",
            tuple(
                f"{corpus} {name}: {', '.join(said[:EXAMPLES])}"
                for (corpus, name), said in list(torn.items())[:EXAMPLES]
            ),
        )


def _relabelled(case: Case) -> Iterator[Finding]:
    """What the corpus labels alike has one label here, or some of it was labelled anew."""
    labels = defaultdict[tuple[str, str], Counter[str]](Counter)
    for item, entry in _both(case):
        if item.label:
            labels[item.corpus, entry.native][item.label] += 1
    odd = [
        f"{item.id}: {item.label}, where {entry.native} is {labels[key].most_common(1)[0][0]}"
        for item, entry in _both(case)
        if item.label
        and len(labels[key := (item.corpus, entry.native)]) > 1
        and item.label != labels[key].most_common(1)[0][0]
    ]
    if odd:
        yield Finding(
            "L15",
            "error",
            len(odd),
            f"{plural(len(odd), 'utterance has', 'utterances have')} another label than the others "
            "that the corpus labels alike",
            tuple(odd[:EXAMPLES]),
        )


def _left_out(case: Case) -> Iterator[Finding]:
    """A part of what the corpus labels alike is in no list: who chose which part?

    Labels that are left out whole are a choice of classes, and nobody's secret.
    """
    listed = {(item.corpus, item.file) for item, _ in _both(case)}
    used = {(item.corpus, entry.native) for item, entry in _both(case)}
    missing, total = list[str](), 0
    for corpus, entries in case.releases.items():
        for file, entry in entries.items():
            if (corpus, entry.native) in used:
                total += 1
                if (corpus, file) not in listed:
                    missing.append(file)
    if missing:
        yield Finding(
            "L14",
            "warning",
            len(missing),
            f"{len(missing)} of {plural(total, 'utterance')} that the corpus has of these labels "
            "are in no list",
            tuple(missing[:EXAMPLES]),
        )


def contradicted(case: Case, field: str, rule: str) -> Iterator[Finding]:
    """What lines of somebody's folds say otherwise of one utterance."""
    for note in case.listing.notes:
        if isinstance(note, Contradiction) and note.field == field:
            told = note.partition(":")[0]
            yield Finding(rule, "error", len(note.ids), told, note.ids[:EXAMPLES])


SPEAKERS_OF_RELEASE = Check(_torn_speakers, RELEASES, of_folds=False)
LABELS_OF_RELEASE = Check(_relabelled, RELEASES, of_folds=False)
LISTED_OF_RELEASE = Check(_left_out, RELEASES, of_folds=False)
