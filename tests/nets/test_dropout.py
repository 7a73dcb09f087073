from __future__ import annotations

import pytest
import torch
from torch import nn

from serbench.nets.dropout import ChannelDropout, Dropout
from serbench.nets.step import Step, current, key_of, seed_of, under_way

CPU = torch.device("cpu")


def step(seed=0, number=0):
    return Step(key_of(seed_of(seed, CPU), number))


def dropped(layer, x, **which):
    with under_way(step(**which)):
        return layer(x)


def test_a_step_lasts_as_long_as_its_context():
    outer, inner = step(number=1), step(number=2)
    with under_way(outer):
        with under_way(inner):
            assert current() is inner
        assert current() is outer
    with pytest.raises(ZeroDivisionError), under_way(step()):
        1 / 0  # noqa: B018
    assert current() is None


@pytest.mark.parametrize(
    ("layer", "torchs"),
    [(Dropout(0.4), nn.Dropout(0.4)), (ChannelDropout(0.4), nn.Dropout1d(0.4))],
)
def test_outside_of_a_step_and_in_evaluation_it_is_torchs(layer, torchs):
    x = torch.randn(6, 5, 7)
    torch.manual_seed(0)
    said = layer(x)
    torch.manual_seed(0)
    assert torch.equal(said, torchs(x))
    assert torch.equal(dropped(layer.eval(), x), x)
    assert torch.equal(dropped(type(layer)(0.0), x), x)


def test_what_stays_is_scaled_up():
    x = torch.randn(50, 40)
    said = dropped(Dropout(0.25), x)
    stays = said != 0
    assert torch.allclose(said[stays], x[stays] / 0.75)
    assert 0.7 < stays.double().mean() < 0.8


def test_masks_follow_from_seed_step_and_layer():
    x = torch.ones(8, 30)
    layer = Dropout(0.5)
    assert torch.equal(dropped(layer, x), dropped(layer, x))
    for other in ({"seed": 1}, {"number": 1}):
        assert not torch.equal(dropped(layer, x), dropped(layer, x, **other))
    with under_way(step()):
        assert not torch.equal(layer(x), layer(x))  # two places in one pass


def test_an_utterance_drops_the_same_whatever_stands_beside_it_or_after_its_end():
    x = torch.randn(8, 20, 5)
    whole = dropped(Dropout(0.3), x)
    assert torch.equal(dropped(Dropout(0.3), x[:3]), whole[:3])
    longer = dropped(Dropout(0.3), nn.functional.pad(x, (0, 0, 0, 9)))
    assert torch.equal(longer[:, :20], whole)


@pytest.mark.parametrize("axis", [1, 2])
def test_whole_channels_go(axis):
    x = torch.ones(60, 9, 11)
    other = 3 - axis
    for said in (dropped(ChannelDropout(0.4, axis), x), ChannelDropout(0.4, axis)(x)):
        assert torch.equal(said.amin(other), said.amax(other))
        assert 0.5 < (said != 0).double().mean() < 0.7
    pictures = dropped(ChannelDropout(0.4), torch.ones(60, 9, 4, 5))
    assert torch.equal(pictures.amin((2, 3)), pictures.amax((2, 3)))


def test_several_trainings_at_once_drop_what_each_drops_alone():
    x, keys = torch.randn(3, 6, 7, 4), torch.stack([step(seed=s).key for s in range(3)])

    def one(x, key):
        with under_way(Step(key, stacked=True)):
            return ChannelDropout(0.5, axis=2)(Dropout(0.3)(x))

    alone = torch.stack([one(*pair) for pair in zip(x, keys, strict=True)])
    assert torch.equal(torch.vmap(one)(x, keys), alone)
