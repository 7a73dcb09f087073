"""Support vector machines on functionals: the field's classical baselines.

All standardise each functional over the training set and train scikit-learn's ``SVC``, one machine
for each pair of classes. What stands for probabilities is a softmax of one value a class: how many
of its pairs it wins, and less than 1/3 more or less for how clearly (scikit-learn's "ovr" decision
function); of two classes, minus and plus the one machine's decision value. So the class with the
highest share is the one that ``SVC.predict`` names. The shares are no calibrated probabilities:
they order the classes, and say little of how sure the machine is. Fitting probabilities
(``probability=True``) takes a cross-validation inside the training set, whose result depends on a
seed and may name another class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.errors import UsageError
from serbench.features.recipe import Recipe
from serbench_baselines.vectors import OnVectors, mfcc_functionals, require_positive, vector_of

KERNELS = ("rbf", "linear")


class FunctionalsSVM(OnVectors):
    """Standardisation and a support vector machine on one vector an utterance.

    Parameters
    ----------
    recipe
        The vector.
    c
        The penalty C.
    kernel
        "rbf", of the width that scikit-learn calls "scale", or "linear".
    standardise
        See :class:`serbench_baselines.vectors.OnVectors`.
    """

    deterministic = True
    instead: ClassVar[Mapping[str, str]] = {"speaker-norm": "--set standardise=speaker"}

    def __init__(
        self, recipe: Recipe, c: float, kernel: str = "rbf", standardise: str = "training"
    ) -> None:
        require_positive(c=c)
        if kernel not in KERNELS:
            raise UsageError(f"kernel={kernel}", expected=" or ".join(KERNELS))
        super().__init__(recipe, standardise)
        self.c, self.kernel = c, kernel

    def steps(self, seed: int) -> tuple[Any, ...]:
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import SVC

        del seed
        # "ovr": one value a class, the pairs that it wins and a confidence that parts equal votes.
        svc = SVC(C=self.c, kernel=self.kernel, gamma="scale", decision_function_shape="ovr")
        return StandardScaler(), svc

    def shares(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """A softmax whose highest is the class that ``SVC.predict`` names; see the module."""
        values = np.asarray(self.pipeline_.decision_function(vectors), dtype=np.float64)
        if values.ndim == 1:  # two classes: one value, positive for the second
            values = np.column_stack([-values, values])
        named = np.searchsorted(self.pipeline_.classes_, self.pipeline_.predict(vectors))
        rows = np.arange(len(values))
        # In each row the class that predict() names is put 1e-6 above the highest value. Where
        # votes tie, predict() takes the lower class whatever the values are; where values all but
        # tie, 1e-6 is still told in float32, in which the shares are kept.
        values[rows, named] = np.maximum(values[rows, named], values.max(axis=1) + 1e-6)
        shares: NDArray[np.float64] = np.exp(values - values.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return shares


class EgemapsSVM(FunctionalsSVM):
    """StandardScaler and SVC(C=1, RBF) on the 88 functionals of eGeMAPSv02 (Eyben et al., 2016).

    The functionals are openSMILE's, at the corpus's own sampling rate.

    Parameters
    ----------
    c
        The penalty C.
    channel
        Of a recording with several: "first" or "mean".
    standardise
        "training", or "speaker": by each speaker's own utterances before that.
    """

    version = "1"

    def __init__(
        self, *, c: float = 1.0, channel: Channel = "first", standardise: str = "training"
    ) -> None:
        super().__init__(vector_of("egemaps", channel), c, standardise=standardise)


class MfccSVM(FunctionalsSVM):
    """StandardScaler and SVC(C=1, RBF) on functionals of 20 MFCC with first and second deltas.

    Needs nothing but librosa.

    Parameters
    ----------
    c
        The penalty C.
    coefficients
        How many MFCC.
    rate
        Hz that the sound is resampled to.
    channel
        Of a recording with several: "first" or "mean".
    standardise
        "training", or "speaker": by each speaker's own utterances before that.
    """

    version = "1"

    def __init__(
        self,
        *,
        c: float = 1.0,
        coefficients: int = 20,
        rate: int = 16000,
        channel: Channel = "first",
        standardise: str = "training",
    ) -> None:
        recipe = mfcc_functionals(channel, coefficients=coefficients, rate=rate)
        super().__init__(recipe, c, standardise=standardise)


class CompareSVM(FunctionalsSVM):
    """StandardScaler and SVC(C=1e-3, linear) on the 6373 functionals of ComParE_2016.

    The baseline of the Interspeech Computational Paralinguistics Challenges: openSMILE's large set
    (Schuller et al., 2016) and a linear machine. Their papers choose C among powers of ten below
    one, on a development set; none is set aside here. With thousands of standardised functionals,
    1e-3 already separates a few hundred training utterances without error, and so does whatever is
    above: on EMO-DB, speaker by speaker, 1e-3, 1e-2 and 1e-1 are one machine.

    Parameters
    ----------
    c
        The penalty C.
    kernel
        "linear" or "rbf".
    channel
        Of a recording with several: "first" or "mean".
    standardise
        "training", or "speaker": by each speaker's own utterances before that.
    """

    version = "1"

    def __init__(
        self,
        *,
        c: float = 1e-3,
        kernel: str = "linear",
        channel: Channel = "first",
        standardise: str = "training",
    ) -> None:
        super().__init__(vector_of("compare", channel), c, kernel, standardise)
