"""The nets of ``nets.py`` that fuse two branches, as a script would have them: SD-CAFF and SWRR."""

from __future__ import annotations

import torch
from plain_nets import Plain
from torch import nn
from torch.nn import functional as F  # noqa: N812  as every script has it


class DyReLU(nn.Module):
    """DY-ReLU-B, a maximum of two lines whose coefficients hang on the input's means."""

    def __init__(self, channels):
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // 4)
        self.excite = nn.Linear(channels // 4, 4 * channels)
        self.register_buffer("scale", torch.tensor([1.0, 1.0, 0.5, 0.5]), persistent=False)
        self.register_buffer("shift", torch.tensor([1.0, 0.0, 0.0, 0.0]), persistent=False)

    def forward(self, x):
        theta = 2 * torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean((2, 3)))))) - 1
        lines = theta.view(*x.shape[:2], 1, 1, 4) * self.scale + self.shift
        return torch.maximum(x * lines[..., 0] + lines[..., 2], x * lines[..., 1] + lines[..., 3])


class PlainSDCAFF(Plain):
    def __init__(self, net, classes):
        super().__init__()
        static = []
        channels = [1, 8, 32, 64, 96, 128]
        for i in range(5):
            before, after = channels[i : i + 2]
            static += [nn.MaxPool2d(2)] if i > 1 else []
            static += [nn.Conv2d(before, after, 3, padding=min(i, 1)), nn.BatchNorm2d(after)]
            static += [DyReLU(after)]
        self.static = nn.Sequential(*static, nn.Dropout(net.dropout))
        self.lstm = nn.LSTM(net.reads.dims, net.hidden, batch_first=True)
        self.dropout = nn.Dropout(net.dropout)
        self.pool = nn.AdaptiveAvgPool1d(64)

        def bottleneck(before, after):
            return nn.Sequential(
                nn.Conv2d(before, 32, 1),
                nn.BatchNorm2d(32),
                nn.ReLU(),
                nn.Conv2d(32, after, 1),
                nn.BatchNorm2d(after),
            )

        self.local_static, self.global_static = bottleneck(128, 128), bottleneck(128, 64)
        self.local_dynamic, self.global_dynamic = bottleneck(64, 64), bottleneck(64, 128)
        self.emotion = nn.ModuleList([nn.Linear(192, classes), nn.Linear(192, classes)])
        self.emotion_centres = nn.Parameter(torch.randn(classes, classes))
        self.gender = nn.ModuleList([nn.Linear(192, 2), nn.Linear(192, 2)])
        self.gender_centres = nn.Parameter(torch.randn(2, 2))
        self.net = net

    def copied(self, state):
        # A module's own parameters come first in its state, here the centres.
        tensors = list(state.values())
        centres = [tensor for name, tensor in state.items() if name.endswith("points")]
        rest = [tensor for name, tensor in state.items() if not name.endswith("points")]
        assert len(centres) + len(rest) == len(tensors)
        return centres + rest

    def forward(self, inputs):
        ((x, _),) = inputs.values()
        static = self.static(x[:, :, :60].transpose(1, 2).unsqueeze(1))
        dynamic = self.pool(self.dropout(self.lstm(x)[0]))
        dynamic = dynamic.transpose(1, 2).unsqueeze(2)
        of_static = self.global_static(static.mean((2, 3), keepdim=True))
        of_dynamic = self.global_dynamic(dynamic.mean((2, 3), keepdim=True))
        static = static * torch.sigmoid(of_dynamic + self.local_static(static))
        dynamic = dynamic * torch.sigmoid(of_static + self.local_dynamic(dynamic))
        pooled = torch.cat([static.mean((2, 3)), dynamic.mean((2, 3))], dim=1)
        return [layer(pooled) for layer in (*self.emotion, *self.gender)]

    def logits(self, said):
        return said[0]

    def loss(self, said, answers):
        emotion, place, gender, gender_place = said
        y, g = answers["y"], answers["gender"]
        weight, share = self.net.centre_weight, self.net.emotion_share
        one = F.cross_entropy(emotion, y) + weight * self.centre(place, self.emotion_centres, y)
        other = F.cross_entropy(gender, g)
        other = other + weight * self.centre(gender_place, self.gender_centres, g)
        return share * one + (1 - share) * other

    def centre(self, x, centres, y):
        return ((x - centres[y]) ** 2).sum(1).clamp(1e-12, 1e12).mean()


class Reuse(nn.Module):
    """SWRR's choice of the map that responds most, screened for the next layer."""

    def __init__(self, channels):
        super().__init__()
        self.kernel = nn.Parameter(torch.full((3,), 1 / 3))
        self.excite = nn.Sequential(
            nn.Linear(channels, channels // 2, bias=False),
            nn.LeakyReLU(),
            nn.Linear(channels // 2, channels, bias=False),
            nn.Sigmoid(),
        )

    def screened(self, maps):
        x = F.conv2d(maps, self.kernel.view(1, 1, 1, 3), stride=(1, 2), padding=(0, 1))
        return F.conv2d(x, self.kernel.view(1, 1, 3, 1), stride=(2, 1), padding=(1, 0))

    def forward(self, maps):
        with torch.no_grad():
            b, c = maps.shape[:2]
            small = self.screened(maps.reshape(b * c, 1, *maps.shape[2:]))
            small = small.reshape(b, c, *small.shape[2:])
            counts = (small > small.mean(3, keepdim=True)).sum(3).float()
            beta = (counts > counts.mean(2, keepdim=True)).sum(2)
        gamma = small.shape[2] * self.excite(maps.mean((2, 3))) + beta
        score, best = torch.softmax(gamma, dim=1).max(1)
        picked = maps[torch.arange(len(maps)), best] * score[:, None, None]
        return self.screened(picked.unsqueeze(1))


class PlainSWRR(Plain):
    def __init__(self, net, classes):
        super().__init__()
        self.lstm = nn.LSTM(768, net.hidden, batch_first=True)
        dims = net.hidden
        self.query, self.key, self.value = (nn.Linear(dims, dims, bias=False) for _ in range(3))
        self.back = nn.Linear(dims, dims, bias=False)
        self.norm = nn.LayerNorm(dims)
        channels = [1, *(net.channels * 2**n for n in range(net.layers))]
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels[n], channels[n + 1], 3, 1 if n == 0 else 2, 1, bias=False),
                nn.BatchNorm2d(channels[n + 1]),
                nn.ReLU(),
            )
            for n in range(net.layers)
        )
        self.reuse = nn.ModuleList(Reuse(n) for n in channels[1:-1])
        self.head = nn.Conv2d(channels[-1], classes, 3, 2, 1)
        self.net = net

    def read(self, x, steps):
        return self.lstm(F.pad(x, (0, 0, 0, steps - x.shape[1])))[0]

    def forward(self, inputs):
        (x, _), (y, _) = inputs["audio"], inputs["text"]
        net = self.net
        x, y = self.read(x, net.frames), self.read(y, net.tokens)
        query, key, value = self.query(y), self.key(x), self.value(x)
        heard = []
        for i in range(net.tokens):
            window = slice(i * net.hop, i * net.hop + net.window)
            scores = (query[:, i : i + 1] @ key[:, window].transpose(1, 2)) / query.shape[2] ** 0.5
            heard.append(torch.softmax(scores, dim=2) @ value[:, window])
        maps = self.norm(y + self.back(torch.cat(heard, dim=1))).unsqueeze(1)
        reused = None
        for n, layer in enumerate(self.layers):
            maps = layer(maps)
            if reused is not None:
                maps = maps + reused
            reused = self.reuse[n](maps) if n < len(self.reuse) else None
        return self.head(maps).mean((2, 3))
