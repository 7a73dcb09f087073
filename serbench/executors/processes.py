"""Workers in processes of their own, one device slot each; a worker that dies is replaced.

The processes come from a fork server that has imported torch once, so that a worker costs
hundredths of a second. What goes to a worker is a pack of :class:`serbench.jobs.Job`, what comes
back are events; both are data. If this process is killed, its workers find their pipe closed at
their next word and end.
"""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import os
import signal
import sys
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess

from serbench.errors import UsageError
from serbench.jobs import Ended, Event, Job, Listener, Pack, Unheard
from serbench.store import Store
from serbench.work import attempt

MOST_DEATHS = 3  # of a trial's workers, before the trial is failed


@dataclass
class _Worker:
    """A process, the end of its pipe, and what it is busy with."""

    process: ForkServerProcess
    pipe: Connection
    device: str
    jobs: dict[str, Job] = field(default_factory=dict)  # by trial, until each has ended


class Processes:
    """An executor over the cores or GPUs of this machine.

    Parameters
    ----------
    workers
        How many processes; None: one for each named device, or for each core where the device is
        left to be found and no GPU is.
    devices
        Handed to the workers in turn.
    """

    def __init__(self, workers: int | None = None, devices: Sequence[str] = ("auto",)) -> None:
        if workers is not None and workers < 1:
            raise UsageError(f"--workers {workers}", expected="1 or more")
        self.workers = workers
        self.devices = tuple(devices)

    def run(self, packs: Sequence[Pack], listen: Listener) -> None:
        """Run every pack; finished jobs are on the disk whatever happens to the rest."""
        if not packs:
            return
        devices = self._devices(len(packs))
        threads = max(1, (os.cpu_count() or 1) // len(devices))
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(self.preload())
        waiting = deque(
            tuple(dataclasses.replace(job, threads=threads) for job in pack) for pack in packs
        )
        deaths: Counter[str] = Counter()
        pool = [_start(context, device) for device in devices]
        try:
            while waiting or any(worker.jobs for worker in pool):
                for worker in pool:
                    if not worker.jobs and waiting:
                        _hand_over(worker, waiting.popleft())
                for worker in _speaking(pool):
                    if not _listen_to(worker, listen):
                        pool[pool.index(worker)] = _replace(
                            context, worker, waiting, deaths, listen
                        )
        finally:
            _stop(pool)

    def preload(self) -> list[str]:
        """Modules that the fork server imports once for all workers.

        torch only where this process has it: then some model to be run needs it.
        """
        return ["serbench.work"] + (["serbench.nets.training"] if "torch" in sys.modules else [])

    def at_once(self) -> int:
        """As many packs as it has workers."""
        return len(self._devices(sys.maxsize))

    def _devices(self, packs: int) -> list[str]:
        named = list(self.devices)
        if named == ["auto"] and "torch" in sys.modules:
            from serbench.nets.device import available

            named = available()
        if named in (["auto"], ["cpu"]) and self.workers is None:
            named = named * (os.cpu_count() or 1)
        count = self.workers or len(named)
        return [named[i % len(named)] for i in range(min(count, packs))]


def _start(context: multiprocessing.context.ForkServerContext, device: str) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours, device)


def _serve(pipe: Connection) -> None:
    """A worker's life: take a pack, do it, until there is none or nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which stops us

    def tell(event: Event) -> None:
        try:
            pipe.send(event)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Unheard from error

    # What a model prints is not the parent's output, which may be JSON.
    with (
        contextlib.redirect_stdout(sys.stderr),
        contextlib.suppress(EOFError, ConnectionResetError, Unheard),
    ):
        while (pack := pipe.recv()) is not None:
            attempt(pack, tell)


def _hand_over(worker: _Worker, pack: Pack) -> None:
    pack = tuple(dataclasses.replace(job, device=worker.device) for job in pack)
    worker.jobs = {job.trial.id: job for job in pack}
    # A worker that has just died is found out by its closed pipe, and the jobs are kept.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        worker.pipe.send(pack)


def _speaking(pool: list[_Worker]) -> list[_Worker]:
    """Workers that have said something or died."""
    ready = wait([worker.pipe for worker in pool])
    return [worker for worker in pool if worker.pipe in ready]


def _listen_to(worker: _Worker, listen: Listener) -> bool:
    """Pass on one event; False if the worker has died."""
    try:
        event = worker.pipe.recv()
    except (EOFError, ConnectionResetError):
        return False
    if isinstance(event, Ended):
        worker.jobs.pop(event.trial, None)
    listen(event)
    return True


def _replace(
    context: multiprocessing.context.ForkServerContext,
    worker: _Worker,
    waiting: deque[Pack],
    deaths: Counter[str],
    listen: Listener,
) -> _Worker:
    """A new worker for one that died, and what it had not finished once more, up to three times.

    Of a pack that died twice each job runs alone: whichever kills its worker, the others finish.
    """
    worker.process.join()
    left = []
    for job in worker.jobs.values():
        deaths[job.trial.id] += 1
        if deaths[job.trial.id] < MOST_DEATHS or Store(job.results).whole(job.trial.id):
            left.append(job)
            continue
        reason = (
            f"its worker died {MOST_DEATHS} times, at last with exit code "
            f"{worker.process.exitcode} (-9: killed, by the system if memory ran out)"
        )
        Store(job.results).fail(job.trial, reason, "")
        listen(Ended(job.trial.id, 0.0, reason))
    if any(deaths[job.trial.id] > 1 for job in left):
        waiting.extendleft((job,) for job in left)
    elif left:
        waiting.appendleft(tuple(left))
    return _start(context, worker.device)


def _stop(pool: list[_Worker]) -> None:
    for worker in pool:
        if not worker.jobs:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                worker.pipe.send(None)
        else:
            worker.process.terminate()
    for worker in pool:
        worker.process.join(timeout=10)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.pipe.close()
