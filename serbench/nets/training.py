"""The one training loop: every net goes through it, in a trial and outside of one.

Promises, each of them tested. The same seed on the same device gives the same weights. Probing the
test sets after each epoch changes no weight, no statistic and no random number. A training that
goes on from a checkpoint ends, on the CPU, where it would have ended undisturbed, bit for bit. The
caller's random numbers and torch settings are as before. All of it holds for a net that adapts
(:mod:`serbench.nets.adapting`) too; an epoch is then, as ever, once through the training set.

On CUDA repeatability holds for one GPU model and one version of the libraries, with deterministic
kernels (see :func:`serbench.nets.numerics.repeatable`); on the CPU for one number of threads.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError
from serbench.labels import Task
from serbench.nets import checkpoints
from serbench.nets.batches import draw
from serbench.nets.checkpoints import Checkpoint, fingerprint
from serbench.nets.compiling import Compiled, wanted
from serbench.nets.device import resolve
from serbench.nets.diverging import diverged
from serbench.nets.numerics import mixed, own_randomness, precise, repeatable
from serbench.nets.outputs import LOGITS, answers, outputs_of, parted, right
from serbench.nets.predicting import judge
from serbench.nets.shelf import Arrays, Shelf
from serbench.nets.step import Step, key_of, seed_of, under_way
from serbench.nets.target import Target, check_target
from serbench.session import Session, Stage

if TYPE_CHECKING:
    from serbench.nets.net import Net


def train(net: Net, data: LabelledUtterances, *, seed: int, session: Session) -> list[Stage]:
    """Train a net; it then holds the weights of the last epoch.

    Returns
    -------
    A stage an epoch, with the probes judged; under ``session.keep == "last"`` that of the last
    epoch alone, with none judged.

    Raises
    ------
    UsageError
        If the device is not there, or a setting is out of its range.
    ModelError
        If the net reads arrays that cannot be batched; if it adapts and the session has no target,
        or has one and the net does not adapt.
    TrainingDiverged
        If the loss or a weight became NaN or infinite.
    StoreError
        If a checkpoint cannot be written.
    """
    net.check_settings()
    check_target(net, session.target)
    if len(data) < 2:
        raise ModelError(f"{len(data)} utterances to train on", expected="2 or more")
    device = resolve(session.device)
    with (
        repeatable(exact=not mixed(session.precision, device)),
        own_randomness(seed, device),
    ):
        run = _Training(net, data, seed, session, device)
        stages = run.resume()
        saved = time.monotonic()
        for epoch in range(run.done + 1, net.epochs + 1):
            stage = run.epoch(epoch)
            stages = [*stages, stage] if session.keep == "all" else [stage]
            due = time.monotonic() - saved >= session.checkpoint_seconds
            if session.checkpoint is not None and due and epoch < net.epochs:
                run.save(stages)
                saved = time.monotonic()
            note = f"loss {stage.loss:.3f}"
            session.progress(epoch, net.epochs, note)
    net.module_, net.device_, net.task_ = run.module.eval(), device, data.task
    net.compiled_ = isinstance(run.passes, Compiled) and not run.passes.failure
    return stages


class _Training:
    """One training under way. Built within the contexts that seed it."""

    def __init__(
        self,
        net: Net,
        data: LabelledUtterances,
        seed: int,
        session: Session,
        device: torch.device,
    ) -> None:
        self.net, self.seed, self.session, self.device = net, seed, session, device
        self.task = net.task_ = data.task  # before the net's own code asks for it
        session.progress(0, net.epochs, "reading features")
        probes = session.probes if session.keep == "all" else {}
        with own_randomness(seed, device):  # features that are not cached may draw some
            shelf = _read(net, data)
            # By instances of their own: nothing of a test set stays with the one that is trained.
            reader = twin(net, data.task)
            self.probes = {
                name: _read(reader, probe).as_type(precise(session.precision)).on(device)
                for name, probe in probes.items()
            }
            heard = None if session.target is None else _read(twin(net, data.task), session.target)
        self.module = net.build(data.task)  # on the CPU, so that all devices start alike
        net.prepare(self.module, shelf)
        dtype = precise(session.precision)
        self.module.to(device, dtype)
        self.shelf = shelf.as_type(dtype).on(device)
        self.lengths = shelf.longest
        self.target = None if heard is None else Target(heard, device, batch=net.batch, seed=seed)
        self.answers = answers_of(net, data, device, dtype)
        self.optimiser = net.optimiser_of(self.module.parameters())
        self.rates = [group["lr"] for group in self.optimiser.param_groups]
        self.key = seed_of(seed, device)
        self.done = 0
        self.passes: nn.Module | Compiled = self.module
        if wanted(net, session.compile, device):
            session.progress(0, net.epochs, "compiling")
            self.passes = Compiled(self.module, session.apart)

    def epoch(self, number: int) -> Stage:
        """Once through the training set, and the probes judged after it."""
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * self.net.schedule(number)
        # Left on the device until the end: to ask for each step's loss would make the device wait.
        losses, hits = [], []
        batches = draw(self.lengths, self.net.batch, seed=self.seed, epoch=number)
        before = (number - 1) * len(batches)  # every epoch has as many
        for step, rows in enumerate(batches, before):
            loss, hit = self._step(rows, step, step / (self.net.epochs * len(batches)))
            losses.append(loss * len(rows))
            hits.append(hit)
        self.done = number
        mean = torch.stack(losses).cpu().double().sum().item() / len(self.shelf)
        self._refuse_nonsense(mean)
        said = {
            name: judge(
                self.module, shelf, batch=self.net.batch, read=lambda o: self.net.read(o[LOGITS])
            )
            for name, shelf in self.probes.items()
        }
        return Stage(
            epoch=number,
            loss=mean,
            accuracy=torch.stack(hits).sum().item() / len(self.shelf),
            probabilities={name: halved(array) for name, array in said.items()},
        )

    def _step(self, rows: NDArray[np.int64], step: int, progress: float) -> tuple[Tensor, Tensor]:
        """One step down the gradient: the loss before it, and how many were answered right."""
        at = torch.from_numpy(rows).to(self.device)
        answers = {name: values[at] for name, values in self.answers.items()}
        low = mixed(self.session.precision, self.device)
        self.net.advance(self.module, progress)
        inputs = self.shelf.batch(rows)
        if self.target is not None:
            heard = self.target.batch(step)
            inputs = {name: inputs[name].beside(heard[name]) for name in inputs}
        with (
            torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=low),
            under_way(Step(key_of(self.key, step))),
        ):
            full = len(rows) == self.net.batch
            outputs = outputs_of(self.passes if full else self.module, inputs)
        if self.target is None:
            loss = self.net.loss(outputs, answers)
        else:
            outputs, target = parted(outputs, len(rows))
            loss = self.net.adapted_loss(outputs, answers, target, progress)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.net.adjust(self.module, self.optimiser.param_groups[0]["lr"])
        self.optimiser.step()
        with torch.no_grad():
            said = self.net.read(outputs[LOGITS].detach())
            return loss.detach(), right(self.task, said, answers["y"])

    def _refuse_nonsense(self, loss: float) -> None:
        state = self.module.state_dict()
        whole = [t.isfinite().all() for t in state.values() if t.is_floating_point()]
        if math.isfinite(loss) and torch.stack(whole).all():  # one question to the device, not 200
            return
        low = mixed(self.session.precision, self.device)
        raise diverged(self.net, state, loss, self.done, rate=self.rates[0], low=low)

    def save(self, stages: list[Stage]) -> None:
        if self.session.checkpoint is None:
            return
        on_cuda = self.device.type == "cuda"
        checkpoint = Checkpoint(
            epoch=self.done,
            module=self.module.state_dict(),
            optimiser=self.optimiser.state_dict(),
            cpu=torch.get_rng_state(),
            cuda=torch.cuda.get_rng_state(self.device) if on_cuda else None,
            stages=stages,
        )
        checkpoints.save(self.session.checkpoint, self.fingerprint, checkpoint)

    def resume(self) -> list[Stage]:
        """Go on from the session's checkpoint, if it is of this training: the stages so far."""
        path = self.session.checkpoint
        checkpoint = None if path is None else checkpoints.load(path, self.fingerprint)
        if checkpoint is None:
            return []
        self.module.load_state_dict(checkpoint.module)
        self.optimiser.load_state_dict(checkpoint.optimiser)
        torch.set_rng_state(checkpoint.cpu)
        if checkpoint.cuda is not None:
            torch.cuda.set_rng_state(checkpoint.cuda, self.device)
        self.done = checkpoint.epoch
        self.session.progress(self.done, self.net.epochs, "goes on from a checkpoint")
        return checkpoint.stages

    @property
    def fingerprint(self) -> str:
        """What makes a checkpoint this training's."""
        return fingerprint(
            self.net,
            self.module,
            seed=self.seed,
            session=self.session,
            device=self.device,
            lengths=self.shelf.lengths,
            answers=self.answers,
            probes={name: len(shelf) for name, shelf in self.probes.items()},
            target=None if self.target is None else self.target.content,
        )


def twin(net: Net, task: Task) -> Net:
    """A net with the same settings that has read nothing yet."""
    other = type(net)(**net.settings)
    other.task_ = task
    return other


def answers_of(
    net: Net, data: LabelledUtterances, device: torch.device, dtype: torch.dtype
) -> dict[str, Tensor]:
    """The right answers, and what else the loss asks for, by name."""
    targets = {name: torch.as_tensor(data.target(name)) for name in sorted(net.targets)}
    found = {"y": answers(data.task, data.y), **targets}
    return {
        name: array.to(device, dtype if array.is_floating_point() else array.dtype)
        for name, array in found.items()
    }


def arrays_of(net: Net, data: Utterances) -> list[Arrays]:
    """What each utterance is to a net."""
    return [net.arrays(data, i) for i in range(len(data))]


def _read(net: Net, data: Utterances) -> Shelf:
    return Shelf.of(arrays_of(net, data))


def halved(said: NDArray[np.float32]) -> NDArray[np.float16]:
    """As a stage keeps it; a value that float16 cannot hold stays at its end."""
    most = float(np.finfo(np.float16).max)
    return said.clip(-most, most).astype(np.float16)
