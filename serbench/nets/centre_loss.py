"""Centre loss: what draws the vectors of a class together."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from serbench.nets.numerics import at_least_single


class Centres(nn.Module):
    """A point for each class, learned beside all else; how far vectors lie from each.

    The centre loss (Wen et al., ECCV 2016) is :meth:`loss` of what :meth:`forward` gives.

    Parameters
    ----------
    classes, dims
        How many points, and of how many coordinates. They start as normal random numbers.
    """

    of_the_loss: ClassVar[bool] = True  # and no part of what predicts

    def __init__(self, classes: int, dims: int) -> None:
        super().__init__()
        self.points = nn.Parameter(torch.randn(classes, dims))

    def forward(self, x: Tensor) -> Tensor:
        """Squared distances in float32: [utterances, dims] -> [utterances, classes]."""
        with torch.autocast(x.device.type, enabled=False):
            return (at_least_single(x)[:, None] - self.points).square().sum(2)

    @staticmethod
    def loss(distances: Tensor, y: Tensor) -> Tensor:
        """The mean squared distance to the own class's point.

        Parameters
        ----------
        distances
            float [utterances, classes].
        y
            int64 [utterances], the class of each. What is nearer than 1e-12 is drawn no nearer.
        """
        own = distances.gather(1, y[:, None])
        return own.clamp(min=1e-12, max=1e12).mean()
