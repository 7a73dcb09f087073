"""One training among those of a stack: what is asked, and how far it has come."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from serbench.data import LabelledUtterances
from serbench.errors import ModelError, TrainingDiverged
from serbench.nets import checkpoints
from serbench.nets.checkpoints import Checkpoint, fingerprint
from serbench.nets.library import Library
from serbench.nets.numerics import own_randomness
from serbench.nets.shelf import Shelf
from serbench.nets.training import answers_of, arrays_of, twin
from serbench.session import Session, Stage

if TYPE_CHECKING:
    from serbench.nets.net import Net


@dataclass(frozen=True)
class Replica:
    """One of the trainings.

    ``reading`` is entered while its features are read, one replica's at a time, so that whoever
    watches a training sees those of no other; and once more, all at once, while they train.
    """

    net: Net
    data: LabelledUtterances
    seed: int
    session: Session
    reading: Callable[[], AbstractContextManager[object]] = field(default=contextlib.nullcontext)


class Standing:
    """One training among others: its data's places in the library, its module, how far it is."""

    def __init__(
        self, replica: Replica, library: Library, device: torch.device, dtype: torch.dtype
    ) -> None:
        self.replica, self.device = replica, device
        net, data, session = replica.net, replica.data, replica.session
        if len(data) < 2:
            raise ModelError(f"{len(data)} utterances to train on", expected="2 or more")
        net.task_ = data.task
        session.progress(0, net.epochs, "reading features")
        probes = session.probes if session.keep == "all" else {}
        with replica.reading(), own_randomness(replica.seed, device):
            arrays = arrays_of(net, data)
            reader = twin(net, data.task)
            self.probes = {n: library.add(arrays_of(reader, p)) for n, p in probes.items()}
        self.rows = library.add(arrays)
        shelf = Shelf.of(arrays)
        with own_randomness(replica.seed, device):
            self.module = net.build(data.task)
        net.prepare(self.module, shelf)
        self.module.to(device, dtype)
        self.lengths = shelf.longest
        self.each = shelf.lengths
        self.answers = answers_of(net, data, device, dtype)
        self.stages: list[Stage] = []
        self.done = 0
        self.failure: TrainingDiverged | None = None

    @property
    def fingerprint(self) -> str:
        """What makes a checkpoint this training's."""
        return fingerprint(
            self.replica.net,
            self.module,
            seed=self.replica.seed,
            session=self.replica.session,
            device=self.device,
            lengths=self.each,
            answers=self.answers,
            probes={name: len(places) for name, places in self.probes.items()},
            target=None,
        )

    @property
    def goes_on(self) -> bool:
        return self.failure is None and self.done < self.replica.net.epochs

    def keep(self, stage: Stage) -> None:
        session = self.replica.session
        self.stages = [*self.stages, stage] if session.keep == "all" else [stage]
        session.progress(self.done, self.replica.net.epochs, f"loss {stage.loss:.3f}")

    def save(self, optimiser: torch.optim.Optimizer) -> None:
        if self.replica.session.checkpoint is None:
            return
        on_cuda = self.device.type == "cuda"
        checkpoint = Checkpoint(
            epoch=self.done,
            module=self.module.state_dict(),
            optimiser=optimiser.state_dict(),
            cpu=torch.get_rng_state(),
            cuda=torch.cuda.get_rng_state(self.device) if on_cuda else None,
            stages=self.stages,
        )
        checkpoints.save(self.replica.session.checkpoint, self.fingerprint, checkpoint)

    def resume(self) -> torch.optim.Optimizer | None:
        """Take the module up from a checkpoint, and its optimiser; None where there is none."""
        path = self.replica.session.checkpoint
        checkpoint = None if path is None else checkpoints.load(path, self.fingerprint)
        if checkpoint is None:
            return None
        self.module.load_state_dict(checkpoint.module)
        optimiser = self.replica.net.optimiser_of(self.module.parameters())
        optimiser.load_state_dict(checkpoint.optimiser)
        self.stages, self.done = checkpoint.stages, checkpoint.epoch
        epochs = self.replica.net.epochs
        self.replica.session.progress(self.done, epochs, "goes on from a checkpoint")
        return optimiser
