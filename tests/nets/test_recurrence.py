"""The recurrence step by step against torch's fused one: outputs and every gradient."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from serbench.nets.recurrence import plain, run
from serbench.nets.step import Step, under_way


def lstms(count, dims=5, hidden=8, **settings):
    torch.manual_seed(0)
    made = [nn.LSTM(dims, hidden, batch_first=True, **settings).double() for _ in range(count)]
    return made, [
        torch.stack([one.all_weights[0][k].detach() for one in made]).requires_grad_()
        for k in range(4)
    ]


@pytest.mark.parametrize("frames", [1, 2, 17])
def test_of_several_trainings_at_once_each_is_torchs(frames):
    each, weights = lstms(3)
    x = torch.randn(3, 4, frames, 5, dtype=torch.float64, requires_grad=True)
    slope = torch.randn(3, 4, frames, 8, dtype=torch.float64)
    before = x.detach().clone()
    said = torch.vmap(plain)(x, *weights)
    found = torch.autograd.grad((said * slope).sum(), [x, *weights])
    assert torch.equal(x, before)
    for at, lstm in enumerate(each):
        own = x[at].detach().requires_grad_()
        wanted = lstm(own)[0]
        assert torch.allclose(said[at], wanted, rtol=0, atol=1e-14)
        grads = torch.autograd.grad((wanted * slope[at]).sum(), [own, *lstm.all_weights[0]])
        for mine, theirs in zip(found, grads, strict=True):
            assert torch.allclose(mine[at], theirs, rtol=0, atol=1e-12)


def test_gradients_are_those_of_small_differences():
    _, weights = lstms(1, dims=2, hidden=3)
    x = torch.randn(2, 4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(plain, (x, *(one[0] for one in weights)))


@pytest.mark.parametrize("two_ways", [False, True])
def test_stacked_or_not_a_layer_says_the_same(two_ways):
    (lstm,), _ = lstms(1, bidirectional=two_ways)
    x = torch.randn(4, 9, 5, dtype=torch.float64)
    fused = run(lstm, x)
    with under_way(Step(torch.tensor(0), stacked=True)), torch.no_grad():
        assert torch.allclose(run(lstm, x), fused, rtol=0, atol=1e-14)
