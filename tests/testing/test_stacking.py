"""What stacking takes of a net, each broken by one net, and the reason that is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from serbench.errors import ModelError
from serbench.nets.batchnorm import BatchNorm1d
from serbench.nets.dropout import Dropout
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, width
from serbench.nets.pooling import MeanPooling
from serbench.nets.stacked import train_stacked
from serbench.testing import stacking
from serbench.testing.models import check_model
from serbench.testing.stacking import check_stacking
from serbench_baselines.svm import EgemapsSVM


@dataclass(frozen=True)
class Envelope:
    """Level and zero crossings of each 50 ms: 10 to 20 frames."""

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
    norm_of: ClassVar = BatchNorm1d

    def __init__(self, columns):
        super().__init__()
        self.enter = nn.Linear(2, 6)
        self.dropout = Dropout(0.3)
        self.pool = MeanPooling()
        self.norm = self.norm_of(6)
        self.head = nn.Linear(6, columns)

    def forward(self, inputs):
        x = inputs["envelope"]
        steps = x.holding(self.steps(self.enter(x.values).tanh(), x))
        return {LOGITS: self.head(self.norm(self.pooled(steps)))}

    def steps(self, values, x):
        return self.dropout(values)

    def pooled(self, steps):
        return self.pool(steps)


@dataclass(kw_only=True, eq=False)
class Sound(Net):
    """A net that can be stacked. The faults below are each one change to it."""

    epochs: int = 1
    batch: int = 8
    learning_rate: float = 0.01
    optimiser: str = "adam"

    stackable: ClassVar[bool] = True
    module: ClassVar = Module

    @property
    def recipes(self):
        return (Envelope(),)

    def build(self, task):
        return self.module(width(task))


def fault(make):
    """The sound net with another module."""

    @dataclass(kw_only=True, eq=False)
    class Fault(Sound):
        module: ClassVar = make

    return Fault


def refused(factory, message):
    with pytest.raises(ModelError, match=message) as error:
        check_stacking(factory)
    return error.value.advice


def test_a_sound_net_passes_as_part_of_the_contract(monkeypatch):
    asked = []
    told = stacking.train_stacked

    def watched(replicas):
        asked.extend((len(r.data), r.net.batch, r.net.epochs) for r in replicas)
        return told(replicas)

    monkeypatch.setattr(stacking, "train_stacked", watched)
    check_model(Sound)
    assert asked == [(14, 3, 4), (7, 3, 4)]


def test_of_others_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(stacking, "train", None)

    class Own(Sound):
        def fit(self, train, *, seed):
            raise NotImplementedError

    others = [
        type("One", (Sound,), {"stackable": False}),
        type("Adapting", (Sound,), {"adapts": True}),
        Own,
        EgemapsSVM,
    ]
    for other in others:
        check_stacking(other)


def test_layers_that_cannot_be_are_named():
    class Torchs(Module):
        norm_of: ClassVar = nn.BatchNorm1d

    assert "stackable = False" in refused(fault(Torchs), "its BatchNorm1d is torch's own")


def test_random_numbers_of_torch_are_found():
    class Own(Module):
        def steps(self, values, x):
            return nn.functional.dropout(values, 0.3, self.training)

    assert "serbench.nets.dropout" in refused(fault(Own), "computed as one")


def test_random_numbers_of_numpy_are_found():
    class Own(Module):
        def steps(self, values, x):
            return values * (np.random.random() if self.training else 1.0)  # noqa: NPY002

    assert "random numbers of their own" in refused(fault(Own), "differs by")


def test_branches_on_values_are_found():
    class Branch(Module):
        def steps(self, values, x):
            return values if values.mean() > 0 else -values

    class Index(Module):
        def steps(self, values, x):
            return values.masked_scatter(x.mask[:, :, None], values[x.mask])

    for wrong in (Branch, Index):
        assert "torch.where" in refused(fault(wrong), "computed as one"), wrong


def test_fused_recurrences_are_found():
    class Fused(Module):
        def __init__(self, columns):
            super().__init__(columns)
            self.lstm = nn.LSTM(6, 6, batch_first=True)

        def steps(self, values, x):
            return self.lstm(values)[0]

    assert "BiLSTM" in refused(fault(Fused), "computed as one")


def test_padding_that_counts_is_found():
    class Padding(Module):
        def pooled(self, steps):
            return steps.values.mean(1)

    assert "use the masks" in refused(fault(Padding), "differs by")


def test_dropout_that_hangs_on_padding_is_found():
    class Across(Module):
        def steps(self, values, x):
            return self.dropout(values.mT).mT

    assert "[utterances, frames, values]" in refused(fault(Across), "differs by")


def test_statistics_that_count_what_does_not_are_found():
    class Centred(Module):
        def pooled(self, steps):
            pooled = self.pool(steps)
            return pooled - pooled.mean(0) if self.training else pooled

    assert "step.real" in refused(fault(Centred), "differs by")


def test_a_loss_that_is_no_mean_is_found():
    class Weighted(Sound):
        def loss(self, outputs, answers):
            weight = torch.arange(1, 5, dtype=torch.float64)
            return nn.functional.cross_entropy(outputs[LOGITS], answers["y"], weight)

    class Summed(Sound):
        def loss(self, outputs, answers):
            return nn.functional.cross_entropy(outputs[LOGITS], answers["y"], reduction="sum")

    for wrong in (Weighted, Summed):
        assert "not the mean" in refused(wrong, "differs by"), wrong


def test_gradients_that_hang_on_each_other_are_found():
    class Clipped(Sound):
        def adjust(self, module, rate):
            nn.utils.clip_grad_norm_(module.parameters(), 1e-3)

    assert "by their norm" in refused(Clipped, "differs by")


def test_what_is_kept_on_the_net_is_suspected():
    class Kept(Sound):
        def prepare(self, module, shelf):
            self.weight = 1 + shelf.lengths["envelope"].mean()

        def loss(self, outputs, answers):
            return super().loss(outputs, answers) * self.weight

    assert "keep nothing on the net" in refused(Kept, "differs")


def test_what_predicts_beside_the_weights_is_found():
    class Told(Sound):
        def prepare(self, module, shelf):
            self.warm = 1 + shelf.lengths["envelope"].mean() / 10

        def read(self, logits):
            return (logits / self.warm).softmax(1)

    refused(Told, "epoch 1 differs")


def test_what_diverges_only_beside_others_is_found():
    class Diverging(Sound):
        def adjust(self, module, rate):
            for parameter in module.parameters():
                if parameter.dim() > 2:
                    parameter.grad *= torch.nan

    refused(Diverging, "diverges beside others and not alone")


def test_the_reasons_look_at_the_net_and_leave_it_as_it_is():
    made = [stacking._Training(Sound, {}, seed).replica() for seed in range(2)]
    train_stacked(made)
    before = {name: tensor.clone() for name, tensor in made[0].net.module_.state_dict().items()}
    assert stacking.differences(made[0].net, made[0].data) == []
    assert all(
        torch.equal(before[name], tensor)
        for name, tensor in made[0].net.module_.state_dict().items()
    )
