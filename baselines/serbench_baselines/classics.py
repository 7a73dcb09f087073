"""Logistic regression and a random forest on functionals, with scikit-learn's own settings."""

from __future__ import annotations

import warnings
from typing import Any, Self

from serbench.audio import Channel
from serbench.data import LabelledUtterances
from serbench.errors import ModelError
from serbench_baselines.vectors import OnVectors, require_positive, vector_of


class LogReg(OnVectors):
    """StandardScaler and LogisticRegression(C=1): multinomial, with an L2 penalty.

    Parameters
    ----------
    features
        "mfcc" (480 functionals), "egemaps" (88) or "compare" (6373); the last two need openSMILE.
    c
        The inverse of the penalty.
    iterations
        That the solver (L-BFGS) may take. One that has not arrived by then is an error.
    channel
        Of a recording with several: "first" or "mean".
    """

    version = "1"
    deterministic = True

    def __init__(
        self,
        *,
        features: str = "mfcc",
        c: float = 1.0,
        iterations: int = 1000,
        channel: Channel = "first",
    ) -> None:
        require_positive(c=c, iterations=iterations)
        super().__init__(vector_of(features, channel))
        self.c, self.iterations = c, iterations

    def steps(self, seed: int) -> tuple[Any, ...]:
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler

        del seed
        return StandardScaler(), LogisticRegression(C=self.c, max_iter=self.iterations)

    def fit(self, train: LabelledUtterances, *, seed: int) -> Self:
        """Train; errors as in :class:`OnVectors`, and where the solver does not arrive."""
        from sklearn.exceptions import ConvergenceWarning

        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                return super().fit(train, seed=seed)
            except ConvergenceWarning as warning:
                raise ModelError(
                    f"the logistic regression has not converged after {self.iterations} iterations",
                    advice=f"set iterations above {self.iterations}, or c below {self.c:g}",
                ) from warning


class Forest(OnVectors):
    """RandomForestClassifier of 500 trees: each leaf's share of a class, averaged over the trees.

    Parameters
    ----------
    features
        "mfcc" (480 functionals), "egemaps" (88) or "compare" (6373); the last two need openSMILE.
    trees
        How many. Five times scikit-learn's 100: more cost time and never accuracy.
    leaf
        Training utterances that a leaf holds at least.
    channel
        Of a recording with several: "first" or "mean".
    """

    version = "1"

    def __init__(
        self, *, features: str = "mfcc", trees: int = 500, leaf: int = 1, channel: Channel = "first"
    ) -> None:
        require_positive(trees=trees, leaf=leaf)
        super().__init__(vector_of(features, channel))
        self.trees, self.leaf = trees, leaf

    def steps(self, seed: int) -> tuple[Any, ...]:
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(
            n_estimators=self.trees, min_samples_leaf=self.leaf, random_state=seed, n_jobs=1
        )
        return (forest,)
