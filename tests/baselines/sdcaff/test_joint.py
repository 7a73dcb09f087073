from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from serbench.choice import ModelChoice
from serbench.errors import ModelError, UsageError
from serbench.labels import Classes, Scale, Tags
from serbench.model import build
from serbench.nets.padded import Padded
from serbench_baselines.sdcaff import SDCAFFLstm

TASK = Classes(("neutral", "sadness", "anger"))


def small(**chosen):
    """The cheapest of the nets that share all this."""
    net = SDCAFFLstm(hidden=4, **chosen)
    net.task_ = TASK
    return net


def outputs():
    return {
        "logits": torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        "distances": torch.tensor([[0.5, 9.0, 9.0], [9.0, 9.0, 1.5]]),
        "gender": torch.tensor([[0.0, 1.0], [0.0, 0.0]]),
        "gender distances": torch.tensor([[9.0, 4.0], [2.0, 9.0]]),
    }


ANSWERS = {"y": torch.tensor([0, 2]), "gender": torch.tensor([1, 0])}
# By hand: the mean of minus the logarithm of the softmax, and the mean squared distance.
EMOTION = (math.log(math.e**2 + 2) - 2 + math.log(math.e + 2)) / 2 + 0.15 * (0.5 + 1.5) / 2
GENDER = (math.log(1 + math.e) - 1 + math.log(2)) / 2 + 0.15 * (4 + 2) / 2


def test_the_loss_is_emotions_and_genders():
    loss = small().loss(outputs(), ANSWERS).item()
    assert loss == pytest.approx(0.7 * EMOTION + 0.3 * GENDER, rel=1e-6)


def test_shares_and_weights_are_settings():
    loss = small(emotion_share=0.4, centre_weight=0.0).loss(outputs(), ANSWERS).item()
    wanted = 0.4 * (EMOTION - 0.15) + 0.6 * (GENDER - 0.45)
    assert loss == pytest.approx(wanted, rel=1e-6)


def test_without_gender_the_loss_is_the_emotions():
    net = small(gender=False)
    assert net.loss(outputs(), {"y": ANSWERS["y"]}).item() == pytest.approx(EMOTION, rel=1e-6)
    assert net.targets == frozenset()
    said = net.build(TASK)({"sdcaff-mfcc": Padded.of(torch.randn(2, 9, 180), torch.tensor([9, 9]))})
    assert set(said) == {"logits", "distances", "representation"}


def test_gender_is_asked_for_and_can_be_done_without():
    assert small().targets == {"gender"}
    assert small().instead == {"gender": "--set gender=false"}


def test_the_rate_falls_after_eleven_epochs_and_after_ten_more():
    net = small()
    rates = [round(net.schedule(epoch), 9) for epoch in range(1, 31)]
    assert rates == [1.0] * 11 + [0.1] * 10 + [0.01] * 9
    assert [small(decay_epochs=2).schedule(epoch) for epoch in (3, 4)] == [1.0, pytest.approx(0.1)]
    assert small(decay_epochs=0).schedule(500) == 1.0


def backwards(net):
    torch.manual_seed(0)
    module = net.build(TASK)
    said = module({"sdcaff-mfcc": Padded.of(torch.randn(2, 9, 180), torch.tensor([9, 9]))})
    net.loss(said, ANSWERS).backward()
    return module, {name: w.grad.clone() for name, w in module.named_parameters()}


def test_the_gradient_of_the_emotions_centres_alone_is_scaled():
    net = small()
    module, before = backwards(net)
    assert before["emotion.centres.points"].any()
    net.adjust(module, 5e-4)
    for name, weight in module.named_parameters():
        scale = 0.1 / (0.15 * 5e-4) if name == "emotion.centres.points" else 1.0
        assert torch.allclose(weight.grad, scale * before[name], rtol=1e-6), name
    net.adjust(module, 5e-5)
    assert torch.allclose(
        module.emotion.centres.points.grad,
        0.1 / (0.15 * 5e-4) * 0.1 / (0.15 * 5e-5) * before["emotion.centres.points"],
    )


def test_without_a_centre_loss_nothing_is_scaled():
    net = small(centre_weight=0.0)
    module, before = backwards(net)
    net.adjust(module, 5e-4)
    assert torch.equal(module.emotion.centres.points.grad, before["emotion.centres.points"])
    assert not before["emotion.centres.points"].any()


def test_one_adam_trains_everything():
    module = small().build(TASK)
    adam = small().optimiser_of(module.parameters())
    (group,) = adam.param_groups
    assert type(adam) is torch.optim.Adam
    assert (group["lr"], group["weight_decay"]) == (5e-4, 1e-6)
    assert (group["betas"], group["eps"]) == ((0.9, 0.999), 1e-8)
    assert {id(w) for w in group["params"]} == {id(w) for w in module.parameters()}
    assert (small().batch, small().epochs) == (32, 30)


@pytest.mark.parametrize(
    ("chosen", "rate"),
    [
        ({"paper": True}, 5e-3),
        ({"paper": True, "learning_rate": 1e-3}, 1e-3),
        ({"paper": True, "learning_rate": 5e-4}, 5e-4),
        ({"learning_rate": 2e-4}, 2e-4),
    ],
)
def test_a_rate_that_is_given_counts_for_more_than_the_paper(chosen, rate):
    net = small(**chosen)
    optimiser = net.optimiser_of([nn.Parameter(torch.zeros(1))])
    assert optimiser.param_groups[0]["lr"] == net.first_rate == rate


def test_another_optimiser_has_the_rate_too():
    (group,) = small(optimiser="sgd").optimiser_of([nn.Parameter(torch.zeros(1))]).param_groups
    assert (group["lr"], group["weight_decay"]) == (5e-4, 1e-6)
    with pytest.raises(UsageError, match="lion"):
        small(optimiser="lion").optimiser_of([nn.Parameter(torch.zeros(1))])


def test_heads_start_as_linear_layers_of_their_own():
    torch.manual_seed(0)
    module = small().build(TASK)
    shapes = {name: tuple(w.shape) for name, w in module.named_parameters() if "body" not in name}
    assert shapes == {
        "emotion.logits.weight": (3, 4),
        "emotion.logits.bias": (3,),
        "emotion.place.weight": (3, 4),
        "emotion.place.bias": (3,),
        "emotion.centres.points": (3, 3),
        "gender.logits.weight": (2, 4),
        "gender.logits.bias": (2,),
        "gender.place.weight": (2, 4),
        "gender.place.bias": (2,),
        "gender.centres.points": (2, 2),
    }


@pytest.mark.parametrize("task", [Scale(-3, 3), Tags(("anger", "joy"))])
def test_what_has_no_classes_is_refused(task):
    with pytest.raises(ModelError, match="centres of classes"):
        small().build(task)


@pytest.mark.parametrize(
    "wrong",
    [
        {"learning_rate": 0.0},
        {"learning_rate": "fast"},
        {"learning_rate": True},
        {"learning_rate": math.nan},
        {"learning_rate": math.inf},
        {"emotion_share": 1.1},
        {"emotion_share": math.nan},
        {"emotion_share": 0.5, "gender": False},
        {"centre_weight": -0.1},
        {"centre_weight": math.nan},
        {"centre_rate": math.nan},
        {"centre_rate": math.inf},
        {"centre_rate": 0.5, "centre_weight": 0.0},
        {"weight_decay": math.inf},
        {"decay_epochs": math.nan},
        {"seconds": math.nan},
        {"centre_rate": -1.0},
        {"weight_decay": -1e-6},
        {"decay_epochs": -1},
        {"seconds": 0.1},
        {"silence": "golden"},
        {"dynamic": "energy"},
        {"delta_over": "speakers"},
        {"delta_over": [1]},
        {"delta_over": {"time": 1}},
        {"delta_over": "time", "dynamic": "mfcc"},
        {"bidirectional": "perhaps"},
        {"hidden": 0},
        {"hidden": math.nan},
    ],
)
def test_settings_out_of_range_are_refused_at_once(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        SDCAFFLstm(**wrong)


@pytest.mark.parametrize(
    "chosen",
    [
        {"emotion_share": 0.5},
        {"centre_rate": 0.5, "centre_weight": 0.1},
        {"gender": False, "centre_weight": 0.0},
        {"delta_over": "time", "dynamic": "delta2"},
        {"dynamic": "mfcc", "paper": True},
    ],
)
def test_settings_that_are_read_are_taken(chosen):
    net = small(**chosen)
    assert {name: getattr(net, name) for name in chosen} == chosen


def test_the_command_line_refuses_what_is_no_name():
    choice = ModelChoice.of("sdcaff", {"delta_over": "[1]"})
    with pytest.raises(UsageError) as error:
        build(choice.factory(), choice.settings)
    assert (error.value.found, error.value.expected) == (
        "delta_over=[1]",
        "time or coefficients",
    )
