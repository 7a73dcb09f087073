"""A validation set that is the test set."""

from __future__ import annotations

import dataclasses

from serbench.listing import Listing


def validation_is_test(listing: Listing) -> Listing:
    """The same folds, with the test utterances to choose the epoch by.

    ``model.fit(x, y, validation_data=(x_test, y_test))`` and a checkpoint of the best epoch: the
    test set has then been used to choose, and what it says of the choice is too good. Caught by
    rule L11: utterances choose the epoch and are tested.
    """
    splits = tuple(
        dataclasses.replace(
            split, validation=tuple(name for ids in split.tests.values() for name in ids)
        )
        for split in listing.splits
    )
    return dataclasses.replace(listing, splits=splits)


def validation_apart(listing: Listing, speaker: str) -> Listing:
    """What it would be without the fault: a speaker of the training side is set aside."""
    theirs = {item.id for item in listing.items if item.speaker == speaker}
    splits = tuple(
        dataclasses.replace(
            split,
            train=tuple(name for name in split.train if name not in theirs),
            validation=tuple(name for name in split.train if name in theirs),
        )
        for split in listing.splits
    )
    return dataclasses.replace(listing, splits=splits)
