"""What is wanted of the cache: a recipe's array of one clip or sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serbench.features.clip import Clip
from serbench.features.guests import Choice, Declared, resolve, source_of
from serbench.features.recipe import AnyRecipe
from serbench.features.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Wanted:
    """One array that is to be in the cache."""

    source: AnyRecipe | Declared
    clip: Clip | Sentence

    @property
    def recipe(self) -> AnyRecipe:
        return resolve(self.source) if isinstance(self.source, Declared) else self.source


def wanted(choice: Choice, recipe: AnyRecipe, clips: Sequence[Clip | Sentence]) -> list[Wanted]:
    """A model's recipe for each of these clips or sentences."""
    source = source_of(choice, recipe)
    return [Wanted(source, clip) for clip in clips]
