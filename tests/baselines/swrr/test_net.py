from __future__ import annotations

import pytest
import torch
from torch import nn

from serbench.choice import ModelChoice
from serbench.errors import UsageError
from serbench.labels import Classes, Scale, Tags
from serbench.registry import load
from serbench_baselines.swrr import SWRR

FOUR = Classes(("angry", "happy", "neutral", "sad"))
SENTIMENT = Scale(-3.0, 3.0)


def columns(net, task):
    with torch.device("meta"):
        return net.build(task).classifier.head.weight.shape[0]


def test_inputs_and_settings_are_those_that_are_read():
    assert SWRR().inputs == {"audio", "text"}
    text, audio = load("models", "swrr-no-audio")(), load("models", "swrr-no-text")()
    assert text.inputs == {"text"}
    assert audio.inputs == {"audio"}
    own = {"window", "hop", "heads", "attention_dims"}
    sound = {"audio_encoder", "audio_encoder_revision", "audio_layer", "frames", "channel"}
    words = {"text_encoder", "text_encoder_revision", "text_layer", "tokens"}
    assert set(SWRR().settings) - set(text.settings) == own | sound
    assert set(SWRR().settings) - set(audio.settings) == own | words
    assert "swrr-no-text" in SWRR.instead["text"]


def test_the_papers_training():
    net = SWRR()
    group = net.optimiser_of([nn.Parameter(torch.zeros(1))]).param_groups[0]
    assert (group["lr"], group["betas"], group["weight_decay"]) == (5e-4, (0.9, 0.99), 0.0)
    assert (net.batch, net.epochs) == (32, 50)
    assert [net.schedule(epoch) for epoch in (1, 25, 26, 50)] == [1.0, 1.0, 0.1, 0.1]
    on_mosei = SWRR(**ModelChoice.of("swrr-linear", {}).on("cmu-mosei").settings)
    assert (on_mosei.learning_rate, on_mosei.epochs) == (1e-3, 20)
    assert [on_mosei.schedule(epoch) for epoch in (10, 11)] == [1.0, 0.1]
    sgd = SWRR(optimiser="sgd", weight_decay=0.01)
    assert sgd.optimiser_of([nn.Parameter(torch.zeros(1))]).param_groups[0]["weight_decay"] == 0.01


def test_the_loss_of_a_value_is_its_distance():
    net = SWRR()
    net.task_ = SENTIMENT
    logits = torch.tensor([[1.5], [-2.0]])
    assert net.loss({"logits": logits}, {"y": torch.tensor([1.0, 1.0])}).item() == 1.75
    assert torch.equal(net.read(logits), logits)
    assert columns(net, SENTIMENT) == 1


def test_the_loss_of_seven_classes_is_of_rounded_labels():
    net = SWRR(head="seven")
    net.task_ = SENTIMENT
    logits = torch.randn(6, 7, generator=torch.Generator().manual_seed(0))
    # Halves go to the even neighbour, as numpy rounds them; what lies outside, to the ends.
    y = torch.tensor([0.5, 1.5, -2.5, -0.33, 3.4, -7.0])
    rows, classes = range(6), [0 + 3, 2 + 3, -2 + 3, 0 + 3, 3 + 3, -3 + 3]
    wanted = -logits.log_softmax(1)[rows, classes].mean()
    assert net.loss({"logits": logits}, {"y": y}).item() == pytest.approx(wanted.item())
    assert torch.equal(net.read(10 * torch.eye(7)), torch.arange(-3.0, 4.0)[:, None])
    assert columns(net, SENTIMENT) == 7


def test_seven_classes_are_of_a_scale_alone():
    net = SWRR(head="seven")
    assert columns(net, FOUR) == 4
    assert columns(net, Tags(("a", "b"))) == 2
    with pytest.raises(UsageError, match="from 1 to 5"):
        net.build(Scale(1.0, 5.0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden": 0},
        {"layers": 0},
        {"layers": 1},
        {"channels": 0},
        {"kernel": 4},
        {"stride": 0},
        {"direction": "back"},
        {"padding": "left"},
        {"reuse": "all"},
        {"classifier": "sum"},
        {"head": "two"},
        {"dropout": 1.0},
        {"dropout": float("nan")},
        {"weight_decay": -0.1},
        {"weight_decay": float("nan")},
        {"weight_decay": float("inf")},
        {"heads": 0},
        {"heads": 5},
        {"attention_dims": -1},
        {"tokens": 0},
        {"frames": 0},
        {"window": -1},
        {"window": 5},
        {"hop": 0},
    ],
)
def test_settings_out_of_range_are_refused_at_once(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(UsageError, match=f"{name}={value}"):
        SWRR(**wrong)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"window": 0, "hop": 4}, "hop=4"),
        ({"window": 0, "hop": 0}, "hop=0"),
        ({"layers": 1, "reuse": "none", "classifier": "linear", "stride": 3}, "stride=3"),
    ],
)
def test_a_setting_without_effect_is_refused(settings, named):
    with pytest.raises(UsageError, match=named):
        SWRR(**settings)


def test_the_same_settings_pass_where_they_have_an_effect():
    assert SWRR(window=0).hop == 5
    assert SWRR(layers=1, reuse="none", stride=3).stride == 3
    assert SWRR(layers=1, reuse="none", classifier="linear").stride == 2
