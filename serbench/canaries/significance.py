"""Whether a canary does better than chance, or worse.

A predictor that knows nothing of the labels has an expected UA of 1/C over C classes, whatever it
favours. If it says class c of a share pi_c of all utterances, and n_c are of that class, the hits
of a class are binomial and the standard deviation of its UA is

    sqrt(sum_c pi_c (1 - pi_c) / n_c) / C.

A class that is nowhere tested is left out of C and of the sums. What is said of it is lost, so that
chance is then sum_c pi_c / C.

Both tails matter. Far above chance, the key tells the label: a shortcut. Far below, the key tells
what the label is not: if every speaker says a sentence once in each emotion, then under random
folds the training set holds all emotions but the one that is asked for.

The formula takes the predictor for given. A look-up learned its answers from the labels of the
other folds, which ties the folds' hits together: with shuffled labels z spreads by 1.1 to 1.6 and
not by 1, and one tail lies beyond 3 in up to 8 % of shuffles (EMO-DB, CASIA and SAVEE, 200 shuffles
or more, random folds and leave-one-speaker-out; CASIA's speakers, left out one by one, fell below
-3 in 20 %). So ``tells`` and ``misleads`` are reasons to look, at a
level of about 5 %, and no proof.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from serbench import metrics
from serbench.canaries.flock import Flock

LIMIT = 3.0  # standard deviations


@dataclass(frozen=True)
class Verdict:
    """The UA of a canary beside that of chance.

    ``ua`` is the mean recall of the classes that are tested; ``z`` is how many standard deviations
    ``sd`` of chance lie between it and ``chance``. All are NaN where nothing is tested.
    """

    ua: float
    chance: float
    sd: float
    z: float

    @property
    def tells(self) -> bool:
        """Whether the key tells the label: a shortcut."""
        return self.z > LIMIT

    @property
    def misleads(self) -> bool:
        """Whether the key tells what the label is not."""
        return self.z < -LIMIT


def chance(support: ArrayLike, shares: Sequence[float] | None = None) -> tuple[float, float]:
    """The mean and standard deviation of the UA of a predictor that knows nothing of the labels.

    Parameters
    ----------
    support
        n_c, the test utterances of each class, [C].
    shares
        pi_c, how often it says each class, [C]; all alike unless given.

    Returns
    -------
    Both over the classes that are tested; NaN where none is.

    Examples
    --------
    >>> mean, sd = chance([127, 81, 46, 69, 71, 79, 62])  # EMO-DB
    >>> round(mean, 4), round(sd, 4)
    (0.1429, 0.0158)
    """
    counts = np.asarray(support, dtype=np.float64)
    said = np.full(len(counts), 1 / len(counts)) if shares is None else np.asarray(shares)
    tested = counts > 0
    if not tested.any():
        return math.nan, math.nan
    classes = int(tested.sum())
    variances = said[tested] * (1 - said[tested]) / counts[tested]
    return float(said[tested].sum()) / classes, math.sqrt(variances.sum()) / classes


def verdicts(flock: Flock) -> dict[str, Verdict]:
    """Every canary of a flock against chance."""
    return {name: verdict(flock, name) for name in flock.names}


def verdict(flock: Flock, name: str) -> Verdict:
    """Hold a canary against chance, its folds and test sets pooled.

    An utterance that several folds ask for adds to UA each time. To the spread of chance it adds
    once, since what is said of it time after time may well be the same.

    Raises
    ------
    UnknownName
        If there is no such canary in the flock.
    """
    confusion = flock.confusion(name)
    recalls = metrics.recalls(confusion)
    tested = ~np.isnan(recalls)
    ua = float(recalls[tested].mean()) if tested.any() else math.nan
    judged = int(confusion.sum())
    different = len({one for d in flock.decisions.values() for one in d.ids})
    shares = confusion.sum(axis=0) / max(judged, 1)
    support = confusion.sum(axis=1) * (different / max(judged, 1))
    mean, sd = chance(support, shares.tolist())
    return Verdict(ua, mean, sd, _z(ua - mean, sd))


def _z(distance: float, sd: float) -> float:
    if math.isclose(distance, 0.0, abs_tol=1e-12):
        return 0.0
    return distance / sd if sd else math.copysign(math.inf, distance)
