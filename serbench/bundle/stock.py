"""The arrays that trials take, where the feature cache is: which they are, and their sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from serbench.bundle.arrays import item_of
from serbench.choice import ModelChoice
from serbench.corpus import Utterance
from serbench.errors import CacheError
from serbench.features.agreement import settled
from serbench.features.cache import FeatureCache
from serbench.features.clip import Clip, clip_of
from serbench.features.extract import Wanted, extract_ahead, wanted
from serbench.features.recipe import AnyRecipe, reads_text, recipe_digest
from serbench.features.sentence import Sentence

Name = tuple[str, str]  # recipe and item, as in serbench.bundle.arrays


@dataclass
class Stock:
    """Every array that some trials need, once.

    Parameters
    ----------
    cache
        Where they are, or will be when :meth:`compute` has run.
    """

    cache: FeatureCache
    recipes: dict[str, AnyRecipe] = field(default_factory=dict)
    _things: dict[Name, Clip | Sentence] = field(default_factory=dict)
    _wanted: list[Wanted] = field(default_factory=list)

    def need(
        self, choice: ModelChoice, recipe: AnyRecipe, utterances: Iterable[Utterance]
    ) -> list[Name]:
        """Take note of a model's recipe for these utterances; the names of its arrays.

        An utterance without a transcript has no array of a recipe that reads one.
        """
        digest = recipe_digest(recipe)
        self.recipes.setdefault(digest, recipe)
        names = []
        for utterance in utterances:
            if reads_text(recipe) and utterance.text is None:
                continue
            name = digest, item_of(utterance, recipe)
            if name not in self._things:
                thing = Sentence(utterance.text or "") if reads_text(recipe) else clip_of(utterance)
                self._things[name] = thing
                self._wanted += wanted(choice, recipe, [thing])
            names.append(name)
        return names

    def compute(
        self,
        workers: int | None,
        progress: Callable[[int, int], None],
        note: Callable[[str], None],
    ) -> None:
        """Have everything in the cache that was taken note of.

        Parameters
        ----------
        note
            Told of recipes that torch does not compute as librosa does, where it was asked to.

        Raises
        ------
        SerbenchError
            As :func:`serbench.features.extract.extract_ahead`.
        """
        self.cache = settled(self._wanted, self.cache, note)
        extract_ahead(self._wanted, self.cache, workers=workers, progress=progress)

    def size(self, name: Name) -> int:
        """About as many bytes as an array takes in a bundle, a few more at most."""
        return self.cache.path(self._key(name)).stat().st_size

    def arrays(self, recipe: str, names: Iterable[Name]) -> Iterator[tuple[str, NDArray[Any]]]:
        """Item and array of those that are of a recipe, as they are kept.

        Raises
        ------
        CacheError
            If one has left the cache meanwhile, or is damaged.
        """
        for name in names:
            if name[0] != recipe:
                continue
            array = self.cache.load(self._key(name))
            if array is None:
                raise CacheError(
                    f"an array of {self._things[name]} has left the cache while it was copied",
                    advice="run the command again, with a larger $SERBENCH_CACHE_LIMIT",
                )
            yield name[1], array

    def extractor(self, recipe: str) -> str:
        """The library that computed a recipe's arrays."""
        return self.cache.extraction.extractor(self.recipes[recipe])

    def _key(self, name: Name) -> Any:
        return self.cache.key(self._things[name], self.recipes[name[0]])
