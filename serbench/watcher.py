"""Who is told of what goes on in a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from serbench.jobs import Listener
from serbench.trial import Trial


class Watcher(Protocol):
    """Who is told of what goes on: a progress display, a test."""

    def step(self, title: str) -> AbstractContextManager[Callable[[int, int], None]]:
        """A stretch of work; inside, tell (done, total)."""

    def trials(self, trials: Sequence[Trial], finished: int) -> AbstractContextManager[Listener]:
        """The trials that are about to run, beside those already finished."""

    def note(self, text: str) -> None:
        """Something worth a line."""
