from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from serbench.nets.padded import Padded
from serbench.nets.recurrent import BiLSTM, PeepholeBiLSTM

LENGTHS = [7, 1, 12, 12, 4]


def _packed(lstm: nn.LSTM, x: Padded) -> torch.Tensor:
    packed = pack_padded_sequence(x.values, x.lengths, batch_first=True, enforce_sorted=False)
    output, _ = lstm(packed)
    return pad_packed_sequence(output, batch_first=True, total_length=x.values.shape[1])[0]


def _made(kind: type[nn.Module], dims: int = 5, hidden: int = 6) -> nn.Module:
    torch.manual_seed(0)
    made = kind(dims, hidden)
    if isinstance(made, PeepholeBiLSTM):
        nn.init.normal_(made.peepholes)
    return made


def test_torchs_packed_sequence_gives_the_same(padded):
    net, x = _made(BiLSTM), padded(LENGTHS, 5)
    assert torch.allclose(net(x).values, _packed(net.lstm, x), atol=1e-6)


def test_the_way_of_cuda_and_the_way_of_the_cpu_are_one(padded):
    net, x = _made(BiLSTM), padded(LENGTHS, 5)
    ours = net._packed(x.values, x.lengths)
    assert torch.allclose(net(x).values, x.holding(ours).values, atol=1e-6)


def test_gradients_are_those_of_the_packed_sequence(padded):
    net, x = _made(BiLSTM), padded(LENGTHS, 5)
    weight = torch.randn(len(LENGTHS), max(LENGTHS), 12)
    gradients = []
    for output in (net(x).values, _packed(net.lstm, x)):
        net.zero_grad()
        (output * weight).sum().backward()
        gradients.append([parameter.grad.clone() for parameter in net.parameters()])
    assert len(gradients[0]) == 8
    for ours, theirs in zip(*gradients, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("kind", [BiLSTM, PeepholeBiLSTM])
def test_padding_changes_nothing(kind, padded):
    net = _made(kind)
    short, long = padded(LENGTHS, 5), padded(LENGTHS, 5, frames=30)
    # Even if it held something: nothing past an utterance's end is ever looked at.
    littered = Padded(torch.where(long.mask[:, :, None], long.values, 1e3), long.lengths, long.mask)
    out = net(short).values
    for other in (long, littered):
        assert torch.allclose(net(other).values[:, :12], out, atol=1e-6)
        assert not net(other).values[:, 12:].any()
    for i, n in enumerate(LENGTHS):
        alone = Padded.of(short.values[i : i + 1, :n], torch.tensor([n]))
        assert torch.allclose(net(alone).values[0], out[i, :n], atol=1e-6)
        assert not out[i, n:].any()


@pytest.mark.parametrize(("dims", "count"), [(64, 8_929_280), (45, 8_773_632)])
def test_parameters_are_counted_as_cudnn_does(dims, count):
    with torch.device("meta"):
        net = BiLSTM(dims, 1024)
    assert sum(weight.numel() for weight in net.parameters()) == count


def test_without_peepholes_the_plain_recurrence_is_torchs(padded):
    ours, theirs = _made(PeepholeBiLSTM), _made(BiLSTM)
    nn.init.zeros_(ours.peepholes)
    ours.lstm.load_state_dict(theirs.lstm.state_dict())
    x = padded(LENGTHS, 5)
    assert torch.allclose(ours(x).values, theirs(x).values, atol=1e-5)


def test_peepholes_follow_the_equations(padded):
    net, x = _made(PeepholeBiLSTM), padded([9], 5)
    out = net(x).values[0].detach()
    for direction, way in enumerate((range(9), range(8, -1, -1))):
        suffix = "_reverse" if direction else ""
        weights = {
            name.removesuffix(suffix): value.detach()
            for name, value in net.lstm.named_parameters()
            if name.endswith("_reverse") == bool(direction)
        }
        p_i, p_f, p_o = net.peepholes[direction].detach()
        h = c = torch.zeros(6)
        for t in way:
            drive = (
                weights["weight_ih_l0"] @ x.values[0, t]
                + weights["bias_ih_l0"]
                + weights["weight_hh_l0"] @ h
                + weights["bias_hh_l0"]
            )
            i, f, g, o = drive.split(6)  # torch's order of the gates
            i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
            c = f * c + i * torch.tanh(g)
            h = torch.sigmoid(o + p_o * c) * torch.tanh(c)
            assert torch.allclose(out[t, 6 * direction : 6 * direction + 6], h, atol=1e-5)


def test_autocast_leaves_the_recurrence_in_float32(padded):
    net, x = _made(BiLSTM), padded(LENGTHS, 5)
    exact = net(x).values
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = net(x).values
    assert mixed.dtype == torch.float32
    assert torch.equal(mixed, exact)


@pytest.mark.gpu
@pytest.mark.parametrize("kind", [BiLSTM, PeepholeBiLSTM])
def test_cuda_gives_what_the_cpu_gives(kind, padded):
    from serbench.nets.numerics import repeatable

    net, x = _made(kind), padded(LENGTHS, 5)
    out = net(x).values
    net.cuda()
    there = Padded(x.values.cuda(), x.lengths, x.mask.cuda())
    with repeatable(exact=True):
        assert torch.allclose(net(there).values.cpu(), out, atol=1e-5)
