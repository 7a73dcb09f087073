"""What a results folder holds of one row of a board: its trials, found and scored.

Scores are of whole seeds alone: a seed that lacks a fold is counted as missing, never averaged
away. A file that is not what was written counts as damaged, and the rest stands.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np

from serbench import metrics, predictions, ratings
from serbench.background import background
from serbench.behaviour.problem import Behaviour
from serbench.canaries.flock import as_predictions
from serbench.canonical import canonical
from serbench.cells import cell_scores, source_of
from serbench.errors import ModelError, StoreError, few
from serbench.held import Found, Gathered, Held, Judged, row_task
from serbench.labels import Classes, Scale
from serbench.predictions import Predictions
from serbench.protocols import Selection
from serbench.ratings import Ratings
from serbench.scores import class_scores, scale_scores
from serbench.selection import NoStages
from serbench.staged import Said, Scores, combined, select
from serbench.store import Failure, Plan, Store
from serbench.trained import Trained
from serbench.trial import Trial

__all__ = [
    "Found",
    "Gathered",
    "Held",
    "Judged",
    "all_plans",
    "gather",
    "hold",
    "rows_of",
    "score",
    "scored",
]

CHANCE = "uniform"  # a canary that every board has: what is right is known beside its answers
J = TypeVar("J")  # what a file of predictions is read as


def all_plans(store: Store) -> Iterator[Plan]:
    """Plans as stored, and one for finished trials that no plan names (brought from elsewhere)."""
    planned: set[str] = set()
    for plan in store.plans():
        planned.update(plan.trials)
        yield plan
    for trial_id in sorted({*store.loose_ids(), *store.packed.ids()} - planned):
        try:
            notes = store.record(trial_id)["provenance"].get("notes", {})
            yield Plan(store.trial(trial_id).row, notes, (trial_id,))
        except StoreError:
            continue  # without its record nobody can say which board it was for


def rows_of(
    store: Store,
    *,
    corpora: Collection[str] = (),
    protocols: Collection[str] = (),
    models: Collection[str] = (),
    labels: Collection[str] = (),
    accesses: Collection[str] = (),
) -> Iterator[list[Plan]]:
    """The plans of each row of a results folder; of what is named alone, where anything is."""
    found: dict[str, list[Plan]] = defaultdict(list)
    for plan in all_plans(store):
        if (
            (not corpora or set(plan.row["protocol"]["corpora"]) & set(corpora))
            and (not protocols or plan.row["protocol"]["name"] in protocols)
            and (not models or plan.row["model"]["name"] in models)
            and (not labels or plan.row["labels"]["name"] in labels)
            and (not accesses or plan.row["protocol"].get("target_access", "none") in accesses)
        ):
            found[plan.row_digest].append(plan)
    yield from found.values()


def gather(store: Store, plans: Sequence[Plan], selection: Selection | None = None) -> Gathered:
    """Find and score the trials of one row.

    Parameters
    ----------
    plans
        All plans of the row, one or more.
    selection
        The epoch that is scored, by a rule over the stored stages; None: by the rule that the
        trials were made for.

    Raises
    ------
    StoreError
        If the row is of a task that has no scores, or its trials do not belong together.
    """
    held = hold(store, plans)
    return score(store, held, selection or held.selection)


def score(store: Store, held: Held, selection: Selection) -> Gathered:
    """Score what a results folder holds of a row, at the epoch that a rule selects."""
    blind = _blind(store, held)
    # Whole seeds alone: a mean over some folds of a seed would be a mean over some speakers.
    found = Counter(seed for seed, _ in held.trials)
    added = Counter(seed for seed, _ in {place[:2] for place in blind})
    seeds = found.keys() | added.keys()
    whole = {seed for seed in seeds if found[seed] + added[seed] == held.row["folds"]}
    kept: dict[tuple[int, str, str], Any] = {
        key: one for key, one in held.said.items() if key[0] in whole or not whole
    }
    try:
        picked = select(store, held.trials, kept, held.task, selection)
    except NoStages:
        return Gathered(held, selection, None, 0, stages_missing=True)
    except (ModelError, StoreError):  # torn, or of other utterances: what needs no stages stands
        damaged = dataclasses.replace(held, trials_damaged=held.trials_damaged + 1)
        return Gathered(damaged, selection, None, 0)
    if not whole:
        return Gathered(held, selection, None, 0, partial=_partial(held, picked))
    blind = {place: one for place, one in blind.items() if place[0] in whole}
    scores = combined(
        {
            metric: scored(held, {**said, **blind}, blind)
            for metric, said in (picked or {"": {}}).items()
        }
    )
    chance = len({place[:2] for place in blind})
    return Gathered(held, selection, scores, len(whole), chance=chance)


def _blind(store: Store, held: Held) -> dict[tuple[int, str, str], Predictions]:
    """The right classes of what failed trials should have told.

    They are taken from what was kept of the board's folds; where nothing was, a failed trial counts
    as missing. A scale has no chance level to stand in.
    """
    if not held.failed or isinstance(held.task, Scale):
        return {}
    beside = background(store, held.row)
    if beside is None or CHANCE not in beside.flock.names:
        return {}
    told = as_predictions(beside.flock, CHANCE)
    return {
        (seed, fold, test): dataclasses.replace(one)  # each an object of its own
        for seed, fold in held.failed
        for (of, test), one in told.items()
        if of == fold
    }


def _partial(held: Held, picked: Mapping[str, Said]) -> dict[str, float]:
    """UA of each fold, or pair of corpora, that there is: over its classes, the mean over seeds."""
    if isinstance(held.task, Scale) or not picked:
        return {}
    found: dict[str, list[float]] = defaultdict(list)
    for (_, fold, test), said in picked.get("", picked.get("ua", {})).items():
        assert isinstance(said, Predictions)
        told = metrics.decide(said.probabilities)
        counts = metrics.confusion(said.truth, told, len(said.classes))
        ua, _ = metrics.ua_fold(counts[np.newaxis])
        found[f"{source_of(fold, test)}>{test}" if held.across else fold].append(ua)
    return {place: float(np.mean(scores)) for place, scores in sorted(found.items())}


def hold(store: Store, plans: Sequence[Plan]) -> Held:
    """Find the trials of one row, and read what they say.

    Parameters
    ----------
    plans
        All plans of the row, one or more.

    Raises
    ------
    StoreError
        If the row is of a task that has no scores.
    """
    row = plans[0].row
    task = row_task(row)
    ids = sorted({trial_id for plan in plans for trial_id in plan.trials})
    trials, strange = _finished(store, ids, row)
    told: Judged[Predictions] = {}
    rated: Judged[Ratings] = {}
    if isinstance(task, Scale):
        rated, torn = _judged_by(store, trials, ratings.from_parquet)
    else:
        told, torn = _judged_by(store, trials, partial(_told, task))
    judged = {*told, *rated}
    failures = [store.failure(trial_id) for trial_id in ids]
    whole = {
        (trial.seed, trial.fold): trial_id
        for trial_id, trial in trials.items()
        if all((trial.seed, trial.fold, test) in judged for test in trial.tests)
    }
    provenances = [store.record(trial_id)["provenance"] for trial_id in whole.values()]
    return Held(
        row=row,
        notes=next((plan.notes for plan in plans if plan.notes), {}),
        task=task,
        told={key: said for key, said in told.items() if key[:2] in whole},
        rated={key: said for key, said in rated.items() if key[:2] in whole},
        trials=whole,
        trials_planned=max(len(ids), row["folds"] * len({seed for seed, _ in whole})),
        trials_failed=sum(one is not None for one in failures),
        trials_damaged=strange + torn,
        broken=_broken(provenances),
        failed=failed_places(failures),
        trained=Trained.of(provenances),
    )


def failed_places(failures: Iterable[Failure | None]) -> dict[tuple[int, str], str]:
    """Which seeds and folds failed, where that was written down."""
    told = (one for one in failures if one is not None and one.seed is not None)
    return {(one.seed, one.fold): one.trial for one in told if one.seed is not None}


def _broken(provenances: Iterable[Mapping[str, Any]]) -> dict[str, int] | None:
    """In how many trials each rule was seen to be broken; None where nobody watched any."""
    found: Counter[str] = Counter()
    watched = False
    for one in provenances:
        record = one.get("behaviour")
        if record is not None:
            watched = True
            found.update(Behaviour.from_record(record).rules)
    return dict(sorted(found.items())) if watched else None


def _told(task: Classes, content: bytes, where: str) -> Predictions:
    """A predictions file of these classes: of others, its columns would be taken for them."""
    said = predictions.from_parquet(content, where)
    if said.classes != task.names:
        raise StoreError(f"{where} tells {few(said.classes)} apart", expected=few(task.names))
    return said


def _finished(
    store: Store, ids: Iterable[str], row: Mapping[str, Any]
) -> tuple[dict[str, Trial], int]:
    """Those of the row that are finished, and how many are not what they are said to be."""
    done: dict[str, Trial] = {}
    strange = 0
    for trial_id in ids:
        if store.has(trial_id):
            try:
                trial = store.trial(trial_id)
            except StoreError:
                strange += 1
                continue
            if canonical(trial.row) == canonical(row):
                done[trial_id] = trial
            else:  # a plan says whose trials they are, the trials themselves know
                strange += 1
    return done, strange


def _judged_by(
    store: Store, trials: Mapping[str, Trial], read: Callable[[bytes, str], J]
) -> tuple[Judged[J], int]:
    """What the trials' test sets hold, and how many files are damaged."""
    judged: Judged[J] = {}
    torn = 0
    for trial_id, trial in trials.items():
        for test in trial.tests:
            name = f"predictions-{test}.parquet"
            try:
                judged[trial.seed, trial.fold, test] = read(store.read(trial_id, name), name)
            except StoreError:
                torn += 1
    return judged, torn


def scored(
    held: Found,
    said: Mapping[tuple[int, str, str], Any],
    chance: Collection[tuple[int, str, str]] = (),
) -> Scores:
    """The scores of seeds that have all their folds; what is scored as chance among them."""
    if held.across:
        return cell_scores(said, chance)
    by_fold = {(seed, fold): one for (seed, fold, _), one in said.items()}
    if isinstance(held.task, Scale):
        return scale_scores(by_fold)
    return class_scores(by_fold, [(seed, fold) for seed, fold, _ in chance])
