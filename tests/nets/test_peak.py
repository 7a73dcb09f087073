"""The count of living tensors, held against modules whose tensors can be counted by hand."""

import torch
from torch import nn

from serbench.nets.peak import PeakMemory


def test_tensors_count_while_they_live():
    with PeakMemory() as counter:
        a = torch.ones(1000)  # 4000 bytes
        b = a + 1  # and 4000
        del a
        c = b.view(10, 100)  # the same memory
        d = c.double()  # and 8000, with b and c
        del b, c, d
        torch.ones(10)
    assert counter.peak == 4000 + 8000


def test_a_deep_module_holds_an_output_a_layer_for_its_backward_pass():
    layers, size = 20, 4 * 100 * 50  # bytes of an activation
    x = torch.randn(100, 50, requires_grad=True)
    module = nn.Sequential(*[nn.Tanh() for _ in range(layers)])
    with PeakMemory() as counter:
        module(x).sum().backward()
    assert layers * size <= counter.peak <= (layers + 3) * size  # and one or two gradients


def test_weights_gradients_and_the_optimisers_state():
    with PeakMemory() as counter:
        module = nn.Linear(1000, 500, bias=False)
        optimiser = torch.optim.Adam(module.parameters(), foreach=False)
        loss = module(torch.ones(1, 1000)).sum()
        loss.backward()
        optimiser.step()
    weights = 4 * 1000 * 500
    assert 4 * weights <= counter.peak <= 7 * weights  # weight, gradient, two moments, a step's own


def test_it_changes_nothing():
    def trained():
        torch.manual_seed(0)
        module = nn.Sequential(nn.Linear(5, 5), nn.BatchNorm1d(5), nn.Dropout(), nn.LSTM(5, 3))
        optimiser = torch.optim.Adam(module.parameters())
        module(torch.randn(8, 5))[0].square().sum().backward()
        optimiser.step()
        return module.state_dict()

    plain = trained()
    with PeakMemory():
        counted = trained()
    assert all(torch.equal(plain[name], counted[name]) for name in plain)
