"""One job after another, in this process: for debugging, and for one GPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from serbench.jobs import Job, Listener
from serbench.work import attempt


class Serial:
    """The executor that is used unless another is asked for."""

    def __init__(self, workers: int | None = None, devices: Sequence[str] = ("auto",)) -> None:
        del workers  # there is one
        self.device = devices[0]

    def preload(self) -> Sequence[str]:
        """Nothing: the work is done here."""
        return ()

    def run(self, jobs: Sequence[Job], listen: Listener) -> None:
        """Run every job in turn."""
        for job in jobs:
            attempt(dataclasses.replace(job, device=self.device), listen)
