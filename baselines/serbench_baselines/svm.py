"""Support vector machines on functionals: the field's classical baselines.

Both standardise each functional over the training set and train scikit-learn's ``SVC`` with an RBF
kernel. Probabilities are a softmax of the one-against-one decision values, so that the class with
the highest probability is the one that ``SVC.predict`` names, and no cross-validation inside the
training set (``probability=True``) makes the result depend on a seed.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.data import LabelledUtterances, Utterances
from serbench.features.egemaps import Egemaps
from serbench.features.frames import Mfcc
from serbench.features.functionals import Functionals
from serbench.features.recipe import Recipe


class FunctionalsSVM:
    """Standardisation and an RBF support vector machine on one vector an utterance.

    Parameters
    ----------
    recipe
        The vector.
    c
        The penalty C.
    """

    deterministic = True

    def __init__(self, recipe: Recipe, c: float) -> None:
        self.recipe = recipe
        self.c = c

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        return (self.recipe,)

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        del seed
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import SVC

        # "ovr" turns the pairwise votes into one value a class, ties broken by confidence.
        svc = SVC(C=self.c, kernel="rbf", gamma="scale", decision_function_shape="ovr")
        self.pipeline_ = make_pipeline(StandardScaler(), svc).fit(self._vectors(train), train.y)
        self.classes_ = len(train.task.names)  # type: ignore[union-attr]
        return self

    def predict_proba(self, test: Utterances) -> NDArray[np.float64]:
        """Probabilities whose highest is the class that ``SVC.predict`` names."""
        vectors = self._vectors(test)
        svc: Any = self.pipeline_[-1]
        values = np.asarray(self.pipeline_.decision_function(vectors), dtype=np.float64)
        if values.ndim == 1:  # two classes: one value, positive for the second
            values = np.column_stack([-values, values])
        named = np.searchsorted(svc.classes_, self.pipeline_.predict(vectors))
        rows = np.arange(len(values))
        # Where the pairwise vote ties, predict() takes the lower class whatever the values are.
        values[rows, named] = np.maximum(values[rows, named], values.max(axis=1) + 1e-6)
        shares = np.exp(values - values.max(axis=1, keepdims=True))
        probabilities = np.zeros((len(test), self.classes_))
        probabilities[:, svc.classes_] = shares / shares.sum(axis=1, keepdims=True)
        return probabilities

    def _vectors(self, data: Utterances) -> NDArray[np.float32]:
        return np.stack([data.feature(i, self.recipe) for i in range(len(data))])


class EgemapsSVM(FunctionalsSVM):
    """StandardScaler and SVC(C=1, RBF) on the 88 functionals of eGeMAPSv02 (Eyben et al., 2016).

    The functionals are openSMILE's, at the corpus's own sampling rate.

    Parameters
    ----------
    c
        The penalty C.
    channel
        Of a recording with several: "first" or "mean".
    """

    version = "1"

    def __init__(self, *, c: float = 1.0, channel: Channel = "first") -> None:
        super().__init__(Egemaps(channel=channel), c)


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
    """

    version = "1"

    def __init__(
        self,
        *,
        c: float = 1.0,
        coefficients: int = 20,
        rate: int = 16000,
        channel: Channel = "first",
    ) -> None:
        frames = Mfcc(rate=rate, channel=channel, coefficients=coefficients, deltas=2)
        super().__init__(Functionals(of=frames), c)
