"""Work spread over this machine's cores, or done here where that is sooner."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import TypeVar

from serbench.errors import SerbenchError
from serbench.features.crew import MOST_DEATHS, Lost, share_out

Task = TypeVar("Task")
Answer = TypeVar("Answer")

FEW = 8  # tasks; fewer are done here: workers take a second to start
PRELOAD = ("scipy.fft", "scipy.ndimage", "serbench.twins.search", "soundfile", "soxr")


class Steps:
    """Tells somebody how much is done: (steps done, steps known of)."""

    def __init__(self, progress: Callable[[int, int], None] | None, known: int) -> None:
        self._progress, self._done, self._known = progress, 0, known

    def add(self, more: int) -> None:
        """Further steps have become known."""
        self._known += more

    def did(self, steps: int) -> None:
        self._done += steps
        if self._progress is not None and steps:
            self._progress(self._done, self._known)


def spread(
    tasks: Sequence[Task], handle: Callable[[Task], Answer], workers: int | None
) -> Generator[tuple[Task, Answer]]:
    """Each task with its answer, in any order.

    Parameters
    ----------
    handle
        A function of a module. What goes wrong is its answer.
    workers
        Processes; None: one a core, or none for a few tasks. 1: in this process.

    Raises
    ------
    SerbenchError
        If a task ended its worker each time that it was tried.
    """
    count = workers or (_cores() if len(tasks) >= FEW else 1)
    if count == 1:
        for task in tasks:
            yield task, handle(task)
        return
    with closing(share_out(tasks, handle, count, PRELOAD)) as answers:
        for task, answer in answers:
            if isinstance(answer, Lost):
                raise SerbenchError(
                    f"a comparison of sounds ended its worker {MOST_DEATHS} times, "
                    f"at last with exit code {answer.exitcode}",
                    advice="ask for fewer workers (-9: killed, by the system if memory ran out)",
                )
            yield task, answer


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
