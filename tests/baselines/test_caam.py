from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from serbench.access import needed_access
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, UsageError
from serbench.labels import Classes, Scale, Tags
from serbench.nets.padded import Padded
from serbench_baselines.caam import CAAM, agreement, disagreement
from serbench_baselines.capsules import PrimaryCapsules, Routing, SelfAttention, squash

SMALL = {"filters": 8, "dims": 8, "channels": 2, "capsules": 3, "batch": 30}


def classes(count):
    return Classes(tuple(f"class {i}" for i in range(count)))


def inputs(values):
    return {"mfcc": Padded.of(values, torch.full((len(values),), values.shape[1]))}


class Frames:
    """Noise about a mean that the class sets in 13 neighbouring coefficients."""

    def __init__(self, seed, shift):
        self.seed, self.shift = seed, shift

    def feature(self, row, recipe):
        rng = np.random.default_rng([self.seed, row])
        frames = rng.normal(0.0, 1.0, (40, recipe.dims)) + self.shift
        frames[:, 13 * (row % 3) : 13 * (row % 3 + 1)] += 10.0
        return frames.astype(np.float32)


def corpus(seed, shift=0.0, n=60):
    rows = np.arange(n)
    return LabelledUtterances(classes(3), Frames(seed, shift), rows, y=rows % 3, speakers=rows % 2)


def sounds(seed, shift, n=60):
    return Utterances(classes(3), Frames(seed, shift), np.arange(n))


def test_it_asks_for_the_sounds_of_the_target():
    assert needed_access(CAAM()) == "unlabelled"
    with pytest.raises(ModelError, match="given none"):
        CAAM(**SMALL).fit(corpus(0), seed=0)


CONVOLUTIONS = 3 * 3 * 64 + 64 + 128 + 2 * (3 * 3 * 64 * 64 + 64 + 128)
CAPSULES = 3 * 3 * 64 * 384 + 384 + 64 * 6 * 64


@pytest.mark.parametrize("count", [4, 5, 7])
def test_parameters_are_the_released_codes(count):
    """For five classes 321,349; CPAC, the same with a scale of attention, is told as 1.23 MB."""
    size = CAAM().parameters_for(classes(count))
    assert size == CONVOLUTIONS + CAPSULES + 64 * count + count
    assert round(4 * (size + 1) / 2**20, 2) == 1.23
    module = CAAM().build(classes(count))
    assert sum(w.numel() for w in module.adversary.parameters()) == 64 * count + count


def test_the_map_is_as_wide_as_39_coefficients_allow():
    (recipe,) = CAAM().recipes
    frames = recipe.extract(np.full(16000, 0.1, np.float32), recipe.rate)
    assert frames.shape == (188, 39)
    module = CAAM().build(classes(5)).eval()
    x = torch.from_numpy(frames)[None]
    maps = module.convolutions(x[:, None])
    assert maps.shape == (1, 64, 21, 3)
    assert module.capsules[0](maps).shape == (1, 6 * 19, 64)
    said = module(inputs(x))
    assert said["representation"].shape == (1, 64)
    assert set(said) == {"logits", "representation"}
    assert set(module.train()(inputs(x))) == {"logits", "representation", "adversary"}


def test_the_smallest_map_holds_one_place():
    net = CAAM(**SMALL, length=37 * 512, coefficients=38)
    module = net.build(classes(3)).eval()
    assert module.capsules[0](module.convolutions(torch.randn(2, 1, 38, 38))).shape == (2, 2, 8)
    assert module(inputs(torch.randn(2, 38, 38)))["logits"].shape == (2, 3)
    for few in ({"length": 37 * 512 - 1}, {"coefficients": 37}):
        with pytest.raises(UsageError, match=next(iter(few))):
            CAAM(**few)


def test_a_convolution_is_scaled_and_shifted_by_no_statistic():
    """Held against BatchNorm in inference mode with fresh statistics, as Keras has it."""
    module = CAAM(filters=4, dropout=0.0).build(classes(3))
    part = module.convolutions[0]
    norm = nn.BatchNorm2d(4, eps=1e-3).eval()
    for weights in (part.scale, part.shift):
        nn.init.normal_(weights)
    norm.weight, norm.bias = part.scale, part.shift
    x = torch.randn(2, 1, 50, 39)
    expected = nn.functional.avg_pool2d(nn.functional.elu(norm(part.convolution(x))), 2)
    assert torch.allclose(part(x), expected, atol=1e-5)
    gradients = [
        torch.autograd.grad(y.square().sum(), tuple(part.parameters())) for y in (part(x), expected)
    ]
    for ours, theirs in zip(*gradients, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-4, atol=1e-3)


def test_squash_keeps_the_direction():
    x = torch.tensor([[3.0, 4.0], [0.0, 0.0], [0.6, 0.8]])
    said = squash(x)
    assert said.norm(dim=1).tolist() == pytest.approx([25 / 26, 0.0, 0.5], abs=1e-5)
    assert said[0].tolist() == pytest.approx([3 / 5 * 25 / 26, 4 / 5 * 25 / 26], abs=1e-5)


def test_primary_capsules_are_groups_of_the_filters_at_a_place():
    layer = PrimaryCapsules(filters=5, channels=2, dims=3)
    x = torch.randn(1, 5, 4, 3)
    maps = layer.convolution(x)  # [1, 6, 2, 1]
    capsules = layer(x)
    assert capsules.shape == (1, 4, 3)
    assert torch.allclose(capsules[0, 1], squash(maps[0, 3:, 0, 0]))
    assert torch.allclose(capsules[0, 2], squash(maps[0, :3, 1, 0]))


def test_attention_by_hand():
    u = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]])
    a, b = math.exp(1) / (math.exp(1) + 1), math.exp(4) / (math.exp(4) + 1)
    expected = [[1 * a, 0.0], [0.0, 2 * 2 * b]]
    assert torch.allclose(SelfAttention()(u)[0], torch.tensor(expected))


def test_routing_by_plain_loops():
    torch.manual_seed(0)
    layer = Routing(outputs=3, dims=4, rounds=3)
    u = torch.randn(2, 5, 4)
    said = layer(u)
    kernel = layer.votes.weight.view(3, 4, 4)
    for n in range(2):
        votes = [[kernel[j] @ u[n, i] for j in range(3)] for i in range(5)]
        logits = torch.zeros(5, 3)
        for last in (False, False, True):
            coupling = logits.softmax(1)
            out = [sum(coupling[i, j] * votes[i][j] for i in range(5)) for j in range(3)]
            if not last:
                logits = torch.stack(
                    [
                        torch.stack([votes[i][j] @ out[j] / out[j].norm() for j in range(3)])
                        for i in range(5)
                    ]
                )
        assert torch.allclose(said[n], torch.stack([squash(o) for o in out]), atol=1e-6)


def logits_of(*probabilities):
    return torch.tensor(probabilities).log().requires_grad_()


def test_margin_disparity_by_hand():
    p, q = logits_of([0.5, 0.25, 0.25]), logits_of([0.7, 0.2, 0.1])
    agreed = -(0.5 * math.log(0.7) + 0.25 * math.log(0.2) + 0.25 * math.log(0.1))
    parted = -(0.5 * math.log(0.3) + 0.25 * math.log(0.8) + 0.25 * math.log(0.9))
    assert agreement(p, q, hard=False).item() == pytest.approx(agreed, abs=1e-6)
    assert disagreement(p, q, hard=False).item() == pytest.approx(parted, abs=1e-6)
    assert agreement(p, q, hard=True).item() == pytest.approx(-math.log(0.7), abs=1e-6)
    assert disagreement(p, q, hard=True).item() == pytest.approx(-math.log(0.3), abs=1e-6)


def test_two_utterances_are_averaged():
    p, q = logits_of([0.9, 0.1], [0.2, 0.8]), logits_of([0.5, 0.5], [0.25, 0.75])
    expected = (math.log(2) - math.log(0.25)) / 2
    assert disagreement(p, q, hard=True).item() == pytest.approx(expected, abs=1e-6)


def test_no_gradient_reaches_the_classifier_from_the_discrepancy():
    for measure in (agreement, disagreement):
        p, q = logits_of([0.9, 0.1]), logits_of([0.3, 0.7])
        measure(p, q, hard=False).backward()
        assert p.grad is None
        assert q.grad.abs().sum() > 0


def test_a_sure_adversary_costs_what_float32_can_hold():
    sure = torch.tensor([[100.0, -100.0]], requires_grad=True)
    loss = disagreement(sure, sure, hard=True)
    loss.backward()
    assert loss.item() == pytest.approx(-math.log(1e-7), rel=1e-4)
    assert sure.grad.isfinite().all()


def test_the_loss_is_the_sum_of_three():
    net = CAAM(gamma=2.0)
    net.task_ = classes(2)
    source = {"logits": logits_of([0.5, 0.5]), "adversary": logits_of([0.25, 0.75])}
    target = {"logits": logits_of([0.9, 0.1]), "adversary": logits_of([0.6, 0.4])}
    loss = net.adapted_loss(source, {"y": torch.tensor([0])}, target, 0.3)
    agreed = -0.5 * math.log(0.25) - 0.5 * math.log(0.75)
    parted = -0.9 * math.log(0.4) - 0.1 * math.log(0.6)
    assert loss.item() == pytest.approx(math.log(2) + 2 * agreed + parted, abs=1e-6)


def test_what_lies_below_the_capsules_mean_climbs():
    """The discrepancy's gradient, held against that without a reversal."""
    net = CAAM(**SMALL, dropout=0.0, weight=2.0)
    torch.manual_seed(0)
    module = net.build(classes(3))
    source, target = (
        inputs(10 * torch.randn(4, 40, 39, generator=torch.Generator().manual_seed(i)))
        for i in range(2)
    )

    def gradients(reversal):
        module.reversal = reversal
        module.zero_grad()
        one, other = module(source), module(target)
        agreed = agreement(one["logits"], one["adversary"], hard=False)
        (1.5 * agreed + disagreement(other["logits"], other["adversary"], hard=False)).backward()
        return {
            name: weights.grad.clone()
            for name, weights in module.named_parameters()
            if weights.grad is not None
        }

    net.advance(module, 0.5)
    strength = 2 * (2 / (1 + math.exp(-0.12)) - 1)
    assert module.reversal.strength == pytest.approx(strength)
    reversed_ = gradients(module.reversal)
    plain = gradients(nn.Identity())
    assert not any(name.startswith("head.") for name in plain)
    for name, gradient in plain.items():
        factor = 1.0 if name.startswith("adversary.") else -strength
        assert gradient.abs().max() > 0, name
        assert torch.allclose(reversed_[name], factor * gradient, rtol=1e-4, atol=1e-7), name


def test_lambda_ends_where_240_steps_of_the_released_code_do():
    module = CAAM(**SMALL).build(classes(3))
    CAAM(**SMALL).advance(module, 1.0)
    assert module.reversal.strength == pytest.approx(2 / (1 + math.exp(-240 / 1000)) - 1)
    assert round(module.reversal.strength, 2) == 0.12


def test_it_learns_what_can_be_learnt():
    net = CAAM(**{**SMALL, "batch": 15}, epochs=15)
    net.fit_adapted(corpus(0), sounds(1, 0.5), seed=0)
    test = corpus(2, 0.5)
    assert (net.predict_proba(test).argmax(1) == test.y).mean() > 0.9
    assert net.represent(test).shape == (60, 8)


@pytest.mark.parametrize("task", [Scale(-3, 3), Tags(("a", "b"))])
def test_what_is_not_classes_is_refused(task):
    with pytest.raises(UsageError, match="one of classes"):
        CAAM().build(task)


@pytest.mark.parametrize(
    ("name", "value"),
    [("capsules", 0), ("rounds", 0), ("dropout", 1.0), ("gamma", -1.0), ("ramp", math.inf)],
)
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(UsageError, match=f"{name}={value}"):
        CAAM(**{name: value})
