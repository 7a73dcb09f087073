"""By what features are computed, where there is a choice: librosa, or torch for many at once.

A number must be traced to what computed it, so an array by torch has a key of its own, with torch's
version and the kind of device in it, and is never taken for librosa's. The choice is the user's
(``serbench run --features torch``); it is no part of a trial's identity, and stands in provenance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeGuard, get_args

from serbench.errors import FeatureError, UsageError
from serbench.features.frames import LogMel, Mfcc
from serbench.features.recipe import AnyRecipe, library, recipe_digest

By = Literal["reference", "torch"]
Spectral: TypeAlias = LogMel | Mfcc
TOLERANCE = 1e-3  # dB


@dataclass(frozen=True, slots=True)
class Extraction:
    """By what features are computed. Data: it goes to workers with the jobs.

    Made by :meth:`of`. All recipes but log-mel and MFCC are computed by their own libraries
    whatever is chosen.

    Attributes
    ----------
    by
        "reference": librosa. "torch": :mod:`serbench.nets.spectra`.
    device
        Of torch, as it was resolved: "cpu", "cuda:0".
    version
        What stands in an array's key in place of "librosa 0.11.0".
    refused
        Digests of recipes for which torch does not agree with librosa: librosa computes these
        (:func:`serbench.features.agreement.settled`).
    """

    by: By = "reference"
    device: str = "cpu"
    version: str = ""
    refused: tuple[str, ...] = ()

    @classmethod
    def of(cls, by: str, device: str = "auto") -> Extraction:
        """The choice by its name, on a device that this machine has.

        Raises
        ------
        UsageError
            If there is no such choice, or no such device, or it is not one for float64.
        """
        if by == "reference":
            return cls()
        if by != "torch":
            raise UsageError(f"features by {by!r}", expected=" or ".join(get_args(By)))
        from serbench.nets.spectra import device_of

        found = device_of(device)
        version = f"{library('torch')} {found.type}, within {TOLERANCE:g} of {library('librosa')}"
        return cls("torch", str(found), version)

    def covers(self, recipe: AnyRecipe) -> TypeGuard[Spectral]:
        """Whether torch computes this recipe."""
        return (
            self.by == "torch"
            and type(recipe) in {LogMel, Mfcc}  # one derived from these may compute anything
            and recipe_digest(recipe) not in self.refused
        )

    def extractor(self, recipe: AnyRecipe) -> str:
        """Libraries and versions that compute a recipe: part of its arrays' keys."""
        return self.version if self.covers(recipe) else recipe.extractor

    def without(self, recipe: AnyRecipe) -> Extraction:
        """The same, but this recipe is librosa's."""
        return replace(self, refused=tuple(sorted({*self.refused, recipe_digest(recipe)})))

    def check(self) -> None:
        """Refuse to compute under another torch's name.

        Raises
        ------
        FeatureError
            If this process has another version, or no such device.
        """
        try:
            here = Extraction.of(self.by, self.device).version
        except UsageError as error:
            here = error.found
        if here != self.version:
            raise FeatureError(
                f"features are to be computed by {self.version}; here is {here}",
                advice="compute all features where the run is planned, or choose "
                "--features reference",
            )


REFERENCE = Extraction()
