"""What a cached array is kept under: a digest of all that it depends on."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from serbench.canonical import canonical, digest
from serbench.features.clip import Clip
from serbench.features.guests import file_digests
from serbench.features.recipe import AnyRecipe, record
from serbench.features.same import Same
from serbench.features.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Key:
    """The name of a recipe's array for a clip or a sentence.

    The path is no part of it: a corpus may move, and equal sounds share an array.
    """

    recipe: str  # SHA-256 of the recipe's record
    array: str  # SHA-256 of everything that the array depends on

    @classmethod
    def of(cls, item: Clip | Sentence, recipe: AnyRecipe, extractor: str | None = None) -> Key:
        """The key of an array that ``extractor`` computes; None: the recipe's own libraries."""
        made_by = _made_by(Same(recipe), extractor)
        if isinstance(item, Sentence):
            made_of: dict[str, Any] = {"text": item.digest}
        else:
            sound = {"samples": item.samples, "rate": item.rate, "channels": item.channels}
            made_of = {"sound": sound}
        return cls(made_by.recipe, digest({**made_of, "made_by": made_by.record}))


@dataclass(frozen=True, slots=True)
class _MadeBy:
    recipe: str  # SHA-256 of the recipe's record
    record: str  # canonical JSON of recipe, extractor and files


@functools.lru_cache(maxsize=256)
def _made_by(same: Same[AnyRecipe], extractor: str | None) -> _MadeBy:
    # By identity: equal recipes may have unequal records (a rate of 16000 and one of 16000.0).
    recipe = same.thing
    settings = record(recipe)
    parts: dict[str, Any] = {
        "recipe": settings,
        "extractor": recipe.extractor if extractor is None else extractor,
        "files": file_digests(recipe),
    }
    if (stored := getattr(recipe, "stored", "float32")) != "float32":
        parts["stored"] = stored
    return _MadeBy(digest(settings), canonical(parts))
