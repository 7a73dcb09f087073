"""A rehearsal of a net's trial: its fold's utterances, a few of them, on its device."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ProtocolError
from serbench.estimating.figure import Figure
from serbench.features.cache import FeatureCache
from serbench.jobs import Job
from serbench.model import build
from serbench.nets.net import Net
from serbench.nets.rehearsal import floor, rehearse, standing_bytes
from serbench.plan import held_out_of
from serbench.pool import Pool
from serbench.preparing import Asked
from serbench.protocols import Selection
from serbench.session import Session
from serbench.sources import test_set, training_set

SAMPLE = 64  # utterances whose features are computed, of the training set and of the test side


def rehearsed(job: Job, asked: Asked, budget: float) -> tuple[Figure, Figure]:
    """Seconds per utterance and bytes, from some steps that were really run."""
    pool, cache, net = asked.pool, FeatureCache(job.cache), _net(job)
    train, tests = _fold(job, asked)
    sample = training_set(pool, cache, _spread(pool, train), net)
    grouped = asked.protocol.target_access == "speaker-norm"
    heard = {
        name: test_set(pool, cache, _spread(pool, rows), net, grouped=grouped).test
        for name, rows in tests.items()
    }
    sizes = {name: len(rows) for name, rows in tests.items()}
    bytes_each, reading = _features(net, sample)
    session = Session(
        device=job.device,
        precision=job.precision,
        probes=heard if job.keep == "all" else {},
        compile=job.compile,
        target=next(iter(heard.values())) if job.trial.target is not None else None,
    )
    found = rehearse(net, sample, session, size=len(train), tested=sizes, budget=budget)
    handed = len(train) + sum(map(len, tests.values()))
    seconds = found.epoch * net.epochs + reading * handed
    how = ("1 step" if found.steps == 1 else f"{found.steps} steps") + (
        f" of {net.batch} utterances"
    )
    return (
        Figure(seconds / len(train), "measured", how),
        Figure(found.memory + bytes_each * handed, "measured", "a step on the longest utterances"),
    )


def counted(job: Job, asked: Asked, budget: float) -> tuple[Figure, Figure]:
    """The floor of both, from operations and weights alone."""
    del budget  # counting takes a moment
    net = _net(job)
    train, _ = _fold(job, asked)
    lengths = [asked.pool.utterances[int(row)].duration for row in train]
    seconds = floor(
        net,
        asked.pool.task,
        size=len(train),
        seconds=float(np.mean(lengths)),
        device=job.device,
        precision=job.precision,
    )
    return (
        Figure(seconds / len(train), "counted", "at least: its operations as matrix products"),
        Figure(standing_bytes(net, asked.pool.task), "counted", "at least: weights and optimiser"),
    )


def _net(job: Job) -> Net:
    net = build(job.choice.factory(), job.choice.settings)
    assert isinstance(net, Net)
    return net


def _fold(job: Job, asked: Asked) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
    """Rows of a trial's training set and test sets."""
    trial, pool = job.trial, asked.pool
    split = next((one for one in asked.splits if one.fold == trial.fold), None)
    if split is None:
        raise ProtocolError(f"there is no fold {trial.fold!r}")
    rule: Selection = "last" if trial.validation is None else "val"
    held = held_out_of(pool, asked.protocol, split, rule)
    tests = {name: pool.positions(ids) for name, ids in split.tests.items()}
    return pool.positions(held.train), tests


def _spread(pool: Pool, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Some of these rows, of lengths as all of them have, the longest last."""
    durations = np.array([pool.utterances[int(row)].duration for row in rows])
    order = rows[np.argsort(durations, kind="stable")]
    at = np.linspace(0, len(order) - 1, min(SAMPLE, len(order))).round().astype(np.int64)
    chosen: NDArray[np.int64] = order[at]
    return chosen


def _features(net: Net, sample: LabelledUtterances | Utterances) -> tuple[float, float]:
    """Bytes of an utterance's arrays, and seconds to read them again from the cache."""
    sizes = [sum(a.nbytes for a in net.arrays(sample, i).values()) for i in range(len(sample))]
    start = time.monotonic()
    for i in range(len(sample)):
        net.arrays(sample, i)
    return float(np.mean(sizes)), (time.monotonic() - start) / len(sample)
