from __future__ import annotations

import pytest
import torch
from torch import nn

from serbench.nets.dropout import Dropout
from serbench_baselines.sdcaff.layers import (
    CrossAttention,
    DynamicBranch,
    Recurrence,
    StaticBranch,
)


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def stir(module):
    """Statistics of BatchNorm as training would leave them, evaluation mode."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(part.running_mean)
            nn.init.uniform_(part.running_var, 0.5, 2.0)
            nn.init.uniform_(part.weight, 0.5, 2.0)
            nn.init.normal_(part.bias)
    return module.eval()


def normed(norm, x):
    """BatchNorm of [channels, positions]."""
    z = (x - norm.running_mean[:, None]) / (norm.running_var[:, None] + norm.eps).sqrt()
    return z * norm.weight[:, None] + norm.bias[:, None]


def bottleneck(layers, x):
    """[channels, positions] through 1 x 1, norm, ReLU, 1 x 1, norm."""
    first, norm, _, second, last = layers
    x = normed(norm, first.weight[:, :, 0] @ x + first.bias[:, None]).clamp(min=0)
    return normed(last, second.weight[:, :, 0] @ x + second.bias[:, None])


def test_the_static_branch_has_the_papers_shapes_and_size():
    branch, shapes = StaticBranch(0.1), []
    for part in branch.layers:
        if isinstance(part, nn.Conv2d):
            part.register_forward_hook(lambda _, x, y: shapes.append(tuple(y.shape[1:])))
    assert branch(torch.randn(2, 251, 60)).shape == (2, 128, 7 * 31)
    assert shapes == [(8, 58, 249), (32, 58, 249), (64, 29, 124), (96, 14, 62), (128, 7, 31)]
    convolutions = [part for part in branch.layers if isinstance(part, nn.Conv2d)]
    assert sum(w.numel() for part in convolutions for w in part.parameters()) == 187_024
    assert (type(branch.layers[-1]), branch.layers[-1].p) == (Dropout, 0.1)


def test_the_static_branch_sees_coefficients_downwards_and_time_across():
    branch, x = StaticBranch(0.0).eval(), torch.zeros(1, 33, 60)
    x[0, 5, 40] = 1.0
    heard = {}
    branch.layers[0].register_forward_hook(lambda _, x, y: heard.update(x=x[0], y=y))
    branch(x)
    assert heard["x"].nonzero().tolist() == [[0, 0, 40, 5]]
    touched = (heard["y"] - branch.layers[0].bias[:, None, None]).abs().sum((0, 1)).nonzero()
    assert touched.tolist() == [[i, j] for i in (38, 39, 40) for j in (3, 4, 5)]


def test_the_static_branch_chains_its_layers():
    branch, x = stir(StaticBranch(0.1)), torch.randn(2, 33, 60)
    y = x.transpose(1, 2).unsqueeze(1)
    for i, at in enumerate((0, 3, 7, 11, 15)):
        convolution, norm, activation = branch.layers[at : at + 3]
        y = nn.functional.max_pool2d(y, 2) if i > 1 else y
        y = nn.functional.conv2d(y, convolution.weight, convolution.bias, padding=int(i > 0))
        y = torch.stack([normed(norm, one.flatten(1)).view_as(one) for one in y])
        y = activation(y)
    assert torch.allclose(branch(x), y.flatten(2), atol=1e-5)


def test_an_lstm_is_one_way_or_both():
    x = torch.randn(3, 9, 5)
    one, both = Recurrence(5, 8, bidirectional=False), Recurrence(5, 4, bidirectional=True)
    assert one(x).shape == both(x).shape == (3, 9, 8)
    later = x.clone()
    later[:, 6:] += 1
    assert torch.equal(one(x)[:, :6], one(later)[:, :6])
    assert not torch.allclose(both(x)[:, 0, 4:], both(later)[:, 0, 4:])
    assert sum(w.numel() for w in Recurrence(120, 1024, bidirectional=False).parameters()) == (
        4_694_016
    )


def test_an_lstm_stays_in_float32_under_autocast():
    x, lstm = torch.randn(1, 4, 5), Recurrence(5, 8, bidirectional=False)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        said = lstm(x)
    assert torch.equal(said, lstm(x))


@pytest.mark.parametrize("hidden", [4, 64, 100, 1024])
def test_units_are_pooled_as_the_library_does(hidden):
    branch, x = DynamicBranch(5, hidden, 0.0, bidirectional=False), torch.randn(2, 9, 5)
    wanted = nn.AdaptiveAvgPool1d(64)(branch.recurrence(x))
    assert torch.allclose(branch(x), wanted.transpose(1, 2), atol=1e-6)
    assert "means" not in branch.state_dict()
    if hidden == 1024:
        groups = branch.recurrence(x).reshape(2, 9, 64, 16).mean(3)
        assert torch.allclose(wanted, groups, atol=1e-6)


def test_attention_is_the_papers_equations():
    attention = stir(CrossAttention())
    static, dynamic = torch.randn(3, 128, 6), torch.randn(3, 64, 11)
    said = attention(static, dynamic)
    for b in range(3):
        S, D = static[b], dynamic[b]
        gist_of_s = bottleneck(attention.static_global, S.mean(1, keepdim=True))
        gist_of_d = bottleneck(attention.dynamic_global, D.mean(1, keepdim=True))
        weights = torch.sigmoid(gist_of_d + bottleneck(attention.static_local, S))
        assert torch.allclose(said[0][b], S * weights, atol=1e-5)
        weights = torch.sigmoid(gist_of_s + bottleneck(attention.dynamic_local, D))
        assert torch.allclose(said[1][b], D * weights, atol=1e-5)


def test_attention_has_four_bottlenecks_of_32():
    sizes = {
        name: sum(w.numel() for w in part.parameters())
        for name, part in CrossAttention().named_children()
    }
    assert sizes == {
        "static_local": 8672,
        "static_global": 6432,
        "dynamic_local": 4384,
        "dynamic_global": 6624,
    }
