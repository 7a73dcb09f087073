"""One pack after another, in this process: for debugging, and for one GPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from serbench.errors import UsageError
from serbench.jobs import Listener, Pack
from serbench.work import attempt


class Serial:
    """The executor that is used unless another is asked for."""

    def __init__(self, workers: int | None = None, devices: Sequence[str] = ("auto",)) -> None:
        del workers  # there is one
        if len(devices) > 1:
            raise UsageError(
                f"--device {','.join(devices)} with --executor serial, which uses one device",
                expected="one of them, or --executor processes: a worker on each",
            )
        self.device = devices[0]

    def preload(self) -> Sequence[str]:
        """Nothing: the work is done here."""
        return ()

    def at_once(self) -> int:
        """One pack."""
        return 1

    def run(self, packs: Sequence[Pack], listen: Listener) -> None:
        """Run every pack in turn."""
        for pack in packs:
            attempt([dataclasses.replace(job, device=self.device) for job in pack], listen)
