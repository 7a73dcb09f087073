"""openSMILE's functionals, eGeMAPS above all: the field's classical vector an utterance.

openSMILE comes under audEERING's research licence, so it is an optional dependency.
"""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.errors import FeatureError, MissingExtra
from serbench.features.recipe import checked, library

FeatureSet = Literal["eGeMAPSv02", "eGeMAPSv01b", "GeMAPSv01b", "ComParE_2016", "emobase"]

DIMS: dict[str, int] = {
    "eGeMAPSv02": 88,
    "eGeMAPSv01b": 88,
    "GeMAPSv01b": 62,
    "ComParE_2016": 6373,
    "emobase": 988,
}


@dataclass(frozen=True)
class Egemaps:
    """Functionals of an openSMILE feature set; by default the 88 of eGeMAPSv02.

    Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for voice research and
    affective computing", IEEE Transactions on Affective Computing 7(2), 2016.

    Attributes
    ----------
    rate
        Hz to resample to; None: the corpus's own, which is what openSMILE takes of a file.
    """

    name: ClassVar[str] = "opensmile"

    rate: int | None = None  # Hz
    channel: Channel = "first"
    feature_set: FeatureSet = "eGeMAPSv02"

    def __post_init__(self) -> None:
        if self.feature_set not in DIMS:
            raise ValueError(f"feature set {self.feature_set!r}; known: {', '.join(DIMS)}")

    @property
    def dims(self) -> int:
        return DIMS[self.feature_set]

    @property
    def extractor(self) -> str:
        try:
            return library("opensmile")
        except ModuleNotFoundError as error:
            raise _missing(self.feature_set) from error

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Functionals, float32 [dims].

        Raises
        ------
        FeatureError
            If the utterance is too short for openSMILE.
        MissingExtra
            If opensmile is not installed.
        """
        duration = f"an utterance of {len(samples) / rate:.4f} s ({len(samples)} samples)"
        if len(samples) == 0:
            raise FeatureError(f"{duration} is too short", expected="a sample or more")
        smile = _smile(self.feature_set)
        with warnings.catch_warnings():
            # It warns of a segment that is too short and gives NaN: an error here.
            warnings.simplefilter("ignore")
            table = smile.process_signal(samples, rate)
        values = table.to_numpy(dtype=np.float32)[0]
        if np.isnan(values).all():
            raise FeatureError(
                f"{duration} is too short for openSMILE's {self.feature_set}",
                expected="enough frames for its functionals, some 60 ms or more",
                advice="leave it out of the corpus, or choose other features",
            )
        return checked(values, self)


@functools.cache
def _smile(feature_set: str) -> Any:
    """The extractor of a feature set, loaded once in this process."""
    try:
        import opensmile
    except ImportError as error:
        raise _missing(feature_set) from error
    return opensmile.Smile(
        feature_set=opensmile.FeatureSet[feature_set],
        feature_level=opensmile.FeatureLevel.Functionals,
        num_workers=1,
    )


def _missing(feature_set: str) -> MissingExtra:
    return MissingExtra("opensmile", "opensmile", f"openSMILE's {feature_set}")
