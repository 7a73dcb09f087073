"""How long the rest will take, by what was finished before."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from statistics import fmean

from serbench.claims import Seen
from serbench.errors import StoreError
from serbench.store import Store

SAMPLE = 20  # finished trials of a row whose durations are read; ids are digests, so any are fair


def mean_seconds(store: Store, done: Collection[str]) -> float | None:
    """What a finished trial took, in the mean of up to :data:`SAMPLE`; None: nobody knows."""
    every = sorted(done)
    step = max(1, len(every) // SAMPLE)
    took = []
    for trial_id in every[::step][:SAMPLE]:
        try:
            seconds = store.record(trial_id)["provenance"].get("seconds")
        except (StoreError, OSError, RecursionError):
            continue
        if isinstance(seconds, int | float) and 0 <= seconds < math.inf:
            took.append(float(seconds))
    return fmean(took) if took else None


def work_left(
    mean: float | None, missing: int, workers: Sequence[Sequence[Seen]]
) -> tuple[float | None, float]:
    """Seconds of work that a row has left, and of the worker whose trials take longest.

    Parameters
    ----------
    mean
        Seconds that a finished trial took; of one that was trained with others at once, its share
        of them. None: none is finished, and running ones are asked.
    missing
        Trials at which nobody is.
    workers
        For each process that is at some of the row's trials, its claims on them. Those that tell
        their epochs are trained at once, and the others wait until they are done.

    Returns
    -------
    the sum for one worker to do, None if nobody can know; the longest, 0 if nobody is at work
    """
    shares = [_seconds_each(seen) for seen in workers]
    known = [share for share in shares if share is not None]
    each = mean if mean is not None or not known else fmean(known)
    if each is None:
        return (None if missing or workers else 0.0), 0.0
    rests = [_rest(seen, each) for seen in workers]
    return each * missing + sum(rests), max(rests, default=0.0)


def _epochs(seen: Sequence[Seen]) -> list[tuple[float, float]]:
    """Of each trial that tells its epochs: seconds since it was begun, and the share done."""
    return [
        (one.seconds, min(1.0, one.claim.done / one.claim.total))
        for one in seen
        if one.claim.done and one.claim.total
    ]


def _seconds_each(seen: Sequence[Seen]) -> float | None:
    """What a trial of this worker will have taken, by its epochs."""
    told = _epochs(seen)
    return max(seconds / share for seconds, share in told) / len(told) if told else None


def _rest(seen: Sequence[Seen], each: float) -> float:
    """What a worker's trials still take."""
    told = _epochs(seen)
    waiting = each * (len(seen) - len(told))
    if told:
        return waiting + max(seconds / share - seconds for seconds, share in told)
    return max(0.0, waiting - max(one.seconds for one in seen))
