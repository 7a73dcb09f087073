"""Copies of test utterances, made before the folds were drawn."""

from __future__ import annotations

import dataclasses
from hashlib import sha256

from serbench.listing import Item, Listing


def augmented_copies(listing: Listing) -> Listing:
    """The same folds of a corpus that was augmented as a whole: all copies are trained on.

    Noise, a shift of pitch or of time makes more of a training set, and where it is done before the
    folds are drawn, a test utterance is trained on in disguise. Caught by rule L08: the copy's
    parent is on the other side.
    """
    copies = {item.id: _noisy(item) for item in listing.items}
    splits = tuple(
        dataclasses.replace(
            split,
            train=(
                *split.train,
                *(copies[name].id for name in split.train),
                *(copies[name].id for ids in split.tests.values() for name in ids),
            ),
        )
        for split in listing.splits
    )
    return dataclasses.replace(listing, items=(*listing.items, *copies.values()), splits=splits)


def augmented_training(listing: Listing) -> Listing:
    """What it would be without the fault: copies of what is trained on, and of nothing else."""
    copies = {item.id: _noisy(item) for item in listing.items}
    splits = []
    made: dict[str, Item] = {}
    for split in listing.splits:
        own = {name: copies[name] for name in split.train}
        made |= own
        train = (*split.train, *(copy.id for copy in own.values()))
        splits.append(dataclasses.replace(split, train=train))
    return dataclasses.replace(
        listing, items=(*listing.items, *made.values()), splits=tuple(splits)
    )


def _noisy(item: Item) -> Item:
    name = f"{item.id}+noise"
    return dataclasses.replace(
        item,
        id=name,
        file=f"{name}.wav",
        parent=item.id,
        samples=sha256(name.encode()).hexdigest(),
    )
