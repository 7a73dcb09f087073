"""Nets of tiny encoders, and batches of noise for them."""

from __future__ import annotations

import pytest
import torch

from serbench.labels import Classes
from serbench.nets.padded import Padded
from serbench.registry import load
from serbench.testing.encoders import tiny_audio_encoder, tiny_text_encoder

FOUR = Classes(("angry", "happy", "neutral", "sad"))


@pytest.fixture(scope="session")
def encoders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoders")
    return {
        "audio_encoder": str(tiny_audio_encoder(folder / "wavlm")),
        "text_encoder": str(tiny_text_encoder(folder / "bert")),
    }


@pytest.fixture
def make(encoders):
    """A net of tiny encoders, and small: its 4 windows of 6 frames hop by 4."""

    def make(name="swrr", **settings):
        factory = load("models", name)
        small = {"hidden": 8, "channels": 4, "frames": 20, "tokens": 4, "hop": 4, "batch": 16}
        small = {**encoders, **small, "layers": 2, "window": 6}
        if name in {"swrr-full-size", "swrr-window-50"}:
            del small["window"]
        if name == "swrr-full-size" or settings.get("window") == 0:
            del small["hop"]  # of no effect, and refused
        known = factory.__dataclass_fields__
        return factory(**{n: v for n, v in small.items() if n in known} | settings)

    return make


@pytest.fixture
def batch():
    def batch(net, audio=(20, 9, 1), text=(4, 3, 2), dims=16):
        seeded = torch.Generator().manual_seed(0)
        both = {"audio": audio, "text": text}
        return {
            name: Padded.of(
                torch.randn(len(both[name]), max(both[name]), dims, generator=seeded),
                torch.tensor(both[name]),
            )
            for name in net.branches
        }

    return batch


@pytest.fixture
def said_by():
    def said_by(net, inputs, task=FOUR):
        torch.manual_seed(0)
        return net.build(task).eval()(inputs)

    return said_by
