"""Whether a net that says it is stackable is: trained beside others it ends where it ends alone.

>>> from serbench.testing.stacking import check_stacking
>>> def test_my_net_beside_others():
...     check_stacking(MyNet, {"hidden": 8})
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import torch
from torch import nn

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, TrainingDiverged
from serbench.model import Factory, build, declared_inputs, declared_recipes, settings
from serbench.nets.net import Net
from serbench.nets.replica import Replica
from serbench.nets.shelf import Shelf
from serbench.nets.stackable import why_not
from serbench.nets.stacked import train_stacked
from serbench.nets.training import train
from serbench.ownloop import is_ours
from serbench.session import Session, Stage
from serbench.testing.closed import closed
from serbench.testing.company import differences
from serbench.testing.subject import TASK, TEST, TRAIN, Y

ALIKE = 1e-8  # of the largest number of a tensor, in float64: rounding makes some 1e-12 of it.
# Unless a training blows rounding up (Adam does, where a gradient is nothing else): then so many
# times what comes of weights that start off by a last digit, and never more than this.
MARGIN, MOST = 100.0, 1e-6
SAID = 2e-7  # of a probability, which is handed over in float32
STAGED = 1e-3  # of one that a stage keeps in float16, next to the border of two of its numbers
EPOCHS, BATCH = 4, 3
# Utterances of each training. One has batches of 3 3 3 3 2, and takes 20 steps; the other 3 4, as a
# single one left over joins the last: it takes 8 steps, and stands still in 12.
SIZES = (14, 7)
PROBED = ({"test": 4}, {"other": 2, "test": 3})  # test sets of each, and their utterances


@dataclass(frozen=True)
class _Training:
    """One of the trainings, made anew for either way: the same seed, rows and test sets."""

    factory: Factory
    values: Mapping[str, Any]
    seed: int

    def replica(self, *, nudged: bool = False) -> Replica:
        """A net that is to be trained; ``nudged``: from weights that are off by a last digit."""
        net: Any = build(self.factory, self.values)
        net.epochs, net.batch = EPOCHS, BATCH
        if nudged:
            net.prepare = functools.partial(_nudge, net.prepare)
        rng = np.random.default_rng(self.seed)
        probes = {
            name: self.to_judge(net, rng.permutation(len(TEST))[:size].tolist())
            for name, size in PROBED[self.seed].items()
        }
        session = Session(device="cpu", precision="float64", probes=probes)
        rows = rng.permutation(len(TRAIN))[: SIZES[self.seed]].tolist()
        return Replica(net, self.to_learn(net, rows), self.seed, session)

    def to_learn(self, net: Any, rows: Sequence[int]) -> LabelledUtterances:
        speakers = np.array([TRAIN.speaker(row) for row in rows])
        return closed(
            LabelledUtterances(
                TASK,
                TRAIN,
                rows,
                y=Y[rows],
                speakers=speakers,
                targets={"gender": speakers} if "gender" in net.targets else {},
                inputs=declared_inputs(net),
                recipes=declared_recipes(net),
            )
        )

    def to_judge(self, net: Any, rows: Sequence[int]) -> Utterances:
        inputs, recipes = declared_inputs(net), declared_recipes(net)
        return closed(Utterances(TASK, TEST, rows, inputs=inputs, recipes=recipes))


def _nudge(prepare: Callable[[nn.Module, Shelf], None], module: nn.Module, shelf: Shelf) -> None:
    prepare(module, shelf)
    with torch.no_grad():
        for parameter in module.double().parameters():
            parameter.mul_(1 + 2 * torch.finfo(torch.float64).eps)


def check_stacking(factory: Factory, chosen: Mapping[str, Any] | None = None) -> None:
    """Train a net twice one after the other and twice at once, in float64, and compare.

    The two differ in seed, in training set and its size, and in what they are probed by. They take
    20 and 8 steps; the last batches are not full. Compared are all weights and statistics, which
    may differ by 1e-8 of a tensor's largest number (by more, up to 1e-6, only where a training of
    its own blows rounding up as much), what the nets then say of a test set, and
    the stages. So are, if that fails, the likely reasons looked for.

    Nothing is asked of a net that does not say that it is stackable, nor of one that adapts or has
    a `fit` of its own: those are trained one by one.

    Parameters
    ----------
    factory
        The class, or whatever makes the net from keywords.
    chosen
        Settings in place of its defaults, to make it small. It has 4 epochs and batches of 3 in
        any case.

    Raises
    ------
    ModelError
        If it cannot be trained beside others, or ends elsewhere than alone.
    """
    values = settings(factory, chosen or {})
    asked: Any = build(factory, values)
    if not (getattr(asked, "stackable", False) and is_ours(asked)) or asked.adapts:
        return
    trainings = [_Training(factory, values, seed) for seed in range(len(SIZES))]
    alone = [one.replica() for one in trainings]
    stages = [
        train(one.net, one.data, seed=one.seed, session=one.session)  # all are read here
        for one in alone
    ]
    net = alone[0].net
    name = type(net).__name__
    if reason := why_not(net, net.module_):
        raise ModelError(
            f"{name} says that it is stackable, and cannot be: {reason}",
            advice="serbench.nets.stackable lists what it takes; or say stackable = False",
        )
    beside = [one.replica() for one in trainings]
    try:
        ended = train_stacked(beside)
    except Exception as error:
        raise ModelError(
            f"{name} fails where several trainings are computed as one: "
            f"{type(error).__name__}: {_first_line(error)}",
            expected="a forward and a loss that torch.vmap can pass through",
            advice=_advice(str(error)),
        ) from error
    for one, other, before, after in zip(alone, beside, stages, ended, strict=True):
        if isinstance(after, TrainingDiverged):
            raise ModelError(f"{name} diverges beside others and not alone: {after.found}")
        within = _compare_weights(trainings[one.seed], one, other)
        _compare_stages(one, before, after, within)
        _compare_judgements(trainings[one.seed], one.net, other.net)


def _compare_weights(training: _Training, one: Replica, other: Replica) -> float:
    """How far they may differ, of a tensor's largest number; more is refused."""
    far = _far(one.net, other.net)
    worst = max(far, key=lambda name: far[name])
    if far[worst] <= ALIKE:
        return ALIKE
    nudged = training.replica(nudged=True)
    train(nudged.net, nudged.data, seed=nudged.seed, session=nudged.session)
    within = max(ALIKE, min(MOST, MARGIN * max(_far(one.net, nudged.net).values())))
    if far[worst] > within:
        others = sum(value > within for value in far.values()) - 1
        _refuse(
            one,
            f"{type(one.net).__name__}'s {worst} differs by {far[worst]:.2g} of its largest number "
            f"when other trainings are computed beside it (and {others} more of {len(far)} "
            "tensors)",
        )
    return within


def _far(one: Net, other: Net) -> dict[str, float]:
    """By how much each tensor differs: a share of its largest number, or of 1 if that is less."""
    states = one.module_.state_dict(), other.module_.state_dict()
    far = {
        name: float((tensor - states[1][name]).abs().max() / tensor.abs().max().clamp(min=1))
        for name, tensor in states[0].items()
        if tensor.numel()
    }
    return {name: np.inf if np.isnan(value) else value for name, value in far.items()}


def _compare_stages(
    one: Replica, before: Sequence[Stage], after: Sequence[Stage], within: float
) -> None:
    for a, b in zip(before, after, strict=True):
        alike = abs(a.loss - b.loss) <= within * max(1.0, abs(a.loss)) and a.accuracy == b.accuracy
        alike &= [*a.probabilities] == [*b.probabilities]
        if not alike or any(
            np.abs(said.astype(np.float64) - b.probabilities[name]).max(initial=0) > STAGED
            for name, said in a.probabilities.items()
        ):
            _refuse(
                one,
                f"{type(one.net).__name__}'s epoch {a.epoch} differs when other trainings are "
                f"computed beside it: loss {b.loss!r} for {a.loss!r}, accuracy {b.accuracy:.3f} "
                f"for {a.accuracy:.3f}, or what is said of a test set",
            )


def _compare_judgements(training: _Training, alone: Net, beside: Net) -> None:
    rows = range(BATCH + 1)
    said, other = (net.predict_proba(training.to_judge(net, rows)) for net in (alone, beside))
    far = np.abs(said - other).max()
    if not far <= SAID:
        raise ModelError(
            f"{type(alone).__name__} holds equal weights when trained alone and beside others, and "
            f"predicts otherwise (by {far:.2g})",
            expected="equal probabilities",
            advice="keep nothing outside of the module's weights and buffers that predicts",
        )


def _refuse(one: Replica, found: str) -> NoReturn:
    likely = differences(one.net, one.data)
    raise ModelError(
        found,
        expected=f"in float64 the same but for rounding, {ALIKE:g}",
        advice="; ".join(likely)
        or "keep nothing on the net that its loss reads, hang nothing on what else is in a batch, "
        "and let `adjust` change gradients number by number",
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]


def _advice(said: str) -> str:
    if "random" in said:
        return "draw through serbench.nets.dropout, whose masks are each training's own"
    if any(part in said for part in (".item()", "data-dependent", "dynamic shape")):
        return "branch on no tensor's values: torch.where, and masks in the place of indices"
    if "lstm" in said or "gru" in said or "rnn" in said:
        return "serbench.nets.recurrent.BiLSTM, or serbench.nets.recurrence.run for another LSTM"
    return "serbench.nets.stackable lists what it takes; or say stackable = False"
