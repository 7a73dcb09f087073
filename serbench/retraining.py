"""One trial trained again, to ask its net what results do not hold: weights are not kept.

By the same harness, on the same folds, with the same seed. Nothing is stored. Where the results
folder holds that very trial, it can be told in how many utterances the two give the same answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serbench import metrics, ownloop, predictions
from serbench.access import needed_access
from serbench.assignment import Assignment
from serbench.errors import ModelError, SerbenchError, UsageError
from serbench.estimating.row import estimate
from serbench.features.cache import FeatureCache
from serbench.features.extract import extract_ahead, wanted
from serbench.features.extraction import Extraction
from serbench.jobs import Job, Listener
from serbench.labels import Classes
from serbench.model import Model, build, declared_recipes
from serbench.preparing import Asked, Prepared, prepare
from serbench.request import Request
from serbench.sources import items_of
from serbench.store import Store
from serbench.watcher import Watcher

MEASURING = 15.0  # seconds that may be spent on what the training will take


@dataclass(frozen=True)
class Retrained:
    """A trained model, and one of its test sets."""

    assignment: Assignment
    test: str


def retrained(
    request: Request,
    *,
    fold: str | None,
    seed: int,
    test: str | None,
    able: str,
    unable: tuple[str, str],
    watcher: Watcher,
) -> Retrained:
    """Train one trial of a request of one model, which has what it is to be asked for.

    Parameters
    ----------
    fold, test
        None: the only one there is.
    able, unable
        The method that the model must have; of one that has not, what it lacks and what has it.

    Raises
    ------
    UsageError
        If the request is of no one fold or test set of this name, or of a sentiment.
    ModelError
        If the model has no such method.
    SerbenchError
        As of any run, in words.
    """
    prepared = prepare(dataclasses.replace(request, seeds=seed + 1), watcher)
    job = _job_of(prepared.jobs, fold, seed)
    job = dataclasses.replace(job, device=request.devices[0], keep="last")
    asked = prepared.boards[0]
    if not isinstance(asked.pool.task, Classes):
        raise UsageError("a sentiment has no classes to show", expected="a label space of classes")
    model = build(job.choice.factory(), job.choice.settings)
    if not callable(getattr(model, able, None)):
        raise ModelError(f"{job.choice.spec} {unable[0]}", expected=unable[1])
    name = _test_of(list(job.trial.tests), test)
    _tell_cost(job, prepared, asked, model, watcher)
    job = _with_features(job, asked, model, request, watcher)
    assignment = Assignment.of(job)
    with watcher.trials([job.trial], 0) as listen, assignment.watched():
        _train_again(assignment, listen)
    return Retrained(assignment, name)


def same_answers(assignment: Assignment, test: str, said: NDArray[np.int64]) -> int | None:
    """How many answers are those of the stored trial; None where there is none, or it is torn."""
    store, trial = Store(assignment.job.results), assignment.job.trial.id
    if not store.has(trial):
        return None
    name = f"predictions-{test}.parquet"
    try:
        stored = predictions.from_parquet(store.read(trial, name), name)
    except SerbenchError:
        return None
    told = metrics.decide(stored.probabilities)
    return int((told == said).sum()) if len(told) == len(said) else None


def _job_of(jobs: Sequence[Job], fold: str | None, seed: int) -> Job:
    of_seed = [job for job in jobs if job.trial.seed == seed]
    folds = list(dict.fromkeys(job.trial.fold for job in of_seed))
    if not of_seed:
        raise UsageError(
            f"--seed {seed}", expected="0: the model gives one answer whatever the seed"
        )
    if fold is None and len(folds) > 1:
        raise UsageError(
            f"{len(folds)} folds, of which each is a training of its own",
            expected="--fold, one of " + ", ".join(folds),
        )
    here = [job for job in of_seed if fold in (None, job.trial.fold)]
    if not here:
        raise UsageError(f"--fold {fold}", expected="one of " + ", ".join(folds))
    return here[0]


def _test_of(names: Sequence[str], asked: str | None) -> str:
    if asked is None and len(names) == 1:
        return names[0]
    if asked in names:
        return str(asked)
    found = f"{len(names)} test sets" if asked is None else f"--test {asked}"
    raise UsageError(found, expected="--test, one of " + ", ".join(names))


def _tell_cost(
    job: Job, prepared: Prepared, asked: Asked, model: Model, watcher: Watcher
) -> None:  # fmt: skip
    """Before anything is trained."""
    ours = ownloop.is_ours(model, adapted=needed_access(model) == "unlabelled")
    store = Store(job.results)
    found = estimate(job, prepared.plans[0], asked, store, measure=ours, budget=MEASURING)
    seconds = found.seconds(job.trial)
    told = "nobody knows how long" if seconds is None else _about(seconds)
    watcher.note(
        f"weights are not kept, so it is trained again, once: {job.trial.title}, "
        f"{job.trial.train['size']} utterances, {told} on {found.device}"
    )


def _about(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def _with_features(
    job: Job, asked: Asked, model: Model, request: Request, watcher: Watcher
) -> Job:  # fmt: skip
    """The job, which knows by what its features were computed; they are in the cache."""
    from serbench.features.agreement import settled

    extraction = Extraction.of(request.features, request.devices[0])
    cache = FeatureCache(request.cache, extraction=extraction)
    want = [
        one
        for recipe in declared_recipes(model)
        for one in wanted(job.choice, recipe, items_of(asked.pool.utterances, recipe))
    ]
    with watcher.step("computing features") as tell:
        cache = settled(want, cache, watcher.note)
        extract_ahead(want, cache, workers=request.workers, progress=tell)
    return dataclasses.replace(job, extraction=cache.extraction)


def _train_again(assignment: Assignment, listen: Listener) -> None:
    job, target = assignment.job, assignment.target
    model = assignment.model
    if not ownloop.is_ours(model, adapted=target is not None):
        if target is None:
            model.fit(assignment.train, seed=job.trial.seed)
        else:
            model.fit_adapted(  # type: ignore[attr-defined]  # it asked for a target
                assignment.train, target, seed=job.trial.seed
            )
        return
    from serbench.nets.memory import told
    from serbench.nets.training import train

    # No checkpoint: one that a run left behind is that run's to go on from.
    session = dataclasses.replace(assignment.session(listen), checkpoint=None)
    with told():
        train(model, assignment.train, seed=job.trial.seed, session=session)  # type: ignore[arg-type]
