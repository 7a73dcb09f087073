"""What a worker does so that others see what it is at: it keeps a claim on each of its trials."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import platform
import random
import re
import sys
import threading
import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from serbench import claims
from serbench.alive import Process
from serbench.claim import Claim
from serbench.jobs import Advanced, Ended, Event, Job, Listener, Pack, Started
from serbench.printable import one_line

# Where clusters say which job a process belongs to, and which part of an array of jobs.
CLUSTERS = (
    ("slurm", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"),
    ("slurm", "SLURM_JOB_ID", None),
    ("pbs", "PBS_JOBID", None),
    ("lsf", "LSB_JOBID", "LSB_JOBINDEX"),
    ("sge", "JOB_ID", "SGE_TASK_ID"),
)
NO_ARRAY = {("lsf", "0"), ("sge", "undefined")}


@contextmanager
def claimed(pack: Sequence[Job], listen: Listener) -> Iterator[Listener]:
    """Keep a claim on each trial of a pack, from its first event to its last.

    A thread of its own renews the claims, so that a model that tells nothing for hours is not taken
    for dead. A folder that cannot be written, or is full, costs the claims and nothing else.

    Yields
    ------
    the listener to tell the pack's events to; it passes each on
    """
    keeper = _Keeper(pack)

    def hear(event: Event) -> None:
        if isinstance(event, Started):
            keeper.take(event.trial)
        elif isinstance(event, Advanced):
            keeper.advance(event)
        elif isinstance(event, Ended):
            keeper.release(event.trial)
        listen(event)

    try:
        yield hear
    finally:
        keeper.close()


def apart(packs: Sequence[Pack], busy: Collection[str]) -> list[Pack]:
    """An order in which this run and another one of the same trials seldom meet.

    Parameters
    ----------
    busy
        Trials that others are at (:func:`serbench.claims.busy`). None: the order stays. Else what
        they are at comes last, and all before it in an order of chance: two that went through a
        list in the same order would be at the same trial again and again.
    """
    if not busy:
        return list(packs)
    free = [pack for pack in packs if not any(job.trial.id in busy for job in pack)]
    random.Random().shuffle(free)  # noqa: S311  changes who does what, and no result
    return free + [pack for pack in packs if any(job.trial.id in busy for job in pack)]


class _Keeper:
    """The claims of one pack, on the disk and renewed."""

    def __init__(self, pack: Sequence[Job]) -> None:
        self.jobs = {job.trial.id: job for job in pack}
        self.held: dict[str, tuple[Path, Claim, float]] = {}  # file, content, monotonic start
        self.lock = threading.Lock()  # what is given up must not be written again
        self.stop = threading.Event()
        self.thread: threading.Thread | None = None

    def take(self, trial_id: str) -> None:
        job = self.jobs.get(trial_id)
        if job is None:
            return
        process = Process.own()
        host = platform.node() or "unknown"
        claim = Claim(
            trial=trial_id,
            title=job.trial.title,
            host=host,
            process=process,
            device=job.device,
            worker=worker_name(),
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=0.0,
        )
        called = re.sub(r"[^A-Za-z0-9_.-]", "_", host)[:100]
        name = f"{trial_id}.{called}.{process.pid}.{uuid.uuid4().hex[:8]}.json"
        with self.lock:
            self._give_up(trial_id)  # taken up again
            self.held[trial_id] = claims.folder(job.results) / name, claim, time.monotonic()
            self._write(trial_id)
        if self.thread is None:
            thread = threading.Thread(target=self._renew, name="claims", daemon=True)
            with contextlib.suppress(RuntimeError):  # no more threads: the claim will fall silent
                thread.start()
                self.thread = thread

    def advance(self, event: Advanced) -> None:
        """Remember how far the trial is; the next renewal says so."""
        if event.trial not in self.held:
            return
        # Without the lock: a training does not wait for a slow file server.
        path, claim, start = self.held[event.trial]
        claim = dataclasses.replace(
            claim,
            device=_found(claim.device) if claim.done is None else claim.device,
            done=max(0, event.done),
            total=max(0, event.total),
            note=one_line(event.note),
        )
        self.held[event.trial] = path, claim, start

    def release(self, trial_id: str) -> None:
        with self.lock:
            self._give_up(trial_id)

    def close(self) -> None:
        self.stop.set()
        with self.lock:
            for trial_id in list(self.held):
                self._give_up(trial_id)
        if self.thread is not None:
            self.thread.join()

    def _renew(self) -> None:
        while not self.stop.wait(claims.EVERY):
            for trial_id in list(self.jobs):
                with self.lock:
                    if trial_id in self.held:
                        self._write(trial_id)

    def _write(self, trial_id: str) -> None:
        """Not flushed to the disk: after a power cut nobody is at the trial anyway."""
        path, claim, start = self.held[trial_id]
        claim = dataclasses.replace(claim, seconds=round(time.monotonic() - start, 3))
        aside = path.with_name(f".{path.name}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(claim.json(), encoding="utf-8")
            aside.replace(path)
        except OSError:  # unheard of is better than failed
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)

    def _give_up(self, trial_id: str) -> None:
        if (held := self.held.pop(trial_id, None)) is not None:
            with contextlib.suppress(OSError):
                held[0].unlink(missing_ok=True)


def worker_name() -> str:
    """What this process's executor or cluster calls it, or nothing."""
    names = []
    for cluster, job, part in CLUSTERS:
        number, task = os.environ.get(job), os.environ.get(part) if part else None
        if number and (part is None or task):
            alone = task is None or (cluster, task) in NO_ARRAY
            names.append(f"{cluster} {number}" if alone else f"{cluster} {number}_{task}")
            break
    distributed = sys.modules.get("distributed")
    if distributed is not None:
        with contextlib.suppress(ValueError):  # loaded, and this is no worker of its
            names.append(f"dask {distributed.get_worker().name}")
    return one_line(", ".join(names), 100)


def _found(device: str) -> str:
    """What "auto" turned out to be. Only what serbench trains itself tells of its epochs."""
    if device != "auto" or "torch" not in sys.modules:
        return device
    from serbench.nets.device import resolve

    return str(resolve(device))
