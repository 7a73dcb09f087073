from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from serbench.data import LabelledUtterances
from serbench.errors import ModelError, UsageError
from serbench.labels import Classes
from serbench.model import defaults, settings
from serbench.nets.padded import Padded
from serbench.nets.recurrent import BiLSTM, PeepholeBiLSTM
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


def _module(net):
    torch.manual_seed(0)
    return net.build(SEVEN).eval()


def _inputs(net, lengths=(9, 1, 14), frames=14):
    generator = torch.Generator().manual_seed(0)
    return {
        name: Padded.of(
            torch.randn(len(lengths), frames, recipe.dims, generator=generator),
            torch.tensor(lengths),
        )
        for name, recipe in net.branches.items()
    }


@pytest.mark.parametrize(
    ("net", "count"),
    [
        (DBLMM(), 34_553_863),
        (DBLMM(peephole=True), 34_553_863 + 2 * 2 * 3 * 1024),
        (DBLMM(dense=2048), 34_553_863 + 2 * (2048 * 2048 + 2048)),
        (DBLMM(normalise="none", dropout_at="none"), 34_553_863),
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
    for recipe in DBLMM(rate=8000, channel="mean").recipes:
        assert (recipe.rate, recipe.channel) == (8000, "mean")


@pytest.mark.parametrize("factory", MODELS)
def test_all_parameters_have_defaults_that_json_holds(factory):
    assert defaults(factory) == {
        "hidden": 1024,
        "peephole": False,
        "dense": 0,
        "normalise": "zscore",
        "rate": 16000,
        "channel": "first",
        "optimiser": "adam",
        "learning_rate": 1e-4,
        "batch": 32,
        "epochs": 100,
        "dropout": 0.3,
        "dropout_at": "lstm",
        "pooling": "mean+attention",
    }
    assert factory(**settings(factory, {"hidden": "8"})).settings["hidden"] == 8


@pytest.mark.parametrize("factory", MODELS)
@pytest.mark.parametrize("peephole", [False, True])
@pytest.mark.parametrize("dense", [0, 10])
def test_an_utterance_alone_and_padded_among_others_is_the_same(factory, peephole, dense):
    net = factory(hidden=8, peephole=peephole, dense=dense)
    module, inputs = _module(net), _inputs(net)
    nn.init.normal_(module.norm.running_mean)
    together = module(inputs)["logits"]
    assert together.shape == (3, 7)
    for i, n in enumerate((9, 1, 14)):
        alone = {
            name: Padded.of(x.values[i : i + 1, :n], torch.tensor([n]))
            for name, x in inputs.items()
        }
        assert torch.allclose(module(alone)["logits"][0], together[i], atol=1e-5)


def test_the_forward_pass_is_the_papers():
    net = DBLMM(hidden=4)
    module, inputs = _module(net), _inputs(net, lengths=(6,), frames=6)
    o = torch.cat(
        [branch.lstm.lstm(inputs[name].values)[0] for name, branch in module.branches.items()],
        dim=2,
    )[0]
    W = module.poolings["attention"].W.weight
    attention = torch.stack([o[-1] @ (step @ W) for step in o]).softmax(0)
    pooled = torch.cat([o.mean(0), attention @ o])
    assert torch.allclose(
        module(inputs)["logits"][0], module.head(module.norm(pooled[None]))[0], atol=1e-5
    )


@pytest.mark.parametrize(
    ("pooling", "parts"),
    [("mean+attention", ["mean", "attention"]), ("mean", ["mean"]), ("attention", ["attention"])],
)
def test_pooling_is_a_choice(pooling, parts):
    module = DBLMM(hidden=4, pooling=pooling).build(SEVEN)
    assert list(module.poolings) == parts
    assert module.head.in_features == 16 * len(parts)


def test_peepholes_are_a_choice():
    kinds = [
        type(DBLMM(hidden=4, peephole=on).build(SEVEN).branches["logmel"].lstm)
        for on in (False, True)
    ]
    assert kinds == [BiLSTM, PeepholeBiLSTM]
    # They start at zero, so that nothing but learning them makes a difference.
    plain, seeing = (DBLMM(hidden=4, peephole=on) for on in (False, True))
    assert torch.allclose(
        _module(plain)(_inputs(plain))["logits"],
        _module(seeing)(_inputs(seeing))["logits"],
        atol=1e-5,
    )


@pytest.mark.parametrize(
    ("where", "varies"),
    [("lstm", {"steps", "logits"}), ("pooled", {"logits"}), ("none", set())],
)
def test_dropout_sits_where_it_is_asked_to(where, varies):
    net = DBLMM(hidden=4, dropout_at=where, dropout=0.5)
    module = net.build(SEVEN).train()
    inputs = _inputs(net)
    seen = {}
    hook = module.branches["logmel"].register_forward_hook(
        lambda _, __, out: seen.setdefault("steps", []).append(out.values)
    )
    logits = [module(inputs)["logits"] for _ in range(2)]
    hook.remove()
    found = {"steps"} if not torch.equal(*seen["steps"]) else set()
    found |= {"logits"} if not torch.equal(*logits) else set()
    assert found == varies
    shares = [part.p for part in module.modules() if isinstance(part, nn.Dropout)]
    assert sorted(shares, reverse=True) == {"lstm": [0.5, 0.5, 0], "pooled": [0.5, 0, 0]}.get(
        where, [0, 0, 0]
    )
    if where == "lstm":
        real = inputs["logmel"].mask[:, :, None].expand_as(seen["steps"][0])
        assert (seen["steps"][0][real] == 0).float().mean() == pytest.approx(0.5, abs=0.15)


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
        {"hidden": 0},
        {"dense": -1},
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
