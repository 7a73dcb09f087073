from __future__ import annotations

import pytest
import torch

from serbench.nets.dyrelu import DynamicReLU


def start_as_relu(layer):
    """Make theta zero whatever comes in: 2 sigmoid(0) - 1."""
    torch.nn.init.zeros_(layer.excite.weight)
    torch.nn.init.zeros_(layer.excite.bias)


@pytest.mark.parametrize("shape", [(3, 8, 5, 6), (3, 8, 7)])
def test_it_is_the_papers_formula(shape):
    torch.manual_seed(0)
    layer, x = DynamicReLU(8, reduction=4), torch.randn(shape)
    y = layer(x)
    for b in range(3):
        means = torch.stack([x[b, c].mean() for c in range(8)])
        hidden = (layer.squeeze.weight @ means + layer.squeeze.bias).clamp(min=0)
        theta = 2 / (1 + (-(layer.excite.weight @ hidden + layer.excite.bias)).exp()) - 1
        for c in range(8):
            t1, t2, t3, t4 = theta[4 * c : 4 * c + 4]
            one, other = (1 + t1) * x[b, c] + 0.5 * t3, t2 * x[b, c] + 0.5 * t4
            assert torch.allclose(y[b, c], torch.maximum(one, other), atol=1e-6)


def test_without_what_it_learns_it_is_a_relu():
    layer, x = DynamicReLU(8), torch.randn(2, 8, 4, 4)
    start_as_relu(layer)
    assert torch.allclose(layer(x), x.relu(), atol=1e-6)


def test_its_gradient_is_that_of_the_larger_line():
    layer = DynamicReLU(2, reduction=1).double()
    x = torch.randn(2, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (x,))


@pytest.mark.parametrize(("channels", "reduction", "narrow"), [(128, 4, 32), (8, 8, 1), (2, 8, 1)])
def test_its_size(channels, reduction, narrow):
    layer = DynamicReLU(channels, reduction=reduction)
    count = sum(weight.numel() for weight in layer.parameters())
    assert count == channels * narrow + narrow + 4 * channels * narrow + 4 * channels
