from __future__ import annotations

import pytest
import torch
from torch import nn

from serbench.labels import Classes
from serbench.nets.padded import Padded
from serbench.registry import load
from serbench_baselines.swrr import SWRR

FOUR = Classes(("angry", "happy", "neutral", "sad"))
LSTM = 1_772_544
READERS = ["swrr", "swrr-full-size", "swrr-no-audio", "swrr-no-text"]
ALL = (
    *READERS,
    "swrr-window-50",
    "swrr-no-reuse",
    "swrr-uni-global",
    "swrr-uni-local",
    "swrr-linear",
)


@pytest.mark.parametrize(("direction", "count"), [("uni", LSTM), ("bi", 3_545_088)])
def test_the_lstm_is_shared_by_both_modalities(direction, count):
    with torch.device("meta"):
        module = SWRR(direction=direction).build(FOUR)
    lstms = [part for part in module.modules() if isinstance(part, nn.LSTM)]
    assert [sum(p.numel() for p in lstm.parameters()) for lstm in lstms] == [count]
    assert SWRR(direction=direction).dims == (384 if direction == "uni" else 768)


@pytest.mark.parametrize("padding", ["counted", "masked"])
@pytest.mark.parametrize("direction", ["uni", "bi"])
@pytest.mark.parametrize("name", READERS)
def test_the_forward_pass_utterance_by_utterance(name, direction, padding, make, batch, said_by):
    """Counted: of zeros up to the full length, with nothing masked. Masked: of real steps alone."""
    net = make(name, direction=direction, padding=padding)
    inputs = batch(net)
    said = said_by(net, inputs)
    torch.manual_seed(0)
    module = net.build(FOUR).eval()
    lstm = module.lstm.lstm
    for b in range(3):
        full = {}
        for key, x in inputs.items():
            steps, length = net.branches[key].steps, int(x.lengths[b])
            read = torch.zeros(1, steps if padding == "counted" else length, 16)
            read[:, :length] = x.values[b, :length]
            state = lstm(read)[0]
            values = torch.zeros(1, steps, net.dims)
            values[:, : state.shape[1]] = state
            full[key] = Padded.of(values, torch.tensor([state.shape[1]]))
        if module.fusion is not None:
            fused, weights = module.fusion(full["text"], full["audio"])
            assert torch.allclose(said["attention"][b], weights[0], atol=1e-5)
        else:
            (alone,) = full.values()
            values = nn.functional.layer_norm(alone.values, (net.dims,))
            fused = Padded.of(values, alone.lengths)
        wanted = module.classifier(fused)
        for key in ("logits", "representation"):
            assert torch.allclose(said[key][b], wanted[key][0], atol=1e-5)


def test_padding_is_counted_unless_it_is_asked_for_otherwise(make, batch, said_by):
    assert {load("models", name)().padding for name in ALL} == {"counted"}
    inputs = batch(make(), audio=(20, 9, 1), text=(4, 4, 2))
    said, masked = (said_by(make(padding=how), inputs)["logits"] for how in ("counted", "masked"))
    assert torch.allclose(said[0], masked[0], atol=1e-5)  # of full length
    assert not torch.allclose(said[2], masked[2], atol=1e-4)


@pytest.mark.parametrize("padding", ["counted", "masked"])
@pytest.mark.parametrize("name", READERS)
def test_what_is_said_does_not_hang_on_the_batch(name, padding, make, batch, said_by):
    net = make(name, padding=padding)
    inputs = batch(net, audio=(20, 9, 5), text=(4, 4, 2))
    said = said_by(net, inputs)
    for b in range(3):
        alone = {
            key: Padded.of(x.values[b : b + 1, : x.lengths[b]], x.lengths[b : b + 1])
            for key, x in inputs.items()
        }
        for key, values in said_by(net, alone).items():
            assert torch.allclose(values[0], said[key][b], atol=1e-5), key


def test_late_sound_is_heard_by_the_windows_of_padding_alone(make, batch, said_by):
    """Two tokens' windows reach 4 + 6 frames. What follows counts, unless padding is masked."""
    for padding, heard in (("counted", True), ("masked", False)):
        net = make(padding=padding)
        inputs = batch(net, audio=(20,), text=(2,))
        other = inputs["audio"].values.clone()
        other[:, 10:] += 1.0
        moved = {**inputs, "audio": inputs["audio"].keeping(other)}
        same = torch.equal(said_by(net, moved)["logits"], said_by(net, inputs)["logits"])
        assert same is not heard


def test_words_of_another_width_are_brought_to_the_sounds(make, encoders, batch):
    net = make()
    torch.manual_seed(0)
    narrow = type(net.build(FOUR))(net, {"audio": 16, "text": 7}, 4).eval()
    assert isinstance(narrow.enter["audio"], nn.Identity)
    assert narrow.enter["text"].weight.shape == (16, 7)
    inputs = {**batch(net), "text": batch(net, dims=7)["text"]}
    assert narrow(inputs)["logits"].shape == (3, 4)
    assert isinstance(net.build(FOUR).enter["text"], nn.Identity)


def test_dropout_is_of_the_lstms_outputs(make, batch):
    module = make(dropout=0.9).build(FOUR)
    inputs = batch(make())
    assert torch.equal(module.eval()(inputs)["logits"], module(inputs)["logits"])
    module.dropout.train()
    dropped = [module(inputs)["logits"] for _ in range(2)]
    assert not torch.equal(*dropped)


def test_the_whole_net_gets_a_gradient(make, batch):
    for name in ALL:
        net = make(name)
        torch.manual_seed(1)
        module = net.build(FOUR)
        module(batch(net))["logits"].square().sum().backward()
        for weight, tensor in module.named_parameters():
            assert tensor.grad is not None, (name, weight)
            assert tensor.grad.isfinite().all(), (name, weight)
            assert tensor.grad.any() or "excite" in weight, (name, weight)


def test_low_precision_gives_nearly_the_same(make, batch, said_by):
    net = make(reuse="none")
    plain = said_by(net, batch(net))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = said_by(net, batch(net))
    assert torch.allclose(rough["logits"].float(), plain["logits"], atol=0.05)
    assert torch.allclose(rough["attention"].sum(2), plain["attention"].sum(2), atol=1e-5)
