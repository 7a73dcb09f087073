from __future__ import annotations

import numpy as np
import pytest
import torch

from serbench.choice import ModelChoice
from serbench.data import LabelledUtterances, Utterances
from serbench.errors import EncoderError, ModelError, UsageError
from serbench.labels import Classes, Scale
from serbench.nets.training import train
from serbench.registry import load
from serbench.session import Session
from serbench.testing import check_model
from serbench_baselines.swrr import SWRR

ABLATIONS = (
    "swrr-no-audio",
    "swrr-no-text",
    "swrr-full-size",
    "swrr-window-50",
    "swrr-no-reuse",
    "swrr-uni-global",
    "swrr-uni-local",
    "swrr-linear",
)
ALL = ("swrr", *ABLATIONS)
FOUR = Classes(("angry", "happy", "neutral", "sad"))
SENTIMENT = Scale(-3.0, 3.0)
LSTM = 1_772_544
FUSION = 4 * 384 * 384 + 2 * 384  # queries, keys, values, back; LayerNorm
CNN = (9 * 16 + 32) + (9 * 16 * 32 + 64) + (9 * 32 * 64 + 128)  # without biases; BatchNorm
REUSE = (2 * 8 * 16 + 3) + (2 * 16 * 32 + 3)
MAPS = 4 * (9 * 64 + 1)


class States:
    """States of noise about a mean that the class sets; as many as differ by row."""

    def __init__(self, classes=4):
        self.classes = classes

    def feature(self, row, recipe):
        rng = np.random.default_rng(row)
        most = recipe.frames if recipe.name == "encoder-frames" else recipe.tokens
        steps = most - row % 3
        mean = np.zeros(recipe.dims)
        mean[row % self.classes] = 2.0
        return (0.5 * rng.standard_normal((steps, recipe.dims)) + mean).astype(np.float32)

    def text(self, row):
        return "so it is"


def speech(net, n=32, task=FOUR, y=None):
    rows = np.arange(n)
    y = rows % 4 if y is None else y
    return LabelledUtterances(task, States(), rows, y=y, speakers=rows % 2, inputs=net.inputs)


def test_parameters_are_those_of_the_layers():
    assert LSTM == 4 * 384 * (768 + 384 + 2)
    assert SWRR().parameters_for(FOUR) == LSTM + FUSION + CNN + REUSE + MAPS == 2_390_138


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("swrr-no-audio", LSTM + 768 + CNN + REUSE + MAPS),
        ("swrr-no-text", LSTM + 768 + CNN + REUSE + MAPS),
        ("swrr-full-size", LSTM + FUSION + CNN + REUSE + MAPS),
        ("swrr-window-50", LSTM + FUSION + CNN + REUSE + MAPS),
        ("swrr-no-reuse", LSTM + FUSION + CNN + MAPS),
        ("swrr-uni-global", LSTM + FUSION + CNN + REUSE + MAPS),
        ("swrr-uni-local", LSTM + FUSION + CNN + 3 + 3 + MAPS),
        ("swrr-linear", LSTM + FUSION + CNN + REUSE + 4 * (64 * 13 * 96 + 1)),
    ],
)
def test_parameters_of_the_ablations(name, count):
    assert load("models", name)().parameters_for(FOUR) == count


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("swrr-full-size", {"window": 0}),
        ("swrr-window-50", {"window": 50}),
        ("swrr-no-reuse", {"reuse": "none"}),
        ("swrr-uni-global", {"reuse": "global"}),
        ("swrr-uni-local", {"reuse": "local"}),
        ("swrr-linear", {"classifier": "linear"}),
    ],
)
def test_an_ablation_changes_what_it_says_and_nothing_else(name, changes, make, batch, said_by):
    ablated = load("models", name)()
    assert ablated.settings == {**SWRR().settings, **changes}
    inputs = batch(make())
    assert torch.equal(
        said_by(make(name), inputs)["logits"], said_by(make(**changes), inputs)["logits"]
    )
    assert not torch.equal(said_by(make(name), inputs)["logits"], said_by(make(), inputs)["logits"])


def test_the_recipes_are_the_encoders(make, encoders):
    frames, states = make(audio_layer=1, text_layer=0, channel="first").recipes
    assert (frames.name, frames.layer, frames.frames, frames.channel) == (
        "encoder-frames",
        1,
        20,
        "first",
    )
    assert (states.name, states.layer, states.tokens) == ("token-states", 0, 4)
    frames, states = make(frames=255, tokens=50, hop=5, window=10).recipes
    assert (frames.frames, frames.layer, states.tokens, states.layer) == (255, 2, 50, 2)


def test_a_trial_names_encoders_by_their_files(encoders):
    stand = ModelChoice.of("swrr", encoders).identity()["settings"]
    assert stand["audio_encoder"].startswith("wavlm:")
    assert stand["text_encoder"].startswith("bert:")
    alone = ModelChoice.of("swrr-no-text", {"audio_encoder": encoders["audio_encoder"]})
    assert alone.identity()["settings"]["audio_encoder"] == stand["audio_encoder"]


@pytest.mark.parametrize("name", ["swrr", "swrr-no-text", "swrr-no-audio"])
def test_a_layer_has_one_identity_however_it_is_counted(name, encoders):
    known = load("models", name).__dataclass_fields__
    own = {setting: folder for setting, folder in encoders.items() if setting in known}

    def stands(**layers):
        layers = {setting: n for setting, n in layers.items() if setting in known}
        return ModelChoice.of(name, {**own, **layers}).identity()

    assert stands(audio_layer=-1, text_layer=-1) == stands(audio_layer=2, text_layer=2)
    assert stands(audio_layer=-2, text_layer=-3) == stands(audio_layer=1, text_layer=0)
    assert stands(audio_layer=-1, text_layer=-1) != stands(audio_layer=1, text_layer=1)
    with pytest.raises(EncoderError, match="layer 3"):
        stands(audio_layer=3, text_layer=3)


@pytest.mark.parametrize(("direction", "dims"), [("uni", 384), ("bi", 768)])
def test_a_width_has_one_identity_however_it_is_said(direction, dims, encoders):
    stood = [
        ModelChoice.of(
            "swrr", {**encoders, "direction": direction, "attention_dims": n}
        ).identity()["settings"]["attention_dims"]
        for n in (0, dims, 96)
    ]
    assert stood == [dims, dims, 96]


@pytest.mark.parametrize(
    ("name", "undone"),
    [
        ("swrr-full-size", {"window": 10}),
        ("swrr-window-50", {"window": 10}),
        ("swrr-no-reuse", {"reuse": "both"}),
        ("swrr-uni-global", {"reuse": "local"}),
        ("swrr-uni-local", {"reuse": "none"}),
        ("swrr-linear", {"classifier": "mean"}),
    ],
)
def test_an_ablation_is_not_undone_under_its_own_name(name, undone):
    factory = load("models", name)
    ((setting, value),) = undone.items()
    with pytest.raises(UsageError, match=f"{setting}={value}") as refused:
        factory(**undone)
    assert f"the model swrr with --set {setting}={value}" in str(refused.value)
    own = factory().settings[setting]
    assert factory(**{setting: own}).settings == factory().settings


@pytest.mark.parametrize("padding", ["counted", "masked"])
@pytest.mark.parametrize("name", ["swrr", "swrr-full-size", "swrr-window-50"])
def test_attention_is_the_papers_heat_map(name, padding, encoders):
    net = load("models", name)(**encoders, padding=padding, hidden=4, channels=2, epochs=1)
    data = speech(net, 8)
    weights = net.fit(data, seed=0).attention(data)
    assert weights.shape == (8, 50, 255)
    assert weights.dtype == np.float32
    lengths = [50 - row % 3 for row in range(8)]
    for row, tokens in enumerate(lengths):
        heard = 50 if padding == "counted" else tokens
        assert weights[row, :heard].sum(1) == pytest.approx(1, abs=1e-5)
        assert not weights[row, heard:].any()
    window = net.window or 255
    for i in range(50) if net.window else ():
        assert not weights[:, i, : 5 * i].any()
        assert not weights[:, i, 5 * i + window :].any()


def test_of_one_modality_there_is_no_attention(make):
    net = make("swrr-no-text", epochs=1)
    net.fit(speech(net, 8), seed=0)
    assert not hasattr(net, "attention")
    with pytest.raises(ModelError, match="attention"):
        net.observe(speech(net, 8), "attention")


@pytest.mark.parametrize("head", ["regression", "seven"])
def test_it_learns_a_scale(head, make):
    net = make(head=head, epochs=20, learning_rate=1e-2)
    y = np.array([-2.0, -0.5, 1.2, 2.9])[np.arange(32) % 4]
    data = speech(net, task=SENTIMENT, y=y)
    stages = train(net, data, seed=0, session=Session(probes={"again": data}))
    assert stages[-1].probabilities["again"].shape == (32, 1)
    said = net.predict(data)
    if head == "seven":
        assert set(said.tolist()) <= set(range(-3, 4))
        y = y.round()
    assert np.abs(said - y).mean() < 0.35


@pytest.mark.parametrize("name", ALL)
def test_it_learns(name, make):
    net = make(name, epochs=12, learning_rate=1e-2)
    data = speech(net)
    net.fit(data, seed=0)
    assert (net.predict_proba(data).argmax(1) == data.y).mean() > 0.9


def test_heads_divide_the_width():
    assert SWRR(heads=6, attention_dims=30).width == 30
    assert SWRR(direction="bi", heads=5, attention_dims=0, hidden=5).width == 10
    with pytest.raises(UsageError, match="width of 384"):
        SWRR(heads=7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [*ALL[:3], *(pytest.param(name, marks=pytest.mark.slow) for name in ALL[3:])],
)
def test_it_keeps_the_contract(name, encoders):
    factory = load("models", name)
    known = factory.__dataclass_fields__
    small = {**encoders, "frames": 60, "tokens": 12}
    own = {setting: value for setting, value in small.items() if setting in known}
    check_model(factory, {**own, "hidden": 4, "epochs": 2, "batch": 8})


def test_what_is_said_hangs_on_words_and_on_sound(make):
    net = make(epochs=2)
    data = speech(net)
    net.fit(data, seed=0)

    class Other(States):
        def __init__(self, change):
            self.change = change

        def feature(self, row, recipe):
            same = States().feature(row, recipe)
            return same + (1.0 if recipe.name == self.change else 0.0)

    for change in ("encoder-frames", "token-states"):
        test = Utterances(FOUR, Other(change), range(8), inputs=net.inputs)
        assert not np.allclose(net.predict_proba(test), net.predict_proba(data)[:8], atol=1e-5)


@pytest.mark.gpu
@pytest.mark.parametrize("name", ALL)
def test_cuda_repeats_itself(name, make):
    said = []
    for _ in range(2):
        net = make(name, epochs=3)
        train(net, speech(net), seed=0, session=Session(device="cuda"))
        said.append(net.predict_proba(speech(net)))
    assert np.array_equal(*said)
