"""What a net promises beside every model's contract, each broken by one net."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from serbench.errors import ModelError
from serbench.nets.net import Net
from serbench.nets.normalise import Standardise
from serbench.nets.outputs import LOGITS, REPRESENTATION, width
from serbench.nets.pooling import MeanPooling
from serbench.testing.models import check_model


@dataclass(frozen=True)
class Envelope:
    """Level and zero crossings of each 50 ms."""

    name: ClassVar[str] = "envelope"
    rate: int = 8000
    channel: str = "first"
    dims: int = 2
    extractor: str = "numpy"

    def extract(self, samples, rate):
        frames = samples[: len(samples) // 400 * 400].reshape(-1, 400)
        level = np.log(np.abs(frames).mean(1) + 1e-6)
        return np.stack([level, (np.diff(np.sign(frames)) != 0).mean(1)], 1).astype(np.float32)


class Module(nn.Module):
    def __init__(self, hidden, columns):
        super().__init__()
        self.scale = Standardise("envelope", 2)
        self.enter = nn.Linear(2, hidden)
        self.pool = MeanPooling()
        self.norm = nn.BatchNorm1d(hidden)
        self.head = nn.Linear(hidden, columns)

    def forward(self, inputs):
        steps = self.scale(inputs["envelope"])
        steps = steps.holding(self.enter(steps.values).tanh())
        representation = self.norm(self.pooled(steps))
        return {LOGITS: self.head(representation), REPRESENTATION: representation}

    def pooled(self, steps):
        return self.pool(steps)


@dataclass(kw_only=True, eq=False)
class Sound(Net):
    """A net that keeps every promise. The faults below are each one change to it."""

    hidden: int = 4
    epochs: int = 1
    batch: int = 8
    learning_rate: float = 0.01
    optimiser: str = "adam"

    module: ClassVar = Module

    @property
    def recipes(self):
        return (Envelope(),)

    def build(self, task):
        return self.module(self.hidden, width(task))


def fault(make):
    """The sound net with another module."""

    @dataclass(kw_only=True, eq=False)
    class Fault(Sound):
        module: ClassVar = make

    return Fault


def refused(factory, message):
    with pytest.raises(ModelError, match=message) as error:
        check_model(factory)
    assert error.value.expected
    return error.value


def test_a_sound_net_passes():
    check_model(Sound, {"hidden": 8})


def test_a_net_without_representation_passes():
    class Plain(Module):
        def forward(self, inputs):
            return super().forward(inputs)[LOGITS]

    check_model(fault(Plain))


def test_padding_that_counts_is_found():
    class Padding(Module):
        def pooled(self, steps):
            return steps.values.mean(1)

    assert "mask padding" in refused(fault(Padding), "judged alone gets other").advice


def test_statistics_of_the_batch_are_found():
    class Batch(Module):
        def pooled(self, steps):
            pooled = self.pool(steps)
            return pooled - pooled.mean(0)

    refused(fault(Batch), "judged alone gets other probabilities")


def test_a_representation_by_the_batch_is_found():
    class Batch(Module):
        def forward(self, inputs):
            said = super().forward(inputs)
            seen = said[REPRESENTATION]
            return {**said, REPRESENTATION: seen - seen.mean(0)}

    refused(fault(Batch), "judged alone gets other representation")


def test_a_representation_that_is_not_finite_is_found():
    class Infinite(Module):
        def forward(self, inputs):
            said = super().forward(inputs)
            return {**said, REPRESENTATION: said[REPRESENTATION] / 0}

    refused(fault(Infinite), "represent returned")


def test_dropout_that_never_ends_is_found():
    class Always(Module):
        def pooled(self, steps):
            return nn.functional.dropout(self.pool(steps), 0.5, training=True)

    refused(fault(Always), "gets other probabilities")


def test_what_is_fitted_and_not_saved_is_found():
    @dataclass(kw_only=True, eq=False)
    class Fault(Sound):
        def build(self, task):
            module = super().build(task)
            module.shift = torch.zeros(2)  # neither parameter nor buffer
            module.enter.register_forward_pre_hook(lambda part, x: (x[0] - module.shift,))
            return module

        def prepare(self, module, shelf):
            super().prepare(module, shelf)
            module.shift = torch.ones(2)

    assert "register_buffer" in refused(Fault, "saved and loaded, .* otherwise").advice


def test_a_size_that_is_not_the_trained_ones_is_found():
    @dataclass(kw_only=True, eq=False)
    class Fault(Sound):
        def parameters_for(self, task):
            return super().parameters_for(task) - 1

    refused(Fault, "parameters_for says 39, and the trained module has 40")


def test_settings_that_the_constructor_changes_are_found():
    @dataclass(kw_only=True, eq=False)
    class Fault(Sound):
        def __post_init__(self):
            self.hidden = 2 * self.hidden

    refused(Fault, "keeps 8 as 'hidden', and was given 4")


def test_random_weights_of_its_own_are_found():
    class Own(Module):
        def __init__(self, hidden, columns):
            super().__init__(hidden, columns)
            generator = torch.Generator()
            generator.seed()
            nn.init.normal_(self.enter.weight, generator=generator)

    refused(fault(Own), "trained twice with seed 7, the model predicts otherwise")


@pytest.mark.gpu
def test_a_branch_by_device_is_found():
    class Branch(Module):
        def pooled(self, steps):
            pooled = self.pool(steps)
            return pooled if steps.values.is_cuda else 2 * pooled

    check_model(Sound)
    refused(fault(Branch), "the CPU and cuda:0 predict otherwise")


def test_a_trace_of_the_probes_is_found():
    class Counting(Module):
        calls = 0

        def pooled(self, steps):
            self.calls += 1  # when nothing is learned, too
            return self.pool(steps) * (1 + 0.1 * self.calls if self.training else 1)

    @dataclass(kw_only=True, eq=False)
    class Fault(Sound):
        module: ClassVar = Counting
        epochs: int = 2

    refused(Fault, "while a test set was probed after each epoch")


@dataclass(kw_only=True, eq=False)
class Adapting(Sound):
    """A net that adapts and keeps every promise."""

    adapts: ClassVar[bool] = True

    def adapted_loss(self, outputs, answers, target, progress):
        far = outputs[REPRESENTATION].mean(0) - target[REPRESENTATION].mean(0)
        return self.loss(outputs, answers) + progress * far.square().sum()


def test_a_sound_adapting_net_passes():
    check_model(Adapting)
    check_model(Adapting, {"epochs": 2, "batch": 100})


def test_statistics_that_move_while_a_target_is_probed_are_found():
    class Moving(Module):
        def __init__(self, hidden, columns):
            super().__init__(hidden, columns)
            self.register_buffer("level", torch.zeros(hidden))

        def pooled(self, steps):
            pooled = super().pooled(steps)
            self.level += 0.01 * pooled.detach().mean(0)  # in evaluation mode too
            return pooled + (self.level if self.training else 0)

    @dataclass(kw_only=True, eq=False)
    class Fault(Adapting):
        module: ClassVar = Moving
        epochs: int = 2

    assert "training mode alone" in refused(Fault, "while a test set was probed").advice


def test_a_net_that_adapts_and_does_not_say_how_is_found():
    @dataclass(kw_only=True, eq=False)
    class Fault(Sound):
        adapts: ClassVar[bool] = True

    assert "override it" in refused(Fault, "no adapted_loss").advice
