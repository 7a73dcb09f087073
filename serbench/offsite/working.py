"""The trials of a bundle, run where the bundle is."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from serbench import bench
from serbench.bundle.carried import CHECKPOINTS, PLAN, inward
from serbench.bundle.ground import opened
from serbench.bundle.manifest import Manifest, check, parts_of
from serbench.bundle.manifest import read as read_manifest
from serbench.canonical import canonical
from serbench.errors import StoreError
from serbench.jobs import Ended, Event, Executor, Job, Listener, Pack
from serbench.model import build
from serbench.offsite.deadline import EVERY, Deadline, OutOfTime
from serbench.planfile import PlanFile
from serbench.planfile import read as read_plan
from serbench.request import Means, check_devices
from serbench.store import Store
from serbench.writing import write_aside

RESULTS = "results"  # the folder in a bundle, unless another is asked for
MORE_TO_DO = 75  # the exit status where time ran out: EX_TEMPFAIL, "try again", of sysexits.h


@dataclass(frozen=True)
class Parts:
    """The parts of a bundle that are here, and what of their trials is to be done.

    Parameters
    ----------
    folders
        Of the parts that are here.
    plan
        Their trials together, as they are worked on here.
    lacking
        Numbers of the parts that are not here.
    models
        Sources that came with the bundle, and that running it executes.
    """

    folders: tuple[Path, ...]
    plan: PlanFile
    lacking: tuple[int, ...]
    models: tuple[Path, ...]

    @property
    def store(self) -> Store:
        return Store(self.plan.results)

    def only(self, jobs: Sequence[Job]) -> Parts:
        """The same with these jobs alone."""
        return dataclasses.replace(self, plan=self.plan.only(jobs))

    def missing(self) -> list[Job]:
        """Jobs that are not finished in the results folder."""
        return [
            job
            for job in self.plan.jobs
            if not (self.store.has(job.trial.id) and self.store.whole(job.trial.id))
        ]


@dataclass
class Errand:
    """What came of working on a bundle.

    Attributes
    ----------
    done, left
        Trials that were finished, and those that are not.
    failures
        Trial id to its title and the reason.
    """

    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The exit status: 0, 1 if a trial failed, :data:`MORE_TO_DO` if some are left."""
        if self.left:
            return MORE_TO_DO
        return 1 if self.failures else 0


def unpacked(folder: Path, results: Path | None = None) -> Parts:
    """Look through a bundle: every file is held to its digest.

    Parameters
    ----------
    folder
        A bundle, or one part of it.
    results
        Where results go; None: ``folder/results``.

    Raises
    ------
    StoreError
        If it is no bundle, or not what was written, or an upload of one of its parts is missing.
    """
    folder = folder.absolute()
    target = (results or folder / RESULTS).absolute()
    found: list[tuple[Path, Manifest]] = []
    for part in parts_of(folder):
        told = read_manifest(part)
        check(part, told)
        found.append((part, told))
    plans = [inward(read_plan(part / PLAN), part, target) for part, _ in found]
    here = {told.part for _, told in found}
    return Parts(
        tuple(part for part, _ in found),
        _together(plans),
        tuple(number for number in range(1, found[0][1].parts + 1) if number not in here),
        tuple(
            part / name for part, told in found for name in told.files if name.startswith("models/")
        ),
    )


def work_through(
    parts: Parts,
    executor: Executor,
    listen: Listener,
    *,
    seconds: float | None = None,
    packed: Callable[[Sequence[Job]], Sequence[Pack]] | None = None,
) -> Errand:
    """Run what is not finished, part by part, until the time is over.

    Parameters
    ----------
    seconds
        None: until everything is done.
    packed
        Puts jobs into packs that one worker does at once (:func:`packs_of`); None: each by itself.
    """
    missing = parts.missing()
    titles = {job.trial.id: job.trial.title for job in missing}
    errand = Errand()

    def hear(event: Event) -> None:
        if isinstance(event, Ended):
            if event.failure is None:
                errand.done.append(event.trial)
            else:
                errand.failures[event.trial] = f"{titles[event.trial]}: {event.failure}"
        listen(event)
        if isinstance(event, Ended) and event.fatal:
            raise StoreError(
                f"{titles[event.trial]}: {event.failure}",
                advice="what is finished is kept; mend it and run the same command again",
            )

    told: Listener = hear
    clock = None
    if seconds is not None:
        clock = told = Deadline(seconds, missing, parts.plan.seconds, hear)
        missing = [dataclasses.replace(job, checkpoint_seconds=EVERY) for job in missing]
    _bring_checkpoints(missing, parts.store)
    try:
        with clock.alarm() if clock is not None else nullcontext():
            for part in parts.folders:
                jobs = [job for job in missing if job.bundle == part]
                if jobs:
                    opened(part)
                    executor.run((packed or _alone)(jobs), told)
    except OutOfTime:
        pass
    over = {*errand.done, *errand.failures}
    errand.left = [job.trial.id for job in missing if job.trial.id not in over]
    return errand


def packs_of(jobs: Sequence[Job], means: Means, executor: Executor) -> list[Pack]:
    """Packs of these jobs, stacked where that pays; one whose model cannot be made fails alone.

    Raises
    ------
    UsageError
        If a device that was named is not there.
    """
    ready: list[Job] = []
    broken: list[Job] = []
    known: dict[str, bool] = {}
    for job in jobs:
        kind = canonical([job.choice.spec, dict(job.choice.settings)])
        if kind not in known:
            try:
                build(job.choice.factory(), job.choice.settings)
                known[kind] = True
            except Exception:  # noqa: BLE001  whatever it is, the trial will say it
                known[kind] = False
        (ready if known[kind] else broken).append(job)
    check_devices(means)  # not before: whether the models are nets is known by now
    return [*bench.packed(ready, means, executor), *((job,) for job in broken)]


def _alone(jobs: Sequence[Job]) -> list[tuple[Job, ...]]:
    return [(job,) for job in jobs]


def _together(plans: Sequence[PlanFile]) -> PlanFile:
    """The plans of several parts as one."""
    rows = {str(row): row for plan in plans for row in plan.plans}
    seconds: Mapping[str, float] = {k: v for plan in plans for k, v in plan.seconds.items()}
    return dataclasses.replace(
        plans[0],
        plans=tuple(rows.values()),
        jobs=tuple(job for plan in plans for job in plan.jobs),
        seconds=seconds,
    )


def _bring_checkpoints(jobs: Sequence[Job], store: Store) -> None:
    """Trainings that were begun elsewhere go on here, unless they have got further here."""
    for job in jobs:
        assert job.bundle is not None
        brought = job.bundle / CHECKPOINTS / job.trial.id / "checkpoint.pt"
        here = store.checkpoint(job.trial.id)
        if brought.is_file() and not here.exists():
            write_aside(here, brought.read_bytes())
            shutil.copystat(brought, here)
