"""How an LSTM of torch's is run: by its fused kernels, or step by step where trainings are stacked.

The fused kernels know one set of weights; :func:`torch.vmap` cannot pass through them. Step by step
a stack's recurrences are one batched product of matrices a frame, and a handful of elementwise
operations.
"""

from __future__ import annotations

from typing import Any

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
    fed = nn.functional.linear(values, w, b + d)
    outputs: Tensor = _Steps.apply(fed[None], u[None])[0]
    return outputs[0]


def stacked() -> bool:
    """Whether several trainings pass at once."""
    step = current()
    return step is not None and step.stacked


class _Steps(torch.autograd.Function):
    """The frames of an LSTM one after the other, of several trainings at once.

    From what enters the gates, [trainings, rows, frames, 4 x hidden], and the weights u [trainings,
    4 x hidden, hidden], to the outputs [trainings, rows, frames, hidden].

    Written by hand because of what autograd would do: add up u's gradient frame by frame, which
    here is one product for all of them, and pass through torch.vmap for each of some twenty small
    operations a frame, which :meth:`vmap` does once.
    """

    @staticmethod
    def forward(fed: Tensor, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The outputs, and beside them the gates and cells, frames first: for the way back."""
        hidden = u.shape[2]
        gates = fed.movedim(2, 0).clone(memory_format=torch.contiguous_format)
        cells = gates.new_empty(*gates.shape[:3], hidden)
        outputs = torch.empty_like(cells)
        h = c = gates.new_zeros(*gates.shape[1:3], hidden)
        # All views are taken here, once: in the loop each would cost as much as a product.
        i, f, g, o = (gate.unbind() for gate in gates.split(hidden, dim=3))
        both = gates[:, :, :, : 2 * hidden].unbind()
        back, now = u.mT, gates.unbind()
        for t, (cell, output) in enumerate(zip(cells.unbind(), outputs.unbind(), strict=True)):
            now[t].baddbmm_(h, back)
            both[t].sigmoid_()
            g[t].tanh_()
            o[t].sigmoid_()
            c = torch.mul(f[t], c, out=cell).addcmul_(i[t], g[t])
            h = torch.tanh(c, out=output).mul_(o[t])
        return outputs.movedim(0, 2), gates, cells

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]) -> None:
        outputs, gates, cells = output
        ctx.mark_non_differentiable(gates, cells)
        ctx.save_for_backward(inputs[1], outputs, gates, cells)

    @staticmethod
    def backward(ctx: Any, grad: Tensor, *_: Any) -> tuple[Tensor, Tensor]:
        u, outputs, gates, cells = ctx.saved_tensors
        hidden = u.shape[2]
        i, f, g, o = gates.split(hidden, dim=3)
        size = cells.tanh()
        to_cell = o * (1 - size.square())  # what of an output's gradient reaches the cell
        # What of the cell's gradient reaches the first three gates, and of the output's the last.
        before = torch.cat([torch.zeros_like(cells[:1]), cells[:-1]])
        to_gates = torch.stack([g * i * (1 - i), before * f * (1 - f), i * (1 - g.square())], dim=3)
        to_last = size * o * (1 - o)
        fed = torch.empty_like(gates)
        heard, now, forget = grad.movedim(2, 0).unbind(), fed.unbind(), f.unbind()
        three = fed.unflatten(3, (4, hidden))[:, :, :, :3].unbind()
        last = fed[:, :, :, 3 * hidden :].unbind()
        steps = zip(to_cell.unbind(), to_gates.unbind(), to_last.unbind(), strict=True)
        h, c = heard[-1], torch.zeros_like(cells[0])
        for t, (cell, first, output) in reversed([*enumerate(steps)]):
            c = torch.addcmul(c, h, cell)
            torch.mul(c[:, :, None], first, out=three[t])
            torch.mul(h, output, out=last[t])
            if t:
                c = c * forget[t]
                h = torch.baddbmm(heard[t - 1], now[t], u)
        by_row = fed.movedim(0, 2)
        late, early = by_row[:, :, 1:].flatten(1, 2), outputs[:, :, :-1].flatten(1, 2)
        return by_row, late.mT @ early

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *inputs: Tensor) -> Any:
        """Trainings on trainings: both side by side."""
        several = [
            one.expand(info.batch_size, *one.shape) if at is None else one.movedim(at, 0)
            for one, at in zip(inputs, in_dims, strict=True)
        ]
        outputs, gates, cells = _Steps.apply(*(one.flatten(0, 1) for one in several))
        by_training = (info.batch_size, -1)
        return (
            outputs.unflatten(0, by_training),
            gates.unflatten(1, by_training),
            cells.unflatten(1, by_training),
        ), (0, 1, 1)
