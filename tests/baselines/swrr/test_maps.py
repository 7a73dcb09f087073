from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from serbench.nets.padded import Padded
from serbench_baselines.swrr.maps import FeatureMapClassifier, HighResponse
from serbench_baselines.swrr.rows import Rows

USUAL = {
    "layers": 3,
    "channels": 4,
    "kernel": 3,
    "stride": 2,
    "reuse": "both",
    "classifier": "mean",
}


def classifier(tokens=11, dims=9, columns=4, **other):
    torch.manual_seed(0)
    made = FeatureMapClassifier((tokens, dims), columns, **{**USUAL, **other}).eval()
    for part in made.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.running_mean, 0.0, 0.1)
            nn.init.uniform_(part.running_var, 0.5, 2.0)
            nn.init.normal_(part.bias, 0.0, 0.3)
        if isinstance(part, HighResponse):
            nn.init.normal_(part.kernel)
    return made


def response(channels=4, reuse="both", kernel=3):
    torch.manual_seed(0)
    made = HighResponse(channels, kernel, 2, reuse)
    nn.init.normal_(made.kernel)
    return made


def picture(lengths, tokens=11, dims=9):
    seeded = torch.Generator().manual_seed(dims)
    values = torch.randn(len(lengths), tokens, dims, generator=seeded)
    return Padded.of(values, torch.tensor(lengths))


def maps_of(lengths, channels=4, rows=11, values=9):
    """Maps after ReLU, zero in their padding; and which rows are real."""
    seeded = torch.Generator().manual_seed(1)
    maps = torch.randn(len(lengths), channels, rows, values, generator=seeded).relu()
    real = torch.arange(rows) < torch.tensor(lengths)[:, None]
    return maps * real[:, None, :, None], Rows(real, not real.all())


def filtered(line, kernel):
    """Every second value of a line convolved with the kernel, zeros around it."""
    middle = len(kernel) // 2
    at = dict(enumerate(line))
    return [
        sum(weight * at.get(i + k - middle, 0.0) for k, weight in enumerate(kernel))
        for i in range(0, len(line), 2)
    ]


def literally(made, maps, rows):
    """One utterance's maps, real rows only: alpha, beta and the screened maps, number by number."""
    maps = maps[:, rows].tolist()
    kernel = made.kernel.tolist()
    squeeze, expand = made.excite[0].weight.tolist(), made.excite[2].weight.tolist()
    means = [sum(map(sum, m)) / (len(m) * len(m[0])) for m in maps]
    inner = [sum(w * x for w, x in zip(row, means, strict=True)) for row in squeeze]
    inner = [x if x > 0 else 0.01 * x for x in inner]
    alpha = [
        1 / (1 + math.exp(-sum(w * x for w, x in zip(row, inner, strict=True)))) for row in expand
    ]
    beta, screened = [], []
    for m in maps:
        along = [filtered(row, kernel) for row in m]
        columns = [filtered(column, kernel) for column in zip(*along, strict=True)]
        z = [list(row) for row in zip(*columns, strict=True)]
        counts = [sum(x > sum(row) / len(row) for x in row) for row in z]
        beta.append(sum(count > sum(counts) / len(counts) for count in counts))
        screened.append(z)
    return alpha, beta, screened


@pytest.mark.parametrize("reuse", ["both", "global", "local"])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_the_formulas_number_by_number(reuse, kernel):
    whole, made = response(kernel=kernel), response(reuse=reuse, kernel=kernel)
    made.load_state_dict(whole.state_dict(), strict=reuse != "local")
    maps, rows = maps_of([11, 8, 7, 1])
    gamma, reused = made.responses(maps, rows), made(maps, rows)
    assert reused.shape == (4, 1, 6, 5)
    for b, length in enumerate([11, 8, 7, 1]):
        alpha, beta, screened = literally(whole, maps[b], rows.mask[b])
        kept = -(-length // 2)
        wanted = [
            (reuse != "local") * kept * a + (reuse != "global") * n
            for a, n in zip(alpha, beta, strict=True)
        ]
        assert gamma[b].tolist() == pytest.approx(wanted, abs=1e-5)
        best = max(range(4), key=lambda c: wanted[c])
        score = math.exp(wanted[best]) / sum(map(math.exp, wanted))
        for i, row in enumerate(screened[best]):
            assert reused[b, 0, i].tolist() == pytest.approx([score * x for x in row], abs=1e-5)


def test_keyframes_counted_by_hand():
    made = HighResponse(2, 1, 1, "local")  # one tap of weight 1: nothing is filtered
    many, few, none = [0.0, 3.0, 3.0, 3.0], [0.0, 0.0, 0.0, 3.0], [1.0, 1.0, 1.0, 1.0]
    maps = torch.tensor([[[many, few, few, none], [many, many, many, none]]])
    # Counts 3 1 1 0 (mean 1.25) and 3 3 3 0 (mean 2.25).
    every = Rows(torch.ones(1, 4, dtype=torch.bool), padded=False)
    assert made.keyframes(maps, every).tolist() == [[1.0, 3.0]]
    # Of the first three rows alone: 3 1 1 (mean 1.67) and 3 3 3 (mean 3).
    real = Rows(torch.tensor([[True, True, True, False]]), padded=True)
    assert made.keyframes(maps, real).tolist() == [[1.0, 0.0]]


def test_gradients_reach_the_excitation_and_the_kernel():
    made = response()
    maps, rows = maps_of([11, 8])
    made(maps, rows).square().sum().backward()
    grads = [p.grad for p in made.parameters()]
    assert len(grads) == 3
    assert all(grad.isfinite().all() and grad.any() for grad in grads)


def test_the_score_carries_the_gradient_of_alpha():
    """By differences: what is reused grows as the picked map's share does."""
    made, (maps, rows) = response(), maps_of([11])
    made(maps, rows).sum().backward()
    best = made.responses(maps, rows).argmax().item()
    weight, moved = made.excite[2].weight, []
    with torch.no_grad():
        for step in (0.02, -0.04):
            weight[best, 0] += step
            moved.append(made(maps, rows).sum().item())
    assert abs(weight.grad[best, 0]) > 1e-3
    assert weight.grad[best, 0].item() == pytest.approx((moved[0] - moved[1]) / 0.04, rel=1e-2)


def test_the_kernel_starts_as_a_mean():
    made = HighResponse(4, 5, 2, "both")
    assert made.kernel.tolist() == pytest.approx([0.2] * 5)


@pytest.mark.parametrize(
    ("reuse", "names"),
    [
        ("both", {"kernel", "excite.0.weight", "excite.2.weight"}),
        ("global", {"kernel", "excite.0.weight", "excite.2.weight"}),
        ("local", {"kernel"}),
    ],
)
def test_what_is_learned_of_reuse(reuse, names):
    made = HighResponse(8, 3, 2, reuse)
    assert {name for name, _ in made.named_parameters()} == names
    if made.excite is not None:
        assert made.excite[0].weight.shape == (4, 8)
        assert made.excite[2].weight.shape == (8, 4)


def test_counts_do_not_hang_on_low_precision():
    made, (maps, rows) = response(), maps_of([11, 8])
    plain = made(maps, rows)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(made(maps, rows), plain)


def test_the_forward_pass_layer_by_layer():
    made = classifier()
    fused = picture([11, 11])
    maps, reused = fused.values[:, None], 0.0
    rows = Rows.of(fused)
    for n, (layer, stride) in enumerate(zip(made.layers, (1, 2, 2), strict=True)):
        maps = nn.functional.conv2d(maps, layer.convolution.weight, stride=stride, padding=1)
        norm = layer.norm
        scale = norm.weight / (norm.running_var + 1e-5).sqrt()
        shift = norm.bias - norm.running_mean * scale
        maps = (maps * scale[:, None, None] + shift[:, None, None]).clamp(min=0) + reused
        rows = rows.every(stride)
        if n < 2:
            reused = made.reuse[n](maps, rows)
            assert reused.abs().sum() > 0
    assert maps.shape == (2, 16, 3, 3)
    said = made(fused)
    assert torch.allclose(said["representation"], maps.mean((2, 3)), atol=1e-5)
    classes = nn.functional.conv2d(maps, made.head.weight, made.head.bias, stride=2, padding=1)
    assert classes.shape == (2, 4, 2, 2)
    assert torch.allclose(said["logits"], classes.mean((2, 3)), atol=1e-5)
    largest = classifier(classifier="max")
    largest.load_state_dict(made.state_dict())
    assert torch.allclose(largest(fused)["logits"], classes.amax((2, 3)), atol=1e-5)
    without = classifier(reuse="none")
    without.load_state_dict(made.state_dict(), strict=False)
    assert not torch.allclose(without(fused)["logits"], said["logits"], atol=1e-4)


def test_a_linear_layer_in_the_class_maps_place():
    made = classifier(classifier="linear")
    assert made.head.weight.shape == (4, 16 * 3 * 3)
    seen = []
    made.head.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    said = made(picture([11, 6]))
    assert torch.allclose(said["logits"], seen[0] @ made.head.weight.T + made.head.bias, atol=1e-6)
    assert torch.allclose(said["representation"][0], seen[0][0].view(16, 9).mean(1), atol=1e-6)


@pytest.mark.parametrize("kind", ["mean", "max"])
@pytest.mark.parametrize("reuse", ["both", "none"])
@pytest.mark.parametrize("length", [1, 5, 6, 7, 8, 11])
def test_padding_rows_count_for_nothing(length, reuse, kind):
    made = classifier(reuse=reuse, classifier=kind)
    fused = picture([length, 11])
    alone = Padded.of(fused.values[:1, :length], torch.tensor([length]))
    for name, said in made(fused).items():
        assert torch.allclose(said[:1], made(alone)[name], atol=1e-5), name


@pytest.mark.parametrize("kind", ["mean", "max"])
@pytest.mark.parametrize("reuse", ["both", "none"])
@pytest.mark.parametrize("lengths", [(5, 5, 5), (8, 3, 1)])
def test_padding_rows_count_for_nothing_in_training(lengths, reuse, kind):
    """Beside it: three rows of padding, or six. Logits, gradients and running statistics."""
    said, grads, states = [], [], []
    for tokens in (max(lengths), 11):
        made = classifier(reuse=reuse, classifier=kind).train()
        fused = picture(lengths)
        fused = Padded.of(fused.values[:, :tokens], fused.lengths)
        said.append(made(fused))
        (said[-1]["logits"] * torch.arange(12.0).view(3, 4)).sum().backward()
        grads.append([p.grad for p in made.parameters()])
        states.append(made.state_dict())
    for name, values in said[0].items():
        assert torch.allclose(values, said[1][name], atol=1e-4), name
    for one, other in zip(*grads, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-3)
    for name, values in states[0].items():
        assert torch.allclose(values, states[1][name], atol=1e-5), name


def test_a_lone_layer_and_a_lone_value_pass():
    made = classifier(tokens=1, dims=1, layers=1, reuse="none")
    assert made(picture([1, 1], tokens=1, dims=1))["logits"].shape == (2, 4)
    made = classifier(tokens=2, dims=2)
    assert made(picture([2, 1], tokens=2, dims=2))["logits"].isfinite().all()
