"""A protocol dealt out to corpora on this machine: the folds that a run would have."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serbench.cli.corpora.reading import roots_for, scan_folder
from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.listing import Listing
    from serbench.protocols import Protocol


def asked(name: str, target_access: str | None) -> Protocol:
    """A protocol by its name or the place of its splits, under another access where one is given.

    Raises
    ------
    UsageError
        If there is no such access.
    """
    from serbench.access import ACCESSES
    from serbench.given import protocol_of

    protocol = protocol_of(name)
    if target_access is None:
        return protocol
    if target_access not in ACCESSES:
        raise UsageError(
            f"--target-access {target_access}", expected="one of " + ", ".join(ACCESSES)
        )
    return protocol.under(target_access)


def dealt(
    protocol: Protocol,
    corpora: Sequence[str],
    roots: list[str],
    labels: str | None,
    allow_partial: bool,
) -> Iterator[tuple[Listing, dict[str, Path], list[str]]]:
    """The folds of a protocol: of each corpus, or of all at once where it goes across.

    Yields
    ------
    The folds, without the copies that a label space makes, and with what they declare; the
    corpora's folders; and sentences that whoever asked should hear.

    Raises
    ------
    SerbenchError
        If a corpus is not here or is not whole, or the protocol does not fit.
    """
    from serbench.adapters import located
    from serbench.given import remarks, said_of_speakers
    from serbench.pool import Pool, fitting_space, listing_of
    from serbench.registry import load

    names = list(dict.fromkeys(corpora))
    folders = roots_for(names, roots)
    here = {name: located(name, folders) for name in names}
    spaces = {name: load("labels", name) for name in ((labels,) if labels else protocol.labels)}
    groups = [sorted(names)] if protocol.across and names else [[name] for name in names]
    for group in groups:
        read: list[tuple[Any, Any]] = [
            (here[name][0], scan_folder(*here[name], allow_partial)) for name in group
        ]
        space = fitting_space(list(spaces.values()), [corpus for corpus, _ in read])
        pool = Pool.of(read, space)
        table = pool.table(whole=protocol.whole)
        splits = protocol.splits(table)
        every = listing_of(pool, splits, f"{protocol.name} on {pool.title}")
        drawn = dataclasses.replace(
            _without_copies(every, {row.id for row in table}),
            label_space=next(name for name, one in spaces.items() if one is space),
            speaker_independent=said_of_speakers(protocol),
        )
        yield (
            drawn,
            {name: here[name][1] for name in pool.names},
            [*_counted_again(pool), *remarks(protocol, table)],
        )


def _without_copies(listing: Listing, ids: set[str]) -> Listing:
    items = tuple(item for item in listing.items if item.id in ids)
    return dataclasses.replace(listing, items=items)


def _counted_again(pool: Any) -> list[str]:
    return [
        f"{cohort.labels.name}: each utterance of {label} in {name} counts {times} times in "
        "training and in scores, and is named once here"
        for name, cohort in pool.cohorts.items()
        for label, times in cohort.labels.repeat.items()
    ]
