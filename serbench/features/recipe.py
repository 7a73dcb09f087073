"""A recipe: every setting of a feature, frozen, so that its arrays can be shared and cited.

A recipe is a frozen dataclass with JSON fields. Two recipes with equal records compute equal arrays
from equal samples, so the record, the samples' digest and the extractor's version make the key of a
cached array. Nothing that is fitted to data is a recipe.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel


@runtime_checkable
class Recipe(Protocol):
    """What turns samples into an array. Guests write their own as a frozen dataclass."""

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


def record(recipe: Recipe) -> dict[str, Any]:
    """The recipe as JSON: its name and every setting."""
    if not dataclasses.is_dataclass(recipe) or isinstance(recipe, type):
        raise TypeError(f"a recipe is an instance of a frozen dataclass, not {recipe!r}")
    return {"name": recipe.name, **dataclasses.asdict(recipe)}
