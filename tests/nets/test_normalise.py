from __future__ import annotations

import numpy as np
import pytest
import torch

from serbench.errors import ModelError
from serbench.nets import normalise
from serbench.nets.normalise import Standardise
from serbench.nets.padded import Padded
from serbench.nets.training import train
from serbench.session import Session


def test_the_statistics_are_numpys(monkeypatch):
    monkeypatch.setattr(normalise, "CHUNK", 7)  # several chunks
    # A mean that is large beside the deviation, where float32 sums would fail.
    frames = np.random.default_rng(0).normal(1e4, 0.5, (1000, 3)).astype(np.float32)
    scale = Standardise("x", 3)
    scale.fit(torch.from_numpy(frames))
    exact = frames.astype(np.float64)
    assert np.allclose(scale.mean.numpy(), exact.mean(0), rtol=1e-7)
    assert np.allclose(scale.deviation.numpy(), exact.std(0), rtol=1e-5)


def test_training_frames_come_out_with_zero_mean_and_unit_variance():
    frames = torch.randn(1, 500, 4) * torch.tensor([1e-6, 1.0, 1e3, 1e6]) + 3.0
    scale = Standardise("x", 4)
    scale.fit(frames[0])
    out = scale(Padded.of(frames, torch.tensor([500]))).values[0]
    assert torch.allclose(out[:, 1:].mean(0), torch.zeros(3), atol=1e-4)
    assert torch.allclose(out[:, 1:].std(0), torch.ones(3), atol=1e-2)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e5])
def test_a_constant_coefficient_is_only_shifted(value):
    scale = Standardise("x", 1)
    scale.fit(torch.full((100, 1), value))
    x = Padded.of(torch.full((1, 2, 1), value + 1.0), torch.tensor([2]))
    assert scale.deviation.item() == 1.0
    assert torch.allclose(scale(x).values, torch.ones(1, 2, 1), atol=1e-2)


def test_small_coefficients_are_not_taken_for_constant():
    frames = 1e-8 * torch.randn(1000, 1)
    scale = Standardise("x", 1)
    scale.fit(frames)
    assert scale.deviation.item() == pytest.approx(1e-8, rel=0.1)


def test_padding_stays_zero():
    scale = Standardise("x", 2)
    scale.fit(torch.randn(50, 2) + 9)
    out = scale(Padded.of(torch.randn(2, 5, 2), torch.tensor([2, 5])))
    assert not out.values[0, 2:].any()


def test_the_training_set_alone_is_measured(speech, tiny):
    data, probe = speech(20), speech(15, seed=1)
    net = tiny(epochs=1)
    train(net, data, seed=0, session=Session(probes={"test": probe}))
    frames = np.concatenate([data.feature(i, net.recipes[0]) for i in range(len(data))])
    scale = net.module_.scale
    assert np.allclose(scale.mean.numpy(), frames.mean(0, dtype=np.float64), rtol=1e-6)
    assert np.allclose(scale.deviation.numpy(), frames.std(0, dtype=np.float64), rtol=1e-5)
    names = dict(net.module_.named_buffers())
    assert {"scale.mean", "scale.deviation"} <= set(names)


def test_an_array_that_is_not_read_is_named(speech, tiny):
    class Wrong(tiny):
        def build(self, task):
            module = super().build(task)
            module.scale.of = "mel"
            return module

    with pytest.raises(ModelError, match="'mel'"):
        Wrong().fit(speech(8), seed=0)
