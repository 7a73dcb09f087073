"""Processes that share out a list of tasks; one that dies is replaced and its task done again.

They come from a fork server that has imported librosa once (:mod:`serbench.features.warm`), since
that takes seconds. Tasks and answers are data. If this process is killed, its workers find their
pipe closed and end.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from serbench.errors import SerbenchError

MOST_DEATHS = 3  # of one task's workers, before the task is given up

Task = TypeVar("Task")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Lost(Generic[Task]):
    """A task that killed its worker each time."""

    task: Task
    exitcode: int | None  # -9: killed


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: int | None = None  # position of the one that it is busy with


def share_out(
    tasks: Sequence[Task],
    handle: Callable[[Task], Answer],
    workers: int,
    preload: Sequence[str] = (),
) -> Generator[tuple[Task, Answer | Lost[Task]]]:
    """Do tasks in other processes; each with its answer, in the order of their ends.

    Parameters
    ----------
    handle
        A function of a module, and picklable: it is sent by its name. What it raises kills its
        worker, so it returns its failures.
    workers
        How many processes.
    preload
        Modules that the fork server imports once. It serves this whole process, so what is named
        here counts only for the first who starts it.

    Raises
    ------
    SerbenchError
        If no process can be started.
    """
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    context.set_forkserver_preload(list(preload))
    waiting = deque(range(len(tasks)))
    deaths: Counter[int] = Counter()
    pool: list[_Worker] = []
    try:
        pool.extend(_start(context, handle) for _ in range(min(workers, len(tasks))))
        while waiting or any(worker.task is not None for worker in pool):
            for worker in pool:
                if worker.task is None and waiting:
                    _hand_over(worker, waiting.popleft(), tasks)
            for worker in _speaking(pool):
                task = worker.task
                try:
                    answer = worker.pipe.recv()
                except (EOFError, ConnectionResetError):
                    exitcode = _bury(worker)
                    pool[pool.index(worker)] = _start(context, handle)
                    if task is not None:
                        deaths[task] += 1
                        if deaths[task] < MOST_DEATHS:
                            waiting.appendleft(task)
                        else:
                            yield tasks[task], Lost(tasks[task], exitcode)
                    continue
                worker.task = None
                if task is not None:
                    yield tasks[task], answer
    finally:
        _stop(pool)


def _start(context: BaseContext, handle: Callable[[Any], Any]) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, handle), daemon=True)  # type: ignore[attr-defined]
    try:
        process.start()
    except (EOFError, OSError) as error:
        raise SerbenchError(
            f"no worker process can be started: {error or type(error).__name__}",
            expected="a process of one's own for each worker",
            advice="ask for one worker: it works in this process",
        ) from error
    theirs.close()
    return _Worker(process, ours)


def _serve(pipe: Connection, handle: Callable[[Any], Any]) -> None:
    """A worker's life: do what comes, until there is nothing or nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which stops us
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while (task := pipe.recv()) is not None:
            pipe.send(handle(task))


def _hand_over(worker: _Worker, position: int, tasks: Sequence[Any]) -> None:
    worker.task = position
    # A worker that has just died is found out by its closed pipe, and the task is kept.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        worker.pipe.send(tasks[position])


def _speaking(pool: list[_Worker]) -> list[_Worker]:
    """Workers that have answered or died."""
    ready = wait([worker.pipe for worker in pool])
    return [worker for worker in pool if worker.pipe in ready]


def _bury(worker: _Worker) -> int | None:
    worker.pipe.close()
    worker.process.join()
    return worker.process.exitcode


def _stop(pool: list[_Worker]) -> None:
    for worker in pool:
        if worker.task is None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                worker.pipe.send(None)
        else:
            worker.process.terminate()
    for worker in pool:
        worker.process.join(timeout=10)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        with contextlib.suppress(OSError):
            worker.pipe.close()
