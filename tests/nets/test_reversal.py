from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from serbench.nets.reversal import GradientReversal, reverse, rising


def test_forwards_it_is_the_identity():
    x = torch.randn(3, 4)
    layer = GradientReversal()
    layer.strength = 0.7
    assert torch.equal(layer(x), x)


@pytest.mark.parametrize("strength", [0.0, 0.25, 1.0, 3.0])
def test_below_it_the_gradient_is_minus_the_numerical_one(strength):
    """Of a loss above it, by central differences; above it the gradient is the plain one."""
    generator = torch.Generator().manual_seed(0)
    below = nn.Parameter(torch.randn(4, 3, generator=generator, dtype=torch.float64))
    above = nn.Parameter(torch.randn(3, 1, generator=generator, dtype=torch.float64))
    x = torch.randn(5, 4, generator=generator, dtype=torch.float64)
    layer = GradientReversal()
    layer.strength = strength

    def loss():
        return (layer((x @ below).tanh()) @ above).square().mean()

    loss().backward()
    step = 1e-6
    for weights, sign in ((below, -strength), (above, 1.0)):
        for i in range(weights.numel()):
            values = []
            for way in (step, -step):
                with torch.no_grad():
                    weights.view(-1)[i] += way
                    values.append(loss().item())
                    weights.view(-1)[i] -= way
            slope = (values[0] - values[1]) / (2 * step)
            assert weights.grad.view(-1)[i].item() == pytest.approx(sign * slope, abs=1e-7)


def test_every_reversal_of_a_module_is_set():
    module = nn.Sequential(nn.Linear(2, 2), GradientReversal(), nn.Sequential(GradientReversal()))
    assert module[1].strength == module[2][0].strength == 0
    reverse(module, 0.4)
    assert module[1].strength == module[2][0].strength == 0.4
    assert "1.strength" not in module.state_dict()


def test_lambda_rises_as_in_the_paper():
    """2 / (1 + e^-10p) - 1, by hand."""
    assert rising(0.0, 10) == 0
    assert rising(0.1, 10) == pytest.approx(2 / (1 + math.exp(-1)) - 1)
    assert rising(0.1, 10) == pytest.approx(0.46211716)
    assert rising(0.5, 10) == pytest.approx(0.98661430)
    assert rising(1.0, 10) == pytest.approx(0.99990920)
    steps = [rising(i / 100, 10) for i in range(100)]
    assert steps == sorted(steps)
    assert rising(0.9, 0) == 0
