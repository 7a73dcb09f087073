"""Multiply-accumulates: counted by hand, and held against the papers' nets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from serbench.labels import Classes
from serbench.nets.cost import cost, macs
from serbench.nets.net import Net
from serbench.nets.outputs import width
from serbench.nets.padded import Padded
from serbench.nets.recurrent import BiLSTM, PeepholeBiLSTM
from serbench.registry import load

T, D, H = 30, 48, 32
SEVEN = Classes(tuple("abcdefg"))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.MultiheadAttention(D, 4, batch_first=True)

    def forward(self, x):
        return self.inner(x, x, x)[0]


class Fused(nn.Module):
    def forward(self, x):
        return nn.functional.scaled_dot_product_attention(x[:, None], x[:, None], x[:, None])


class Vectors(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.ones(D)), nn.Parameter(torch.ones(T))

    def forward(self, x):
        scores = torch.mv(x[0], self.w) + torch.addmv(self.b, x[0], self.w)
        return x[0].mT @ scores + torch.dot(scores, scores)


class Conv(nn.Module):
    def __init__(self, *args, **more):
        super().__init__()
        self.inner = nn.Conv1d(*args, **more)

    def forward(self, x):
        return self.inner(x.mT)


LSTM = 4 * H * (D + H)
BY_HAND = {
    "linear": (lambda: nn.Linear(D, 7), T * D * 7),
    "convolution": (lambda: Conv(D, 10, 3, padding=1, groups=2), T * (D // 2) * 10 * 3),
    "strided": (lambda: Conv(D, 10, 4, stride=2), 14 * D * 10 * 4),
    "dilated": (lambda: Conv(D, 10, 2, dilation=8), (T - 8) * D * 10 * 2),
    "lstm": (lambda: nn.LSTM(D, H, batch_first=True), T * LSTM),
    "two layers": (
        lambda: nn.LSTM(D, H, num_layers=2, bidirectional=True, batch_first=True),
        T * (2 * LSTM + 2 * 4 * H * 3 * H),
    ),
    "projected": (
        lambda: nn.LSTM(D, H, proj_size=8, batch_first=True),
        T * (4 * H * (D + 8) + 8 * H),
    ),
    "gru": (lambda: nn.GRU(D, H, batch_first=True), T * 3 * H * (D + H)),
    "rnn": (lambda: nn.RNN(D, H, batch_first=True), T * H * (D + H)),
    "bilstm": (lambda: BiLSTM(D, H), T * 2 * LSTM),
    "peepholes": (lambda: PeepholeBiLSTM(D, H), T * 2 * LSTM),  # diagonal: no product
    "attention": (Attention, T * (4 * D * D + 2 * T * D)),
    "fused attention": (Fused, T * 2 * T * D),
    "transformer": (
        lambda: nn.TransformerEncoderLayer(D, 4, 96, batch_first=True),
        T * (4 * D * D + 2 * T * D + 2 * D * 96),
    ),
    "vectors": (Vectors, 3 * T * D + T),
    "no product": (lambda: nn.Sequential(nn.LayerNorm(D), nn.ReLU(), nn.Softmax(1)), 0),
}


@dataclass(kw_only=True, eq=False)
class Of(Net):
    """A net of one part."""

    make: ClassVar = None
    epochs: int = 1
    batch: int = 1
    learning_rate: float = 0.1
    optimiser: str = "adam"
    recipes: ClassVar = ()

    def build(self, task):
        part = self.make()

        class Module(nn.Module):
            def __init__(self):
                super().__init__()
                self.part = part

            def forward(self, inputs):
                x = inputs["x"]
                said = self.part(x if isinstance(part, BiLSTM | PeepholeBiLSTM) else x.values)
                if isinstance(said, Padded):
                    return said.values
                return said[0] if isinstance(said, tuple) else said

        return Module()


def of(part):
    class One(Of):
        make = staticmethod(part)

    return One()


@pytest.fixture
def x():
    return {"x": Padded.of(torch.zeros(1, T, D), torch.tensor([T]))}


@pytest.mark.parametrize("kind", BY_HAND)
def test_counts_are_those_by_hand(kind, x):
    make, expected = BY_HAND[kind]
    assert macs(of(make), SEVEN, x) == expected


def test_nothing_of_the_callers_changes(x):
    before = torch.get_rng_state()
    fast = torch.backends.mha.get_fastpath_enabled()
    macs(of(Attention), SEVEN, x)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.backends.mha.get_fastpath_enabled() == fast
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("corpus", "millions", "frames"),
    [
        ("emodb", 18.9, 188), ("ravdess", 21.6, 215), ("savee", 25.5, 254), ("casia", 17.3, 172),
        ("iemocap", 75.6, 606),
    ],
)  # fmt: skip
def test_timnet_costs_what_the_paper_has(corpus, millions, frames):
    make = load("models", "timnet")
    own = make.corpus_settings[corpus]
    found = cost(make(**own), SEVEN)
    assert round(found.macs / 1e6, 1) == millions
    assert found.arrays == {"mfcc": (frames, 39)}
    assert found.seconds == own["length"] / 22050
    assert found.per_second == pytest.approx(found.macs / found.seconds)


def test_dblmm_costs_what_its_layers_have():
    found = cost(load("models", "dblmm")(hidden=256), SEVEN, seconds=1.0)
    frames = 101
    lstms = 2 * 4 * 256 * (64 + 256) + 2 * 4 * 256 * (45 + 256)
    pooling = 1024**2 + 2 * 1024 * frames
    assert found.macs == frames * lstms + pooling + 7 * 2048
    assert (found.seconds, found.arrays["logmel"]) == (1.0, (frames, 64))


def test_dblmm_in_full():
    """17.7 million a frame, and 16.8 million for the query's projection."""
    net = load("models", "dblmm")()

    def counted(frames):
        return macs(
            net,
            SEVEN,
            {
                name: Padded.of(torch.zeros(1, frames, dims), torch.tensor([frames]))
                for name, dims in (("logmel", 64), ("descriptors", 45))
            },
        )

    a_frame = counted(3) - counted(2)
    assert round(a_frame / 1e6, 1) == 17.7
    assert round((counted(2) - 2 * a_frame) / 1e6, 1) == 16.8


@pytest.mark.parametrize(
    ("name", "frames"),
    [("sdcaff", 251), ("sdcaff-cnn", 251), ("sdcaff-lstm", 251)],
)
def test_sdcaff_costs_what_its_branches_have(name, frames):
    found = cost(load("models", name)(), Classes(tuple("abcd")))
    (read,) = found.arrays.values()
    assert (found.seconds, read[0]) == (6.0, frames)
    lstm = frames * 4 * 1024 * (read[1] + 1024)
    if name != "sdcaff-lstm":
        cnn = found.macs - (lstm if name == "sdcaff" else 0)
        assert cnn == pytest.approx(0.17e9, rel=0.15)  # with attention and heads
    if name == "sdcaff":
        assert lstm == pytest.approx(1.18e9, rel=0.01)
    if name == "sdcaff-lstm":
        assert lstm < found.macs < 1.01 * lstm


def test_words_are_counted_at_the_usual_speed():
    @dataclass(frozen=True)
    class Lengths:
        name: ClassVar[str] = "lengths"
        reads: ClassVar[str] = "text"
        dims: ClassVar[int] = 3
        extractor: ClassVar[str] = "none"

        def extract_text(self, text):
            return np.ones((len(text.split()), 3), np.float32)

    class Module(nn.Module):
        def __init__(self, columns):
            super().__init__()
            self.head = nn.Linear(3, columns)

        def forward(self, inputs):
            return self.head(inputs["lengths"].values).sum(1)

    class Reader(Of):
        inputs: ClassVar = frozenset({"text"})
        recipes: ClassVar = (Lengths(),)

        def build(self, task):
            return Module(width(task))

    found = cost(Reader(), SEVEN, seconds=4.0)
    assert (found.macs, found.arrays) == (10 * 3 * 7, {"lengths": (10, 3)})
