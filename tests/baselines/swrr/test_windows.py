from __future__ import annotations

import pytest
import torch

from serbench.errors import UsageError
from serbench.nets.padded import Padded
from serbench_baselines.swrr.windows import (
    CrossAttention,
    SlidingWindowAttention,
    Windows,
    shares,
)

PAPERS = Windows(tokens=50, frames=255, window=10, hop=5)
SMALL = {
    "as the paper's": Windows(tokens=6, frames=15, window=5, hop=2),
    "past the end": Windows(tokens=6, frames=15, window=9, hop=2),
    "frames to spare": Windows(tokens=6, frames=16, window=5, hop=2),
    "apart": Windows(tokens=5, frames=15, window=2, hop=3),
    "all in one": Windows(tokens=3, frames=7, window=30, hop=1),
}


def attention(kind=SlidingWindowAttention, dims=8, width=8, heads=1, **more):
    torch.manual_seed(0)
    made = kind(dims, width, heads, **more)
    torch.nn.init.normal_(made.norm.weight, 1.0, 0.3)
    torch.nn.init.normal_(made.norm.bias)
    return made


def noise(lengths, steps, dims=8):
    seeded = torch.Generator().manual_seed(steps)
    return Padded.of(
        torch.randn(len(lengths), steps, dims, generator=seeded), torch.tensor(lengths)
    )


def literally(made, text, sound, frames_of):
    """Eq. 1-7, utterance by utterance and window by window; and the weights at their frames."""
    fused = torch.zeros_like(text.values)
    weights = torch.zeros(*text.values.shape[:2], sound.values.shape[1])
    one = made.query.out_features // made.heads
    for b, length in enumerate(text.lengths):
        for i in range(int(length)):
            y = text.values[b, i]
            frames = [n for n in frames_of(i) if n < sound.values.shape[1]]
            frames = [n for n in frames if n < sound.lengths[b]] or frames
            q = made.query.weight @ y
            k = [made.key.weight @ sound.values[b, n] for n in frames]
            v = [made.value.weight @ sound.values[b, n] for n in frames]
            z = torch.zeros_like(q)
            for h in range(made.heads):
                part = slice(h * one, (h + 1) * one)
                scores = torch.stack([(q[part] * x[part]).sum() / one**0.5 for x in k])
                shares = scores.exp() / scores.exp().sum()
                for share, x, n in zip(shares, v, frames, strict=True):
                    z[part] += share * x[part]
                    weights[b, i, n] += share / made.heads
            z = y + made.back.weight @ z
            z = (z - z.mean()) / (z.var(unbiased=False) + 1e-5).sqrt()
            fused[b, i] = z * made.norm.weight + made.norm.bias
    return fused, weights


def test_the_papers_windows_are_fifty_of_ten_frames():
    assert PAPERS.whole == 50
    inside = PAPERS.inside()
    assert inside.shape == (50, 255)
    for i in range(50):
        assert inside[i].nonzero().flatten().tolist() == list(range(5 * i, 5 * i + 10))


def test_its_sizes_allow_windows_of_six_to_ten_frames():
    whole = {w: (255 - w) // 5 + 1 for w in range(1, 60)}
    assert [w for w, count in whole.items() if count == 50] == [6, 7, 8, 9, 10]
    for window in (6, 10):
        assert Windows(50, 255, window, 5).whole == 50
    with pytest.raises(UsageError, match="51 windows"):
        Windows(50, 255, 5, 5)


def test_the_last_windows_of_fifty_are_shorter():
    windows = Windows(50, 255, 50, 5)
    assert windows.whole == 42
    assert windows.inside().sum(1).tolist() == [50] * 42 + list(range(45, 9, -5))


@pytest.mark.parametrize(
    "wrong",
    [(50, 255, 0, 5), (50, 255, 10, 0), (0, 255, 10, 5), (50, 300, 10, 5), (50, 245, 30, 5)],
)
def test_windows_that_cannot_be_are_refused(wrong):
    with pytest.raises(UsageError, match="window="):
        Windows(*wrong)


@pytest.mark.parametrize("heads", [1, 2, 4])
@pytest.mark.parametrize("windows", SMALL.values(), ids=SMALL)
def test_the_equations_window_by_window(windows, heads):
    made = attention(heads=heads, width=12, windows=windows)
    n = windows.frames
    text = noise([windows.tokens, 2, 1, windows.tokens], windows.tokens)
    sound = noise([n, n - 1, 1, 4], n)
    fused, weights = made(text, sound)
    wanted, placed = literally(
        made, text, sound, lambda i: range(i * windows.hop, i * windows.hop + windows.window)
    )
    assert torch.allclose(fused.values, wanted, atol=1e-5)
    assert torch.allclose(weights, placed, atol=1e-6)


@pytest.mark.parametrize("heads", [1, 3])
def test_at_full_size_every_frame_is_heard(heads):
    made = attention(CrossAttention, heads=heads, width=12)
    text, sound = noise([6, 2, 1], 6), noise([15, 14, 3], 15)
    fused, weights = made(text, sound)
    wanted, placed = literally(made, text, sound, lambda i: range(15))
    assert torch.allclose(fused.values, wanted, atol=1e-5)
    assert torch.allclose(weights, placed, atol=1e-6)


@pytest.mark.parametrize("window", [0, 10, 50])
def test_weights_of_a_token_sum_to_one_within_its_window(window):
    windows = Windows(50, 255, window, 5) if window else None
    made = attention(windows=windows) if windows else attention(CrossAttention)
    text, sound = noise([50, 12, 1], 50), noise([255, 100, 40], 255)
    weights = made(text, sound)[1]
    assert weights.shape == (3, 50, 255)
    assert torch.allclose(weights.sum(2), text.mask.float(), atol=1e-5)
    for i in range(50) if windows else ():
        inside = torch.zeros(255, dtype=torch.bool)
        inside[5 * i : 5 * i + window] = True
        assert not weights[:, i, ~inside].any()
    assert not weights[1, :12, 100:].any()  # the second sound's padding


def test_where_no_frame_is_real_the_token_stays_alone():
    made = attention(windows=SMALL["as the paper's"])
    text, sound = noise([6], 6), noise([4], 15)
    fused, weights = made(text, sound)
    assert torch.allclose(weights[0, 2, 4:9], torch.full((5,), 0.2))
    assert torch.allclose(fused.values[0, 2:], made.norm(text.values[0, 2:]), atol=1e-6)
    assert not torch.allclose(fused.values[0, 1], made.norm(text.values[0, 1]), atol=1e-3)


def test_every_part_gets_a_gradient():
    for made in (attention(windows=SMALL["past the end"]), attention(CrossAttention)):
        text, sound = noise([6, 3], 6), noise([15, 7], 15)
        text.values.requires_grad_()
        sound.values.requires_grad_()
        fused, weights = made(text, sound)
        fused.values.square().sum().backward()
        assert not weights.requires_grad
        tensors = [text.values, sound.values, *made.parameters()]
        assert all(t.grad.isfinite().all() and t.grad.any() for t in tensors)


def test_softmax_of_real_frames():
    scores = torch.tensor([[0.0, 0.0, 3.0, 9.0], [1.0, 2.0, 3.0, 4.0]])
    real = torch.tensor([[True, True, False, True], [False] * 4])
    within = torch.tensor([True, True, True, False])
    said = shares(scores, real, within)
    assert torch.equal(said[0], torch.tensor([0.5, 0.5, 0.0, 0.0]))
    assert torch.allclose(said[1, :3], scores[1, :3].softmax(0))
    assert said[1, 3] == 0
