"""Each rule against the optimiser of torch's that it writes out, in float64."""

from __future__ import annotations

import pytest
import torch

from serbench.nets.optimisers import OPTIMISERS, kind_of
from serbench.nets.rules import RULES, remembers, unknown

STEPS, WEIGHTS = 20, 7
CASES = [
    ("Adam", {}),
    ("Adam", {"betas": (0.93, 0.98), "eps": 1e-4, "weight_decay": 0.1}),
    ("Adam", {"betas": (0.0, 0.999), "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {}),
    ("AdamW", {"betas": (0.9, 0.99), "weight_decay": 0.3}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.9, "momentum": 0.8, "weight_decay": 0.1, "eps": 1e-3}),
    ("SGD", {}),
    ("SGD", {"weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9, "dampening": 0.2, "weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
]


@pytest.mark.parametrize(("kind", "settings"), CASES, ids=str)
def test_twenty_steps_are_torchs(kind, settings):
    """Of three trainings, of which the second and the third begin later than the first."""
    torch.manual_seed(0)
    begin, rate = [0, 3, 11], 0.05
    weights = torch.randn(3, WEIGHTS, dtype=torch.float64)
    theirs = [row.clone().requires_grad_() for row in weights]
    optimisers = [getattr(torch.optim, kind)([one], lr=rate, **settings) for one in theirs]
    rule, own = RULES[type(optimisers[0])], optimisers[0].param_groups[0]
    theta, count = weights.clone(), torch.zeros(3, 1, dtype=torch.int64)
    state = {name: torch.zeros_like(theta) for name in remembers(optimisers[0])}
    for step in range(STEPS):
        now = rate * (0.5 if step > 9 else 1.0)  # as schedules do
        grad = torch.randn(3, WEIGHTS, dtype=torch.float64)
        active = torch.tensor([[step >= first] for first in begin])
        moved, new = rule(theta, grad, state, (count + 1).to(theta), now, own)
        theta = torch.where(active, moved, theta)
        state = {name: torch.where(active, new[name], state[name]) for name in state}
        count += active
        for at, (one, optimiser) in enumerate(zip(theirs, optimisers, strict=True)):
            if active[at]:
                one.grad = grad[at].clone()
                optimiser.param_groups[0]["lr"] = now
                optimiser.step()
    assert torch.allclose(theta, torch.stack([one.detach() for one in theirs]), rtol=0, atol=1e-12)
    for name, memory in state.items():
        kept = torch.stack([o.state[one][name] for o, one in zip(optimisers, theirs, strict=True)])
        assert torch.allclose(memory, kept, rtol=0, atol=1e-12), name


def test_the_first_steps_of_adam_in_float32_are_as_exact_as_float32():
    """1 - 0.999 in float32 is wrong by 1e-5 of itself."""
    grad = torch.randn(1, 50)
    own = torch.optim.Adam([torch.zeros(1)]).param_groups[0]
    zeros = {name: torch.zeros_like(grad) for name in ("exp_avg", "exp_avg_sq")}
    theta, _ = RULES[torch.optim.Adam](
        torch.zeros_like(grad), grad, zeros, torch.ones(1, 1), 1.0, own
    )
    assert torch.allclose(theta, -grad.sign(), rtol=0, atol=1e-6)


def test_every_optimiser_that_a_net_can_name_has_a_rule():
    for name in OPTIMISERS:
        assert unknown(kind_of(name)([torch.nn.Parameter(torch.zeros(2))], lr=0.1)) == ""


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda p: torch.optim.Adagrad([p]), "Adagrad has no stacked form"),
        (lambda p: torch.optim.Adam([p], amsgrad=True), "amsgrad"),
        (lambda p: torch.optim.SGD([p], lr=1, maximize=True), "maximize"),
        (lambda p: torch.optim.RMSprop([p], centered=True), "centered"),
        (lambda p: torch.optim.SGD([{"params": [p]}, {"params": []}], lr=1), "several groups"),
        (lambda p: type("Own", (torch.optim.Adam,), {})([p]), "Own has no stacked form"),
    ],
)
def test_of_others_it_is_said_why_not(make, reason):
    assert reason in unknown(make(torch.nn.Parameter(torch.zeros(2))))
