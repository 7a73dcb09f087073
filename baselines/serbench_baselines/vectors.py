"""What the classical baselines share: one vector an utterance, and a scikit-learn classifier on it.

Functionals that are constant over the training set are left out, since nothing is learned from
them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from serbench.audio import CHANNELS, Channel
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, UsageError
from serbench.features.egemaps import Egemaps
from serbench.features.frames import Mfcc
from serbench.features.functionals import Functionals
from serbench.features.recipe import Recipe
from serbench.labels import Classes


def mfcc_functionals(
    channel: Channel = "first", *, coefficients: int = 20, rate: int = 16000
) -> Recipe:
    """Eight statistics of MFCC and their first and second deltas: 480 for 20 coefficients.

    Raises
    ------
    UsageError
        If there is no such channel.
    """
    _require(channel)
    frames = Mfcc(rate=rate, channel=channel, coefficients=coefficients, deltas=2)
    return Functionals(of=frames)


# The vectors that a baseline chooses from by name, of a channel; all but the first need openSMILE.
VECTORS: Mapping[str, Callable[[Channel], Recipe]] = {
    "mfcc": mfcc_functionals,
    "egemaps": lambda channel: Egemaps(channel=channel),
    "compare": lambda channel: Egemaps(channel=channel, feature_set="ComParE_2016"),
}


STANDARDISE = ("training", "speaker")


def vector_of(features: str, channel: Channel) -> Recipe:
    """The vector of a name: 480 functionals of MFCC, 88 of eGeMAPSv02 or 6373 of ComParE_2016.

    Raises
    ------
    UsageError
        If there is none of that name, or no such channel.
    """
    if features not in list(VECTORS):
        raise UsageError(f"features={features}", expected=" or ".join(VECTORS))
    _require(channel)
    return VECTORS[features](channel)


def _require(channel: Channel) -> None:
    if channel not in CHANNELS:
        raise UsageError(f"channel={channel}", expected=" or ".join(CHANNELS))


class OnVectors(ABC):
    """A scikit-learn classifier on one vector an utterance.

    Parameters
    ----------
    recipe
        The vector.
    standardise
        "training": by mean and standard deviation over the training set. "speaker": before that,
        by those of each speaker's own utterances, in training and in test. It asks which test
        utterances have one speaker, hence for the target access "speaker-norm".
    """

    def __init__(self, recipe: Recipe, standardise: str = STANDARDISE[0]) -> None:
        if standardise not in STANDARDISE:
            raise UsageError(f"standardise={standardise}", expected=" or ".join(STANDARDISE))
        self.recipe = recipe
        self.standardise = standardise

    @property
    def speaker_groups(self) -> bool:
        """Whether it asks which test utterances have one speaker."""
        return self.standardise == "speaker"

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        return (self.recipe,)

    @abstractmethod
    def steps(self, seed: int) -> tuple[Any, ...]:
        """The pipeline's steps, the classifier last."""

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        """Train the pipeline.

        Raises
        ------
        ModelError
            If the task is not one of classes, or the training set shows one class alone, or the
            same vector throughout.
        """
        from sklearn.feature_selection import VarianceThreshold
        from sklearn.pipeline import make_pipeline

        if not isinstance(train.task, Classes):
            raise ModelError("the model tells classes apart", expected="a label space of classes")
        shown = [train.task.names[int(index)] for index in np.unique(train.y)]
        if len(shown) < 2:
            raise ModelError(
                f"a training set of {', '.join(shown) or 'nothing'} alone",
                expected="two classes or more",
            )
        vectors = self._vectors(train)
        if not np.ptp(vectors, axis=0).any():
            raise ModelError(
                f"each of the {len(train)} training utterances has the same {self.recipe.name}",
                expected="vectors that differ",
            )
        self.pipeline_ = make_pipeline(VarianceThreshold(), *self.steps(seed))
        self.pipeline_.fit(vectors, train.y)
        return self

    def predict_proba(self, test: Utterances) -> NDArray[np.float64]:
        """Probabilities, [utterances, classes]; 0 for a class that the training set did not show.

        Raises
        ------
        ModelError
            If it is not trained.
        """
        if not hasattr(self, "pipeline_"):
            raise ModelError("the model is not trained", advice="call fit first")
        probabilities = np.zeros((len(test), len(test.task.names)))  # type: ignore[union-attr]
        if len(test):
            probabilities[:, self.pipeline_.classes_] = self.shares(self._vectors(test))
        return probabilities

    def shares(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each class that training showed is given: [utterances, such classes]."""
        return np.asarray(self.pipeline_.predict_proba(vectors), dtype=np.float64)

    def _vectors(self, data: Utterances) -> NDArray[np.float64]:
        # In float32 a solver may stop where rounding hides the slope.
        rows = [data.feature(i, self.recipe) for i in range(len(data))]
        vectors = np.stack(rows, dtype=np.float64)
        return by_speaker(vectors, data.groups) if self.speaker_groups else vectors


def by_speaker(vectors: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Vectors [utterances, dims] less their speaker's mean, over their speaker's deviation.

    A value that a speaker never varies becomes 0, and so does all of who speaks once.
    """
    standardised = np.empty_like(vectors)
    for group in np.unique(groups):
        own = vectors[groups == group]
        deviation = own.std(axis=0)
        standardised[groups == group] = (own - own.mean(axis=0)) / np.where(
            deviation > 0, deviation, 1.0
        )
    return standardised


def require_positive(**values: float) -> None:
    """Refuse settings that are not above zero.

    Raises
    ------
    UsageError
        With the first that is not.
    """
    for name, value in values.items():
        if not 0 < value < np.inf:
            raise UsageError(f"{name}={value}", expected="above 0")
