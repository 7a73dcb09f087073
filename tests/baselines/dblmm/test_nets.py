"""DBL-MM and its halves: what they read, how large they are, which settings they take."""

from __future__ import annotations

import math

import librosa
import numpy as np
import pytest
import torch
from torch import nn

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError, UsageError
from serbench.labels import Classes
from serbench.model import defaults, settings
from serbench_baselines.dblmm import DBLMM, BiLSTMLld, BiLSTMLogMel

SEVEN = Classes(tuple("abcdefg"))
MODELS = (DBLMM, BiLSTMLogMel, BiLSTMLld)


class Frames:
    """Log-mel bands and descriptors, both noise."""

    def __init__(self, lag: int = 0) -> None:
        self.lag = lag

    def feature(self, row, recipe):
        rng = np.random.default_rng([row, recipe.dims])
        frames = 5 + row * 7 % 11 - (self.lag if recipe.dims == 45 else 0)
        return rng.standard_normal((frames, recipe.dims)).astype(np.float32) + row % 3


def _speech(n=24, **settings):
    rows = np.arange(n)
    return LabelledUtterances(
        SEVEN, Frames(**settings), rows, y=rows % 3, speakers=rows % 2, recipes=DBLMM().recipes
    )


@pytest.mark.parametrize(
    ("net", "count"),
    [
        (DBLMM(), 34_553_863),
        (DBLMM(peephole=True), 34_553_863 + 2 * 2 * 3 * 1024),
        (DBLMM(dense=2048), 34_553_863 + 2 * (2048 * 2048 + 2048)),
        (DBLMM(dense=2048, activation="relu"), 34_553_863 + 2 * (2048 * 2048 + 2048)),
        (DBLMM(normalise="none", dropout_at="none", defaults_of="tensorflow"), 34_553_863),
        # Table II's width: BatchNorm and head over 4096
        (DBLMM(merge="sum"), 34_553_863 - 2 * 4096 - 7 * 4096),
        (DBLMM(query="final"), 34_553_863),
        (DBLMM(query="learned"), 34_553_863 - 4096 * 4096 + 4096),
        # BiLSTM-1, W 2048 x 2048, BatchNorm over 4096, head
        (BiLSTMLogMel(), 8_929_280 + 2048 * 2048 + 2 * 4096 + 4096 * 7 + 7),
        (BiLSTMLld(), 8_773_632 + 2048 * 2048 + 2 * 4096 + 4096 * 7 + 7),
    ],
)
def test_parameters_for_seven_classes(net, count):
    assert net.parameters_for(SEVEN) == count


def test_layers_are_the_papers():
    with torch.device("meta"):
        module = DBLMM().build(SEVEN)
    shapes = {name: tuple(weight.shape) for name, weight in module.named_parameters()}
    assert shapes["poolings.attention.W.weight"] == (4096, 4096)
    assert "poolings.attention.W.bias" not in shapes
    assert shapes["norm.weight"] == (8192,)
    assert shapes["head.weight"] == (7, 8192)
    assert shapes["branches.logmel.lstm.lstm.weight_ih_l0"] == (4096, 64)
    assert shapes["branches.descriptors.lstm.lstm.weight_ih_l0"] == (4096, 45)


def test_the_inputs_are_the_papers():
    logmel, descriptors = DBLMM().recipes
    assert (logmel.dims, descriptors.dims) == (64, 45)
    assert BiLSTMLogMel().recipes == (logmel,)
    assert BiLSTMLld().recipes == (descriptors,)
    for recipe in DBLMM().recipes:  # 25 ms, 15 of them shared with the next window
        assert (recipe.rate, recipe.window_ms, recipe.hop_ms) == (16000, 25.0, 10.0)
        assert (recipe.window, recipe.fft, recipe.channel) == ("hamming", 512, "first")
    for recipe in DBLMM(rate=8000, channel="mean", window="hann", hop_ms=15).recipes:
        assert (recipe.rate, recipe.channel) == (8000, "mean")
        assert (recipe.window, recipe.hop_ms) == ("hann", 15)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
def test_any_rate_can_be_framed(rate):
    sound = np.random.default_rng(0).uniform(-0.1, 0.1, rate // 2).astype(np.float32)
    logmel, descriptors = (recipe.extract(sound, rate) for recipe in DBLMM(rate=rate).recipes)
    assert logmel.shape[1] == 64
    assert 0 <= len(logmel) - len(descriptors) <= 1


@pytest.mark.parametrize("offset", [0.0, 1e-6])
def test_the_logarithm_is_a_choice(offset):
    sound = np.random.default_rng(0).uniform(-0.1, 0.1, 8000).astype(np.float32)
    sound[:4000] = 0.0  # digital silence, which the floor or the offset keeps finite
    made = {recipe: recipe.extract(sound, 16000) for recipe in DBLMM().recipes}

    class One:
        def feature(self, row, recipe):
            return made[recipe]

    one = Utterances(SEVEN, One(), [0])
    framed = {"n_fft": 512, "win_length": 400, "hop_length": 160, "window": "hamming"}
    power = librosa.feature.melspectrogram(y=sound, sr=16000, n_mels=64, **framed).T
    power = power + offset if offset else power.clip(1e-10)
    decibel = DBLMM(log_offset=offset).arrays(one, 0)["logmel"]
    natural = DBLMM(log_offset=offset, logarithm="natural").arrays(one, 0)["logmel"]
    assert decibel.dtype == natural.dtype == np.float32
    assert np.allclose(decibel, 10 * np.log10(power), atol=1e-3)
    assert np.allclose(natural, np.log(power), atol=1e-3)


@pytest.mark.parametrize("factory", MODELS)
def test_all_parameters_have_defaults_that_json_holds(factory):
    logarithm = {"logarithm": "decibel", "log_offset": 0.0}
    assert defaults(factory) == {
        **({} if factory is BiLSTMLld else logarithm),
        "hidden": 1024,
        "peephole": False,
        "dense": 0,
        "activation": "linear",
        "normalise": "zscore",
        "rate": 16000,
        "channel": "first",
        "window": "hamming",
        "hop_ms": 10.0,
        "optimiser": "adam",
        "learning_rate": 1e-4,
        "batch": 32,
        "epochs": 100,
        "dropout": 0.3,
        "dropout_at": "lstm",
        "pooling": "mean+attention",
        "query": "last",
        "merge": "concat",
        "defaults_of": "torch",
    }
    assert factory(**settings(factory, {"hidden": "8"})).settings["hidden"] == 8


def test_scaling_follows_the_training_set_or_is_left_out():
    speech = _speech()
    scaled = DBLMM(hidden=4, epochs=1).fit(speech, seed=0)
    plain = DBLMM(hidden=4, epochs=1, normalise="none").fit(speech, seed=0)
    for name, recipe in scaled.branches.items():
        frames = np.concatenate([speech.feature(i, recipe) for i in range(len(speech))])
        scale = scaled.module_.branches[name].scale
        assert np.allclose(scale.mean.numpy(), frames.mean(0, dtype=float), atol=1e-5)
        assert isinstance(plain.module_.branches[name].scale, nn.Identity)


@pytest.mark.parametrize(
    "wrong",
    [
        {"normalise": "minmax"},
        {"dropout_at": "pool"},
        {"pooling": "max"},
        {"dropout": 1.0},
        {"dropout": math.nan},
        {"dropout": 0.5, "dropout_at": "none"},
        {"dropout_at": "pooled", "dropout": 0.0},
        {"hidden": 0},
        {"hidden": math.nan},
        {"dense": -1},
        {"dense": math.nan},
        {"batch": 1},
        {"window": "boxcar"},
        {"rate": 0},
        {"hop_ms": 0.0},
        {"hop_ms": math.nan},
        {"hop_ms": math.inf},
        {"activation": "gelu", "dense": 8},
        {"activation": "relu"},  # of a layer that is not there
        {"query": "first"},
        {"query": "learned", "pooling": "mean"},
        {"query": "final", "dense": 8},
        {"merge": "product"},
        {"merge": "sum", "pooling": "mean"},
        {"merge": "sum", "pooling": "attention"},
        {"defaults_of": "keras"},
        {"logarithm": "binary"},
        {"log_offset": -1e-6},
        {"log_offset": math.nan},
    ],
)
def test_settings_out_of_range_are_refused_at_once(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        DBLMM(**wrong)


def test_branches_must_hear_the_same_moments():
    net = DBLMM(hidden=4)
    assert {len(array) for array in net.arrays(_speech(lag=1), 3).values()} == {5 + 21 % 11 - 1}
    with pytest.raises(ModelError, match="unequal numbers of frames"):
        net.arrays(_speech(lag=2), 3)


@pytest.mark.parametrize("factory", MODELS)
def test_it_learns(factory):
    speech = _speech(48)
    net = factory(hidden=8, epochs=15, batch=8, learning_rate=5e-3).fit(speech, seed=0)
    assert (net.predict_proba(speech).argmax(1) == speech.y).mean() > 0.9
    assert net.predict_proba(speech).shape == (48, 7)
