"""SWRR's classifier of feature maps, and its reuse of the maps that respond most.

The fused [tokens, D] is a picture of one channel: rows are tokens ("frames" in the paper), columns
are features. Convolutions make maps of it. After each layer but the last one, the map that responds
most is picked and added to what the next layer makes. The last layer has one map a class, and each
class's logit is an aggregate of its map (FMC), with no fully connected layer::

    fused [B, 1, T, D]
    convolution, BatchNorm, ReLU              Z_1 [B, C, T, D]
    the same, stride 2, + reused of Z_1       Z_2 [B, 2C, T/2, D/2]
    the same, stride 2, + reused of Z_2       Z_3 [B, 4C, T/4, D/4]
    convolution, stride 2                     class maps [B, K, T/8, D/8]
    mean over each map                        logits [B, K]

Padding rows, where the tokens that are given have any, are no part of a map: they are zero after
every layer and counted nowhere, in the statistics of BatchNorm neither, so that an utterance is
judged as if its maps had as many rows as it has tokens.

What the paper says of reuse, for the maps Z of a layer, C of H x W::

    alpha = sigmoid(W_2 LeakyReLU(W_1 mean(Z)))             Eq. 8-9; C -> C/2 -> C, no biases
    Z'    = Z screened by a shared 1-D convolution          H' x W', half of each
    n_ci  = how many of row i of Z'_c lie above its mean
    beta_c = how many rows have n_ci above the mean of n_c  ("emotional keyframes")
    gamma = H' alpha + beta,  p = softmax(gamma),  c* = argmax(gamma)

Choices where it is silent:

* The screening is a convolution of one kernel, the same for all channels, along rows and then along
  columns, with stride 2: half of the responses remain. It starts as a running mean.
* What is added to each map of the next layer's output is p_c* Z'_c*. Counts and argmax have no
  gradient: through p_c* it reaches W_1 and W_2, and through Z'_c* the kernel.
* Layers have the stride of the screening, so that Z'_c* has the size of the next layer's output and
  no rule for resizing is needed.
* Nothing is added to the class maps: what is added to all alike cancels in the softmax.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from serbench.nets.batchnorm import BatchNorm2d
from serbench.nets.numerics import at_least_single
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs
from serbench.nets.padded import Padded
from serbench_baselines.swrr.rows import Rows, normalised


class FeatureMapClassifier(nn.Module):
    """From [utterances, tokens, D] to logits.

    Parameters
    ----------
    size
        Tokens and D.
    columns
        Of the logits.
    layers, channels, kernel, stride
        Layers before the last one; maps of the first of them, doubled by each further one; taps of
        every kernel, an odd number; the stride of every layer but the first.
    reuse
        "both": gamma is H' alpha + beta. "global": H' alpha. "local": beta. "none": no reuse.
    classifier
        "mean" or "max": of each class map. "linear": in the class maps' place a linear layer on all
        values of the last layer's maps.
    """

    def __init__(
        self,
        size: tuple[int, int],
        columns: int,
        *,
        layers: int,
        channels: int,
        kernel: int,
        stride: int,
        reuse: str,
        classifier: str,
    ) -> None:
        super().__init__()
        widths = [channels * 2**n for n in range(layers)]
        strides = [1] + [stride] * (layers - 1)
        self.layers = nn.ModuleList(
            Layer(inner, outer, kernel, step)
            for inner, outer, step in zip([1, *widths], widths, strides, strict=False)
        )
        self.reuse = nn.ModuleList(
            HighResponse(width, kernel, stride, reuse)
            for width in (widths[:-1] if reuse != "none" else ())
        )
        self.kind = classifier
        self.head: nn.Module
        if classifier == "linear":
            rows, values = size
            for step in strides:
                rows, values = -(-rows // step), -(-values // step)
            self.head = nn.Linear(widths[-1] * rows * values, columns)
        else:
            self.head = nn.Conv2d(widths[-1], columns, kernel, stride, kernel // 2)
            self.stride = stride

    def forward(self, fused: Padded) -> Outputs:
        """Logits, and the means of the last layer's maps: [utterances, channels]."""
        maps, rows = fused.values[:, None], Rows.of(fused)
        reused = None
        for n, layer in enumerate(self.layers):
            maps, rows = layer(maps, rows, reused)
            reused = self.reuse[n](maps, rows) if n < len(self.reuse) else None
        return {LOGITS: self._logits(maps, rows), REPRESENTATION: rows.mean(maps)}

    def _logits(self, maps: Tensor, rows: Rows) -> Tensor:
        if self.kind == "linear":
            logits: Tensor = self.head(maps.flatten(1))
            return logits
        classes, rows = self.head(maps), rows.every(self.stride)
        if self.kind == "max":
            return rows.clear(classes, -torch.inf).amax((2, 3))
        return rows.mean(rows.clear(classes))


class Layer(nn.Module):
    """Convolution, BatchNorm, ReLU: [utterances, inner, rows, values] -> [.., outer, ..]."""

    def __init__(self, inner: int, outer: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.convolution = nn.Conv2d(inner, outer, kernel, stride, kernel // 2, bias=False)
        self.norm = BatchNorm2d(outer)

    def forward(self, maps: Tensor, rows: Rows, reused: Tensor | None) -> tuple[Tensor, Rows]:
        """Maps, and which of their rows are real."""
        rows = rows.every(self.stride)
        maps = normalised(self.norm, self.convolution(maps), rows).relu()
        if reused is not None:
            maps = maps + reused
        return rows.clear(maps), rows


class HighResponse(nn.Module):
    """Picks the map that responds most: [utterances, channels, H, W] -> [utterances, 1, H', W'].

    Always in float32: a count is a matter of which of two numbers is the larger.
    """

    def __init__(self, channels: int, kernel: int, stride: int, reuse: str) -> None:
        super().__init__()
        self.stride = stride
        self.kernel = nn.Parameter(torch.full((kernel,), 1.0 / kernel))
        self.counts = reuse in {"both", "local"}
        self.excite: nn.Module | None = None
        if reuse in {"both", "global"}:
            squeezed = max(1, channels // 2)
            self.excite = nn.Sequential(
                nn.Linear(channels, squeezed, bias=False),
                nn.LeakyReLU(),
                nn.Linear(squeezed, channels, bias=False),
                nn.Sigmoid(),
            )

    def forward(self, maps: Tensor, rows: Rows) -> Tensor:
        """p_c* Z'_c*, to be added to the next layer's output."""
        with torch.autocast(maps.device.type, enabled=False):
            maps = at_least_single(maps)
            gamma = self.responses(maps, rows)
            score = gamma.softmax(1)
            channels = torch.arange(gamma.shape[1], device=gamma.device)
            picked = (channels == gamma.argmax(1, keepdim=True)) * score
            return self.screened(torch.einsum("bc,bchw->bhw", picked, maps)[:, None])

    def responses(self, maps: Tensor, rows: Rows) -> Tensor:
        """gamma: [utterances, channels], from 0 to twice the rows that are screened."""
        gamma = maps.new_zeros(maps.shape[:2])
        if self.excite is not None:
            gamma = gamma + rows.every(self.stride).count * self.excite(rows.mean(maps))
        if self.counts:
            gamma = gamma + self.keyframes(maps, rows)
        return gamma

    @torch.no_grad()
    def keyframes(self, maps: Tensor, rows: Rows) -> Tensor:
        """beta: float32 [utterances, channels], whole numbers."""
        screened = self.screened(maps.flatten(0, 1)[:, None]).unflatten(0, maps.shape[:2])[:, :, 0]
        counts = (screened > screened.mean(3, keepdim=True)).sum(3)
        real = rows.every(self.stride).mask[:, None]
        usual = (counts * real).sum(2, keepdim=True) / real.sum(2, keepdim=True)
        beta: Tensor = ((counts > usual) & real).sum(2).to(maps.dtype)
        return beta

    def screened(self, maps: Tensor) -> Tensor:
        """Every second response of [any, 1, H, W] along both axes: [any, 1, H', W']."""
        middle = len(self.kernel) // 2
        along = nn.functional.conv2d(
            maps, self.kernel[None, None, None], stride=(1, self.stride), padding=(0, middle)
        )
        return nn.functional.conv2d(
            along, self.kernel[None, None, :, None], stride=(self.stride, 1), padding=(middle, 0)
        )
