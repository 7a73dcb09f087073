"""The least time that a device could take for a case: operations and bytes, at its own rates.

Operations are those of the matrix products, convolutions and recurrences of an utterance alone,
without padding: once for the forward pass, twice more for the backward pass of what is trained on,
once for what is judged. Bytes are weights, gradients and the optimiser's two memories, in float32,
each read and written once a step, and the features, read once an epoch; of activations, which a
kernel may keep to itself, none. The rates are those of one large matrix product, in the precision
of the trainings, and of one large copy, measured here. Nothing counts that a recurrence has to wait
for itself.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, replace

import numpy as np
import torch
from cases import Case
from watching import How

from serbench.nets.batches import draw
from serbench.nets.cost import macs
from serbench.nets.numerics import own_randomness
from serbench.nets.shelf import Shelf

ROUNDS = 7
COPIES = 8  # of a float32 weight: weight, gradient and two memories, each read and written
SINGLE = 4  # bytes


@dataclass(frozen=True)
class Rates:
    """What a device does a second."""

    operations: float  # additions and multiplications of a matrix product
    bytes: float  # read or written by a copy
    product: str  # which


@dataclass(frozen=True)
class Floor:
    """Operations and bytes of a whole case, and the seconds that they take at least."""

    operations: float
    bytes: float
    operations_s: float
    bytes_s: float

    @property
    def seconds(self) -> float:
        return max(self.operations_s, self.bytes_s)


def rates(how: How, *, small: bool = False) -> Rates:
    """Measure both."""
    cuda = how.device.type == "cuda"
    size = 256 if small else 8192 if cuda else 2048
    kind = torch.bfloat16 if how.low else torch.float32
    one, other = (torch.randn(size, size, device=how.device, dtype=kind) for _ in range(2))
    product = timed(how, lambda: one @ other)
    source = torch.randn(2**18 if small else 2**28 if cuda else 2**26, device=how.device)
    to = torch.empty_like(source)
    copy = timed(how, lambda: to.copy_(source))
    return Rates(
        2 * size**3 / product,
        2 * source.nbytes / copy,
        f"{size} x {size} x {size}, {str(kind).removeprefix('torch.')}",
    )


def timed(how: How, action) -> float:
    """The median of several calls, in seconds."""
    seconds = []
    for _ in range(ROUNDS + 2):
        start = time.perf_counter()
        action()
        if how.device.type == "cuda":
            torch.cuda.synchronize(how.device)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[2:])


def floor(case: Case, rates: Rates) -> Floor:
    """Of all trainings and epochs of a case."""
    net = case.twin()
    net.task_ = case.trainings[0].train.task
    with own_randomness(0, torch.device("cpu")):
        weights = sum(p.numel() for p in net.build(net.task_).parameters())
    operations = moved = 0.0
    of_shape: dict[tuple[int, ...], int] = {}
    for training in case.trainings:
        data = training.train
        shelf = Shelf.of([net.arrays(data, i) for i in range(len(data))])
        mean = {name: round(float(lengths.mean())) for name, lengths in shelf.lengths.items()}
        shape = tuple(mean.values())
        if shape not in of_shape:
            of_shape[shape] = macs(net, net.task_, utterance(shelf, mean))
        passes = 3 * len(data) + training.judged
        operations += 2 * of_shape[shape] * passes * case.epochs
        steps = len(draw(shelf.longest, net.batch, seed=0, epoch=1))
        read = sum(mean[name] * f.shape[1] for name, f in shelf.frames.items()) * SINGLE
        seen = len(data) + training.judged
        moved += (COPIES * SINGLE * weights * steps + read * seen) * case.epochs
    return Floor(operations, moved, operations / rates.operations, moved / rates.bytes)


def utterance(shelf: Shelf, mean: dict[str, int]):
    """One that is as long as they are in the mean, cut from the longest."""
    row = np.array([int(np.argmax(shelf.longest))])
    lengths = {name: each.copy() for name, each in shelf.lengths.items()}
    starts = shelf.batch(row)  # the arrays themselves
    cut = {name: torch.cat([x.values[0, : mean[name]], x.values.new_zeros(1, x.values.shape[2])])
           for name, x in starts.items()}  # fmt: skip
    lengths = {name: np.array([mean[name]]) for name in lengths}
    return replace(shelf, frames=cut, lengths=lengths).batch(np.array([0]))
