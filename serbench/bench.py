"""The main job: plan the trials, run those that are missing, and say what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from serbench.adapters import located
from serbench.canonical import canonical
from serbench.choice import ModelChoice, code_digest
from serbench.cohort import Cohort
from serbench.corpus import Corpus, Finding
from serbench.drawn import drawn_splits
from serbench.errors import StoreError, UsageError
from serbench.features.cache import FeatureCache
from serbench.features.extract import extract_ahead, wanted
from serbench.jobs import Ended, Event, Job, Listener
from serbench.labels import LabelSpace
from serbench.model import build, declared_recipes
from serbench.plan import plan
from serbench.protocols import Protocol as TestProtocol
from serbench.protocols import Split
from serbench.registry import is_path, load
from serbench.request import Request, check, check_devices
from serbench.scan import Scan, scan
from serbench.sources import items_of
from serbench.store import Plan, Store
from serbench.trial import Trial

MOST_KEPT = 100  # findings that stand in a record


class Watcher(Protocol):
    """Who is told of what goes on: a progress display, a test."""

    def step(self, title: str) -> AbstractContextManager[Callable[[int, int], None]]:
        """A stretch of work; inside, tell (done, total)."""

    def trials(self, trials: Sequence[Trial], finished: int) -> AbstractContextManager[Listener]:
        """The trials that are about to run, beside those already finished."""

    def note(self, text: str) -> None:
        """Something worth a line."""


@dataclass(frozen=True)
class Outcome:
    """What came of a request."""

    planned: int
    found: int  # finished before
    done: int  # finished now
    failures: Mapping[str, str]  # trial id to its title and the reason
    rows: Sequence[Mapping[str, Any]]  # of the boards: what was asked for, model by model
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
    # Every name and setting is looked at before the first file is read.
    protocols: list[TestProtocol] = [load("protocols", name) for name in request.protocols]
    labels: LabelSpace = load("labels", request.labels)
    executor = load("executors", request.executor)(request.workers, request.devices)
    choices = [ModelChoice.of(spec, chosen) for spec, chosen in request.models]
    for choice in choices:
        build(choice.factory(), choice.settings)  # refuses what it refuses now
    remark = check_devices(request.devices)
    if remark:
        watcher.note(remark)
    here = [located(name, request.roots) for name in request.corpora]
    jobs, plans, cohorts = _planned(request, here, protocols, labels, choices, watcher)
    missing = _missing(store, jobs, request, watcher)
    if missing:
        _extract(missing, cohorts, request, executor.preload(), watcher)
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
        seconds=time.monotonic() - start,
    )


def _planned(
    request: Request,
    here: Sequence[tuple[Corpus, Path]],
    protocols: Sequence[TestProtocol],
    labels: LabelSpace,
    choices: Sequence[ModelChoice],
    watcher: Watcher,
) -> tuple[list[Job], list[Plan], dict[str, Cohort]]:
    """Every trial of the request, finished or not, its boards' rows, and the corpora as read."""
    jobs: list[Job] = []
    plans: list[Plan] = []
    cohorts: dict[str, Cohort] = {}
    for corpus, root in here:
        found = read_corpus(corpus, root, request.cache, request.allow_partial, watcher)
        cohort = cohorts[corpus.card.name] = Cohort(corpus, found, labels)
        _warn_of_empty_classes(cohort, watcher)
        for protocol in protocols:
            drawn = drawn_splits(protocol, cohort.corpus, cohort.table(), request.cache)
            splits = cohort.with_copies(drawn)
            for choice in (choice.on(cohort.corpus) for choice in choices):
                trials = plan(cohort, protocol, splits, choice, request.seeds)
                plans.append(_plan_of(cohort, splits, choice, trials))
                jobs += [_job(request, root, choice, trial, plans[-1].notes) for trial in trials]
    return jobs, plans, cohorts


def _warn_of_empty_classes(cohort: Cohort, watcher: Watcher) -> None:
    empty = [name for name, count in cohort.counts().items() if not count]
    if empty:
        watcher.note(
            f"{cohort.corpus} has no utterance of {', '.join(empty)}, which the label space "
            f"{cohort.labels.name!r} tells apart: UA will be undefined"
        )


def read_corpus(
    corpus: Corpus, root: Path, cache: Path, allow_partial: bool, watcher: Watcher
) -> Scan:
    """Scan a corpus under the watcher's eyes."""
    with watcher.step(f"reading {corpus.card.name}") as tell:
        found = scan(
            corpus,
            root,
            allow_partial=allow_partial,
            cache=cache,
            progress=tell,
        )
    grave = sum(finding.grave for finding in found.findings)
    for finding in found.findings:
        if finding.kind in {"altered", "duplicate"}:
            watcher.note(f"{corpus.card.name}: {finding.message}")
    if grave:
        watcher.note(
            f"{corpus.card.name} is partial: {len(found.utterances)} utterances, {grave} findings; "
            "kept beside its results, which stand apart"
        )
    return found


def _plan_of(
    cohort: Cohort, splits: Sequence[Split], choice: ModelChoice, trials: Sequence[Trial]
) -> Plan:
    speaker = {utterance.id: utterance.speaker for utterance in cohort.utterances}
    shared = any(
        {speaker[name] for name in split.train} & {speaker[name] for name in ids}
        for split in splits
        for ids in split.tests.values()
    )
    model: Any = build(choice.factory(), choice.settings)
    notes = {
        "variant": choice.variant(cohort.corpus),
        # Corpora that an encoder has heard, None if nobody says; of other models nothing.
        **({"pretraining": model.pretraining} if hasattr(model, "pretraining") else {}),
        "speaker_independent": not shared,
        "findings": _told(cohort.scan, [f for f in cohort.scan.findings if f.grave]),
        "altered": _told(cohort.scan, [f for f in cohort.scan.findings if f.kind == "altered"]),
    }
    return Plan(trials[0].row, notes, tuple(sorted(trial.id for trial in trials)))


def _told(found: Scan, findings: Sequence[Finding]) -> list[str]:
    """As many as a record should carry; a folder of stray files gives 100,000."""
    messages = [finding.message.replace(f"{found.root}/", "") for finding in findings]
    more = len(messages) - MOST_KEPT
    return [*messages[:MOST_KEPT], f"and {more} more"] if more > 0 else messages


def _job(
    request: Request, root: Path, choice: ModelChoice, trial: Trial, notes: Mapping[str, Any]
) -> Job:
    return Job(
        trial=trial,
        choice=choice,
        root=root,
        results=request.results,
        cache=request.cache,
        allow_partial=request.allow_partial,
        precision=request.precision,
        keep=request.keep,
        notes=notes,
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
            asked = (request.precision, request.keep if staged else None)
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
    cohorts: Mapping[str, Cohort],
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
        (corpus,) = job.trial.corpora
        key = (corpus, canonical(job.trial.recipes))
        if key in seen:
            continue
        seen.add(key)
        model = build(job.choice.factory(), job.choice.settings)
        for recipe in declared_recipes(model):
            want += wanted(job.choice, recipe, items_of(cohorts[corpus].utterances, recipe))
    with watcher.step("computing features") as tell:
        extract_ahead(want, cache, workers=request.workers, progress=tell, preload=preload)
