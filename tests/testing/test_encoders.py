"""Tiny encoders: what they are made for is tested where real encoders are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from serbench.nets.encoders import EncoderFrames, TokenStates, located
from serbench.testing.encoders import HIDDEN, LAYERS, tiny_audio_encoder, tiny_text_encoder


def digest(folder):
    return located(str(folder)).weights


@pytest.mark.parametrize("kind", ["wavlm", "hubert", "wav2vec2"])
def test_of_sound(kind, tmp_path):
    folder = tiny_audio_encoder(tmp_path / "deep" / kind, kind=kind)
    found = located(str(folder))
    assert (found.model_type, found.dims, found.layers) == (kind, HIDDEN, LAYERS)
    frames = EncoderFrames.of(str(folder)).extract(np.zeros(8000, np.float32), 16000)
    assert frames.shape == (24, HIDDEN)


def test_of_text(tmp_path):
    found = located(str(tiny_text_encoder(tmp_path / "bert")))
    assert (found.model_type, found.dims, found.layers) == ("bert", HIDDEN, LAYERS)
    states = TokenStates.of(found.folder).extract_text("Not very angry, zoe.")
    assert states.shape == (10, HIDDEN)  # [CLS] not very angry , z ##o ##e . [SEP]


@pytest.mark.parametrize("make", [tiny_audio_encoder, tiny_text_encoder])
def test_seeded(make, tmp_path):
    torch.manual_seed(3)
    before = torch.rand(1)
    torch.manual_seed(3)
    one, two = make(tmp_path / "one"), make(tmp_path / "two")
    assert torch.rand(1) == before
    assert digest(one) == digest(two)
    assert digest(make(tmp_path / "three", seed=1)) != digest(one)
