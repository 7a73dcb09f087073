"""A pack of jobs on a worker: train them, alone or as one computation, and store each result."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

from serbench import ownloop
from serbench.assignment import Assignment
from serbench.claiming import claimed
from serbench.errors import SerbenchError, StoreError
from serbench.jobs import Advanced, Ended, Job, Listener, Started, Unheard
from serbench.session import Stage
from serbench.store import Store


def attempt(pack: Sequence[Job], listen: Listener) -> None:
    """Run the jobs of a pack to their end. Failures are stored with their reason, never raised.

    Raises
    ------
    Unheard
        If nobody listens any more.
    """
    with claimed(pack, listen) as tell:
        left = [job for job in pack if not _finished(job, tell)]
        if len(left) > 1:
            _together(left, tell)
        elif left:
            _alone(left[0], tell)


def _finished(job: Job, listen: Listener) -> bool:
    """Whether another machine was quicker; then that is told."""
    store = Store(job.results)
    if not (store.has(job.trial.id) and store.whole(job.trial.id)):
        return False
    listen(Started(job.trial.id))
    listen(Ended(job.trial.id, 0.0))
    return True


def _alone(job: Job, listen: Listener) -> None:
    listen(Started(job.trial.id))
    _by_itself(job, listen)


def _by_itself(job: Job, listen: Listener) -> None:
    start = time.monotonic()
    failure: BaseException | None = None
    try:
        assignment = Assignment.of(job)
        with assignment.watched():
            stages, device = _fit(assignment, listen)
        assignment.hand_in(stages, device)
    except Unheard:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  a guest's model may raise anything
        failure = error
    _end(job, failure, time.monotonic() - start, listen)


def _end(job: Job, failure: BaseException | None, seconds: float, listen: Listener) -> None:
    """Tell that a job is over; if it failed, once that is on the disk."""
    if failure is None:
        listen(Ended(job.trial.id, seconds))
        return
    known = isinstance(failure, SerbenchError)
    reason = str(failure) if known else f"{type(failure).__name__}: {failure}"
    fatal = isinstance(failure, StoreError)
    try:
        Store(job.results).fail(job.trial, reason, "".join(traceback.format_exception(failure)))
    except StoreError:
        fatal = True
    listen(Ended(job.trial.id, seconds, reason, fatal))


def _fit(assignment: Assignment, listen: Listener) -> tuple[list[Stage], str]:
    """Train, by the harness's own loop where the model leaves it to the harness."""
    job, train, target = assignment.job, assignment.train, assignment.target
    model: Any = assignment.model
    _limit_threads(job)
    if not ownloop.is_ours(model, adapted=target is not None):
        if target is None:
            model.fit(train, seed=job.trial.seed)
        else:
            model.fit_adapted(train, target, seed=job.trial.seed)
        return [], "cpu"
    from serbench.nets.device import describe, resolve
    from serbench.nets.memory import told
    from serbench.nets.training import train as train_net

    with told():
        stages = train_net(model, train, seed=job.trial.seed, session=assignment.session(listen))
    return stages, describe(resolve(job.device))


def _together(jobs: Sequence[Job], listen: Listener) -> None:
    """Train several at once, as many as fit the device's memory."""
    from serbench.nets.memory import ran_out, release

    _limit_threads(jobs[0])
    ready = _made_ready(jobs, listen)
    most = _room(ready, listen)
    waiting = [ready[at : at + most] for at in range(0, len(ready), most)]
    while waiting:
        part = waiting.pop(0)
        start = time.monotonic()
        failure = _train_at_once(part, listen)
        if failure is None:
            continue
        release()
        if len(part) == 1:
            _end(part[0].job, failure, time.monotonic() - start, listen)
        elif ran_out(failure):
            half = len(part) // 2
            waiting[:0] = [part[:half], part[half:]]
        else:  # whoever is at fault: each has its own end, and its own reason
            why = f"alone, since the stack failed: {type(failure).__name__}: {failure}"
            for assignment in part:
                listen(Advanced(assignment.job.trial.id, 0, 1, why.splitlines()[0]))
                _by_itself(assignment.job, listen)


def _made_ready(jobs: Sequence[Job], listen: Listener) -> list[Assignment]:
    """Those that can be trained; of the others it is told why not."""
    ready = []
    for job in jobs:
        start = time.monotonic()
        listen(Started(job.trial.id))
        try:
            ready.append(Assignment.of(job))
        except Unheard:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  a guest's model may raise anything
            _end(job, error, time.monotonic() - start, listen)
    return ready


def _room(ready: Sequence[Assignment], listen: Listener) -> int:
    """How many of them to train at once."""
    from serbench.nets.stacked import room

    try:
        return room(_replica(ready[0], listen))
    except Unheard:
        raise
    except Exception:  # noqa: BLE001  what is wrong is said where it is trained
        return max(1, len(ready))


def _train_at_once(part: Sequence[Assignment], listen: Listener) -> BaseException | None:
    """Train and hand in; what ended all of the trainings, if something did."""
    from serbench.nets.device import describe, resolve
    from serbench.nets.memory import told
    from serbench.nets.stacked import train_stacked

    start = time.monotonic()
    try:
        with told():
            outcomes = train_stacked([_replica(assignment, listen) for assignment in part])
    except Unheard:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  a guest's net may raise anything
        return error
    share = (time.monotonic() - start) / len(part)
    device = describe(resolve(part[0].job.device))
    for assignment, outcome in zip(part, outcomes, strict=True):
        failure: BaseException | None = None
        if isinstance(outcome, Exception):
            failure = outcome
        else:
            try:
                assignment.hand_in(outcome, device, stacked=len(part), seconds=share)
            except Unheard:
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001  so may its predictions
                failure = error
        _end(assignment.job, failure, share, listen)
    return None


def _replica(assignment: Assignment, listen: Listener) -> Any:
    from serbench.nets.replica import Replica

    return Replica(
        assignment.model,  # type: ignore[arg-type]  # a net, or it would not be in a stack
        assignment.train,
        assignment.job.trial.seed,
        assignment.session(listen),
        assignment.watched,
    )


def _limit_threads(job: Job) -> None:
    if job.threads is not None and "torch" in sys.modules:
        from serbench.nets.device import limit_threads

        limit_threads(job.threads)
