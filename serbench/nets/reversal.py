"""Gradient reversal: a layer below which everything learns to defeat what stands above."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn


class GradientReversal(nn.Module):
    """R(x) = x forwards, dR/dx = -strength backwards (Ganin et al., JMLR 17, 2016, section 4.2).

    Attributes
    ----------
    strength
        A number, 0 at first: nothing comes through. No part of the module's state: a net sets it
        before each step (:meth:`serbench.nets.adapting.Adaptable.advance`, :func:`reverse`).
    """

    def __init__(self) -> None:
        super().__init__()
        self.strength = 0.0

    def forward(self, x: Tensor) -> Tensor:
        reversed_: Tensor = _Reversed.apply(x, self.strength)
        return reversed_


def reverse(module: nn.Module, strength: float) -> None:
    """Give each reversal in a module this strength."""
    for part in module.modules():
        if isinstance(part, GradientReversal):
            part.strength = strength


def rising(progress: float, steepness: float) -> float:
    """2 / (1 + exp(-steepness p)) - 1: from 0 towards 1, as p goes from 0 to 1 (Ganin et al.)."""
    return 2 / (1 + math.exp(-steepness * progress)) - 1


class _Reversed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * gradients[0], None
