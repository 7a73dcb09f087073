"""That a worker is at a trial: what it says of itself, as it stands in the results folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from serbench.alive import Process
from serbench.printable import one_line

FORMAT = 1


@dataclass(frozen=True)
class Claim:
    """What a worker says of itself and of the trial that it is at.

    Parameters
    ----------
    trial, title
        The trial's id, and what it is called for people.
    host
        The machine's name, for people.
    process
        By which readers on the same machine see whether it lives.
    device
        As it was asked for; "auto" until the training has begun.
    worker
        What its executor or its cluster calls it: a Slurm job, a Dask worker; "": nobody did.
    started
        When it took the trial up, UTC by its own clock: for people.
    seconds
        How long ago that was when the claim was written, by its own clock alone.
    done, total
        Epochs; None: the model tells nothing.
    note
        What the training said last.
    """

    trial: str
    title: str
    host: str
    process: Process
    device: str
    worker: str
    started: str
    seconds: float
    done: int | None = None
    total: int | None = None
    note: str = ""

    def json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)})

    @classmethod
    def from_record(cls, record: Any) -> Claim:
        """Read a claim back; its texts come as single printable lines.

        Raises
        ------
        ValueError
            If it is none.
        """
        if not isinstance(record, Mapping) or record.get("format") != FORMAT:
            raise ValueError(f"not a claim of format {FORMAT}")
        process = record.get("process")
        if not isinstance(process, Mapping) or not _whole(process.get("pid")):
            raise ValueError("its process is missing")
        seconds, done, total = (record.get(name) for name in ("seconds", "done", "total"))
        if not isinstance(seconds, int | float) or not 0 <= seconds < 1e9:
            raise ValueError("its seconds are missing")
        if not (done is None and total is None) and not (_whole(done) and _whole(total)):
            raise ValueError("its epochs are no numbers")
        words = ("trial", "title", "host", "device", "worker", "started", "note")
        return cls(
            **{word: one_line(record.get(word, "")) for word in words},
            process=Process(
                process["pid"], str(process.get("kernel", "")), str(process.get("born", ""))
            ),
            seconds=float(seconds),
            done=done,
            total=total,
        )


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
