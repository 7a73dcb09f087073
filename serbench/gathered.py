"""What a results folder holds of one row of a board: its trials, found and scored.

Scores are of whole seeds alone: a seed that lacks a fold is counted as missing, never averaged
away. A file that is not what was written counts as damaged, and the rest stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from serbench import predictions, ratings
from serbench.canonical import canonical
from serbench.errors import StoreError, few
from serbench.labels import Classes, Scale, task_of
from serbench.predictions import Predictions
from serbench.ratings import Ratings
from serbench.scores import Scores, class_scores, scale_scores
from serbench.sentiment import SCALE
from serbench.store import Plan, Store
from serbench.trial import Trial

J = TypeVar("J")  # what a file of predictions is read as
Judged = dict[tuple[int, str], J]  # by seed and fold


@dataclass(frozen=True)
class Held:
    """What a results folder holds of a row, before anything is scored.

    ``notes`` are of its plans. What was said of each fold lies in ``told`` where classes are told
    apart, and in ``rated`` on a scale; the other one is empty.
    """

    row: Mapping[str, Any]
    notes: Mapping[str, Any]
    task: Classes | Scale
    told: Judged[Predictions]
    rated: Judged[Ratings]
    trials_done: int
    trials_planned: int
    trials_failed: int
    trials_damaged: int

    @property
    def variant(self) -> str:
        """The settings that differ from the model's defaults: "epochs=15 hidden=64"."""
        noted = self.notes.get("variant", {})
        return " ".join(f"{name}={_plain(value)}" for name, value in sorted(noted.items()))


@dataclass(frozen=True)
class Gathered:
    """A row of a board with its scores.

    ``scores`` is None unless a seed has all its folds; ``n_seeds`` counts these alone.
    """

    held: Held
    scores: Scores | None
    n_seeds: int


def all_plans(store: Store) -> Iterator[Plan]:
    """Plans as stored, and one for finished trials that no plan names (brought from elsewhere)."""
    planned: set[str] = set()
    for plan in store.plans():
        planned.update(plan.trials)
        yield plan
    for trial_id in store.ids():
        if trial_id not in planned:
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
) -> Iterator[list[Plan]]:
    """The plans of each row of a results folder; of these corpora, protocols and models alone."""
    found: dict[str, list[Plan]] = defaultdict(list)
    for plan in all_plans(store):
        if (
            (not corpora or set(plan.row["protocol"]["corpora"]) & set(corpora))
            and (not protocols or plan.row["protocol"]["name"] in protocols)
            and (not models or plan.row["model"]["name"] in models)
        ):
            found[canonical(plan.row)].append(plan)
    yield from found.values()


def gather(store: Store, plans: Sequence[Plan]) -> Gathered:
    """Find and score the trials of one row.

    Parameters
    ----------
    plans
        All plans of the row, one or more.

    Raises
    ------
    StoreError
        If the row is of a task that has no scores, or its trials do not belong together.
    """
    held = hold(store, plans)
    if isinstance(held.task, Scale):
        scores, seeds = _scored(held.rated, held.row["folds"], scale_scores)
    else:
        scores, seeds = _scored(held.told, held.row["folds"], class_scores)
    return Gathered(held, scores, seeds)


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
    task = _task(row)
    ids = sorted({trial_id for plan in plans for trial_id in plan.trials})
    trials, strange = _finished(store, ids, row)
    told: Judged[Predictions] = {}
    rated: Judged[Ratings] = {}
    if isinstance(task, Scale):
        rated, torn = _judged_by(store, trials, ratings.from_parquet)
    else:
        told, torn = _judged_by(store, trials, partial(_told, task))
    judged = {*told, *rated}
    return Held(
        row=row,
        notes=next((plan.notes for plan in plans if plan.notes), {}),
        task=task,
        told=told,
        rated=rated,
        trials_done=len(judged),
        trials_planned=max(len(ids), row["folds"] * len({seed for seed, _ in judged})),
        trials_failed=sum(store.failure(trial_id) is not None for trial_id in ids),
        trials_damaged=strange + torn,
    )


def _told(task: Classes, content: bytes, where: str) -> Predictions:
    """A predictions file of these classes: of others, its columns would be taken for them."""
    said = predictions.from_parquet(content, where)
    if said.classes != task.names:
        raise StoreError(f"{where} tells {few(said.classes)} apart", expected=few(task.names))
    return said


def _task(row: Mapping[str, Any]) -> Classes | Scale:
    try:
        task = task_of(row["task"])
    except (KeyError, TypeError) as error:
        raise StoreError(f"a row of the task {row['task']!r}, which nobody can read") from error
    if isinstance(task, Classes) or task == SCALE:
        return task
    raise StoreError(
        f"a row of the task {task.record()}, which has no scores",
        expected=f"classes, or a scale from {SCALE.low:g} to {SCALE.high:g}",
        advice="use the serbench that wrote it",
    )


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
                judged[trial.seed, trial.fold] = read(store.read(trial_id, name), name)
            except StoreError:
                torn += 1
    return judged, torn


def _scored(
    judged: Judged[J], folds: int, score: Callable[[Judged[J]], Scores]
) -> tuple[Scores | None, int]:
    """The scores of the seeds that have all their folds, and how many these are."""
    found = Counter(seed for seed, _ in judged)
    # Whole seeds alone: a mean over some folds of a seed would be a mean over some speakers.
    whole = {seed for seed, count in found.items() if count == folds}
    kept = {key: said for key, said in judged.items() if key[0] in whole}
    return (score(kept) if kept else None), len(whole)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value)
