"""What a trial is dealt from: corpora as they were scanned here, or a bundle of what was there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from serbench.behaviour.observer import files_of
from serbench.corpus import Utterance
from serbench.data import Source
from serbench.features.cache import FeatureCache
from serbench.features.recipe import AnyRecipe
from serbench.plan import held_out_of
from serbench.pool import Pool
from serbench.protocols import Protocol as Rule
from serbench.protocols import Split
from serbench.sources import CorpusSource
from serbench.validation import HeldOut

Files = frozenset[Path]


class Shelf(Protocol):
    """Where the sounds, texts and features of utterances are taken from."""

    def source(self, utterances: Sequence[Utterance], *, tested: bool = False) -> Source:
        """What is handed over of these. ``tested``: they are of the test side."""

    def watched(
        self,
        trained: Sequence[Utterance],
        tested: Sequence[Utterance],
        recipes: Sequence[AnyRecipe],
    ) -> tuple[Files, Files]:
        """The files that a model must not open by itself while it trains, and those it may."""

    def extractors(self, recipes: Sequence[AnyRecipe]) -> list[str]:
        """The libraries that these recipes' arrays were computed by, with their versions."""


@dataclass(frozen=True)
class Ground:
    """What the trials of one question are dealt from.

    Parameters
    ----------
    pool, protocol, splits
        The utterances, the rule, and its folds.
    shelf
        Where features are.
    held
        Fold to who is held out to choose an epoch, where that was drawn elsewhere; None: drawn
        here.
    origin
        What a record's provenance says of it beside the machine; {}: nothing.
    """

    pool: Pool
    protocol: Rule
    splits: tuple[Split, ...]
    shelf: Shelf
    held: Mapping[str, HeldOut] | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)

    def hold_out(self, split: Split, *, chooses: bool) -> HeldOut:
        """Who is trained on, and under ``chooses`` who is held out to choose an epoch."""
        if chooses and self.held is not None and split.fold in self.held:
            return self.held[split.fold]
        return held_out_of(self.pool, self.protocol, split, "val" if chooses else "last")


@dataclass(frozen=True)
class Corpora:
    """Features through the cache, sounds from the corpora's own files."""

    cache: FeatureCache

    def source(self, utterances: Sequence[Utterance], *, tested: bool = False) -> Source:
        return CorpusSource(utterances, self.cache, tested=tested)

    def watched(
        self,
        trained: Sequence[Utterance],
        tested: Sequence[Utterance],
        recipes: Sequence[AnyRecipe],
    ) -> tuple[Files, Files]:
        return files_of(tested, self.cache, recipes), files_of(trained, self.cache, recipes)

    def extractors(self, recipes: Sequence[AnyRecipe]) -> list[str]:
        return sorted({self.cache.extraction.extractor(recipe) for recipe in recipes})
