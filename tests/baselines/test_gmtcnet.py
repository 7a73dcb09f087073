from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from serbench.data import LabelledUtterances
from serbench.errors import UsageError
from serbench.labels import Classes
from serbench.nets.padded import Padded
from serbench_baselines.gmtcnet import RATE, GMTCNet, Level
from serbench_baselines.timnet import TIMNet


def classes(count):
    return Classes(tuple(f"class {i}" for i in range(count)))


def inputs(values):
    return {"mfcc": Padded.of(values, torch.full((len(values),), values.shape[1]))}


@pytest.fixture
def noise():
    return torch.randn(5, 60, 39, generator=torch.Generator().manual_seed(0))


class Frames:
    """Thirty frames of noise about a mean that the class sets."""

    def feature(self, row, recipe):
        rng = np.random.default_rng(row)
        return (rng.standard_normal((30, recipe.dims)) + row % 3).astype(np.float32)


def speech(n=48):
    rows = np.arange(n)
    return LabelledUtterances(classes(3), Frames(), rows, y=rows % 3, speakers=rows % 2)


@pytest.mark.parametrize(
    ("blocks", "count", "parameters"),
    # One convolution in, twelve a block of 2 x 39 x 39 + 39, the last layer.
    [(7, 7, 260_644), (7, 6, 260_604), (8, 7, 297_616), (1, 7, 1560 + 12 * 3081 + 280)],
)
def test_parameters_are_the_released_ones(blocks, count, parameters):
    assert GMTCNet(blocks=blocks).parameters_for(classes(count)) == parameters


def test_the_features_are_timnets():
    assert GMTCNet().recipes == TIMNet(length=96_000).recipes
    (recipe,) = GMTCNet().recipes
    assert recipe.extract(np.full(16000, 0.1, np.float32), RATE).shape == (188, 39)


def shifted(x, frames):
    """Frames later by so many, zeros before: [utterances, frames, dims]."""
    later = torch.zeros_like(x)
    later[:, frames:] = x[:, :-frames]
    return later


def test_the_forward_pass_is_the_released_codes(noise):
    torch.manual_seed(0)
    module = GMTCNet(blocks=3).build(classes(4)).eval()
    for part in module.modules():
        if isinstance(part, nn.Conv1d):
            nn.init.normal_(part.bias, std=0.1)
    x = noise @ module.enter.weight[:, :, 0].T + module.enter.bias
    skips = 0
    for j, block in enumerate(module.blocks):
        y = x
        for level, dilation in zip(block, (2**j, 2 ** (j + 1)), strict=True):
            said = []
            for part in range(6):
                rows = slice(39 * part, 39 * (part + 1))
                old, new = level.convolutions.weight[rows].unbind(2)
                bias = level.convolutions.bias[rows]
                said.append((shifted(y, dilation) @ old.T + y @ new.T + bias).clamp(min=0))
            gated = [said[k] / (1 + (-said[3 + k]).exp()) for k in range(3)]
            y = (gated[0] + gated[1] + gated[2]) / 3
        skips = skips + y
        x = x + y
    pooled = torch.where(skips > 0, skips, 0.05 * skips).mean(1)
    said = module(inputs(noise))
    assert torch.allclose(said["representation"], pooled, atol=1e-5)
    assert torch.allclose(
        said["logits"], pooled @ module.head.weight.T + module.head.bias, atol=1e-5
    )


def test_no_frame_sees_the_future(noise):
    level = Level(39, dilation=4).eval()
    later = noise.clone()
    later[:, 40:] += 1.0
    before, after = (level(x.mT) for x in (noise, later))
    assert torch.equal(before[:, :, :40], after[:, :, :40])
    assert not torch.equal(before[:, :, 40], after[:, :, 40])


def test_weights_start_as_in_keras():
    torch.manual_seed(0)
    module = GMTCNet().build(classes(7))
    # A level's six convolutions are one here; each has the limit of one from 39 to 39 filters.
    limits = {module.enter: (6 / (39 + 39)) ** 0.5, module.head: (6 / (39 + 7)) ** 0.5}
    for part in module.modules():
        if isinstance(part, nn.Conv1d | nn.Linear):
            limit = limits.get(part, (6 / (2 * 39 + 2 * 39)) ** 0.5)
            assert 0.98 * limit < part.weight.abs().max() <= limit
            assert not part.bias.any()


def test_training_is_the_released_codes():
    net = GMTCNet()
    adam = net.optimiser_of([nn.Parameter(torch.zeros(1))])
    group = adam.param_groups[0]
    assert type(adam) is torch.optim.Adam
    assert (group["lr"], group["betas"], group["eps"]) == (1e-3, (0.93, 0.98), 1e-8)
    assert (net.batch, net.epochs, group["weight_decay"]) == (64, 300, 0)
    assert net.schedule(1) == net.schedule(300) == 1.0


def test_labels_are_not_smoothed():
    net = GMTCNet()
    net.task_ = classes(4)
    logits = torch.tensor([[2.0, 0.0, -1.0, 0.5]])
    loss = net.loss({"logits": logits}, {"y": torch.tensor([0])})
    assert loss.item() == pytest.approx(-logits[0].log_softmax(0)[0].item())


def test_it_learns():
    net = GMTCNet(blocks=2, filters=8, epochs=40, batch=24, learning_rate=5e-3)
    net.fit(speech(), seed=0)
    assert (net.predict_proba(speech()).argmax(1) == speech().y).mean() > 0.9


@pytest.mark.parametrize(
    "wrong",
    [
        {"blocks": 0},
        {"blocks": math.nan},
        {"length": 0},
        {"length": math.nan},
        {"filters": 0},
        {"filters": 129},
        {"filters": math.nan},
    ],
)
def test_settings_out_of_range_are_refused_at_once(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        GMTCNet(**wrong)
