"""Dropout whose masks follow from seed, step, layer and row (:mod:`serbench.nets.draws`).

Torch's own draws its masks from one generator a device, in the order in which they are asked for.
With these, trainings that are computed at once drop what each would drop alone.
"""

from __future__ import annotations

from torch import Tensor, nn

from serbench.nets.draws import kept
from serbench.nets.step import current


class Dropout(nn.Dropout):
    """:class:`torch.nn.Dropout` of single values: [utterances, ...] -> the same.

    Frames, which may be padded, stand on the second axis: then no mask hangs on the padding.
    """

    def forward(self, x: Tensor) -> Tensor:
        step = current()
        if step is None or not self.training or not self.p:
            return super().forward(x)
        return _scaled(x, kept(step.next_key(), self.p, len(x), tuple(x.shape[1:])), self.p)


class ChannelDropout(nn.Dropout1d):
    """:class:`torch.nn.Dropout1d` of whole channels: [utterances, channels, ...] -> the same.

    Parameters
    ----------
    p
        Share of channels that are zeroed.
    axis
        Where the channels stand: 1, or 2 of [utterances, frames, channels].
    """

    def __init__(self, p: float, axis: int = 1) -> None:
        super().__init__(p)
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        step = current()
        if not self.training or not self.p:
            return x
        if step is None:
            return super().forward(x.movedim(self.axis, 1)).movedim(1, self.axis)
        mask = kept(step.next_key(), self.p, len(x), (x.shape[self.axis],))
        sizes = [len(x)] + [1] * (x.dim() - 1)
        sizes[self.axis] = x.shape[self.axis]
        return _scaled(x, mask.view(sizes), self.p)


def _scaled(x: Tensor, mask: Tensor, share: float) -> Tensor:
    return x * (mask.to(x.dtype) / (1 - share))
