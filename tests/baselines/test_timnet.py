from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from serbench.audio import read
from serbench.data import LabelledUtterances
from serbench.errors import UsageError
from serbench.labels import Classes
from serbench.nets.padded import Padded
from serbench.registry import load
from serbench_baselines.timnet import RATE, TIMNet

# The released extractor's row 47 (from 1) of RAVDESS 03-01-05-01-01-01-01, as its authors print it.
GOLDEN = """
-732.261 .76334983 .73838884 .7000172 .6526552 .6016959 .55283105 .51134 .48143077 .4657153 .4648861
.47763415 .5008124 .5298434 .559294 .5835557 .59756315 .59742963 .58094174 .5478436 .49987558
.44056392 .3747858 .30816603 .24637975 .19444916 .15612221 .1334109 .1263473 .1329877 .14966433
.17145312 .1927989 .2082195 .21300061 .20379439 .1790465 .1391982 .08663828
"""
FRAMES = {"casia": 172, "emodb": 188, "emovo": 188, "ravdess": 215, "savee": 254, "iemocap": 606}
VARIANTS = ("timnet-no-backward", "timnet-no-multiscale", "timnet-no-fusion", "timnet-tcn")
BLOCK = 2 * (2 * 39 * 39 + 39) + 2 * 78  # two convolutions with bias, two BatchNorms
ENTER = 39 * 39 + 39


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
    [(8, 7, 104_496), (8, 6, 104_456), (8, 8, 104_536), (10, 4, 129_650)],
)
def test_parameters_are_the_papers(blocks, count, parameters):
    assert TIMNet(blocks=blocks).parameters_for(classes(count)) == parameters


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("timnet-no-backward", ENTER + 8 * BLOCK + 8 + 280),
        ("timnet-no-multiscale", 2 * (ENTER + 8 * BLOCK) + 280),
        ("timnet-no-fusion", 2 * (ENTER + 8 * BLOCK) + 280),
        ("timnet-tcn", ENTER + 8 * BLOCK + 280),
    ],
)
def test_parameters_of_the_ablations(name, parameters):
    assert load("models", name)().parameters_for(classes(7)) == parameters


@pytest.mark.corpus("RAVDESS")
def test_the_features_are_the_released_ones(real_corpus):
    name = "03-01-05-01-01-01-01"
    path = next(path for path in real_corpus("RAVDESS").rglob(f"{name}.*") if path.stem == name)
    (recipe,) = TIMNet(length=110_000).recipes
    samples, rate = read(path, rate=RATE, channel=recipe.channel)
    row = recipe.extract(samples, rate)[46]
    golden = np.array(GOLDEN.split(), float)
    assert row[0] == pytest.approx(golden[0], abs=0.1)
    assert row[1:] == pytest.approx(golden[1:], abs=1e-3)


@pytest.mark.parametrize("corpus", FRAMES)
def test_each_corpus_has_its_length(corpus):
    (recipe,) = TIMNet(**TIMNet.corpus_settings[corpus]).recipes
    silence = np.full(16000, 0.1, np.float32)
    assert recipe.extract(silence, RATE).shape == (FRAMES[corpus], 39)
    assert TIMNet(**TIMNet.corpus_settings[corpus]).blocks == (10 if corpus == "iemocap" else 8)


def test_across_corpora_clips_have_a_length_of_their_own():
    (recipe,) = TIMNet().recipes
    assert recipe.extract(np.full(16000, 0.1, np.float32), RATE).shape == (196, 39)


def test_the_forward_pass_is_the_papers(noise):
    torch.manual_seed(0)
    module = TIMNet(blocks=3).build(classes(4)).eval()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            nn.init.normal_(part.running_mean)
            nn.init.uniform_(part.running_var, 0.5, 2.0)
    scales = 0
    for direction, x in ((module.forwards, noise), (module.backwards, noise.flip(1))):
        x = x @ direction.enter.weight[:, :, 0].T + direction.enter.bias
        means = []
        for j, block in enumerate(direction.blocks):
            y = x
            for layer in block.layers:
                old, new = layer.convolution.weight.unbind(2)
                past = torch.zeros_like(y)
                past[:, 2**j :] = y[:, : -(2**j)]
                y = past @ old.T + y @ new.T + layer.convolution.bias
                norm = layer.norm
                y = (y - norm.running_mean) / (norm.running_var + 1e-3).sqrt()
                y = (y * norm.weight + norm.bias).clamp(min=0)
            x = x / (1 + (-y).exp())
            means.append(x.mean(1))
        scales = scales + torch.stack(means)
    fused = torch.einsum("j,jbc->bc", module.fusion.weights, scales)
    said = module(inputs(noise))
    assert torch.allclose(said["representation"], fused, atol=1e-5)
    assert torch.allclose(
        said["logits"], fused @ module.head.weight.T + module.head.bias, atol=1e-5
    )


def test_no_frame_sees_the_future(noise):
    module = TIMNet(blocks=3).build(classes(4)).eval()
    later = noise.clone()
    later[:, 40:] += 1.0
    before, after = (module.forwards.blocks[0](module.forwards.enter(x.mT)) for x in (noise, later))
    assert torch.equal(before[:, :, :40], after[:, :, :40])
    assert not torch.equal(before[:, :, 40], after[:, :, 40])


def test_weights_start_as_in_keras():
    torch.manual_seed(0)
    module = TIMNet().build(classes(7))
    for part in module.modules():
        if isinstance(part, nn.Conv1d | nn.Linear):
            taps = part.weight[0, 0].numel()
            limit = (6 / (part.weight.shape[0] + part.weight.shape[1]) / taps) ** 0.5
            assert part.weight.abs().max() <= limit
            assert part.weight.abs().max() > 0.9 * limit
            assert not part.bias.any()
        if isinstance(part, nn.BatchNorm1d):
            assert (part.eps, part.momentum) == (1e-3, 0.01)
    assert module.fusion.weights.abs().max() <= 0.05


def test_training_is_the_released_codes():
    net = TIMNet()
    adam = net.optimiser_of([nn.Parameter(torch.zeros(1))])
    group = adam.param_groups[0]
    assert type(adam) is torch.optim.Adam
    assert (group["lr"], group["betas"], group["eps"]) == (1e-3, (0.93, 0.98), 1e-8)
    assert (net.batch, net.epochs, group["weight_decay"]) == (64, 500, 0)
    assert net.schedule(1) == net.schedule(500) == 1.0


def test_labels_are_smoothed():
    net = TIMNet()
    net.task_ = classes(4)
    logits = torch.tensor([[2.0, 0.0, -1.0, 0.5]])
    smooth = torch.tensor([0.925, 0.025, 0.025, 0.025])
    loss = net.loss({"logits": logits}, {"y": torch.tensor([0])})
    assert loss.item() == pytest.approx(-(smooth * logits[0].log_softmax(0)).sum().item())


def test_the_fusion_is_what_the_ablations_change(noise):
    said = {}
    for name in ("timnet", *VARIANTS):
        torch.manual_seed(0)
        module = load("models", name)(blocks=3).build(classes(4)).eval()
        said[name] = module(inputs(noise))["representation"]
        scales = module.forwards(noise.mT)
        if module.backwards is not None:
            scales = scales + module.backwards(noise.mT.flip(2))
        wanted = {"timnet-no-fusion": scales.mean(1)}.get(name, scales[:, -1])
        if name not in {"timnet", "timnet-no-backward"}:
            assert torch.allclose(said[name], wanted)
    with torch.no_grad():
        assert load("models", "timnet-no-backward")().build(classes(4)).backwards is None
        assert load("models", "timnet-tcn")().build(classes(4)).backwards is None


def test_the_tcn_adds_where_timnet_multiplies(noise):
    module = load("models", "timnet-tcn")(blocks=1).build(classes(4)).eval()
    block = module.forwards.blocks[0]
    x = noise.mT
    assert torch.allclose(block(x), x + block.layers(x))


@pytest.mark.parametrize(
    "name", ["timnet", *(pytest.param(name, marks=pytest.mark.slow) for name in VARIANTS)]
)
def test_it_learns(name):
    # Epochs enough for running statistics that move by a hundredth a step.
    net = load("models", name)(blocks=2, filters=8, epochs=100, batch=24, learning_rate=1e-2)
    net.fit(speech(), seed=0)
    assert (net.predict_proba(speech()).argmax(1) == speech().y).mean() > 0.9


@pytest.mark.parametrize(
    "wrong", [{"blocks": 0}, {"length": 0}, {"filters": 0}, {"dropout": 1.0}, {"smoothing": -0.1}]
)
def test_settings_out_of_range_are_refused_at_once(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        TIMNet(**wrong)
