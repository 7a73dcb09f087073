"""The main job: plan the trials, run those that are missing, and say what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serbench.background import ensure
from serbench.canonical import canonical
from serbench.choice import code_digest
from serbench.errors import StoreError, UsageError
from serbench.features.cache import FeatureCache
from serbench.features.extract import extract_ahead, wanted
from serbench.jobs import Ended, Event, Job
from serbench.model import build, declared_recipes
from serbench.pool import Pool
from serbench.preparing import prepare
from serbench.protocols import RANKED, Selection
from serbench.registry import is_path, load
from serbench.request import Request, check
from serbench.sources import items_of
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
    store = Store(request.results)
    store.sweep()
    executor = load("executors", request.executor)(request.workers, request.devices)
    prepared = prepare(request, watcher)
    jobs, plans = prepared.jobs, prepared.plans
    missing = _missing(store, jobs, request, watcher)
    if missing:
        _extract(
            missing, [board.pool for board in prepared.boards], request, executor.preload(), watcher
        )
    with watcher.step("auditing folds") as tell:
        for done, board in enumerate(prepared.boards, 1):
            ensure(store, board.row, board.pool, board.protocol, board.splits)
            tell(done, len(prepared.boards))
    for one in plans:  # not before: what is refused leaves no row behind
        store.plan(one)
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

        executor.run(missing, hear)
    return Outcome(
        planned=len(jobs),
        found=len(jobs) - len(missing),
        done=len(missing) - len(failures),
        failures=failures,
        rows=[one.row for one in plans],
        selections=tuple(dict.fromkeys([*RANKED, *prepared.selections])),
        seconds=time.monotonic() - start,
    )


def _missing(store: Store, jobs: Sequence[Job], request: Request, watcher: Watcher) -> list[Job]:
    """Jobs that are not finished, or whose result is no longer what it was."""
    missing: list[Job] = []
    changed: list[Job] = []
    otherwise = 0
    codes: dict[str, str] = {}
    for job in jobs:
        if not store.has(job.trial.id):
            missing.append(job)
        elif not store.whole(job.trial.id):
            aside = store.set_aside(job.trial.id)
            watcher.note(f"{job.trial.title}: damaged on the disk, runs again (kept in {aside})")
            missing.append(job)
        else:
            spec = job.choice.spec
            codes.setdefault(spec, code_digest(job.choice.factory()))
            record = store.record(job.trial.id)
            provenance = record["provenance"]
            if not is_path(spec) and provenance.get("code") != codes[spec]:
                changed.append(job)
            staged = any(name.startswith("stages-") for name in record["files"])
            asked = (job.precision, job.keep if staged else None)
            otherwise += asked != (provenance.get("precision"), provenance.get("keep"))
    if otherwise:
        watcher.note(
            f"{otherwise} finished trials were run with another --precision or --stages; they are "
            "kept as they are (--results NEW_FOLDER runs them anew)"
        )
    if changed and not (request.reuse or request.rerun):
        names = ", ".join(sorted({job.choice.spec for job in changed}))
        raise UsageError(
            f"{len(changed)} finished trials were run with another code of the model {names}",
            expected="--rerun to run them again, or --reuse to keep them",
            advice="--reuse where the change cannot have moved a number, a comment for example",
        )
    if request.rerun:
        for job in changed:
            store.set_aside(job.trial.id)
        missing += changed
    return missing


def _extract(
    jobs: Sequence[Job],
    pools: Sequence[Pool],
    request: Request,
    preload: Sequence[str],
    watcher: Watcher,
) -> None:
    """Compute all features that the trials declare, once for all of them.

    ``preload`` is what the executor's workers will want: there is one fork server a process.
    """
    cache = FeatureCache(request.cache)
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
        extract_ahead(want, cache, workers=request.workers, progress=tell, preload=preload)
