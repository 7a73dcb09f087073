from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from serbench.access import needed_access
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, UsageError
from serbench.labels import Classes, Scale
from serbench.nets.padded import Padded
from serbench.nets.training import train
from serbench.session import Session
from serbench_baselines.dann import DANN, DANNModule
from serbench_baselines.timnet import TIMNet

SMALL = {"blocks": 1, "filters": 8, "batch": 30}


def classes(count):
    return Classes(tuple(f"class {i}" for i in range(count)))


class Frames:
    """Noise in which two cues stand: a plain one that holds everywhere, and a loud one.

    On the source the loud one tells the class; on the target it always tells the first.
    """

    def __init__(self, seed, target):
        self.seed, self.target = seed, target

    def feature(self, row, recipe):
        rng = np.random.default_rng([self.seed, row])
        frames = rng.normal(0.0, 1.0, (20, recipe.dims))
        frames[:, row % 3] += 1.0
        frames[:, 3 + (0 if self.target else row % 3)] += 1.5
        return frames.astype(np.float32)


def corpus(seed, *, target, n=90):
    rows = np.arange(n)
    return LabelledUtterances(classes(3), Frames(seed, target), rows, y=rows % 3, speakers=rows % 2)


def sounds(seed, n=90):
    return Utterances(classes(3), Frames(seed, target=True), np.arange(n))


def accuracy(net, data):
    return (net.predict_proba(data).argmax(1) == data.y).mean()


def test_it_asks_for_the_sounds_of_the_target():
    assert needed_access(DANN()) == "unlabelled"
    with pytest.raises(ModelError, match="given none"):
        DANN(**SMALL).fit(corpus(0, target=False), seed=0)


def test_it_is_timnet_in_all_but_the_training():
    """Features, size, settings by corpus, and the weights that it starts from."""
    plain, adapting = TIMNet(), DANN()
    assert adapting.recipes == plain.recipes
    assert adapting.recipes[0].length == 100_000
    assert adapting.corpus_settings == plain.corpus_settings
    assert adapting.optimiser_settings == plain.optimiser_settings
    assert adapting.parameters_for(classes(5)) == plain.parameters_for(classes(5)) == 104_416
    assert set(plain.settings) < set(adapting.settings)
    assert {name: adapting.settings[name] for name in plain.settings} == plain.settings
    states = []
    for net in (plain, adapting):
        torch.manual_seed(3)
        states.append(net.build(classes(5)).state_dict())
    assert all(
        torch.equal(states[1][f"encoder.{name}"], value) for name, value in states[0].items()
    )


def test_the_discriminator_is_no_part_of_what_predicts():
    module = DANN().build(classes(5))
    assert sum(w.numel() for w in module.adversary.parameters()) == 39 * 100 + 100 + 100 + 1
    inputs = {"mfcc": Padded.of(torch.randn(2, 30, 39), torch.tensor([30, 30]))}
    assert set(module(inputs)) == {"logits", "representation", "domain"}
    assert set(module.eval()(inputs)) == {"logits", "representation"}


def test_the_loss_by_hand():
    net = DANN(smoothing=0.0)
    net.task_ = classes(2)
    outputs = {
        "logits": torch.tensor([[0.0, 0.0], [math.log(3), 0.0]]),  # 1/2, and 3/4 for the first
        "domain": torch.tensor([0.0, math.log(3)]),  # 1/2 and 3/4 for the target: both wrong
    }
    target = {"domain": torch.tensor([math.log(7)])}  # 7/8 for the target: right
    loss = net.adapted_loss(outputs, {"y": torch.tensor([0, 0])}, target, 0.5)
    emotion = (math.log(2) + math.log(4 / 3)) / 2
    source, other = (math.log(2) + math.log(4)) / 2, math.log(8 / 7)
    assert loss.item() == pytest.approx(emotion + source + other, abs=1e-6)


@pytest.mark.parametrize("weight", [0.0, 0.5, 2.0])
def test_the_encoder_climbs_and_the_discriminator_descends(weight):
    """Gradients of the domain loss alone, held against those without a reversal."""
    net = DANN(**SMALL, weight=weight, dropout=0.0)
    torch.manual_seed(0)
    module = net.build(classes(3))
    net.task_ = classes(3)
    generator = torch.Generator().manual_seed(1)
    batches = [torch.randn(6, 20, 8, generator=generator) for _ in range(2)]

    def gradients(reversal):
        module.reversal = reversal
        module.zero_grad()
        told = [
            module({"mfcc": Padded.of(batch, torch.full((6,), 20))})["domain"] for batch in batches
        ]
        pairs = zip(told, (torch.zeros(6), torch.ones(6)), strict=True)
        sum(nn.functional.binary_cross_entropy_with_logits(*pair) for pair in pairs).backward()
        return {
            name: weights.grad.clone()
            for name, weights in module.named_parameters()
            if weights.grad is not None
        }

    net.advance(module, 0.1)
    strength = weight * (2 / (1 + math.exp(-1)) - 1)
    reversed_ = gradients(module.reversal)
    plain = gradients(nn.Identity())
    assert any(name.startswith("encoder.") for name in plain)
    for name, gradient in plain.items():
        factor = -strength if name.startswith("encoder.") else 1.0
        assert torch.allclose(reversed_[name], factor * gradient, atol=1e-7), name


def test_lambda_rises_over_the_training():
    strengths = []

    class Told(DANN):
        def advance(self, module, progress):
            super().advance(module, progress)
            strengths.append(module.reversal.strength)

    net = Told(**SMALL, epochs=2, weight=0.5)
    net.fit_adapted(corpus(0, target=False), sounds(1), seed=0)  # three steps an epoch
    assert strengths == pytest.approx(
        [0.5 * (2 / (1 + math.exp(-10 * step / 6)) - 1) for step in range(6)]
    )


@pytest.mark.slow
def test_it_gains_where_a_cue_of_the_source_misleads():
    """TIM-Net takes the loud cue and says the same of nearly all; so does DANN without lambda."""
    source, target = corpus(0, target=False), corpus(1, target=True)
    settings = {**SMALL, "epochs": 60, "learning_rate": 3e-3}
    plain = TIMNet(**settings).fit(source, seed=0)
    settings["discriminator"] = 32
    idle = DANN(**settings, weight=0.0).fit_adapted(source, sounds(1), seed=0)
    adapted = DANN(**settings).fit_adapted(source, sounds(1), seed=0)
    assert min(accuracy(net, source) for net in (plain, idle, adapted)) > 0.95
    assert accuracy(plain, target) < 0.45
    assert accuracy(idle, target) < 0.45
    assert accuracy(adapted, target) > 0.85
    assert accuracy(adapted, corpus(7, target=True)) > 0.8  # utterances that it never heard


def test_represent_and_a_file(tmp_path):
    net = DANN(**SMALL, epochs=1).fit_adapted(corpus(0, target=False), sounds(1, 20), seed=0)
    test = corpus(2, target=True, n=7)
    assert net.represent(test).shape == (7, 8)
    net.save(tmp_path / "dann.safetensors")
    loaded = DANN.load(tmp_path / "dann.safetensors", device=str(net.device_))
    assert isinstance(loaded.module_, DANNModule)
    assert np.array_equal(loaded.predict_proba(test), net.predict_proba(test))


def test_a_scale_is_adapted_to_as_well():
    rows = np.arange(24)
    scale = Scale(-3, 3)
    data = LabelledUtterances(scale, Frames(0, False), rows, y=rows % 3 - 1.0, speakers=rows % 2)
    net = DANN(**SMALL, epochs=1)
    target = Utterances(scale, Frames(1, True), np.arange(9))
    stages = train(net, data, seed=0, session=Session(device="cpu", target=target))
    assert math.isfinite(stages[0].loss)
    assert net.predict(target).shape == (9,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weight", -0.1),
        ("weight", math.inf),
        ("steepness", 0.0),
        ("discriminator", 0),
        ("blocks", 0),
    ],
)
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(UsageError, match=f"{name}={value}"):
        DANN(**{name: value})
