"""BatchNorm of the rows that count, held against torch's on these rows alone."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from serbench.nets.batchnorm import BatchNorm1d, BatchNorm2d, over_rows
from serbench.nets.step import Step, under_way

SHAPES = {"vectors": (6, 4), "frames": (6, 4, 5), "pictures": (6, 4, 3, 5)}
KEY = torch.tensor(0)
REAL = torch.tensor([True, True, False, True, False, False])


def pair(shape, **settings):
    """Ours, and torch's with equal weights."""
    torch.manual_seed(0)
    ours = (BatchNorm2d if len(shape) == 4 else BatchNorm1d)(4, **settings).double()
    theirs = (nn.BatchNorm2d if len(shape) == 4 else nn.BatchNorm1d)(4, **settings).double()
    if ours.affine:
        nn.init.normal_(ours.weight)
        nn.init.normal_(ours.bias)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def close(one, other):
    return torch.allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize(
    "settings",
    [{}, {"momentum": None}, {"affine": False}, {"eps": 0.5}, {"track_running_stats": False}],
    ids=str,
)
def test_rows_that_do_not_count_are_as_if_they_were_not_there(shape, settings):
    ours, theirs = pair(shape, **settings)
    for n in range(3):
        x = (3 + 2 * torch.randn(shape, dtype=torch.float64)).requires_grad_()
        x.data[~REAL] *= 1e6
        alone = x.detach()[REAL].requires_grad_()
        with under_way(Step(KEY, REAL)):
            said = ours(x)[REAL]
        wanted = theirs(alone)
        assert close(said, wanted)
        slope = torch.randn_like(wanted)
        (said * slope).sum().backward()
        (wanted * slope).sum().backward()
        assert close(x.grad[REAL], alone.grad)
        assert not x.grad[~REAL].any()
        for (name, mine), other in zip(
            [*ours.named_parameters(), *ours.named_buffers()],
            [*theirs.parameters(), *theirs.buffers()],
            strict=True,
        ):
            assert close(mine.double(), other.double()), (n, name)
            if mine.requires_grad:
                assert torch.allclose(mine.grad, other.grad, rtol=1e-9)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_where_all_count_and_in_evaluation_it_is_torchs(shape):
    ours, theirs = pair(shape)
    x = torch.randn(shape, dtype=torch.float64)
    assert torch.equal(ours(x), theirs(x))
    with under_way(Step(KEY)):
        assert torch.equal(ours(x), theirs(x))
    with under_way(Step(KEY, REAL)):
        assert torch.equal(ours.eval()(x), theirs.eval()(x))
    assert torch.equal(ours.running_var, theirs.running_var)


def test_parts_of_rows_may_count():
    ours, theirs = pair((6, 4, 5))
    counted = torch.rand(6, 1, 5) < 0.6
    x = torch.randn(6, 4, 5, dtype=torch.float64)
    said = over_rows(ours, x, counted).movedim(1, 2)[counted[:, 0]]
    assert close(said, theirs(x.movedim(1, 2)[counted[:, 0]]))
    assert close(ours.running_mean, theirs.running_mean)
    assert close(ours.running_var, theirs.running_var)


def test_float16_is_summed_in_float32():
    norm = BatchNorm1d(3)
    x = (1000 + torch.randn(512, 3)).half()
    said = over_rows(norm, x, torch.ones(512, dtype=torch.bool))
    assert said.dtype == torch.float16
    assert torch.allclose(norm.running_mean, 0.1 * x.float().mean(0), rtol=1e-5)
    assert torch.allclose(said.float().std(0), torch.ones(3), atol=0.01)


def test_one_row_that_counts_gives_finite_numbers():
    ours, _ = pair((6, 4))
    with under_way(Step(KEY, torch.arange(6) == 2)):
        said = ours(torch.randn(6, 4, dtype=torch.float64))
    assert close(said[2], ours.bias)
    assert ours.running_var.isfinite().all()


def test_a_batch_of_one_value_a_channel_is_refused_as_torch_refuses_it():
    with under_way(Step(KEY, torch.tensor([True]))), pytest.raises(ValueError, match="one value"):
        BatchNorm1d(4)(torch.randn(1, 4))


def test_several_trainings_at_once_have_statistics_of_their_own():
    norm, _ = pair((6, 4, 5))
    x = torch.randn(3, 6, 4, 5, dtype=torch.float64)
    real = torch.stack([REAL, torch.ones_like(REAL), ~REAL])
    kept = {name: torch.stack([b.clone() for _ in range(3)]) for name, b in norm.named_buffers()}

    def one(x, real, buffers):
        with under_way(Step(KEY, real, stacked=True)):
            return torch.func.functional_call(norm, buffers, (x,))

    said = torch.vmap(one)(x, real, kept)
    for at in range(3):
        alone = copy.deepcopy(norm)
        with under_way(Step(KEY, real[at])):
            assert close(said[at], alone(x[at]))
        for name, buffer in alone.named_buffers():
            assert close(kept[name][at].double(), buffer.double())
