"""The nets of ``nets.py`` as a script would have them: plain torch, no harness.

Each class has the layers and the training of one paper, written the usual way: padded tensors and
lengths in, ``pack_padded_sequence`` around an LSTM, a loss. ``copied`` gives a harness's weights in
the order in which the plain module holds its own, so that both can be compared number for number.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  as every script has it
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Plain(nn.Module):
    """What the plain nets share: inputs are name -> (values [B, T, D], lengths [B])."""

    def __init__(self):
        super().__init__()
        self.smoothing = 0.0

    def optimiser(self, net):
        return net.optimiser_of(self.parameters())  # torch's Adam with the paper's settings

    def loss(self, said, answers):
        return F.cross_entropy(said, answers["y"], label_smoothing=self.smoothing)

    def logits(self, said):
        return said

    def copied(self, state):
        return list(state.values())


def causal(x, convolution):
    return convolution(F.pad(x, (convolution.dilation[0], 0)))


class PlainTIMNet(Plain):
    def __init__(self, net, classes):
        super().__init__()
        n = net.filters

        def way():
            layers = [nn.Conv1d(n, n, 1)]
            for block in range(net.blocks):
                for _ in range(2):
                    layers += [nn.Conv1d(n, n, 2, dilation=2**block)]
                    layers += [nn.BatchNorm1d(n, eps=1e-3, momentum=0.01)]
            return nn.ModuleList(layers)

        self.ways = nn.ModuleList([way(), way()])
        self.fusion = nn.Linear(net.blocks, 1, bias=False)
        self.dropout = nn.Dropout1d(net.dropout)
        self.head = nn.Linear(n, classes)
        self.smoothing = net.smoothing

    def forward(self, inputs):
        ((x, _),) = inputs.values()
        forwards = self.direction(self.ways[0], x.transpose(1, 2))
        backwards = self.direction(self.ways[1], x.flip(1).transpose(1, 2))
        scales = torch.stack([(f + b).mean(2) for f, b in zip(forwards, backwards, strict=True)], 2)
        return self.head(self.fusion(scales).squeeze(2))

    def direction(self, layers, x):
        x = layers[0](x)
        outputs = []
        for at in range(1, len(layers), 4):
            y = x
            for convolution, norm in (layers[at : at + 2], layers[at + 2 : at + 4]):
                y = self.dropout(F.relu(norm(causal(y, convolution))))
            x = x * torch.sigmoid(y)
            outputs.append(x)
        return outputs


class PlainGMTCNet(Plain):
    def __init__(self, net, classes):
        super().__init__()
        n = net.filters
        self.enter = nn.Conv1d(n, n, 1)
        self.levels = nn.ModuleList(
            nn.ModuleList(nn.Conv1d(n, n, 2, dilation=2**block * times) for _ in range(6))
            for block in range(net.blocks)
            for times in (1, 2)
        )
        self.head = nn.Linear(n, classes)

    def copied(self, state):
        # The six convolutions of a level are one there, the gated before the gating.
        tensors = list(state.values())
        copied = tensors[:2]
        for weight, bias in zip(tensors[2:-2:2], tensors[3:-2:2], strict=True):
            for pair in zip(weight.chunk(6), bias.chunk(6), strict=True):
                copied += pair
        return copied + tensors[-2:]

    def forward(self, inputs):
        ((x, _),) = inputs.values()
        x = self.enter(x.transpose(1, 2))
        skips = 0
        for first, second in zip(self.levels[::2], self.levels[1::2], strict=True):
            skip = self.level(second, self.level(first, x))
            x = x + skip
            skips = skips + skip
        return self.head(F.leaky_relu(skips, 0.05).mean(2))

    def level(self, convolutions, x):
        outputs = []
        for value, gate in zip(convolutions[:3], convolutions[3:], strict=True):
            outputs.append(F.relu(causal(x, value)) * torch.sigmoid(F.relu(causal(x, gate))))
        return sum(outputs) / 3


class PlainLightSERNet(Plain):
    def __init__(self, net, classes):
        super().__init__()
        n = net.filters

        def layer(before, after, kernel, window, bias):
            return nn.Sequential(
                nn.Conv2d(before, after, kernel, padding="same", bias=bias),
                nn.BatchNorm2d(after, eps=1e-3, momentum=0.01),
                nn.ReLU(),
                nn.AvgPool2d(window, ceil_mode=True),
            )

        self.paths = nn.ModuleList(layer(1, n, k, 2, True) for k in ((11, 1), (1, 9), 3))
        self.body = nn.Sequential(
            layer(3 * n, 2 * n, 3, 2, False),
            layer(2 * n, 3 * n, 3, 2, False),
            layer(3 * n, 4 * n, 3, (2, 1), False),
            layer(4 * n, 5 * n, 3, (2, 1), False),
            layer(5 * n, 10 * n, 1, 1, False),
        )
        self.dropout = nn.Dropout(net.dropout)
        self.head = nn.Linear(10 * n, classes)
        self.l2 = net.l2

    def optimiser(self, net):
        kernels = [layer[0].weight for layer in self.body]
        others = [w for w in self.parameters() if all(w is not kernel for kernel in kernels)]
        groups = [{"params": kernels, "weight_decay": 2 * self.l2}, {"params": others}]
        return torch.optim.Adam(groups, lr=net.learning_rate, eps=1e-7)

    def forward(self, inputs):
        ((x, _),) = inputs.values()
        x = torch.cat([path(x.unsqueeze(1)) for path in self.paths], dim=1)
        return self.head(self.dropout(self.body(x).mean((2, 3))))


class PlainBiLSTMs(Plain):
    """DBL-MM, or one of its halves. ``packed`` off: padding reaches the backward direction."""

    packed = True

    def __init__(self, net, classes):
        super().__init__()
        dims = [recipe.dims for recipe in net.recipes]
        self.lstms = nn.ModuleList(
            nn.LSTM(n, net.hidden, batch_first=True, bidirectional=True) for n in dims
        )
        width = len(dims) * 2 * net.hidden
        self.W = nn.Linear(width, width, bias=False)
        self.norm = nn.BatchNorm1d(2 * width)
        self.dropout = nn.Dropout(net.dropout)
        self.head = nn.Linear(2 * width, classes)

    def forward(self, inputs):
        outputs = []
        for lstm, (x, lengths) in zip(self.lstms, inputs.values(), strict=True):
            if self.packed:
                packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
                out, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True)
            else:
                out, _ = lstm(x)
            outputs.append(self.dropout(out))
        o = torch.cat(outputs, dim=2)
        lengths = lengths.to(o.device)
        mask = torch.arange(o.shape[1], device=o.device) < lengths[:, None]
        mean = (o * mask[:, :, None]).sum(1) / lengths[:, None]
        last = o[torch.arange(len(o), device=o.device), lengths - 1]
        scores = torch.bmm(o, self.W(last)[:, :, None])[:, :, 0]
        weights = torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=1)
        attended = torch.bmm(weights[:, None], o)[:, 0]
        return self.head(self.norm(torch.cat([mean, attended], dim=1)))


class UnpackedBiLSTMs(PlainBiLSTMs):
    packed = False
