"""The main job: plan the trials, run those that are missing, and say what came of it."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serbench import claims, stacking
from serbench.background import ensure
from serbench.canonical import canonical
from serbench.claiming import apart
from serbench.errors import StoreError
from serbench.executors.options import engaged
from serbench.features.agreement import settled
from serbench.features.cache import FeatureCache
from serbench.features.extract import extract_ahead, wanted
from serbench.features.extraction import Extraction
from serbench.jobs import Ended, Event, Executor, Job, Pack
from serbench.model import build, declared_recipes
from serbench.pool import Pool
from serbench.preparing import Prepared, prepare
from serbench.protocols import RANKED, Selection
from serbench.request import Means, Request, check
from serbench.sources import items_of
from serbench.standing import standing
from serbench.store import Store
from serbench.watcher import Watcher


@dataclass(frozen=True)
class Outcome:
    """What came of a request."""

    planned: int
    found: int  # finished before
    done: int  # finished now
    failures: Mapping[str, str]  # trial id to its title and the reason
    rows: Sequence[Mapping[str, Any]]  # of the boards: what was asked for, model by model
    selections: Sequence[Selection]  # the epochs that were asked for
    seconds: float


def run(request: Request, watcher: Watcher) -> Outcome:
    """Run what is missing.

    Raises
    ------
    SerbenchError
        Before any training, for whatever in the request does not fit. A trial that fails does not
        raise: it is in the outcome, and its reason in the results folder.
    """
    start = time.monotonic()
    check(request)
    executor = executor_of(request.means)
    outcome = carry_out(prepare(request, watcher), request.means, executor, watcher)
    return dataclasses.replace(outcome, seconds=time.monotonic() - start)


def executor_of(means: Means) -> Executor:
    """What the trials are run by: asked for before anything is read, in case it refuses."""
    return engaged(means.executor, means.workers, means.devices, means.options)


def most_of(means: Means) -> int:
    """Trainings that are computed at once, at most."""
    if means.stack is not None:
        return means.stack
    if "torch" not in sys.modules:
        return 1  # no model is a net
    named = tuple(means.devices)
    if named == ("auto",) and not means.elsewhere:  # of other machines' GPUs nothing is known here
        from serbench.nets.device import available

        named = tuple(available())
    return stacking.MOST if all(device.startswith("cuda") for device in named) else 1


def packed(jobs: Sequence[Job], means: Means, executor: Executor) -> list[Pack]:
    """What one worker does at once: stacks where that pays, and no fewer than there are workers."""
    most = most_of(means)
    at_once = getattr(executor, "at_once", lambda: len(means.devices)) if most > 1 else lambda: 1
    return stacking.packs(jobs, most, workers=max(1, at_once()))


def carry_out(prepared: Prepared, means: Means, executor: Executor, watcher: Watcher) -> Outcome:
    """Run those of the prepared jobs that are missing, and keep what boards show beside them.

    Raises
    ------
    SerbenchError
        As :func:`run`.
    """
    start = time.monotonic()
    store = Store(means.results)
    store.sweep()
    claims.sweep(store.root)
    jobs, plans = prepared.jobs, prepared.plans
    missing = _missing(store, jobs, means, watcher)
    if missing:
        missing = _extract(
            missing, [board.pool for board in prepared.boards], means, executor.preload(), watcher
        )
    with watcher.step("auditing folds") as tell:
        for done, board in enumerate(prepared.boards, 1):
            ensure(store, board.row, board.pool, board.protocol, board.splits)
            tell(done, len(prepared.boards))
    for one in plans:  # not before: what is refused leaves no row behind
        store.plan(one)
    busy = claims.busy(store, {job.trial.id for job in missing})
    if busy:
        watcher.note(
            f"others are at {len(busy)} of these trials; they come last, and are skipped if they "
            "are finished by then (serbench status)"
        )
    packs = packed(missing, means, executor)
    if (means.stack or 1) > 1 and 1 < len(missing) == len(packs):
        watcher.note(
            f"--stack {means.stack}: no two of these trials are trained at once, since their "
            "models do not stack or there is a worker for each"
        )
    failures: dict[str, str] = {}
    titles = {job.trial.id: job.trial.title for job in jobs}
    with watcher.trials([job.trial for job in missing], len(jobs) - len(missing)) as listen:

        def hear(event: Event) -> None:
            if isinstance(event, Ended) and event.failure is not None:
                failures[event.trial] = f"{titles[event.trial]}: {event.failure}"
            listen(event)
            if isinstance(event, Ended) and event.fatal:
                raise StoreError(
                    f"{titles[event.trial]}: {event.failure}",
                    advice="what is finished is kept; mend it and run the same command again",
                )

        executor.run(apart(packs, busy), hear)
    return Outcome(
        planned=len(jobs),
        found=len(jobs) - len(missing),
        done=len(missing) - len(failures),
        failures=failures,
        rows=[one.row for one in plans],
        selections=tuple(dict.fromkeys([*RANKED, *prepared.selections])),
        seconds=time.monotonic() - start,
    )


def _missing(store: Store, jobs: Sequence[Job], means: Means, watcher: Watcher) -> list[Job]:
    """Jobs that are not finished, or whose result is no longer what it was, or is not to stand."""
    found = standing(store, jobs)
    for job in found.damaged:
        aside = store.set_aside(job.trial.id)
        watcher.note(f"{job.trial.title}: damaged on the disk, runs again (kept in {aside})")
    if found.otherwise:
        watcher.note(
            f"{found.otherwise} finished trials were run with another --precision or --stages; "
            "they are kept as they are (--results NEW_FOLDER runs them anew)"
        )
    found.check(reuse=means.reuse, rerun=means.rerun)
    if means.rerun:
        for job in found.changed:
            store.set_aside(job.trial.id)
    return found.to_run(jobs, rerun=means.rerun)


def _extract(
    jobs: Sequence[Job],
    pools: Sequence[Pool],
    means: Means,
    preload: Sequence[str],
    watcher: Watcher,
) -> list[Job]:
    """Compute all features that the trials declare, once for all of them.

    ``preload`` is what the executor's workers will want: there is one fork server a process.

    Returns
    -------
    The jobs, which know by what their features were computed.
    """
    extraction = Extraction.of(means.features, "auto" if means.elsewhere else means.devices[0])
    cache = FeatureCache(means.cache, extraction=extraction)
    want = []
    seen: set[tuple[str, str]] = set()
    for job in jobs:
        key = (canonical(job.trial.corpora), canonical(job.trial.recipes))
        if key in seen:
            continue
        seen.add(key)
        model = build(job.choice.factory(), job.choice.settings)
        for pool in pools:
            if pool.fingerprints == job.trial.corpora:
                for recipe in declared_recipes(model):
                    want += wanted(job.choice, recipe, items_of(pool.utterances, recipe))
    with watcher.step("computing features") as tell:
        cache = settled(want, cache, watcher.note)
        extract_ahead(
            want,
            cache,
            workers=None if means.elsewhere else means.workers,
            progress=tell,
            preload=preload,
        )
    return [dataclasses.replace(job, extraction=cache.extraction) for job in jobs]
