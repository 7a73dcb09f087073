"""Listings made by hand, of which any part can be spoilt."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.audit import Case, Finding, audit
from serbench.listing import Item, Listing
from serbench.protocols import Split

LABELS = ("anger", "neutral", "sadness")


@pytest.fixture
def toy() -> Callable[..., Listing]:
    """A corpus of a few speakers, a fold a speaker; ``**fields`` go to every item."""

    def make(speakers: int = 4, takes: int = 8, corpus: str = "toy", **fields) -> Listing:
        items = tuple(
            Item(
                id=f"{corpus}/s{s}/{label}{take}",
                label=label,
                corpus=corpus,
                file=f"s{s}/{label}{take}.wav",
                speaker=f"s{s}",
                **fields,
            )
            for s, label, take in itertools.product(range(speakers), LABELS, range(takes))
        )
        splits = tuple(
            Split(
                f"s{s}",
                tuple(item.id for item in items if item.speaker != f"s{s}"),
                {corpus: tuple(item.id for item in items if item.speaker == f"s{s}")},
            )
            for s in range(speakers)
        )
        return Listing("toy", items, splits)

    return make


@pytest.fixture
def dealt() -> Callable[[Listing, int], Listing]:
    """The same items dealt out to k folds in turn, whoever speaks them."""

    def deal(listing: Listing, k: int = 4) -> Listing:
        ids = [item.id for item in listing.items]
        splits = tuple(
            Split(
                str(fold),
                tuple(name for i, name in enumerate(ids) if i % k != fold),
                {"toy": tuple(name for i, name in enumerate(ids) if i % k == fold)},
            )
            for fold in range(k)
        )
        return dataclasses.replace(listing, splits=splits)

    return deal


@pytest.fixture
def found() -> Callable[..., list[Finding]]:
    """The findings of a rule in a listing or a case."""

    def of(rule: str, what: Listing | Case, **case) -> list[Finding]:
        given = what if isinstance(what, Case) else Case(what, **case)
        return [one for one in audit(given).findings if one.rule == rule]

    return of


@pytest.fixture
def change() -> Callable[..., Listing]:
    """A listing with the fields of its items changed, each by a function of the item."""

    def make(listing: Listing, **fields) -> Listing:
        items = tuple(
            dataclasses.replace(item, **{name: value(item) for name, value in fields.items()})
            for item in listing.items
        )
        return dataclasses.replace(listing, items=items)

    return make


@pytest.fixture(scope="session")
def emobox() -> Path:
    """EmoBox's published folds."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "peers" / "EmoBox"
    if not folder.is_dir():
        pytest.skip(f"{folder} does not exist")
    return folder
