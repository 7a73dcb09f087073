from __future__ import annotations

import pytest
import torch

from serbench.nets.centre_loss import Centres


def test_distances_are_squared():
    centres = Centres(2, 2)
    centres.points.data = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    assert centres(torch.tensor([[0.0, 1.0], [3.0, 0.0]])).tolist() == [[1, 18], [9, 16]]


def test_the_loss_is_the_mean_over_the_own_class():
    distances = torch.tensor([[1.0, 18.0], [9.0, 16.0]])
    assert Centres.loss(distances, torch.tensor([0, 1])).item() == pytest.approx((1 + 16) / 2)
    assert Centres.loss(distances, torch.tensor([1, 0])).item() == pytest.approx((18 + 9) / 2)


def test_points_and_vectors_are_drawn_to_each_other():
    torch.manual_seed(0)
    centres, x = Centres(2, 3), torch.randn(4, 3, requires_grad=True)
    y = torch.tensor([0, 0, 0, 1])
    centres.loss(centres(x), y).backward()
    own = centres.points.detach()[y]
    assert torch.allclose(x.grad, 2 * (x.detach() - own) / 4, atol=1e-6)
    pulled = torch.stack([(x.grad[y == k]).sum(0) for k in (0, 1)])
    assert torch.allclose(centres.points.grad, -pulled, atol=1e-6)


def test_where_they_meet_nothing_is_drawn():
    centres = Centres(2, 3)
    x = centres.points.detach()[:1].clone().requires_grad_()
    loss = centres.loss(centres(x), torch.tensor([0]))
    loss.backward()
    assert loss.item() == pytest.approx(1e-12)
    assert not x.grad.any()


def test_points_start_as_normal_numbers():
    torch.manual_seed(0)
    points = Centres(200, 50).points.detach()
    assert points.mean().abs() < 0.03
    assert abs(points.std() - 1) < 0.03


def test_distances_are_float32_under_autocast():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert Centres(2, 2)(torch.zeros(1, 2, dtype=torch.bfloat16)).dtype == torch.float32
