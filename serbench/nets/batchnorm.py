"""BatchNorm that counts the real rows of a batch alone.

Where all rows are real, and whenever it predicts, it is torch's own. In a step that says which rows
count (:class:`serbench.nets.step.Step`), mean and variance are taken over those, as if the others
were not there.
"""

from __future__ import annotations

from typing import TypeAlias

import torch
from torch import Tensor, nn

from serbench.nets.numerics import at_least_single
from serbench.nets.step import current

_BatchNorm: TypeAlias = nn.BatchNorm1d | nn.BatchNorm2d


class BatchNorm1d(nn.BatchNorm1d):
    """:class:`torch.nn.BatchNorm1d`: [utterances, channels] or [utterances, channels, frames]."""

    def forward(self, x: Tensor) -> Tensor:
        real = real_rows(self)
        return super().forward(x) if real is None else over_rows(self, x, real)


class BatchNorm2d(nn.BatchNorm2d):
    """:class:`torch.nn.BatchNorm2d`: [utterances, channels, height, width]."""

    def forward(self, x: Tensor) -> Tensor:
        real = real_rows(self)
        return super().forward(x) if real is None else over_rows(self, x, real)


def real_rows(norm: nn.Module) -> Tensor | None:
    """The utterances whose statistics ``norm`` is to take: bool [utterances]; None: all."""
    step = current()
    return step.real if norm.training and step is not None else None


def over_rows(norm: _BatchNorm, x: Tensor, counted: Tensor) -> Tensor:
    """What ``norm`` makes in training of [utterances, channels, ...], by the statistics of a part.

    Parameters
    ----------
    counted
        bool, broadcast to ``x`` from the left: [utterances], or [utterances, 1, ...] where parts of
        a row count.

    Raises
    ------
    ValueError
        As torch's: if there is but one value a channel.
    """
    if x.numel() == x.shape[1]:
        raise ValueError(f"one value a channel in training, of shape {tuple(x.shape)}")
    shape = [1, -1] + [1] * (x.dim() - 2)
    axes = [axis for axis in range(x.dim()) if axis != 1]
    further = (1 for _ in range(x.dim() - counted.dim()))
    counted = counted.view(*counted.shape, *further).expand_as(x[:, :1])
    wide = at_least_single(x)
    count = counted.sum(dtype=wide.dtype).clamp(min=1)
    mean = torch.where(counted, wide, 0).sum(axes) / count
    centred = wide - mean.view(shape)
    variance = torch.where(counted, centred.square(), 0).sum(axes) / count
    if norm.track_running_stats and norm.running_mean is not None:
        _remember(norm, mean.detach(), variance.detach(), count)
    scaled = centred * (variance + norm.eps).rsqrt().view(shape)
    if norm.affine:
        scaled = scaled * norm.weight.view(shape) + norm.bias.view(shape)
    return scaled.to(x.dtype)


def _remember(norm: _BatchNorm, mean: Tensor, variance: Tensor, count: Tensor) -> None:
    """Move the running statistics as torch does: the variance without bias."""
    mean_kept, variance_kept, batches = (
        norm.running_mean,
        norm.running_var,
        norm.num_batches_tracked,
    )
    assert mean_kept is not None
    assert variance_kept is not None
    assert batches is not None
    batches.add_(1)
    share = 1 / batches.to(mean) if norm.momentum is None else norm.momentum
    mean_kept.add_((mean - mean_kept) * share)
    unbiased = variance * count / (count - 1).clamp(min=1)
    variance_kept.add_((unbiased - variance_kept) * share)
