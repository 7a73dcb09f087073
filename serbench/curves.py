"""How the trainings of a row went: training and test curves over the epochs, from stored stages.

A point of a test curve is what the row's score would be, had every training been stopped there: the
folds of a seed pooled, the seeds averaged. Across corpora each pair is a score of its own, and the
point is their mean. No rule of selection gives a point of this curve but ``last``, since the others
may stop each training elsewhere: their marks stand beside it. So does that of ``val``, which is of
other trainings: the speakers who choose its epochs are missing in them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from serbench import metrics, sentiment
from serbench.canonical import canonical
from serbench.epochs import Curve, Floats, NoStages, curve
from serbench.errors import StoreError
from serbench.gathered import Held, hold, rows_of
from serbench.predictions import Predictions
from serbench.protocols import Selection
from serbench.ratings import Ratings
from serbench.selection import chosen
from serbench.staged import stages, validation_curve
from serbench.store import Store

Key = tuple[int, str, str]  # seed, fold, test set


@dataclass(frozen=True)
class Mark:
    """Where a rule of selection ends up.

    Parameters
    ----------
    epochs
        The epoch that it chose of each training and test set, ascending.
    scores
        The row's scores at these epochs, by metric.
    apart
        It is of other trainings than those that the curves are of: speakers were held out of them.
    """

    rule: Selection
    epochs: tuple[int, ...]
    scores: Mapping[str, float]
    apart: bool = False


@dataclass(frozen=True)
class Course:
    """The trainings of one row, epoch by epoch.

    Parameters
    ----------
    epochs
        Their numbers, int64 [epochs].
    loss, accuracy
        Of the training sets, as trained on, averaged over trainings, float64 [epochs].
    test_loss
        Cross-entropy (nats) of a test utterance; on a scale its absolute error. float64 [epochs].
    scores
        By metric: "ua" and "wa", or the scores of a sentiment; float64 [epochs].
    marks
        Of ``last``, of ``best-on-test``, and of ``val`` where there are trainings that held
        speakers out for it.
    """

    corpora: tuple[str, ...]
    protocol: str
    labels: str
    model: str
    variant: str
    selection: Selection
    folds: int
    seeds: int
    epochs: np.ndarray[tuple[int], np.dtype[np.int64]]
    loss: Floats
    accuracy: Floats
    test_loss: Floats
    scores: Mapping[str, Floats]
    marks: tuple[Mark, ...]


def courses(
    store: Store,
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    models: Collection[str] = (),
) -> list[Course]:
    """The curves of every row with stages in a results folder; of these names alone, if any.

    A row whose trainings held speakers out for ``val`` gives the mark of the row that is like it
    otherwise; it has curves of its own only where there is no such row.

    Raises
    ------
    StoreError
        If the stages of a row do not belong together.
    """
    found: dict[str, dict[Selection, Held]] = defaultdict(dict)
    for plans in rows_of(store, corpora=corpora, protocols=protocols, models=models):
        held = hold(store, plans)
        question = {name: value for name, value in held.row.items() if name != "selection"}
        found[canonical(question)][held.selection] = held
    made = []
    for rows in found.values():
        curves = {rule: _curves(store, held) for rule, held in rows.items()}
        for rule in ("last", "val"):
            if curves.get(rule):
                made.append(_course(store, rows, curves, rule))
                break
    return sorted(made, key=lambda one: (one.corpora, one.protocol, one.labels, one.model))


def _curves(store: Store, held: Held) -> dict[Key, Curve]:
    """By seed, fold and test set, of the seeds that have all their folds; {} without stages."""
    count = Counter(seed for seed, _ in held.trials)
    curves: dict[Key, Curve] = {}
    everything: dict[Key, Predictions | Ratings] = {**held.told, **held.rated}
    for key, said in sorted(everything.items(), key=lambda item: item[0]):
        seed, fold, test = key
        if count[seed] == held.row["folds"]:
            try:
                kept = stages(store, held.trials[seed, fold], test, held.task)
                curves[key] = curve(kept, test, said)
            except NoStages:
                return {}
    if len({tuple(one.epochs) for one in curves.values()}) > 1:
        raise StoreError(
            f"the trainings of {held.row['model']['name']} under "
            f"{held.row['protocol']['name']} differ in their epochs",
            expected="as many epochs of each training of a row",
        )
    return curves


def _course(
    store: Store,
    rows: Mapping[Selection, Held],
    curves: Mapping[Selection, Mapping[Key, Curve]],
    rule: Selection,
) -> Course:
    held, own = rows[rule], curves[rule]
    every = list(own.values())
    marks = [_mark(held, own, rule_, own) for rule_ in ("last", "best-on-test")]
    if curves.get("val"):
        judged = _validation(store, rows["val"], curves["val"])
        val = _mark(rows["val"], curves["val"], "val", judged)
        marks.insert(1, replace(val, apart=rule != "val"))
    everywhere = [dict.fromkeys(own, i) for i in range(len(every[0].epochs))]
    return Course(
        corpora=tuple(held.row["protocol"]["corpora"]),
        protocol=held.row["protocol"]["name"],
        labels=held.row["labels"]["name"],
        model=held.row["model"]["name"],
        variant=held.variant,
        selection=rule,
        folds=held.row["folds"],
        seeds=len({seed for seed, _, _ in own}),
        epochs=every[0].epochs,
        loss=np.mean([one.loss for one in every], axis=0),
        accuracy=np.mean([one.accuracy for one in every], axis=0),
        test_loss=np.sum([one.distance for one in every], axis=0) / sum(one.size for one in every),
        scores={
            name: np.array([_score(held, own, at, name) for at in everywhere])
            for name in every[0].names
        },
        marks=tuple(marks),
    )


def _mark(
    held: Held, curves: Mapping[Key, Curve], rule: Selection, judged: Mapping[Key, Curve]
) -> Mark:
    """Where a rule ends up that chooses by these curves, of the test sets or of validation sets."""
    epochs = {key: chosen(judged[key], rule) for key in curves}
    at = {key: int(np.searchsorted(one.epochs, epochs[key])) for key, one in curves.items()}
    names = next(iter(curves.values())).names
    scores = {name: _score(held, curves, at, name) for name in names}
    return Mark(rule, tuple(sorted(epochs.values())), scores)


def _score(held: Held, curves: Mapping[Key, Curve], at: Mapping[Key, int], name: str) -> float:
    """The row's score, were each training stopped at its place in the epochs."""
    pools: dict[tuple[str, ...], list[np.ndarray[Any, Any]]] = defaultdict(list)
    for key, one in curves.items():
        seed, fold, test = key
        pools[(str(seed), fold, test) if held.across else (str(seed),)].append(one.counts[at[key]])
    return float(np.mean([_of(name, np.sum(pool, axis=0)) for pool in pools.values()]))


def _of(name: str, counts: np.ndarray[Any, Any]) -> float:
    known: dict[str, Callable[[Any], float]] = {"ua": metrics.ua, "wa": metrics.wa}
    return (known | dict(sentiment.SCORES))[name](counts)


def _validation(store: Store, held: Held, curves: Mapping[Key, Curve]) -> dict[Key, Curve]:
    """How the speakers who were held out of each training judge its epochs."""
    judged = {
        where: validation_curve(store, trial_id, held.task)
        for where, trial_id in held.trials.items()
    }
    return {(seed, fold, test): judged[seed, fold] for seed, fold, test in curves}
