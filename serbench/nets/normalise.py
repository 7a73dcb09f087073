"""Scaling of coefficients by what the training set shows of them, and by nothing else."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from serbench.nets.padded import Padded

CHUNK = 65536  # frames that are held in float64 at a time
CONSTANT = 1e-6  # deviation, as a share of the mean's size, that float32's rounding explains


class Standardise(nn.Module):
    """Zero mean and unit variance of each coefficient over the training set's frames.

    z = (x - mean) / deviation, the population's deviation over all frames of all training
    utterances, so that long utterances count for more. A coefficient that is constant in training
    is only shifted. The harness fits it before the first epoch, on the training set alone; the
    statistics are buffers, saved with the weights.

    Parameters
    ----------
    of
        Which array: its name in what the net reads (:meth:`serbench.nets.net.Net.arrays`).
    dims
        Its coefficients.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, of: str, dims: int) -> None:
        super().__init__()
        self.of = of
        self.register_buffer("mean", torch.zeros(dims))
        self.register_buffer("deviation", torch.ones(dims))

    def fit(self, frames: Tensor) -> None:
        """Take the statistics of float32 [frames, dims]; summed in float64."""
        if not len(frames):
            return
        mean = sum(part.double().sum(0) for part in frames.split(CHUNK)) / len(frames)
        square = sum((part.double() - mean).square().sum(0) for part in frames.split(CHUNK))
        deviation = (torch.as_tensor(square) / len(frames)).sqrt()
        constant = deviation <= CONSTANT * torch.as_tensor(mean).abs()
        self.mean.copy_(torch.as_tensor(mean))
        self.deviation.copy_(torch.where(constant, 1.0, deviation))

    def forward(self, x: Padded) -> Padded:
        return x.holding((x.values - self.mean) / self.deviation)
