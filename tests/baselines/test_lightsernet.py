from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from serbench.data import LabelledUtterances
from serbench.errors import FeatureError, UsageError
from serbench.labels import Classes, Scale
from serbench.nets.padded import Padded
from serbench_baselines.lightsernet import LightSERNet
from serbench_baselines.lightsernet_features import ScaledMfcc, mel_filters

# Frame 100 of the noise below, as TensorFlow 2.21 computes it by the released code's own calls.
GOLDEN = """
10 -8.5897427 -.25844255 -.68057108 .33844346 -.77046645 -.67651147 -.34103462 -.72930205 -.81252944
.34610096 .669016 .30408394 -.20157672 -.34006 .19823411 -.48610905 -.78373265 .33754969 .027063876
.34237754 .13481522 -.54567528 .0097770393 -.81511939 -.87494802 -.18365347 .30381304 .048020512
.40887314 .0066494346 .26922113 -.18774003 -.39342332 .27968907 .98899019 .57479548 -.24251136
-.54330754 -1.054701
"""
SMALL = {"seconds": 0.3, "filters": 4}


def classes(count):
    return Classes(tuple(f"class {i}" for i in range(count)))


def inputs(values):
    return {"scaled-mfcc": Padded.of(values, torch.full((len(values),), values.shape[1]))}


def sound(n):
    return (0.1 * np.random.default_rng(0).standard_normal(70_003)).astype(np.float32)[:n]


@pytest.fixture
def noise():
    return 3.0 * torch.randn(3, 45, 40, generator=torch.Generator().manual_seed(0))


class Frames:
    """Six frames of noise whose coefficients rise or fall with the class."""

    def feature(self, row, recipe):
        rng = np.random.default_rng(row)
        slope = np.linspace(-3, 3, recipe.dims) * (row % 3 - 1)
        return (rng.standard_normal((6, recipe.dims)) + slope).astype(np.float32)


def speech(n=48):
    rows = np.arange(n)
    return LabelledUtterances(classes(3), Frames(), rows, y=rows % 3, speakers=rows % 2)


@pytest.mark.parametrize(("count", "parameters"), [(7, 461_703), (4, 460_740)])
def test_parameters_are_the_released_ones(count, parameters):
    assert LightSERNet().parameters_for(classes(count)) == parameters


def test_with_statistics_it_has_the_size_that_is_quoted():
    with torch.device("meta"):
        module = LightSERNet().build(classes(7))
    numbers = [t for name, t in module.state_dict().items() if "num_batches" not in name]
    assert sum(t.numel() for t in numbers) * 2 / 2**20 == pytest.approx(0.88, abs=0.005)


def test_the_features_are_tensorflows():
    row = ScaledMfcc().extract(sound(70_003), 16000)[100]
    assert row == pytest.approx(np.array(GOLDEN.split(), float), abs=1e-4)


@pytest.mark.parametrize(("corpus", "frames"), [("emodb", 184), ("iemocap", 434), ("savee", 184)])
def test_each_corpus_has_its_length(corpus, frames):
    net = LightSERNet(**LightSERNet.corpus_settings.get(corpus, {}))
    (recipe,) = net.recipes
    assert recipe.extract(sound(20_000), 16000).shape == (frames, 40)


def test_the_middle_counts_and_no_loudness():
    recipe = ScaledMfcc(seconds=1.0)
    whole = sound(20_001)
    said = recipe.extract(whole, 16000)
    assert np.array_equal(said, recipe.extract(whole[2000:18_000], 16000))
    assert said == pytest.approx(recipe.extract(whole / 10, 16000), abs=0.01)


def test_short_utterances_stand_amid_zeros_in_sixteen_bits():
    samples = sound(12_001)
    piece = ScaledMfcc(seconds=1.0)._prepared(samples)
    loud = np.percentile(np.abs(samples), 99.9)
    assert piece.shape == (16_000,)
    assert piece[1999:14_000] == pytest.approx(np.clip(samples / loud, -1, 1), abs=1.01 / 32768)
    assert np.array_equal(piece * 32768, np.round(piece * 32768))
    assert (piece.min(), piece.max()) == (-1, 32767 / 32768)
    assert not piece[:1999].any()
    assert not piece[14_000:].any()


def test_silence_is_no_division_by_zero():
    said = ScaledMfcc(seconds=1.0).extract(np.zeros(8000, np.float32), 16000)
    assert (said[:, 0] == -10).all()  # sqrt(2 / 128) x 128 x log(1e-6), limited
    assert said[:, 1:] == pytest.approx(0, abs=1e-4)


def triangles():
    """HTK's, by interpolation in mel: [bands, bins]."""
    mel = 1127 * np.log(1 + np.arange(513) * 16000 / 1024 / 700)
    edges = np.linspace(1127 * np.log(1 + 80 / 700), 1127 * np.log(1 + 7600 / 700), 130)
    return np.stack([np.interp(mel, edges[band : band + 3], [0, 1, 0]) for band in range(128)])


def test_filters_are_triangles_in_mel():
    filters = mel_filters(16000, 1024, 128, 80.0, 7600.0)
    assert filters == pytest.approx(triangles().T, abs=1e-9)
    assert filters.any(axis=0).all()  # none falls between two bins


def test_a_quiet_frame_is_what_the_steps_make_of_it():
    samples = sound(48_000) * np.geomspace(1, 1e-4, 48_000, dtype=np.float32)
    recipe = ScaledMfcc()
    piece = recipe._prepared(samples)[183 * 256 :][:1024]
    turns = 2 * np.pi * np.arange(1024) / 1024
    windowed = piece * (0.5 - 0.5 * np.cos(turns))
    spectrum = [abs((windowed * np.exp(-1j * turns * k)).sum()) for k in range(513)]
    bands = np.log(triangles() @ spectrum + 1e-6)
    steps = (2 * np.arange(128) + 1) / 256
    wanted = [np.sqrt(2 / 128) * (bands * np.cos(np.pi * k * steps)).sum() for k in range(40)]
    assert recipe.extract(samples, 16000)[183] == pytest.approx(np.clip(wanted, -10, 10), abs=1e-4)
    assert np.median(np.exp(bands)) < 1e-2  # so quiet that what is added before the logarithm shows


@pytest.mark.parametrize(("samples", "rate"), [(np.zeros(0, np.float32), 16000), (sound(9), 8000)])
def test_what_cannot_be_read_is_refused(samples, rate):
    with pytest.raises(FeatureError, match=r"no samples|8000 Hz"):
        ScaledMfcc().extract(samples, rate)


def shaken(net, count):
    """Its module, with statistics and scales as after a training."""
    torch.manual_seed(0)
    module = net.build(classes(count)).eval()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.running_mean)
            nn.init.uniform_(part.running_var, 0.5, 2.0)
            nn.init.normal_(part.weight)
            nn.init.normal_(part.bias)
    return module


def layer(part, x, kernel, window):
    """Convolution by its definition, BatchNorm, ReLU, means of windows cut off at the end."""
    height, wide = kernel
    tall, long = x.shape[2:]
    room = torch.zeros(*x.shape[:2], tall + height - 1, long + wide - 1)
    room[:, :, height // 2 : height // 2 + tall, wide // 2 : wide // 2 + long] = x
    y = torch.zeros(len(x), len(part.convolution.weight), tall, long)
    for i in range(height):
        for j in range(wide):
            seen = room[:, :, i : i + tall, j : j + long]
            y += torch.einsum("bcth,dc->bdth", seen, part.convolution.weight[:, :, i, j])
    if part.convolution.bias is not None:
        y += part.convolution.bias[:, None, None]
    norm = part.norm
    y = (y - norm.running_mean[:, None, None]) / (norm.running_var + 1e-3).sqrt()[:, None, None]
    y = (y * norm.weight[:, None, None] + norm.bias[:, None, None]).clamp(min=0)
    rows, columns = y.split(window[0], 2), range(0, y.shape[3], window[1])
    means = [[row[:, :, :, k : k + window[1]].mean((2, 3)) for k in columns] for row in rows]
    return torch.stack([torch.stack(row, 2) for row in means], 2)


def test_the_forward_pass_is_the_released_codes(noise):
    module = shaken(LightSERNet(filters=2), 4)
    kernels = ((11, 1), (1, 9), (3, 3))
    x = noise[:, None]
    paths = [layer(p, x, k, (2, 2)) for p, k in zip(module.paths, kernels, strict=True)]
    x = torch.cat(paths, 1)
    assert x.shape == (3, 6, 23, 20)  # 45 frames are 22 windows and a half
    windows = ((2, 2), (2, 2), (2, 1), (2, 1), (1, 1))
    for part, size, window in zip(module.body, (3, 3, 3, 3, 1), windows, strict=True):
        assert part.convolution.bias is None
        x = layer(part, x, (size, size), window)
    assert x.shape == (3, 20, 2, 5)
    said = module(inputs(noise))
    assert torch.allclose(said["representation"], x.mean((2, 3)), atol=1e-5)
    assert torch.allclose(
        said["logits"], x.mean((2, 3)) @ module.head.weight.T + module.head.bias, atol=1e-5
    )


def test_weights_start_as_in_keras():
    torch.manual_seed(0)
    module = LightSERNet().build(classes(7))
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            taps = part.weight[0, 0].numel()
            limit = (6 / (part.weight.shape[0] + part.weight.shape[1]) / taps) ** 0.5
            assert 0.95 * limit < part.weight.abs().max() <= limit
            assert part.bias is None or not part.bias.any()
        if isinstance(part, nn.BatchNorm2d):
            assert (part.eps, part.momentum) == (1e-3, 0.01)
        if isinstance(part, nn.Dropout):
            assert part.p == 0.3


def test_training_is_the_released_codes():
    net = LightSERNet()
    adam = net.optimiser_of([nn.Parameter(torch.zeros(1))])
    group = adam.param_groups[0]
    assert type(adam) is torch.optim.Adam
    assert (group["lr"], group["betas"], group["eps"]) == (1e-4, (0.9, 0.999), 1e-7)
    assert (net.batch, net.epochs, group["weight_decay"]) == (32, 300, 0)


def test_the_learning_rate_is_the_released_codes():
    """Its rule, epochs from 0: from 50 on, times exp(-0.15) where 20 divides the epoch."""
    rate, net = 1.0, LightSERNet()
    for epoch in range(300):
        if epoch >= 50 and epoch % 20 == 0:
            rate *= math.exp(-0.15)
        assert net.schedule(epoch + 1) == pytest.approx(rate)
    assert LightSERNet(decay=0.0).schedule(300) == 1.0


def test_l2_is_of_the_kernels_after_the_paths_alone(noise):
    """The gradient is that of the loss plus l2 times the sum of their squares."""
    net = LightSERNet(l2=0.1, **SMALL)
    net.task_ = classes(4)
    module = shaken(net, 4)
    y = torch.tensor([0, 3, 1])
    loss = net.loss(module(inputs(noise)), {"y": y})
    kernels = [part.convolution.weight for part in module.body]
    penalty = 0.1 * sum(kernel.square().sum() for kernel in kernels)
    names, weights = zip(*module.named_parameters(), strict=True)
    wanted = torch.autograd.grad(loss + penalty, weights, retain_graph=True)
    loss.backward()
    net.adjust(module, 1e-4)
    for name, weight, gradient in zip(names, weights, wanted, strict=True):
        assert torch.allclose(weight.grad, gradient, atol=1e-6), name


def loss_of(net, logits, y):
    net.task_ = classes(3)
    return net.loss({"logits": torch.tensor(logits)}, {"y": torch.tensor(y)})


def test_the_losses_are_cross_entropy_and_focal():
    logits, y = [[2.0, 0.0, -1.0], [0.1, 0.2, 0.3]], [0, 0]
    p = torch.tensor(logits).softmax(1)[:, 0].double()
    assert loss_of(LightSERNet(), logits, y).item() == pytest.approx(-p.log().mean().item())
    focal = ((1 - p) ** 2 * -p.log()).mean().item()
    assert loss_of(LightSERNet(gamma=2.0), logits, y).item() == pytest.approx(focal)


def test_a_certain_answer_leaves_a_finite_gradient():
    net, logits = LightSERNet(gamma=2.0), torch.tensor([[200.0, 0.0]], requires_grad=True)
    loss: Tensor = net.loss({"logits": logits}, {"y": torch.tensor([0])})
    loss.backward()
    assert torch.equal(logits.grad, torch.zeros(1, 2))


def test_the_focal_loss_is_one_of_classes():
    assert LightSERNet(**SMALL).build(Scale(-3, 3)).head.out_features == 1
    with pytest.raises(UsageError, match=r"gamma=2\.0"):
        LightSERNet(gamma=2.0).build(Scale(-3, 3))


def test_it_learns():
    # Epochs enough for running statistics that move by a hundredth a step.
    net = LightSERNet(**SMALL, epochs=30, batch=12, learning_rate=1e-2, gamma=2.0)
    net.fit(speech(), seed=0)
    assert (net.predict_proba(speech()).argmax(1) == speech().y).mean() > 0.9


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0.06},
        {"seconds": float("inf")},
        {"filters": 0},
        {"dropout": 1.0},
        {"l2": -1.0},
        {"decay": -0.1},
        {"gamma": 0.5},
    ],
)
def test_settings_out_of_range_are_refused_at_once(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        LightSERNet(**wrong)
