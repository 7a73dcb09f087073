"""Folds of a finished run whose splits nobody has any more, proved by the digests of its trials.

What a fold tests stands in its predictions. What it trains on is guessed, and believed if it has
the digest that the trial recorded: all that the fold does not test, or the corpus that it is called
after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from serbench.canonical import digest
from serbench.listing import Item
from serbench.predictions import Predictions
from serbench.protocols import PAIR, Split
from serbench.trial import Trial

Said = Mapping[tuple[int, str, str], Any]  # predictions or ratings by seed, fold and test set


def labels_of(said: Any) -> list[str]:
    """What each tested utterance was held against, as text."""
    if isinstance(said, Predictions):
        return [said.classes[i] for i in said.truth.tolist()]
    return [str(value) for value in said.truth.tolist()]


def predicted_items(said: Said) -> tuple[Item, ...]:
    """The tested utterances as far as predictions tell of them, by id."""
    items: dict[str, Item] = {}
    for (_, _, test), one in said.items():
        for name, speaker, label in zip(one.ids, one.speakers, labels_of(one), strict=True):
            items[name] = Item(id=name, label=label, corpus=test, speaker=speaker)
    return tuple(items[name] for name in sorted(items))


def proved_splits(said: Said, items: Iterable[Item], trials: Iterable[Trial]) -> tuple[Split, ...]:
    """The folds of a run; none unless each of them is proved.

    Parameters
    ----------
    items
        All utterances that may be trained on.
    """
    tests: dict[str, dict[str, tuple[str, ...]]] = {}
    for (_, fold, test), one in sorted(said.items()):
        tests.setdefault(fold, {})[test] = one.ids
    by_fold = {trial.fold: trial for trial in trials}
    ordered = sorted(items, key=lambda item: item.id)
    splits = [_proved(fold, sets, ordered, by_fold[fold]) for fold, sets in tests.items()]
    known = tuple(split for split in splits if split is not None)
    return known if len(known) == len(splits) else ()


def _proved(
    fold: str, tests: Mapping[str, tuple[str, ...]], items: Sequence[Item], trial: Trial
) -> Split | None:
    """The fold whose training set is one of the likely ones, by the digest in its trial."""
    tested = {name for ids in tests.values() for name in ids}
    held_out = set((trial.validation or {}).get("speakers", ()))
    source = fold.partition(PAIR)[0]
    for train in (
        [item for item in items if item.id not in tested],
        [item for item in items if item.corpus == source],
    ):
        kept = [item for item in train if _speaker(item, held_out) not in held_out]
        apart = tuple(item.id for item in train if _speaker(item, held_out) in held_out)
        if digest([[item.id, item.label] for item in kept]) == trial.train["digest"]:
            return Split(fold, tuple(item.id for item in kept), dict(tests), apart)
    return None


def _speaker(item: Item, named: set[str]) -> str:
    """A speaker as a trial names those that it held out: with the corpus where it says so."""
    full = f"{item.corpus}/{item.speaker}"
    return full if full in named else item.speaker
