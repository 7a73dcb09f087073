"""How an LSTM of torch's is run: by its fused kernels, or step by step where trainings are stacked.

The fused kernels know one set of weights; :func:`torch.vmap` cannot pass through them. Step by step
a stack's recurrences are one batched product of matrices a frame, whose weights a GPU reads once
for all rows of a training.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from serbench.nets.step import current


def run(lstm: nn.LSTM, values: Tensor) -> Tensor:
    """The outputs of one layer: [utterances, frames, dims] -> [.., hidden], of two directions 2 x.

    Two directions both pass the whole batch as it is, padding included.
    """
    if not stacked():
        outputs: Tensor = lstm(values)[0]
        return outputs
    ahead = one_way(lstm, values, 0)
    if not lstm.bidirectional:
        return ahead
    back = one_way(lstm, values.flip(1), 1).flip(1)
    return torch.cat([ahead, back], dim=2)


def one_way(lstm: nn.LSTM, values: Tensor, direction: int) -> Tensor:
    """The outputs of one direction (0 or 1) over the frames from the first to the last."""
    weights = lstm.all_weights[direction]
    if stacked():
        return plain(values, *weights)
    zero = values.new_zeros(1, len(values), lstm.hidden_size)
    # What nn.LSTM calls itself, with one direction's weights: (biases, layers, dropout,
    # training, bidirectional, batch first).
    return torch.lstm(values, (zero, zero), weights, True, 1, 0.0, False, False, True)[0]  # type: ignore[arg-type]


def plain(values: Tensor, w: Tensor, u: Tensor, b: Tensor, d: Tensor) -> Tensor:
    """The recurrence written out; gates stand in torch's order: input, forget, cell, output."""
    hidden = u.shape[1]
    fed = nn.functional.linear(values, w, b + d)
    h = c = values.new_zeros(len(values), hidden)
    outputs = []
    for step in fed.unbind(1):
        gates = torch.addmm(step, h, u.mT)
        i, f, _, o = gates.sigmoid().chunk(4, dim=1)
        c = torch.addcmul(f * c, i, gates[:, 2 * hidden : 3 * hidden].tanh())
        h = o * c.tanh()
        outputs.append(h)
    return torch.stack(outputs, dim=1)


def stacked() -> bool:
    """Whether several trainings pass at once."""
    step = current()
    return step is not None and step.stacked
