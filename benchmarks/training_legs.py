"""The ways to train a case: alone, alone and compiled, by a plain script, stacked.

Each gives seconds of an epoch *of all trainings of the case*, and of the whole case. Where
trainings run one after the other, one of each group is watched, that of median size, and the others
are taken to need the same for each frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from cases import Case, Training
from plain_fusion import PlainSDCAFF
from plain_nets import PlainBiLSTMs, PlainTIMNet
from watching import How, Watch, Watched, release

from serbench.nets.batches import draw, in_order_of_length
from serbench.nets.memory import ran_out, told
from serbench.nets.normalise import Standardise
from serbench.nets.numerics import own_randomness
from serbench.nets.replica import Replica
from serbench.nets.shelf import Shelf
from serbench.nets.stacked import room, train_stacked
from serbench.nets.training import train
from serbench.session import Session

PLAIN = {"TIMNet": PlainTIMNet, "DBLMM": PlainBiLSTMs, "SDCAFF": PlainSDCAFF}


@dataclass(frozen=True)
class Leg:
    """Seconds of an epoch of all trainings and of the whole case, and how they were come by."""

    epoch_s: float
    whole_s: float
    start_s: float  # of the whole, beyond its epochs
    extrapolated: bool
    epochs_seen: int  # steady ones, the fewest of those that were watched
    peak_mib: float
    note: str = ""

    def record(self) -> dict[str, object]:
        return asdict(self)


def one_by_one(case: Case, how: How) -> Leg:
    """By :func:`serbench.nets.training.train`, one after the other."""
    return in_turn(case, how, lambda training, how: alone(case, training, how))


def plain(case: Case, how: How) -> Leg:
    """By a script of plain torch with cuDNN, one after the other, in the same precision."""
    return in_turn(case, how, lambda training, how: Script(case, training, how).watched())


def alone(case: Case, training: Training, how: How, ready: Callable[[], None] | None = None):
    """One training by our loop."""
    watch = Watch(how, ready)
    session = session_of(training, how, watch)
    return watch.run(lambda: train(case.twin(), training.train, seed=training.seed,
                                   session=session))  # fmt: skip


def session_of(training: Training, how: How, progress: Callable[[int, int, str], None]) -> Session:
    return Session(
        device=str(how.device),
        precision=how.precision,  # type: ignore[arg-type]
        probes={} if training.test is None else {"test": training.test},
        keep="last" if training.test is None else "all",
        compile=how.compile,
        progress=progress,
    )


def in_turn(case: Case, how: How, watched: Callable[[Training, How], Watched]) -> Leg:
    """One training of each group for all of it; to the end, if so wanted, each by itself."""
    seen: list[tuple[Watched, float]] = []  # and for how many such trainings it stands
    groups = case.groups().values()
    how = replace(how, seconds=how.seconds / len(groups))
    for group in groups:
        sizes = [frames(case, training) for training in group]
        if math.isinf(how.seconds):
            seen += [(watched(training, how), 1.0) for training in group]
        else:
            at = sorted(range(len(group)), key=sizes.__getitem__)[len(group) // 2]
            seen.append((watched(group[at], how), sum(sizes) / sizes[at]))
    return Leg(
        epoch_s=sum(one.epoch * times for one, times in seen),
        whole_s=sum(one.whole * times for one, times in seen),
        start_s=sum(one.start * times for one, times in seen),
        extrapolated=not math.isinf(how.seconds),
        epochs_seen=min(len(one.steady) for one, _ in seen),
        peak_mib=max(one.peak_mib for one, _ in seen),
        note=f"{len(seen)} of {len(case.trainings)} trainings watched",
    )


def frames(case: Case, training: Training) -> int:
    """Of the training set, which is what an epoch's time goes by."""
    name = case.net.recipes[0]
    return sum(len(training.train.feature(i, name)) for i in range(len(training.train)))


def stacked(case: Case, how: How) -> Leg:
    """All at once, or as many as fit the device's memory."""
    return stacks(case, how, [case.trainings])


def stacked_by_source(case: Case, how: How) -> Leg:
    """A stack a group: none waits for another that has more to learn from."""
    return stacks(case, how, list(case.groups().values()))


def stacks(case: Case, how: How, wanted: Sequence[Sequence[Training]]) -> Leg:
    """Each of these at once, one after the other; what does not fit the memory, in equal parts."""
    seen: list[tuple[Watched, float]] = []
    parts = 0
    how = replace(how, seconds=how.seconds / len(wanted))
    for each in wanted:
        ordered = sorted(each, key=lambda training: -len(training.train))
        with told():
            most = min(room(replicas(case, ordered[:1], how, quiet)[0]), len(ordered))
        while True:
            count = math.ceil(len(ordered) / most)
            first = ordered[: math.ceil(len(ordered) / count)]
            try:
                with told():
                    watched = stack(case, first, how)
                break
            except Exception as error:
                if not ran_out(error) or most == 1:
                    raise
                release()
            most = max(1, most // 2)
        seen.append((watched, len(ordered) / len(first)))
        parts += count
    return Leg(
        epoch_s=sum(one.epoch * times for one, times in seen),
        whole_s=sum(one.whole * times for one, times in seen),
        start_s=sum(one.start * times for one, times in seen),
        extrapolated=parts > len(seen) or any(one.extrapolated for one, _ in seen),
        epochs_seen=min(len(one.steady) for one, _ in seen),
        peak_mib=max(one.peak_mib for one, _ in seen),
        note=f"{parts} stack{'s' * (parts > 1)}",
    )


def stack(case: Case, trainings: Sequence[Training], how: How) -> Watched:
    watch = Watch(how)

    def run() -> None:
        for outcome in train_stacked(replicas(case, trainings, how, watch)):
            if isinstance(outcome, Exception):
                raise outcome

    return watch.run(run)


def replicas(
    case: Case, trainings: Sequence[Training], how: How, progress: Callable[[int, int, str], None]
) -> list[Replica]:
    """The first of them tells how far all are."""
    return [
        Replica(case.twin(), one.train, one.seed, session_of(one, how, quiet if i else progress))
        for i, one in enumerate(trainings)
    ]


def quiet(done: int, total: int, note: str) -> None:
    """Tell nobody."""


class Script:
    """One training as a script has it. Its batches lie on the device before an epoch begins."""

    def __init__(self, case: Case, training: Training, how: How) -> None:
        self.case, self.training, self.how = case, training, how
        net = self.net = case.twin()
        net.task_ = training.train.task
        self.shelf = self.read(training.train)
        with own_randomness(training.seed, how.device):
            module = net.build(net.task_)
            self.module = PLAIN[type(net).__name__](net, len(net.task_.names)).to(how.device)
        net.prepare(module, self.shelf)
        self.scales = {m.of: m for m in module.modules() if isinstance(m, Standardise)}
        self.shelf = self.scaled(self.shelf)
        self.answers = {"y": torch.from_numpy(training.train.y)}
        for name in net.targets:
            self.answers[name] = torch.from_numpy(np.asarray(training.train.target(name)))
        self.optimiser = self.module.optimiser(net)

    def read(self, data) -> Shelf:
        return Shelf.of([self.net.arrays(data, i) for i in range(len(data))])

    def scaled(self, shelf: Shelf) -> Shelf:
        """z-scores where the net takes some; the last row, which is the padding, stays zero."""
        frames = dict(shelf.frames)
        for name, scale in self.scales.items():
            frames[name] = (frames[name] - scale.mean) / scale.deviation
            frames[name][-1] = 0
        return replace(shelf, frames=frames).on(self.how.device)

    def watched(self) -> Watched:
        test = None if self.training.test is None else self.scaled(self.read(self.training.test))
        watch = Watch(self.how)
        return watch.run(lambda: self.run(test, watch))

    def run(self, test: Shelf | None, watch: Watch) -> None:
        judged = []
        if test is not None:
            judged = [
                self.on_device(test, rows)
                for rows in in_order_of_length(test.longest, self.net.batch)
            ]
        for epoch in range(1, self.net.epochs + 1):
            drawn = draw(self.shelf.longest, self.net.batch, seed=self.training.seed, epoch=epoch)
            batches = [(self.on_device(self.shelf, rows), self.answered(rows)) for rows in drawn]
            watch.again()
            self.epoch(batches, judged)
            watch(epoch, self.net.epochs)

    def epoch(self, batches, judged) -> None:
        """Every batch once, and the test set judged after them."""
        self.module.train()
        total = 0.0
        for batch, answers in batches:
            self.optimiser.zero_grad()
            with torch.autocast(self.how.device.type, torch.bfloat16, enabled=self.how.low):
                said = self.module(batch)
            loss = self.module.loss(in_single(said), answers)
            loss.backward()
            self.optimiser.step()
            total += loss.item()
        self.module.eval()
        with torch.no_grad():
            for batch in judged:
                self.module.logits(self.module(batch)).softmax(1).cpu().numpy()

    def on_device(self, shelf: Shelf, rows) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """A padded batch; lengths stay on the CPU, where ``pack_padded_sequence`` wants them."""
        return {name: (x.values, x.lengths) for name, x in shelf.batch(rows).items()}

    def answered(self, rows) -> dict[str, torch.Tensor]:
        at = torch.from_numpy(rows)
        return {name: values[at].to(self.how.device) for name, values in self.answers.items()}


def in_single(said):
    """What a module said, in float32; of SD-CAFF a list."""
    return [one.float() for one in said] if isinstance(said, list) else said.float()
