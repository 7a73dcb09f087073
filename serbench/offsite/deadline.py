"""An end to the time that trials may take: a listener that stops what will not end before it.

A training that the harness runs itself writes checkpoints, and is stopped just after the last one
that fits, so that nothing of it is done twice. Any other model is only begun where the time
suffices for the longest that was seen or planned of it, and stopped by an alarm if it takes longer
still. The first trial is always begun.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from serbench.canonical import digest
from serbench.errors import UsageError
from serbench.jobs import Advanced, Ended, Event, Job, Listener, Started, Unheard
from serbench.model import build
from serbench.ownloop import is_ours
from serbench.store import Store

EVERY = 15.0  # seconds between two checkpoints of a training that may have to stop
BEGIN = 20.0  # seconds that must be left for a trial to be begun


class OutOfTime(Unheard):
    """The time is over; what is under way goes on from its checkpoint the next time."""


class Deadline:
    """Passes events on, until there is no time left.

    Parameters
    ----------
    seconds
        From now.
    jobs
        Those that will run.
    planned
        Trial id to the seconds that it was estimated to take.
    listen
        Who else is told.
    """

    def __init__(
        self,
        seconds: float,
        jobs: Sequence[Job],
        planned: Mapping[str, float],
        listen: Listener,
    ) -> None:
        if seconds <= 0:
            raise UsageError(f"{seconds / 60:g} minutes", expected="more than 0")
        self.until = time.monotonic() + seconds
        self._jobs = {job.trial.id: job for job in jobs}
        self._kinds = {name: _kind(job) for name, job in self._jobs.items()}
        self._planned = planned
        self._listen = listen
        self._longest: dict[str, float] = {}
        self._goes_on: dict[str, bool] = {}  # kind to whether it has checkpoints to go on from
        self._begun = False
        self._last: dict[str, float] = {}  # trial to when it was last heard of

    @property
    def left(self) -> float:
        """Seconds."""
        return self.until - time.monotonic()

    def __call__(self, event: Event) -> None:
        kind = self._kinds.get(event.trial, "")
        now = time.monotonic()
        if isinstance(event, Started) and not self._suffices(event.trial, kind):
            raise OutOfTime
        self._begun = True
        if isinstance(event, Ended):
            self._longest[kind] = max(event.seconds, self._longest.get(kind, 0.0))
        self._listen(event)
        if isinstance(event, Advanced):
            epoch = now - self._last.get(event.trial, now) if event.done > 1 else 0.0
            if event.done < event.total and self._is_time(event.trial, epoch):
                raise OutOfTime
        self._last[event.trial] = now

    @contextmanager
    def alarm(self) -> Iterator[None]:
        """Within, whatever runs in the main thread is stopped when the time is over."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def ring(number: int, frame: Any) -> None:
            raise OutOfTime

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, max(self.left, 0.001))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)

    def _suffices(self, trial: str, kind: str) -> bool:
        if self.left <= 0:
            return False
        if not self._begun:
            return True
        if kind not in self._goes_on:
            self._goes_on[kind] = _goes_on(self._jobs[trial])
        if self._goes_on[kind]:
            return self.left >= BEGIN
        return self.left >= max(self._longest.get(kind, 0.0), self._planned.get(trial, 0.0))

    def _is_time(self, trial: str, epoch: float) -> bool:
        """Whether a training is to stop here: the next epoch or checkpoint would come too late."""
        if self.left <= 1.5 * epoch:
            return True
        if self.left > 2 * EVERY:
            return False
        with suppress(OSError):
            age = time.time() - self._checkpoint(trial).stat().st_mtime
            return age <= epoch + 1.0  # written in this very epoch: nothing is lost
        return False

    def _checkpoint(self, trial: str) -> Path:
        job = self._jobs[trial]
        return Store(job.results).checkpoint(trial)


def _goes_on(job: Job) -> bool:
    """Whether the harness trains it, and so writes checkpoints."""
    model = build(job.choice.factory(), job.choice.settings)
    return is_ours(model, adapted=job.trial.target is not None)


def _kind(job: Job) -> str:
    """Trials of one kind take about as long."""
    return digest([job.trial.row, sorted(job.trial.tests)])
