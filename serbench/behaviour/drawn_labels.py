"""Whether a model knows labels that no sound tells (rules L18 and L20).

Python hides nothing: whoever looks through the interpreter's own memory finds the utterances with
their labels, and a memory of earlier folds may lie anywhere. Where to look is endless, so what
comes of it is looked at. Sounds are made anew, and to each a label is drawn. Who answers well for
these knows more than the sounds say.

The labels are drawn evenly and by no number that anybody knows, so that right answers are binomial
whatever the model does: n utterances of C classes, 1/C each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from serbench.behaviour.problem import Problem

BEYOND_CHANCE = 1e-6  # how rarely chance gives so many right answers
WHAT = {
    "L18": "a label is drawn for each sound, and the model knows it: it has read it off something "
    "else",
    "L20": "a label is drawn for each sound, and the model knows it though another of its kind was "
    "trained on it: something was carried over",
}


def check_drawn(said: NDArray[np.float32], y: NDArray[np.int64], rule: str) -> list[Problem]:
    """Hold answers against labels that were drawn.

    Parameters
    ----------
    said
        Probabilities, float32 [utterances, classes].
    y
        What was drawn, from all classes alike: int64 [utterances].
    rule
        Which rule is broken by who knows them: "L18", or "L20" where a model before was trained on
        them.
    """
    from scipy import stats

    hits = np.flatnonzero(said.argmax(axis=1) == y)
    chance = float(stats.binom.sf(len(hits) - 1, len(y), 1 / said.shape[1]))
    if chance >= BEYOND_CHANCE:
        return []
    return [Problem.of(rule, WHAT[rule], (f"test utterance {row}" for row in hits))]
