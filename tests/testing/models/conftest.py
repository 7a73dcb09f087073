"""A model that keeps the contract; what the tests refuse are changes to it, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from serbench.errors import ModelError
from serbench.testing.models import check_model


@dataclass(frozen=True)
class Energy:
    """Level and zero crossings of the whole utterance."""

    name: ClassVar[str] = "energy"
    rate: int = 8000
    channel: str = "first"
    dims: int = 2
    extractor: str = "numpy"

    def extract(self, samples, rate):
        level = np.log(np.abs(samples).mean() + 1e-6)
        return np.array([level, (np.diff(np.sign(samples)) != 0).mean()], np.float32)


class Honest:
    """Nearest class means. The faults below are each one change to it."""

    recipes = (Energy(),)

    def __init__(self, *, softness: float = 1.0) -> None:
        self.softness = softness

    def fit(self, train, *, seed):
        x = self._read(train)
        self.mean_, self.deviation_ = x.mean(0), x.std(0)
        x = (x - self.mean_) / self.deviation_
        self.centres_ = np.stack(
            [
                x[train.y == k].mean(0) if (train.y == k).any() else np.full(2, 1e3)
                for k in range(len(train.task.names))
            ]
        )
        return self

    def predict_proba(self, test):
        x = (self._read(test) - self.mean_) / self.deviation_
        far = np.linalg.norm(x[:, None] - self.centres_, axis=2) / self.softness
        weight = np.exp(far.min(1, keepdims=True) - far)
        return weight / weight.sum(1, keepdims=True)

    def _read(self, data):
        return np.stack([data.feature(i, Energy()) for i in range(len(data))])


@pytest.fixture
def honest():
    return Honest


@pytest.fixture
def refused():
    """``refused(factory, message)``: the error that the check ends with."""

    def error_of(factory, message):
        with pytest.raises(ModelError, match=message) as error:
            check_model(factory)
        assert error.value.expected
        return error.value

    return error_of
