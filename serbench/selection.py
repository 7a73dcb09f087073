"""Which epoch of a training is scored: named rules over its stored stages.

===========================  =====================================================================
``last``                     The last epoch. Nothing is chosen. Ranked.
``val``                      The best epoch on speakers who were held out of training. Ranked.
``best-on-test``             The best epoch on the test set itself, fold by fold, as by TIM-Net's
                             checkpoints. What it flatters by is shown, and it is never ranked.
``best-on-test-per-metric``  The same for each metric by itself, as by SD-CAFF's code, so that UA
                             and WA may be of two epochs. Never ranked.
===========================  =====================================================================

Best is the highest WA under ``best-on-test`` (the accuracy that TIM-Net's checkpoints watch), and
the highest UA under ``val`` (what boards are sorted by). On a scale it is the lowest MAE under
both: it moves where ACC7, which counts rounded answers, stands still. Of several best epochs the
earliest is chosen, as by Keras, whose checkpoints want an improvement: what goes on without one has
had longer to memorise. A set may lack a class: its UA is the mean over the classes that it holds,
which compares epochs of one set as well as any.

A rule that ends at the last epoch gives the number of ``last``, to the last digit
(:mod:`serbench.epochs`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from serbench import sentiment
from serbench.epochs import OF_CLASSES, Curve, NoStages, answers_of, curve, none_kept
from serbench.predictions import Predictions
from serbench.protocols import Selection
from serbench.ratings import Ratings
from serbench.session import Stage

__all__ = ["Chosen", "Curve", "NoStages", "at_epoch", "choose", "chosen", "curve"]

J = TypeVar("J", Predictions, Ratings)
LOWEST_IS_BEST = frozenset({"mae"})


@dataclass(frozen=True)
class Chosen(Generic[J]):
    """What a rule scores: for each metric the epoch that it chose, and what was said then."""

    rule: Selection
    epochs: Mapping[str, int]
    said: Mapping[str, J]


def chosen(judged: Curve, rule: Selection, metric: str = "") -> int:
    """The number of the epoch that a rule chooses.

    Parameters
    ----------
    judged
        By the held-out speakers under ``val``, by the test set under the other rules.
    metric
        What is to be scored; only ``best-on-test-per-metric`` looks at it.
    """
    if rule == "last":
        return int(judged.epochs[-1])
    classes = "ua" in judged.names
    watched = {
        "val": "ua" if classes else "mae",
        "best-on-test": "wa" if classes else "mae",
        "best-on-test-per-metric": metric,
    }[rule]
    values = judged.score(watched)
    if np.isnan(values).all():  # such as the correlation of a constant answer: nothing to choose
        return int(judged.epochs[-1])
    best = np.nanargmin(values) if watched in LOWEST_IS_BEST else np.nanargmax(values)
    return int(judged.epochs[best])  # the first of several: arg max gives the lowest place


def choose(
    rule: Selection,
    stages: Sequence[Stage],
    test: str,
    said: J,
    validation: Curve | None = None,
) -> Chosen[J]:
    """Apply a rule to one test set of one training.

    Parameters
    ----------
    stages, test, said
        As of :func:`curve`. Under ``last`` there need be no stages.
    validation
        The curve of the held-out speakers, which ``val`` asks for.

    Raises
    ------
    NoStages
        If the training kept no stages and the rule is not ``last``.
    """
    names = OF_CLASSES if isinstance(said, Predictions) else tuple(sentiment.SCORES)
    if rule == "last":
        epoch = stages[-1].epoch if stages else 0  # 0: a training without epochs
        return Chosen(rule, dict.fromkeys(names, epoch), dict.fromkeys(names, said))
    if rule == "val" and validation is None:
        raise NoStages(
            f"nobody was held out of the training that is tested on {test}",
            expected="a training that was run with --selection val",
        )
    judged = validation if rule == "val" and validation is not None else curve(stages, test, said)
    epochs = {name: chosen(judged, rule, name) for name in names}
    at = {epoch: at_epoch(stages, test, said, epoch) for epoch in set(epochs.values())}
    return Chosen(rule, epochs, {name: at[epoch] for name, epoch in epochs.items()})


def at_epoch(stages: Sequence[Stage], test: str, said: J, epoch: int) -> J:
    """What was said of a test set after an epoch; after the last, the predictions as stored.

    Raises
    ------
    NoStages
        If that epoch's answers were not kept.
    """
    if stages and epoch == stages[-1].epoch:
        return said
    stage = next((stage for stage in stages if stage.epoch == epoch), None)
    if stage is None:
        raise none_kept(test)
    answers = answers_of(stage, test, said).astype(np.float32)
    if isinstance(said, Predictions):
        return dataclasses.replace(said, probabilities=answers)
    return dataclasses.replace(said, values=answers[:, 0])
