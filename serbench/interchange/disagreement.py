"""Where somebody's splits say another thing of an utterance than the corpus does.

A run takes labels and speakers from the corpus. Splits in whose tables they differ were drawn from
something else than this corpus, or were mixed up. Words are held against each other only where both
sides use the same: "W" of EMO-DB's file names is no other emotion than "anger".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from serbench.listing import Item
from serbench.splitters import Row

Differing = tuple[str, str, str]  # an utterance, what the splits say, what the corpus says


def disagreements(
    items: Sequence[Item], table: Sequence[Row], at: Mapping[str, int]
) -> Iterator[str]:
    """A sentence for each corpus whose labels, or speakers, the splits have otherwise.

    Parameters
    ----------
    items
        The utterances as the splits have them.
    table
        The corpora. Labels are classes of a label space, and an utterance that it leaves out ("")
        is held against nothing.
    at
        Where in the table an item stands, by its id.
    """
    met: dict[str, list[tuple[Item, Row]]] = defaultdict(list)
    for item in items:
        if item.id in at:
            row = table[at[item.id]]
            met[row.corpus].append((item, row))
    for corpus, pairs in sorted(met.items()):
        here = [row for row in table if row.corpus == corpus]
        for what, differ in (("label", _labels(pairs, here)), ("speaker", _speakers(pairs, here))):
            if differ:
                yield _sentence(what, corpus, differ)


def _labels(pairs: Sequence[tuple[Item, Row]], here: Sequence[Row]) -> list[Differing]:
    """Labels that are classes, and others than the utterance's.

    Splits may tell more apart than the label space does: what is no class of it is passed over.
    """
    classes = {row.label.casefold() for row in here} - {""}
    return [
        (row.id, item.label, row.label)
        for item, row in pairs
        if row.label
        and item.label.strip().casefold() in classes
        and item.label.strip().casefold() != row.label.casefold()
    ]


def _speakers(pairs: Sequence[tuple[Item, Row]], here: Sequence[Row]) -> list[Differing]:
    """Speakers who are others, if every name in the splits is one of the corpus's.

    Where one is not, speakers are counted another way, and "10" of both need not be one person.
    """
    names = {row.speaker for row in here}
    if not {item.speaker for item, _ in pairs} - {""} <= names:
        return []
    return [
        (row.id, item.speaker, row.speaker)
        for item, row in pairs
        if item.speaker and item.speaker != row.speaker
    ]


def _sentence(what: str, corpus: str, differ: Sequence[Differing]) -> str:
    name, there, here = min(differ)
    have = "1 utterance has" if len(differ) == 1 else f"{len(differ)} utterances have"
    return (
        f"{have} another {what} in the splits than in {corpus} "
        f"({name}: {there} there, {here} here); the corpus's is taken"
    )
