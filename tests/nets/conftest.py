"""Small nets and data of no meaning, to try the training loop on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.data import LabelledUtterances
from serbench.labels import Classes, Task
from serbench.nets.batchnorm import BatchNorm1d
from serbench.nets.dropout import Dropout
from serbench.nets.net import Net
from serbench.nets.normalise import Standardise
from serbench.nets.outputs import width
from serbench.nets.padded import Padded
from serbench.nets.pooling import MeanPooling
from serbench.nets.recurrent import BiLSTM


@dataclass(frozen=True)
class Noise:
    """Frames of noise about a mean that the class sets."""

    name: ClassVar[str] = "noise"
    dims: int = 5
    rate: int = 100
    channel: str = "first"
    extractor: str = "none"


class Source:
    """Row r is of class r % classes, and from 2 to 30 frames long."""

    def __init__(self, classes: int, seed: int, spread: float) -> None:
        self.classes, self.seed, self.spread = classes, seed, spread

    def feature(self, row: int, recipe: Noise) -> NDArray[np.float32]:
        rng = np.random.default_rng([self.seed, row])
        frames = rng.normal(0.0, self.spread, (rng.integers(2, 31), recipe.dims))
        frames[:, row % self.classes] += 1.0
        return (100.0 + 20.0 * frames).astype(np.float32)

    def waveform(self, row: int, rate: int | None, channel: str) -> NDArray[np.float32]:
        raise NotImplementedError

    def text(self, row: int) -> str | None:
        return None


class TinyModule(nn.Module):
    """Scaling, a BiLSTM, dropout, BatchNorm: every kind of state that a training has."""

    def __init__(self, dims: int, classes: int) -> None:
        super().__init__()
        self.scale = Standardise("noise", dims)
        self.lstm = BiLSTM(dims, 6)
        self.pool = MeanPooling()
        self.norm = BatchNorm1d(12)
        self.dropout = Dropout(0.4)
        self.head = nn.Linear(12, classes)

    def forward(self, inputs: Mapping[str, Padded]) -> Tensor:
        steps: Padded = self.lstm(self.scale(inputs["noise"]))
        logits: Tensor = self.head(self.dropout(self.norm(self.pool(steps))))
        return logits


@dataclass(kw_only=True, eq=False)
class TinyNet(Net):
    epochs: int = 6
    batch: int = 8
    learning_rate: float = 0.02
    optimiser: str = "adam"

    stackable: ClassVar[bool] = True

    @property
    def recipes(self) -> tuple[Noise, ...]:
        return (Noise(),)

    def build(self, task: Task) -> nn.Module:
        return TinyModule(Noise().dims, width(task))


Speech = Callable[..., LabelledUtterances]


@pytest.fixture(scope="session")
def speech() -> Speech:
    """``speech(n, seed=0)``: labelled utterances of three classes."""

    def make(n: int, *, seed: int = 0, classes: int = 3, spread: float = 0.7) -> LabelledUtterances:
        task = Classes(tuple("abcdefg"[:classes]))
        rows = np.arange(n)
        return LabelledUtterances(
            task, Source(classes, seed, spread), rows, y=rows % classes, speakers=rows % 4
        )

    return make


@pytest.fixture(scope="session")
def tiny() -> type[TinyNet]:
    return TinyNet


@pytest.fixture
def padded() -> Callable[..., Padded]:
    """``padded([3, 5], dims=2)``: noise of these lengths; ``frames`` pads further."""

    def make(lengths: list[int], dims: int, *, seed: int = 0, frames: int | None = None) -> Padded:
        generator = torch.Generator().manual_seed(seed)
        values = torch.randn(len(lengths), max(lengths), dims, generator=generator)
        longer = torch.zeros(len(lengths), frames or max(lengths), dims)
        longer[:, : max(lengths)] = values
        return Padded.of(longer, torch.tensor(lengths))

    return make
