"""Bidirectional LSTMs whose outputs do not depend on how far a batch is padded."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from serbench.nets.numerics import at_least_single
from serbench.nets.padded import Padded
from serbench.nets.recurrence import one_way, stacked


class BiLSTM(nn.Module):
    """One bidirectional LSTM layer: [utterances, frames, dims] -> [utterances, frames, 2 x hidden].

    Exact for each utterance: the backward direction starts at the utterance's own last frame. On
    CUDA that is cuDNN's packed sequence. On the CPU packing costs a small matrix product per frame
    (7 times as long for 64 units, over 10 times for 1024), so both directions run forwards over the
    padded batch there, one of them over the reversed utterance: whatever comes after an utterance's
    end cannot reach back. So they do where trainings are stacked, frame by frame
    (:mod:`serbench.nets.recurrence`).

    Always float32, under autocast too: rounding adds up over hundreds of steps.

    Parameters
    ----------
    dims, hidden
        Width of the input, and of each direction. The weights are :class:`torch.nn.LSTM`'s, with
        cuDNN's two bias vectors: 2 x 4 x hidden x (dims + hidden + 2) parameters.
    """

    def __init__(self, dims: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(dims, hidden, batch_first=True, bidirectional=True)

    def forward(self, x: Padded) -> Padded:
        with torch.autocast(x.values.device.type, enabled=False):
            values = at_least_single(x.values)
            if values.is_cuda and not stacked():
                return x.holding(self._packed(values, x.lengths))
            return x.holding(self._reversed(values, x.lengths))

    def _packed(self, values: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
        output, _ = self.lstm(packed)
        return pad_packed_sequence(output, batch_first=True, total_length=values.shape[1])[0]

    def _reversed(self, values: Tensor, lengths: Tensor) -> Tensor:
        turn = _turned(lengths.to(values.device), values.shape[1])
        forwards = one_way(self.lstm, values, 0)
        backwards = one_way(self.lstm, _take(values, turn), 1)
        return torch.cat([forwards, _take(backwards, turn)], dim=2)


class PeepholeBiLSTM(nn.Module):
    """One bidirectional LSTM layer whose gates see the cell (Gers et al. 2002; diagonal weights).

    The DBL-MM paper's Eq. 1-4, per direction, with s the logistic function and * elementwise::

        i = s(W_i x_t + U_i h' + p_i * c' + b_i)        f likewise
        c = f * c' + i * tanh(W_c x_t + U_c h' + b_c)
        o = s(W_o x_t + U_o h' + p_o * c + b_o)
        h = o * tanh(c)

    A plain recurrence: no library has a fused kernel for it, so it takes several times as long as
    :class:`BiLSTM`, of whose class the weights otherwise are (same names, same start; the peepholes
    start at zero).
    """

    def __init__(self, dims: int, hidden: int) -> None:
        super().__init__()
        # Holds the weights; its forward() is never called.
        self.lstm = nn.LSTM(dims, hidden, batch_first=True, bidirectional=True)
        # [direction, (input, forget, output), hidden]
        self.peepholes = nn.Parameter(torch.zeros(2, 3, hidden))

    def forward(self, x: Padded) -> Padded:
        with torch.autocast(x.values.device.type, enabled=False):
            values = at_least_single(x.values)
            turn = _turned(x.lengths.to(values.device), values.shape[1])
            ahead, back = self._run(torch.stack([values, _take(values, turn)]))
            return x.holding(torch.cat([ahead, _take(back, turn)], dim=2))

    def _run(self, values: Tensor) -> Tensor:
        """Both directions at once: [2, utterances, frames, dims] -> [.., hidden]."""
        w, u, b1, b2 = (torch.stack(pair) for pair in zip(*self.lstm.all_weights, strict=True))
        fed = torch.einsum("ubtd,ugd->tubg", values, w) + (b1 + b2)[:, None]
        to_input, to_forget, to_output = self.peepholes[:, :, None].unbind(1)
        h = c = values.new_zeros(2, values.shape[1], self.lstm.hidden_size)
        outputs = []
        for step in fed:
            i, f, g, o = torch.baddbmm(step, h, u.mT).chunk(4, dim=2)
            i, f = torch.sigmoid(i + to_input * c), torch.sigmoid(f + to_forget * c)
            c = f * c + i * torch.tanh(g)
            h = torch.sigmoid(o + to_output * c) * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs, dim=2)


def _turned(lengths: Tensor, frames: int) -> Tensor:
    """Where each frame stands in its reversed utterance: int64 [utterances, frames].

    Padding stays in its place; turning twice gives the order back.
    """
    steps = torch.arange(frames, device=lengths.device)
    return torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)


def _take(values: Tensor, order: Tensor) -> Tensor:
    """Frames of each utterance in another order: row by row, which gather is not."""
    starts = torch.arange(0, order.numel(), order.shape[1], device=order.device)
    rows = (starts[:, None] + order).flatten()
    return values.flatten(0, 1).index_select(0, rows).view_as(values)
