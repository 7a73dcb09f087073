"""Many trainings of one net as one computation: folds, seeds, sources of a recipe.

Each step takes one step of every training at once, each on its own batch of its own training set,
with its own weights, BatchNorm statistics, dropout masks and optimiser. What comes out is what
:func:`serbench.nets.training.train` makes of each alone, but for the rounding of sums: batches and
masks are functions of seed, epoch and step (:mod:`serbench.nets.batches`,
:mod:`serbench.nets.draws`). Where one has fewer utterances in a batch, rows are added that count
for nothing; where one has fewer batches in an epoch, it stands still until the others are through.

What that takes of a net stands in :mod:`serbench.nets.stackable`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from serbench.errors import ModelError, TrainingDiverged
from serbench.nets.batches import draw, in_order_of_length
from serbench.nets.compiling import Compiled, wanted
from serbench.nets.device import resolve
from serbench.nets.diverging import diverged
from serbench.nets.library import Library
from serbench.nets.numerics import mixed, own_randomness, precise, repeatable
from serbench.nets.replaying import Replayed, Take
from serbench.nets.replica import Replica, Standing
from serbench.nets.stack import Stack
from serbench.nets.stackable import check_alike, why_not
from serbench.nets.step import key_of, seed_of
from serbench.nets.training import halved
from serbench.session import Session, Stage

MOST = 1 << 16  # trainings at once
SHARE = 0.8  # of the free memory that a stack may take


def train_stacked(replicas: Sequence[Replica]) -> list[list[Stage] | TrainingDiverged]:
    """Train nets of one class with the same settings, each on its own; as `training.train` does.

    Returns
    -------
    For each, its stages, or the error that ended it while the others went on.

    Raises
    ------
    ModelError
        If the nets differ, or cannot be stacked (:func:`serbench.nets.stackable.why_not`).
    UsageError, StoreError
        As from :func:`serbench.nets.training.train`.
    """
    first = replicas[0]
    first.net.check_settings()
    check_alike(replicas)
    device = resolve(first.session.device)
    precision = first.session.precision
    with repeatable(exact=not mixed(precision, device)), own_randomness(0, device):
        run = _Stacked(replicas, device)
        run.go_on()
        with contextlib.ExitStack() as watched:
            for replica in replicas:
                watched.enter_context(replica.reading())
            while run.left():
                run.epoch()
    return run.finish()


def room(replica: Replica) -> int:
    """How many such trainings a device's free memory holds, found by a step of one of them.

    On the CPU, whose memory all share, as many as anybody asks for.
    """
    device = resolve(replica.session.device)
    if device.type != "cuda":
        return MOST
    free = torch.cuda.mem_get_info(device)[0] + _idle(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    with (
        repeatable(exact=not mixed(replica.session.precision, device)),
        own_randomness(0, device),
    ):
        run = _Stacked([dataclasses.replace(replica, session=_quiet(replica.session))], device)
        features = torch.cuda.memory_allocated(device) - before  # once, for all
        run.try_out()
    needed = torch.cuda.max_memory_allocated(device) - before - features
    return max(1, int((SHARE * free - features) / max(1, needed)))


def _idle(device: torch.device) -> int:
    """Bytes that torch holds of the device and nothing uses."""
    return torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)


def _quiet(session: Session) -> Session:
    return dataclasses.replace(session, progress=lambda done, total, note: None, checkpoint=None)


class _Stacked:
    """The trainings under way. Built within the contexts that set how torch computes."""

    def __init__(self, replicas: Sequence[Replica], device: torch.device) -> None:
        self.replicas, self.device = replicas, device
        session = replicas[0].session
        self.net = replicas[0].net
        self.low = mixed(session.precision, device)
        self.dtype = precise(session.precision)
        self.library = Library()
        self.trainings = [Standing(one, self.library, device, self.dtype) for one in replicas]
        modules = [training.module for training in self.trainings]
        if reason := why_not(self.net, modules[0]):
            raise ModelError(f"trainings of {type(self.net).__name__} cannot be stacked: {reason}")
        self.library.open(device, self.dtype)
        for training in self.trainings:
            training.lengths = self.library.longest[training.rows]
        self.stack = Stack(self.net, modules)
        self.compiled = None
        if wanted(self.net, session.compile, device):
            for replica in replicas:
                replica.session.progress(0, self.net.epochs, "compiling")
            self.compiled = self.stack.passes = Compiled(self.stack.forward, session.apart)
        on_cuda = device.type == "cuda"
        self.take: Take = Replayed(self.stack.step) if on_cuda else self.stack.step
        self.seeds = torch.stack([seed_of(replica.seed, device) for replica in replicas])
        self.saved = time.monotonic()

    def try_out(self) -> None:
        """A step on the longest batch, for what it takes."""
        (training,) = self.trainings
        longest = np.argsort(-training.lengths, kind="stable")[: self.net.batch + 1]
        self._step([longest], [0], self._rate(1))

    def left(self) -> bool:
        return any(training.goes_on for training in self.trainings)

    def epoch(self) -> None:
        """Once through each training set, and each one's probes judged after it."""
        going = [training for training in self.trainings if training.goes_on]
        number = min(training.done for training in going) + 1
        turn = [t.goes_on and t.done == number - 1 for t in self.trainings]
        drawn = [
            draw(t.lengths, self.net.batch, seed=t.replica.seed, epoch=number) if ours else []
            for t, ours in zip(self.trainings, turn, strict=True)
        ]
        rate = self._rate(number)
        losses, hits = [], []
        for step in range(max(len(batches) for batches in drawn)):
            rows = [batches[step] if step < len(batches) else None for batches in drawn]
            before = [(number - 1) * len(batches) + step for batches in drawn]
            loss, hit = self._step(rows, before, rate)
            counts = torch.tensor([0 if r is None else len(r) for r in rows], device=self.device)
            losses.append(loss * counts)
            hits.append(hit * (counts > 0))
        whole = self.stack.finite().cpu()
        loss = torch.stack(losses).cpu().double().sum(0)
        hit = torch.stack(hits).sum(0).cpu()
        said = self._judge(turn)
        for at, training in enumerate(self.trainings):
            if turn[at]:
                training.done = number
                mean = float(loss[at]) / len(training.rows)
                if not whole[at] or not np.isfinite(mean):
                    training.failure = self._diverged(at, mean)
                    continue
                right = float(hit[at]) / len(training.rows)
                training.keep(Stage(number, mean, right, said[at]))
        self._save()

    def _step(
        self, rows: Sequence[NDArray[np.int64] | None], before: Sequence[int], rate: Tensor
    ) -> tuple[Tensor, Tensor]:
        places, real = self._padded(rows)
        active = np.array([one is not None for one in rows])
        inputs = self.library.batch(places)
        answers = {
            name: torch.stack(
                [
                    t.answers[name][torch.from_numpy(_filled(one, places.shape[1])).to(self.device)]
                    for t, one in zip(self.trainings, rows, strict=True)
                ]
            )
            for name in self.trainings[0].answers
        }
        keys = key_of(self.seeds, torch.tensor(before, device=self.device))
        return self.take(
            inputs,
            answers,
            keys,
            rate,
            None if real.all() else torch.from_numpy(real).to(self.device),
            None if active.all() else torch.from_numpy(active).to(self.device),
            low=self.low,
        )

    def _rate(self, epoch: int) -> Tensor:
        rate = self.stack.group["lr"] * self.net.schedule(epoch)
        return torch.tensor(rate, dtype=torch.float64, device=self.device)

    def _padded(
        self, rows: Sequence[NDArray[np.int64] | None]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Places in the library, [trainings, rows], and which rows count. Others repeat the first.

        A row of zeros would do as little, but for layers that divide by what they are given.
        """
        size = max(len(one) for one in rows if one is not None)
        filled = [
            training.rows[_filled(one, size)]
            for training, one in zip(self.trainings, rows, strict=True)
        ]
        real = [np.arange(size) < (0 if one is None else len(one)) for one in rows]
        return np.stack(filled), np.stack(real)

    def _judge(self, turn: Sequence[bool]) -> list[dict[str, NDArray[np.float16]]]:
        """What each training says of its probes, test set by test set."""
        said: list[dict[str, NDArray[np.float16]]] = [{} for _ in self.trainings]
        with repeatable(exact=True):
            for n in range(max(len(training.probes) for training in self.trainings)):
                names = [[*training.probes][n : n + 1] for training in self.trainings]
                asked = [
                    training.probes[name[0]] if name and ours else None
                    for training, name, ours in zip(self.trainings, names, turn, strict=True)
                ]
                for at, whole in enumerate(self._judge_one(asked)):
                    if whole is not None:
                        said[at][names[at][0]] = halved(whole)
        return said

    def _judge_one(
        self, asked: Sequence[NDArray[np.int64] | None]
    ) -> list[NDArray[np.float32] | None]:
        """Of each training's set of places in the library: float32 [utterances, columns]."""
        longest = self.library.longest
        orders = [
            [] if one is None else in_order_of_length(longest[one], self.net.batch) for one in asked
        ]
        said = [None if one is None else np.empty((0, 0), np.float32) for one in asked]
        for n in range(max(map(len, orders), default=0)):
            rows = [order[n] if n < len(order) else None for order in orders]
            size = max(len(one) for one in rows if one is not None)
            batch = np.zeros((len(rows), size), np.int64)  # of those that ask nothing, anything
            for at, one in enumerate(rows):
                if one is not None:
                    batch[at] = asked[at][_filled(one, size)]  # type: ignore[index]
            part = self.stack.judge(self.library.batch(batch)).float().cpu().numpy()
            for at, one in enumerate(rows):
                if one is not None:
                    if n == 0:
                        said[at] = np.empty((len(asked[at]), *part.shape[2:]), np.float32)  # type: ignore[arg-type]
                    said[at][one] = part[at, : len(one)]  # type: ignore[index]
        return said

    def _diverged(self, at: int, loss: float) -> TrainingDiverged:
        training = self.trainings[at]
        self.stack.take_out(at, training.module)
        return diverged(
            self.net,
            training.module.state_dict(),
            loss,
            training.done,
            rate=self.stack.group["lr"],
            low=self.low,
        )

    def _save(self) -> None:
        """A checkpoint each: a training goes on from it in any other stack, or alone."""
        session = self.replicas[0].session
        if time.monotonic() - self.saved < session.checkpoint_seconds:
            return
        for at, training in enumerate(self.trainings):
            if training.goes_on:
                training.save(self.stack.take_out(at, training.module))
        self.saved = time.monotonic()

    def go_on(self) -> None:
        """Put back what checkpoints hold."""
        for at, training in enumerate(self.trainings):
            if (optimiser := training.resume()) is not None:
                batches = len(draw(training.lengths, self.net.batch, seed=0, epoch=1))
                self.stack.put_back(at, training.module, optimiser, training.done * batches)

    def finish(self) -> list[list[Stage] | TrainingDiverged]:
        """Hand the weights over to the nets."""
        for at, training in enumerate(self.trainings):
            if training.failure is None:
                self.stack.take_out(at, training.module)
                net = training.replica.net
                net.module_, net.device_ = training.module.eval(), self.device
                net.compiled_ = self.compiled is not None and not self.compiled.failure
        return [t.stages if t.failure is None else t.failure for t in self.trainings]


def _filled(rows: NDArray[np.int64] | None, size: int) -> NDArray[np.int64]:
    """Rows of a batch, filled up with the first of them; of none, with the set's first."""
    if rows is None:
        return np.zeros(size, np.int64)
    return np.concatenate([rows, np.full(size - len(rows), rows[0])])
