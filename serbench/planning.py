"""Plan a request without running it: what is missing, and what it will take."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from serbench.choice import ModelChoice
from serbench.estimating.figure import Estimate
from serbench.estimating.row import estimate
from serbench.jobs import Job
from serbench.planfile import PlanFile
from serbench.preparing import Asked, prepare
from serbench.question import question
from serbench.request import Request, check
from serbench.standing import standing
from serbench.store import Plan, Store
from serbench.watcher import Watcher


@dataclass(frozen=True)
class PlannedRow:
    """A row of a board: how much of it there is, what of that is planned, and what it takes.

    ``estimate`` is None where nothing is missing.
    """

    choice: ModelChoice
    plan: Plan
    jobs: tuple[Job, ...]
    missing: int
    estimate: Estimate | None

    def seconds(self) -> list[float | None]:
        """What each of its jobs takes."""
        if self.estimate is None:
            return [None for _ in self.jobs]
        return [self.estimate.seconds(job.trial) for job in self.jobs]


@dataclass(frozen=True)
class Planned:
    """A plan, and its rows for people."""

    file: PlanFile
    rows: tuple[PlannedRow, ...]


def plan_out(request: Request, watcher: Watcher, *, every: bool, measure: bool) -> Planned:
    """Plan a request. Nothing is written but features that are measured with, to the cache.

    Parameters
    ----------
    every
        Plan trials that are finished in the results folder too.
    measure
        Whether something may be run to learn what a trial takes.

    Raises
    ------
    SerbenchError
        For whatever in the request does not fit, as `serbench run` would.
    """
    check(request)
    prepared = prepare(request, watcher)
    store = Store(request.results)
    found = standing(store, prepared.jobs)
    found.check(reuse=request.reuse, rerun=request.rerun)
    missing = found.to_run(prepared.jobs, rerun=request.rerun)
    if found.damaged:
        watcher.note(f"{len(found.damaged)} finished trials are damaged on the disk, and run again")
    boards = {question(board.row): board for board in prepared.boards}
    rows = []
    with watcher.step("estimating") as tell:
        for done, plan in enumerate(prepared.plans):
            tell(done, len(prepared.plans))
            ids = set(plan.trials)
            own = [job for job in prepared.jobs if job.trial.id in ids]
            board = boards[question(plan.row)]
            rows.append(_row(plan, own, missing, board, request, every=every, measure=measure))
    jobs = {job.trial.id: job for row in rows for job in row.jobs}
    seconds = {
        job.trial.id: round(value, 3)
        for row in rows
        for job, value in zip(row.jobs, row.seconds(), strict=True)
        if value is not None
    }
    file = PlanFile(
        results=request.results,
        cache=request.cache,
        plans=tuple(prepared.plans),
        jobs=tuple(jobs.values()),
        selections=tuple(prepared.selections),
        seconds=seconds,
    )
    return Planned(file, tuple(rows))


def _row(
    plan: Plan,
    jobs: Sequence[Job],
    missing: Sequence[Job],
    board: Asked,
    request: Request,
    *,
    every: bool,
    measure: bool,
) -> PlannedRow:
    ids = set(plan.trials)
    lacking = [job for job in missing if job.trial.id in ids]
    chosen = list(jobs) if every else lacking
    told = None
    if chosen:
        by_size = sorted(chosen, key=lambda job: int(job.trial.train["size"]))
        middle = dataclasses.replace(by_size[len(by_size) // 2], device=request.devices[0])
        told = estimate(middle, plan, board, Store(request.results), measure=measure)
    return PlannedRow(jobs[0].choice, plan, tuple(chosen), len(lacking), told)
