"""What a worker of a Dask cluster is sent to do: answer the roll call, or run a pack.

Both are named functions of data alone. What they have to say goes to the scheduler as logged
events of one topic, which costs a worker nothing to send, and nothing where nobody listens.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Mapping
from typing import Any

from serbench.executors.fitness import facts
from serbench.jobs import Advanced, Ended, Event, Pack, Unheard
from serbench.work import attempt

EVERY = 0.5  # seconds between two words on the progress of one trial


class DeviceLost(Unheard):
    """The worker's GPU answers no more: what it was at must run elsewhere."""


def answer(asked: Mapping[str, Any], topic: str) -> None:
    """Tell what this worker is and finds here."""
    from distributed import get_worker

    worker = get_worker()
    worker.log_event(topic, {"kind": "Facts", "worker": worker.address, "facts": facts(asked)})


def run(pack: Pack, number: int, topic: str) -> None:
    """Run a pack, and tell of each trial that it began, advanced and ended.

    Parameters
    ----------
    number, topic
        As which errand, and under what topic, events are told.

    Raises
    ------
    DeviceLost
        If a trial failed because the GPU is gone; nothing is told of this failure.
    """
    from distributed import get_worker

    worker = get_worker()
    key = str(worker.get_current_task())
    told: dict[str, float] = {}  # trial to when its progress was last told

    def tell(event: Event) -> None:
        if _unwanted(worker, key):
            raise Unheard
        if isinstance(event, Ended) and event.failure is not None and not _device_answers(pack):
            raise DeviceLost(event.failure)
        now = time.monotonic()
        if isinstance(event, Advanced):
            if event.done < event.total and now - told.get(event.trial, -EVERY) < EVERY:
                return
            told[event.trial] = now
        message = {"kind": type(event).__name__, "errand": number, **dataclasses.asdict(event)}
        worker.log_event(topic, message)

    attempt(pack, tell)


def _unwanted(worker: Any, key: str) -> bool:
    """Whether the run that sent this errand has gone or given it up, or the worker closes."""
    task = worker.state.tasks.get(key)
    return task is None or task.state == "cancelled" or "clos" in worker.status.name


def _device_answers(pack: Pack) -> bool:
    if "torch" not in sys.modules:
        return True
    from serbench.nets.visible import answers

    return all(answers(device) for device in {job.device for job in pack})
