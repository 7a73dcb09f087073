"""A recipe: every setting of a feature, frozen, so that its arrays can be shared and cited.

A recipe is a frozen dataclass with JSON fields. Two recipes with equal records compute equal arrays
from equal samples, so the record, the samples' digest and the extractor's version make the key of a
cached array. Nothing that is fitted to data is a recipe.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.canonical import digest
from serbench.errors import FeatureError

# Metadata of a recipe's field that says where something lies on this machine: no part of the
# recipe's record, since the same encoder elsewhere computes the same array.
PLACE: Mapping[str, Any] = {"place": True}


@runtime_checkable
class Recipe(Protocol):
    """What turns samples into an array. Guests write their own as a frozen dataclass.

    A recipe with the class attribute ``reads = "text"`` is given what is said in place of how it
    sounds: see :class:`TextRecipe`. One with ``stored = "float16"`` is kept in that precision.

    One that computes many utterances faster together than one by one also has
    ``extract_many(sounds, rate)`` (of words ``extract_texts(texts)``), which gives of each what
    :meth:`extract` gives of it alone, whatever the others are. If its ``one_process`` is true,
    several processes would crowd the device that it runs on, and one does all the work.
    """

    name: ClassVar[str]

    @property
    def rate(self) -> int | None:
        """Hz that the samples are resampled to before; None: the corpus's own rate."""

    @property
    def channel(self) -> Channel:
        """Which channel of a recording with several: "first" or "mean"."""

    @property
    def dims(self) -> int:
        """Length of the last axis."""

    @property
    def extractor(self) -> str:
        """Library and version that do the work, such as "librosa 0.11.0"."""

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Compute the array of one utterance.

        Parameters
        ----------
        samples
            float32 [samples], mono, at ``self.rate`` (or the native rate where that is None).
        rate
            Hz.

        Returns
        -------
        float32 [frames, dims], or [dims] for one vector an utterance.

        Raises
        ------
        FeatureError
            Where the utterance is too short, or the result is not finite.
        """


@runtime_checkable
class TextRecipe(Protocol):
    """What turns the words of an utterance into an array."""

    name: ClassVar[str]
    reads: ClassVar[str]  # "text"

    @property
    def dims(self) -> int:
        """Length of the last axis."""

    @property
    def extractor(self) -> str:
        """Library and version that do the work, such as "transformers 5.23.0"."""

    def extract_text(self, text: str) -> NDArray[np.float32]:
        """The array of one utterance: float32 [tokens, dims], or [dims].

        Raises
        ------
        FeatureError
            Where nothing can be made of the text, or the result is not finite.
        """


AnyRecipe = Recipe | TextRecipe


def reads_text(recipe: AnyRecipe) -> bool:
    """Whether it is the words that a recipe is given."""
    return getattr(recipe, "reads", "audio") == "text"


def record(recipe: AnyRecipe) -> dict[str, Any]:
    """The recipe as JSON: its name and every setting, recipes within it likewise.

    Fields that only say where something lies (:data:`PLACE`) are left out.
    """
    if not dataclasses.is_dataclass(recipe) or isinstance(recipe, type):
        raise TypeError(f"a recipe is an instance of a frozen dataclass, not {recipe!r}")
    settings = {
        field.name: getattr(recipe, field.name)
        for field in dataclasses.fields(recipe)
        if not field.metadata.get("place")
    }
    return {"name": recipe.name, **{name: _plain(value) for name, value in settings.items()}}


def recipe_digest(recipe: AnyRecipe) -> str:
    """SHA-256 of the recipe's record."""
    return digest(record(recipe))


def checked(array: NDArray[Any], recipe: AnyRecipe) -> NDArray[np.float32]:
    """What a recipe computed, as float32, if it is what the contract asks for.

    Raises
    ------
    FeatureError
        For another shape than [frames, dims] or [dims], for NaN or infinity, and for what the
        precision that it is kept in cannot hold.
    """
    values = np.asarray(array)
    if values.ndim not in {1, 2} or values.shape[-1] != recipe.dims or values.dtype.kind != "f":
        raise FeatureError(
            f"the recipe {recipe.name!r} computed {values.dtype} {values.shape}",
            expected=f"float32 [frames, {recipe.dims}] or [{recipe.dims}]",
        )
    values = np.ascontiguousarray(values, dtype=np.float32)
    if not np.isfinite(values).all():
        bad = values.size - np.count_nonzero(np.isfinite(values))
        raise FeatureError(
            f"the recipe {recipe.name!r} computed {bad} of {values.size} values as NaN or infinity",
            expected="finite values",
        )
    stored = getattr(recipe, "stored", "float32")
    if stored not in {"float32", "float16"}:
        raise FeatureError(
            f"the recipe {recipe.name!r} is to be kept as {stored}", expected="float32 or float16"
        )
    largest = float(np.abs(values).max(initial=0.0))
    if stored == "float16" and largest > np.finfo(np.float16).max:
        raise FeatureError(
            f"the recipe {recipe.name!r} computed {largest:g}, which float16 cannot hold",
            expected=f"values up to {np.finfo(np.float16).max:g}",
            advice="of an encoder, choose another layer",
        )
    return values


@functools.cache
def library(name: str) -> str:
    """Name and version of an installed library, without importing it: "librosa 0.11.0"."""
    return f"{name} {importlib.metadata.version(name)}"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if hasattr(value, "name"):
            return record(value)  # type: ignore[arg-type]
        return _plain({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value
