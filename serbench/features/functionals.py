"""One vector an utterance: statistics over time of a feature by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.errors import FeatureError
from serbench.features.recipe import Recipe, checked

Values = NDArray[np.float64]  # [frames, dims], or [dims] for one number a column


def _moment(values: Values, order: int) -> Values:
    """Central moment; 3 and 4 multiplied out as scipy.stats does, to the last bit."""
    centred = values - values.mean(axis=0)
    powers = {2: centred**2, 3: centred**2 * centred, 4: (centred**2) ** 2}
    moment: Values = powers[order].mean(axis=0)
    return moment


def _standardised(values: Values, order: int, of_constant: float) -> Values:
    """Moment over the variance's power, a constant column's as given."""
    constant = values.min(axis=0) == values.max(axis=0)
    variance = np.where(constant, 1.0, _moment(values, 2))
    ratio = _moment(values, order) / variance ** (order / 2)
    return np.where(constant, of_constant, ratio)


# Each gives a number a column. A constant column has standard deviation, interquartile range,
# skewness and excess kurtosis 0: the last two are 0/0, and 0 is what a normal column has.
STATISTICS: dict[str, Callable[[Values], Any]] = {
    "mean": lambda values: values.mean(axis=0),
    "std": lambda values: values.std(axis=0),  # of the population
    "min": lambda values: values.min(axis=0),
    "max": lambda values: values.max(axis=0),
    "median": lambda values: np.quantile(values, 0.5, axis=0),
    "p25": lambda values: np.quantile(values, 0.25, axis=0),
    "p75": lambda values: np.quantile(values, 0.75, axis=0),
    "iqr": lambda values: np.subtract(*np.quantile(values, [0.75, 0.25], axis=0)),
    "skewness": lambda values: _standardised(values, 3, 0.0),
    "kurtosis": lambda values: _standardised(values, 4, 3.0) - 3.0,  # excess: 0 for a normal
}

DEFAULT = ("mean", "std", "min", "max", "median", "iqr", "skewness", "kurtosis")


@dataclass(frozen=True)
class Functionals:
    """Statistics over time of each column of a feature by frame.

    Mean, standard deviation, minimum, maximum, median, interquartile range (linear interpolation),
    skewness and excess kurtosis (both biased) are the functionals that the field's large feature
    sets begin with (Schuller et al., 2009; Eyben, 2016). They are computed in float64. The vector
    holds the first statistic of every column, then the second, and so on.

    Attributes
    ----------
    of
        The feature by frame.
    statistics
        Keys of :data:`STATISTICS`.
    """

    name: ClassVar[str] = "functionals"

    of: Recipe
    statistics: tuple[str, ...] = DEFAULT

    def __post_init__(self) -> None:
        unknown = [name for name in self.statistics if name not in STATISTICS]
        if unknown or not self.statistics:
            raise ValueError(
                f"statistics {', '.join(unknown) or 'none'}; known: {', '.join(STATISTICS)}"
            )

    @property
    def rate(self) -> int | None:
        return self.of.rate

    @property
    def channel(self) -> Channel:
        return self.of.channel

    @property
    def dims(self) -> int:
        return len(self.statistics) * self.of.dims

    @property
    def extractor(self) -> str:
        return self.of.extractor

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Statistics, float32 [dims].

        Raises
        ------
        FeatureError
            Where the feature by frame does, or if it is none.
        """
        frames = self.of.extract(samples, rate)
        if frames.ndim != 2 or not len(frames):
            raise FeatureError(
                f"the recipe {self.of.name!r} computed an array of shape {frames.shape}",
                expected="[frames, dims] with a frame or more, to take statistics over time",
            )
        values = frames.astype(np.float64)
        parts = [STATISTICS[name](values) for name in self.statistics]
        return checked(np.concatenate(parts).astype(np.float32), self)
