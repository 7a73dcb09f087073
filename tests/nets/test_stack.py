"""Several modules' weights in one tensor, and steps of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import pytest
import torch
from torch import nn

from serbench.labels import Classes
from serbench.nets.batchnorm import BatchNorm1d
from serbench.nets.dropout import Dropout
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, outputs_of, right
from serbench.nets.padded import Padded
from serbench.nets.stack import Stack
from serbench.nets.step import Step, key_of, seed_of, under_way

TASK = Classes(("a", "b", "c"))
CPU = torch.device("cpu")
TRAININGS, ROWS, FRAMES, DIMS = 3, 6, 4, 5


class Module(nn.Module):
    """With a number alone, a buffer that is not saved, frozen weights and some that nobody uses."""

    def __init__(self):
        super().__init__()
        self.enter = nn.Linear(DIMS, 8)
        self.slope = nn.Parameter(torch.tensor(0.3))
        self.unused = nn.Linear(8, 2)
        self.frozen = nn.Linear(8, 8)
        self.frozen.requires_grad_(requires_grad=False)
        self.norm = BatchNorm1d(8)
        self.still = BatchNorm1d(8).eval()
        self.dropout = Dropout(0.3)
        self.register_buffer("scale", torch.rand(8) + 1, persistent=False)
        self.head = nn.Linear(8, 3)

    def forward(self, inputs):
        x = self.enter(inputs["x"].values.mean(1)) * self.slope
        x = self.still(self.norm(self.frozen(x).tanh()) * self.scale)
        return {LOGITS: self.head(self.dropout(x)), "entered": x}


@dataclass(kw_only=True, eq=False)
class Small(Net):
    epochs: int = 1
    batch: int = ROWS
    learning_rate: float = 0.01
    optimiser: str = "adam"
    optimiser_own: dict = field(default_factory=dict)

    stackable: ClassVar[bool] = True
    recipes = ()

    @property
    def optimiser_settings(self):
        return self.optimiser_own

    def build(self, task):
        return Module()

    def adjust(self, module, rate):
        """As with SD-CAFF's centres: hung on the rate, and in place."""
        module.head.weight.grad *= 0.5 / rate
        assert module.frozen.weight.grad is None


def net_of(optimiser="adam", **own):
    net = Small(optimiser=optimiser, optimiser_own=own)
    net.task_ = TASK
    return net


def modules():
    made = []
    for seed in range(TRAININGS):
        torch.manual_seed(seed)
        made.append(Module().double())
    return made


def batch(seed, rows=ROWS):
    """Inputs and answers of each training."""
    made = torch.Generator().manual_seed(seed)
    values = torch.randn(TRAININGS, rows, FRAMES, DIMS, generator=made, dtype=torch.float64)
    lengths = torch.full((TRAININGS, rows), FRAMES)
    mask = torch.ones(TRAININGS, rows, FRAMES, dtype=torch.bool)
    return {"x": (values, lengths, mask)}, {
        "y": torch.randint(3, (TRAININGS, rows), generator=made)
    }


def key(at, number):
    return key_of(seed_of(at, CPU), number)


def rated(rate):
    return torch.tensor(rate, dtype=torch.float64)


def alone(net, module, optimiser, inputs, answers, at, number, rate, real=None):
    """A step of one training by torch's own optimiser: its loss, and how many were right."""
    rows = slice(None) if real is None else real[at]
    padded = {name: Padded(*(part[at][rows] for part in parts)) for name, parts in inputs.items()}
    y = {"y": answers["y"][at][rows]}
    with under_way(Step(key(at, number))):
        outputs = outputs_of(module, padded)
    loss = net.loss(outputs, y)
    optimiser.zero_grad()
    loss.backward()
    net.adjust(module, rate)
    optimiser.param_groups[0]["lr"] = rate
    optimiser.step()
    return loss.item(), int(right(TASK, net.read(outputs[LOGITS].detach()), y["y"]))


OPTIMISERS = [
    ("adam", {"weight_decay": 0.1}),
    ("adamw", {"weight_decay": 0.1}),
    ("sgd", {"momentum": 0.9, "weight_decay": 0.1}),
    ("sgd", {}),
    ("rmsprop", {"weight_decay": 0.1}),
]


@pytest.mark.parametrize(("optimiser", "own"), OPTIMISERS, ids=str)
def test_steps_are_those_of_each_alone(optimiser, own):
    """Unequal batches and trainings that stand still, from each of which torch could go on."""
    net, each = net_of(optimiser, **own), modules()
    stack = Stack(net, modules())
    theirs = [net.optimiser_of(module.parameters()) for module in each]
    counts = [0] * TRAININGS
    for number in range(6):
        inputs, answers = batch(number)
        active = torch.tensor([True, number % 2 == 0, number > 1])
        real = torch.arange(ROWS) < torch.tensor([ROWS, 4, 2 + number % 3])[:, None]
        real &= active[:, None]
        keys = torch.stack([key(at, count) for at, count in enumerate(counts)])
        rate = 0.01 / (1 + number)
        losses, hits = stack.step(inputs, answers, keys, rated(rate), real, active)
        for at in range(TRAININGS):
            if active[at]:
                said = alone(net, each[at], theirs[at], inputs, answers, at, counts[at], rate, real)
                assert losses[at].item() == pytest.approx(said[0], rel=1e-12)
                assert hits[at] == said[1]
                counts[at] += 1
    assert stack.count[:, 0].tolist() == counts
    for at, module in enumerate(each):
        taken = modules()[(at + 1) % TRAININGS]
        taken_with = stack.take_out(at, taken)
        _expect_equal(taken, module)
        # And one more step of torch's own from here, on both.
        inputs, answers = batch(99)
        for one, its in ((taken, taken_with), (module, theirs[at])):
            alone(net, one, its, inputs, answers, at, counts[at], 0.01)
        _expect_equal(taken, module)


@pytest.mark.parametrize(("optimiser", "own"), OPTIMISERS[:3], ids=str)
def test_a_training_of_torchs_goes_on_in_a_stack(optimiser, own):
    net, each = net_of(optimiser, **own), modules()
    theirs = net.optimiser_of(each[1].parameters())
    for number in range(3):
        alone(net, each[1], theirs, *batch(number), 1, number, 0.01)
    stack = Stack(net, modules())
    stack.put_back(1, each[1], theirs, 3)
    for number in range(3, 5):
        keys = torch.stack([key(at, number) for at in range(TRAININGS)])
        stack.step(*batch(number), keys, rated(0.01))
        alone(net, each[1], theirs, *batch(number), 1, number, 0.01)
    taken = modules()[0]
    stack.take_out(1, taken)
    _expect_equal(taken, each[1])


def test_what_stands_still_does_not_move_at_all():
    stack = Stack(net_of(), modules())
    for number in range(3):
        before = {n: b.clone() for n, b in stack.buffers.items()}, stack.theta.clone()
        memory = {name: m.clone() for name, m in stack.state.items()}
        keys = torch.stack([key(at, number) for at in range(TRAININGS)])
        active = torch.tensor([True, False, True])
        stack.step(*batch(number), keys, rated(0.01), active[:, None].expand(3, ROWS), active)
        for name, buffer in stack.buffers.items():
            assert torch.equal(buffer[1], before[0][name][1])
        assert torch.equal(stack.theta[1], before[1][1])
        assert not torch.equal(stack.theta[2], before[1][2])
        assert all(torch.equal(stack.state[n][1], memory[n][1]) for n in memory)
    assert stack.buffers["norm.num_batches_tracked"].tolist() == [3, 0, 3]
    assert stack.buffers["still.num_batches_tracked"].tolist() == [0, 0, 0]
    assert torch.equal(stack.buffers["scale"], torch.stack([m.scale for m in modules()]))


def test_what_has_no_gradient_does_not_even_decay():
    stack = Stack(net_of("sgd", weight_decay=0.5), modules())
    keys = torch.stack([key(at, 0) for at in range(TRAININGS)])
    stack.step(*batch(0), keys, rated(0.1))
    taken, first = modules()[1], modules()[0]
    stack.take_out(0, taken)
    for part in ("frozen", "unused"):
        assert torch.equal(getattr(taken, part).weight, getattr(first, part).weight)
    assert not torch.equal(taken.enter.weight, first.enter.weight)


def test_one_broken_training_breaks_no_other():
    first, second = Stack(net_of(), modules()), Stack(net_of(), modules())
    keys = torch.stack([key(at, 0) for at in range(TRAININGS)])
    inputs, answers = batch(0)
    broken = {"x": (inputs["x"][0].clone(), *inputs["x"][1:])}
    broken["x"][0][1] = torch.nan
    for _ in range(2):
        first.step(inputs, answers, keys, rated(0.01))
        second.step(broken, answers, keys, rated(0.01))
    assert second.finite().tolist() == [True, False, True]
    assert torch.equal(first.theta[[0, 2]], second.theta[[0, 2]])


def test_judging_moves_nothing_and_is_what_each_module_says():
    each = modules()
    stack = Stack(net_of(), each)
    inputs, _ = batch(0)
    before = {name: buffer.clone() for name, buffer in stack.buffers.items()}
    said = stack.judge(inputs)
    for at, module in enumerate(each):
        padded = {"x": Padded(*(part[at] for part in inputs["x"]))}
        with torch.no_grad():
            wanted = module.eval()(padded)[LOGITS].softmax(1)
        assert torch.allclose(said[at], wanted, rtol=0, atol=1e-14)
    assert all(torch.equal(before[name], buffer) for name, buffer in stack.buffers.items())
    assert stack.skeleton.norm.training
    assert not stack.skeleton.still.training


def _expect_equal(one, other):
    for name, tensor in other.state_dict().items():
        assert torch.allclose(one.state_dict()[name], tensor, rtol=0, atol=1e-11), name
