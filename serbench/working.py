"""Work on a plan: a share of its trials, where the plan's file and the corpora are at hand.

Nothing is asked of other workers. All of them write into one results folder, which any number may
share; whoever comes first writes the rows of the boards and what stands beside the models.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path

from serbench.bench import Outcome, carry_out, executor_of
from serbench.errors import UsageError
from serbench.planfile import PlanFile
from serbench.preparing import Prepared
from serbench.provenance import own_version
from serbench.replanned import boards_of, check_models, roots_here
from serbench.request import Means, check_devices
from serbench.share import Share, share_of
from serbench.watcher import Watcher


def work_off(
    plan: PlanFile, share: Share, means: Means, roots: Mapping[str, Path], watcher: Watcher
) -> Outcome:
    """Run those trials of a share that are not finished in the results folder.

    Parameters
    ----------
    roots
        Folders of corpora that were named for this command.

    Raises
    ------
    SerbenchError
        Before any training: if a model, a corpus or the folds are not here, or are not those that
        were planned. A trial that fails does not raise.
    """
    start = time.monotonic()
    means.check()
    executor = executor_of(means)
    if plan.serbench != own_version():
        watcher.note(
            f"planned by serbench {plan.serbench}, run by {own_version()}: folds, models and "
            "corpora are held against the plan"
        )
    _check_named(plan, roots)
    jobs = share_of(plan.jobs, plan.seconds, share)
    if not jobs:
        watcher.note(f"share {share} of this plan of {len(plan.jobs)} trials is empty")
    check_models(jobs)
    if remark := check_devices(means):
        watcher.note(remark)
    here = plan.only(jobs)
    here = here.at(results=means.results, cache=means.cache, roots=roots_here(jobs, roots))
    boards = boards_of(here.jobs, watcher)
    prepared = Prepared(here.jobs, here.plans, boards, here.selections)
    outcome = carry_out(prepared, means, executor, watcher)
    return dataclasses.replace(outcome, seconds=time.monotonic() - start)


def _check_named(plan: PlanFile, roots: Mapping[str, Path]) -> None:
    """Refuse a folder for a corpus that the plan does not use."""
    used = sorted({name for job in plan.jobs for name in job.roots})
    for name in roots:
        if name not in used:
            raise UsageError(
                f"--corpus-root {name}=...: no trial of the plan reads that corpus",
                expected="one of " + (", ".join(used) or "none: the plan has no trials"),
            )
