"""One trial run whole, in a process of its own and within a budget, to learn what it takes.

Its result goes into a folder that is thrown away: to plan is not to run.
"""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import resource
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from serbench.errors import SerbenchError
from serbench.estimating.figure import Figure, unknown
from serbench.features.cache import FeatureCache
from serbench.features.compute import compute
from serbench.jobs import Event, Job
from serbench.model import build, declared_recipes
from serbench.preparing import Asked
from serbench.sources import items_of
from serbench.store import Store
from serbench.work import attempt

SHORT = 15.0  # seconds: what costs little to run twice


def tried(job: Job, asked: Asked, budget: float) -> tuple[Figure, Figure]:
    """Seconds per utterance and bytes of one trial that was run whole; unknown if it took longer.

    Features come first and stay in the cache; the budget is for both.
    """
    start = time.monotonic()
    late = f"one trial takes longer than the {budget:.0f} s that may be spent on it"
    model = build(job.choice.factory(), job.choice.settings)
    cache = FeatureCache(job.cache)
    for recipe in declared_recipes(model):
        for item in items_of(asked.pool.utterances, recipe):
            compute(item, recipe, cache)
            if time.monotonic() - start > budget:
                return unknown(late + ", features included"), unknown(late)
    with tempfile.TemporaryDirectory(prefix="serbench-plan-") as folder:
        trial = dataclasses.replace(job, results=Path(folder))
        grown = _run(trial, budget - (time.monotonic() - start))
        if grown is None:
            return unknown(late), unknown(late)
        store = Store(Path(folder))
        if (failure := store.failure(job.trial.id)) is not None:
            raise SerbenchError(f"the trial that was tried failed: {failure.reason}")
        seconds = store.record(job.trial.id)["provenance"]["seconds"]
    return (
        Figure(seconds / job.trial.train["size"], "measured", "one trial run whole"),
        Figure(grown, "measured", "what its process grew by"),
    )


def _run(job: Job, seconds: float) -> int | None:
    """Bytes that a process grew by that ran a job; None if it was stopped for its time.

    Raises
    ------
    SerbenchError
        If the process died.
    """
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(job, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            return None
        grown: int = ours.recv()
    except EOFError:
        process.join()
        raise SerbenchError(
            f"the trial that was tried ended its process, exit code {process.exitcode}"
        ) from None
    finally:
        process.terminate()
        process.join()
        ours.close()
    return grown


def _serve(job: Job, pipe: Connection) -> None:
    """Run the job; once more if it was short, since the first in a process reads the corpora."""
    before, start, store = _most(), time.monotonic(), Store(job.results)
    with contextlib.redirect_stdout(sys.stderr):
        attempt((job,), _silent)
        if store.has(job.trial.id) and time.monotonic() - start < SHORT:
            store.set_aside(job.trial.id)
            attempt((job,), _silent)
    pipe.send(max(0, _most() - before))


def _silent(event: Event) -> None:
    del event


def _most() -> int:
    """The most memory that this process has ever held, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
