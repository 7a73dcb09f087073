"""The estimate of a row of a board, from whatever source knows most."""

from __future__ import annotations

from serbench import ownloop
from serbench.access import needed_access
from serbench.errors import SerbenchError
from serbench.estimating.figure import Estimate, Figure, unknown
from serbench.estimating.finished import finished
from serbench.jobs import Job
from serbench.model import build
from serbench.preparing import Asked
from serbench.store import Plan, Store


def estimate(
    job: Job, plan: Plan, asked: Asked, store: Store, *, measure: bool, budget: float = 60.0
) -> Estimate:
    """What a trial of a row takes, on the job's device.

    Parameters
    ----------
    job
        Any trial of the row.
    measure
        Whether something may be run for it: some steps of a net, or a whole trial of another model.
    budget
        Seconds that this may take. A step or a feature is not interrupted.
    """
    model = build(job.choice.factory(), job.choice.settings)
    count = getattr(model, "parameters_for", None)
    parameters = count(asked.pool.task) if callable(count) else None
    ours = ownloop.is_ours(model, adapted=needed_access(model) == "unlabelled")
    device = "cpu"
    if ours:
        from serbench.nets.device import describe, resolve

        device = describe(resolve(job.device))
    rate = finished(store, plan, device, job)
    if ours:
        from serbench.estimating.rehearsing import counted, rehearsed

        tell = rehearsed if measure else counted
    else:
        from serbench.estimating.trying import tried

        tell = tried if measure else _nothing
    try:
        found, memory = tell(job, asked, budget)
    except SerbenchError as error:
        found = memory = unknown(error.found.splitlines()[0])
    except Exception as error:  # noqa: BLE001  a guest's model may raise anything, torch for memory
        found = memory = unknown(f"{type(error).__name__}: {error}".splitlines()[0])
    return Estimate(rate or found, memory, parameters, device)


def _nothing(job: Job, asked: Asked, budget: float) -> tuple[Figure, Figure]:
    return unknown("its operations cannot be counted"), unknown("it was not measured")
