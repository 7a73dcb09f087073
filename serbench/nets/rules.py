"""The steps of torch's optimisers for many trainings at once, each at its own count.

A rule is elementwise: from weights, gradient and what it remembers, all [trainings, weights], to
the next of each. Its formulas and the names of what it remembers are torch's, so that a training
can go on from the state of an optimiser of torch's and the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import torch
from torch import Tensor

State: TypeAlias = dict[str, Tensor]  # what is remembered, by torch's name: [trainings, weights]
Rule: TypeAlias = Callable[
    [Tensor, Tensor, State, Tensor, Tensor, Mapping[str, Any]], tuple[Tensor, State]
]


def adam(
    theta: Tensor, grad: Tensor, state: State, count: Tensor, rate: Tensor, own: Mapping[str, Any]
) -> tuple[Tensor, State]:
    """Adam (Kingma and Ba, ICLR 2015), as :class:`torch.optim.Adam`.

    Parameters
    ----------
    theta, grad
        [trainings, weights].
    state
        Zeros before the first step.
    count
        This step's number, from 1: [trainings, 1].
    rate
        The learning rate, a single number.
    own
        The optimiser's further settings.
    """
    first, second = own["betas"]
    if own.get("decoupled_weight_decay"):
        theta = theta * (1 - rate * own["weight_decay"])
    elif own["weight_decay"]:
        grad = grad + own["weight_decay"] * theta
    mean = state["exp_avg"].lerp(grad, 1 - first)
    square = state["exp_avg_sq"] * second + grad.square() * (1 - second)
    size = square.sqrt() / _less(second, count).sqrt() + own["eps"]
    theta = theta - rate / _less(first, count) * mean / size
    return theta, {"exp_avg": mean, "exp_avg_sq": square}


def adamw(
    theta: Tensor, grad: Tensor, state: State, count: Tensor, rate: Tensor, own: Mapping[str, Any]
) -> tuple[Tensor, State]:
    """Adam with decoupled weight decay, as :class:`torch.optim.AdamW`. Parameters as in `adam`."""
    return adam(theta, grad, state, count, rate, {**own, "decoupled_weight_decay": True})


def rmsprop(
    theta: Tensor, grad: Tensor, state: State, count: Tensor, rate: Tensor, own: Mapping[str, Any]
) -> tuple[Tensor, State]:
    """As :class:`torch.optim.RMSprop`. Parameters as in :func:`adam`."""
    if own["weight_decay"]:
        grad = grad + own["weight_decay"] * theta
    square = state["square_avg"] * own["alpha"] + grad.square() * (1 - own["alpha"])
    move = grad / (square.sqrt() + own["eps"])
    if not own["momentum"]:
        return theta - rate * move, {"square_avg": square}
    buffer = state["momentum_buffer"] * own["momentum"] + move
    return theta - rate * buffer, {"square_avg": square, "momentum_buffer": buffer}


def sgd(
    theta: Tensor, grad: Tensor, state: State, count: Tensor, rate: Tensor, own: Mapping[str, Any]
) -> tuple[Tensor, State]:
    """As :class:`torch.optim.SGD`. Parameters as in :func:`adam`."""
    if own["weight_decay"]:
        grad = grad + own["weight_decay"] * theta
    if not own["momentum"]:
        return theta - rate * grad, {}
    # The first step's momentum is its gradient, undamped.
    later = state["momentum_buffer"] * own["momentum"] + grad * (1 - own["dampening"])
    buffer = torch.where(count == 1, grad, later)
    move = grad + own["momentum"] * buffer if own["nesterov"] else buffer
    return theta - rate * move, {"momentum_buffer": buffer}


def _less(beta: float, count: Tensor) -> Tensor:
    """1 - beta^count, of which float32 would lose half the digits where beta is near one."""
    return -torch.expm1(count * (math.log(beta) if beta else -math.inf))


RULES: Mapping[type[torch.optim.Optimizer], Rule] = {
    torch.optim.Adam: adam,
    torch.optim.AdamW: adamw,
    torch.optim.RMSprop: rmsprop,
    torch.optim.SGD: sgd,
}


def remembers(optimiser: torch.optim.Optimizer) -> tuple[str, ...]:
    """The names of what an optimiser remembers of each weight, beside the count."""
    (group,) = optimiser.param_groups
    if isinstance(optimiser, torch.optim.Adam):  # AdamW is one too
        return ("exp_avg", "exp_avg_sq")
    momentum = ("momentum_buffer",) if group["momentum"] else ()
    return (("square_avg",) if isinstance(optimiser, torch.optim.RMSprop) else ()) + momentum


def unknown(optimiser: torch.optim.Optimizer) -> str:
    """Why there is no rule for an optimiser; "" where there is one."""
    if type(optimiser) not in RULES:
        return f"the optimiser {type(optimiser).__name__} has no stacked form"
    if len(optimiser.param_groups) > 1:
        return "its optimiser has several groups of weights"
    (group,) = optimiser.param_groups
    for option in ("amsgrad", "maximize", "centered"):
        if group.get(option):
            return f"its optimiser has {option}, which has no stacked form"
    return ""
