"""The first steps of a training, to learn what all of it takes.

It goes through the one training loop with the net's own settings, on a sample of its utterances,
repeated to the true size of a batch, and is stopped after a few epochs of it. Nothing is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
import torch

from serbench.data import LabelledUtterances
from serbench.labels import Task
from serbench.nets.batches import POOL
from serbench.nets.cost import cost
from serbench.nets.device import resolve
from serbench.nets.net import Net
from serbench.nets.numerics import mixed
from serbench.nets.peak import PeakMemory
from serbench.nets.training import train
from serbench.session import Precision, Session

EPOCHS = 3  # of the sample that are timed, after one to warm up
BACKWARD = 2  # passes forward that a pass backward costs


@dataclass(frozen=True)
class Rehearsal:
    """What was found.

    Attributes
    ----------
    epoch
        Seconds that an epoch of the whole training set takes, its test sets judged as asked.
    steps
        How many steps were timed.
    memory
        Bytes at most, without the features of the whole training: weights, gradients, the state of
        the optimiser, and a step on a batch of the longest utterance.
    """

    epoch: float
    steps: int
    memory: int


class _Enough(Exception):
    """The rehearsal is over."""


def rehearse(
    net: Net,
    sample: LabelledUtterances,
    session: Session,
    *,
    size: int,
    tested: Mapping[str, int],
    budget: float,
) -> Rehearsal:
    """Begin a training, and stop it.

    Parameters
    ----------
    net
        Untrained; it is of no use afterwards.
    sample
        Some of the training set, the longest utterance last.
    session
        As of the training, with samples for its probes and its target.
    size
        Utterances of the whole training set.
    tested
        Test set to its size, of those that are probed.
    budget
        Seconds; a single step may take longer.

    Raises
    ------
    SerbenchError
        As :func:`serbench.nets.training.train`.
    """
    start = time.monotonic()
    batch = max(2, min(net.batch, size))
    longest = sample.subset(np.full(batch, len(sample) - 1))
    alone = replace(session, probes={}, keep="last", checkpoint=None)
    memory = _memory(net, longest, alone)
    times = _times(net, longest, alone, most=1)
    step = median(times)
    pool = min(size, net.batch * POOL)
    probes = {
        name: probe.at(_repeated(len(probe), max(1, round(tested[name] * pool / size))))
        for name, probe in session.probes.items()
    }
    # To sort batches by length the loop looks at a whole pool of them: so does the rehearsal.
    if (time.monotonic() - start) + 2 * step * pool / batch > budget:
        return Rehearsal(step * size / batch, len(times), memory)
    mixture = sample.subset(_repeated(len(sample), pool))
    keep = replace(session, probes=probes, keep="all" if probes else "last", checkpoint=None)
    left = budget - (time.monotonic() - start)
    times = _times(net, mixture, keep, most=max(1, min(EPOCHS, int(left / (step * pool / batch)))))
    return Rehearsal(median(times) * size / pool, len(times) * -(-pool // batch), memory)


def _times(net: Net, data: LabelledUtterances, session: Session, *, most: int) -> list[float]:
    """Seconds of each epoch but the first, which is as long as it is because it is the first."""
    ends: list[float] = []

    def hear(done: int, total: int, note: str) -> None:
        ends.append(time.monotonic())
        if done > most:
            raise _Enough

    with suppress(_Enough):
        train(net, data, seed=0, session=replace(session, progress=hear))
    spans = [after - before for before, after in pairwise(ends)]
    return spans[1:] or spans


def _memory(net: Net, data: LabelledUtterances, session: Session) -> int:
    """Bytes of tensors at most in a step, without those of the features."""

    def hear(done: int, total: int, note: str) -> None:
        if done:
            raise _Enough

    session = replace(session, progress=hear, compile=False)
    device = resolve(session.device)
    features = sum(array.nbytes for array in net.arrays(data, 0).values()) * len(data)
    if device.type == "cuda":
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        with suppress(_Enough):
            train(net, data, seed=0, session=session)
        most: int = torch.cuda.max_memory_allocated(device)
        return max(0, most - before - features)
    counter = PeakMemory()
    with suppress(_Enough), counter:
        train(net, data, seed=0, session=session)
    return max(0, counter.peak - features)


def _repeated(count: int, size: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """``size`` positions in a sample, each as often as the others."""
    return np.resize(np.arange(count), size)


def floor(
    net: Net, task: Task, *, size: int, seconds: float, device: str, precision: Precision
) -> float:
    """Seconds that a training cannot do without: its operations at the speed of matrix products.

    Parameters
    ----------
    size
        Utterances of the training set.
    seconds
        Of sound in a typical one.

    Raises
    ------
    SerbenchError
        If a feature cannot be computed here.
    """
    operations = 2 * cost(net, task, seconds).macs * (1 + BACKWARD) * size * net.epochs
    return operations / speed(device, precision)


def speed(device: str, precision: Precision) -> float:
    """Floating-point operations a second of square matrix products, measured in a moment."""
    found = resolve(device)
    kind = torch.bfloat16 if mixed(precision, found) else torch.float32
    edge = 4096 if found.type == "cuda" else 512
    matrix = torch.ones(edge, edge, dtype=kind, device=found)
    wait: Callable[[], Any] = torch.cuda.synchronize if found.type == "cuda" else lambda: None
    best = float("inf")
    for _ in range(8):
        wait()
        start = time.perf_counter()
        matrix @ matrix
        wait()
        best = min(best, time.perf_counter() - start)
    return 2 * edge**3 / best


def standing_bytes(net: Net, task: Task) -> int:
    """Bytes of weights, gradients and optimiser state; nothing is run but an empty step."""
    module = net.build(task)
    optimiser = net.optimiser_of(module.parameters())
    for weight in module.parameters():
        weight.grad = torch.zeros_like(weight)
    optimiser.step()
    tensors = [*module.state_dict().values(), *(w.grad for w in module.parameters())]
    for state in optimiser.state.values():
        tensors += [value for value in state.values() if isinstance(value, torch.Tensor)]
    return sum(tensor.nbytes for tensor in tensors if tensor is not None)
