"""The layers of DBL-MM, against the paper's equations and in each of its readings."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from serbench.labels import Classes
from serbench.nets.padded import Padded
from serbench.nets.recurrent import BiLSTM, PeepholeBiLSTM
from serbench_baselines.dblmm import DBLMM, BiLSTMLld, BiLSTMLogMel

SEVEN = Classes(tuple("abcdefg"))
BIASES = ("bias_ih", "bias_hh")
MODELS = (DBLMM, BiLSTMLogMel, BiLSTMLld)


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


@pytest.mark.parametrize("factory", MODELS)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"peephole": True, "dense": 10, "activation": "tanh"},
        {"dense": 10, "merge": "sum"},
        {"query": "final", "peephole": True},
        {"query": "learned", "pooling": "attention"},
    ],
)
def test_an_utterance_alone_and_padded_among_others_is_the_same(factory, settings):
    net = factory(hidden=8, **settings)
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


def test_poolings_are_joined_or_added():
    nets = {merge: DBLMM(hidden=4, merge=merge) for merge in ("concat", "sum")}
    modules = {merge: _module(net) for merge, net in nets.items()}
    modules["sum"].branches.load_state_dict(modules["concat"].branches.state_dict())
    modules["sum"].poolings.load_state_dict(modules["concat"].poolings.state_dict())
    inputs = _inputs(nets["sum"])
    joined, added = (modules[merge](inputs)["representation"] for merge in ("concat", "sum"))
    assert (joined.shape, added.shape) == ((3, 32), (3, 16))
    assert torch.allclose(added, joined[:, :16] + joined[:, 16:], atol=1e-5)


def test_a_dense_layer_may_bend():
    net = DBLMM(hidden=4, dense=6, activation="relu")
    branch, x = _module(net).branches["logmel"], _inputs(net)["logmel"]
    steps = branch(x)
    assert torch.allclose(
        steps.values, x.holding(branch.dense(branch.lstm(branch.scale(x)).values).relu()).values
    )
    assert (steps.values == 0).any()
    assert steps.values.min() == 0


def test_attention_may_ask_by_the_final_states():
    net = DBLMM(hidden=4, query="final", pooling="attention")
    module, inputs = _module(net), _inputs(net)
    for i, n in enumerate((9, 1, 14)):
        steps, ends = [], []
        for name, branch in module.branches.items():
            o, (state, _) = branch.lstm.lstm(inputs[name].values[i : i + 1, :n])
            steps.append(o[0])
            ends += [state[0, 0], state[1, 0]]  # what torch calls the final hidden state
        o, end = torch.cat(steps, dim=1), torch.cat(ends)
        W = module.poolings["attention"].W.weight
        weights = torch.stack([end @ (step @ W) for step in o]).softmax(0)
        said = module(inputs)["representation"][i]
        assert torch.allclose(said, module.norm((weights @ o)[None])[0], atol=1e-5)


def test_attention_may_ask_by_a_learned_vector():
    net = DBLMM(hidden=4, query="learned", pooling="attention")
    module, inputs = _module(net), _inputs(net, lengths=(6,), frames=6)
    o = torch.cat([module.branches[name](inputs[name]).values for name in inputs], dim=2)[0]
    u = module.poolings["attention"].u.weight[0]
    pooled = (o @ u).softmax(0) @ o
    assert torch.allclose(module(inputs)["representation"], module.norm(pooled[None]), atol=1e-5)


def test_weights_may_start_as_tensorflows():
    module = _module(DBLMM(hidden=32, peephole=True, dense=16, defaults_of="tensorflow"))
    for name, branch in module.branches.items():
        dims = {"logmel": 64, "descriptors": 45}[name]
        limit = (6 / (dims + 32 + 4 * 32)) ** 0.5
        for key, weight in branch.lstm.lstm.named_parameters():
            if key.startswith("weight"):
                assert 0.95 * limit < weight.abs().max() <= limit
        for way in ("", "_reverse"):
            bias = sum(getattr(branch.lstm.lstm, f"{kind}_l0{way}") for kind in BIASES)
            assert torch.equal(bias, torch.tensor([0.0, 1.0, 0.0, 0.0]).repeat_interleave(32))
        assert 0.8 * (3 / 32) ** 0.5 < branch.lstm.peepholes.abs().max() <= (3 / 32) ** 0.5
        assert branch.dense.weight.abs().max() <= (6 / (64 + 16)) ** 0.5
        assert not branch.dense.bias.any()
    assert (module.norm.momentum, module.norm.eps) == (0.01, 1e-3)
    plain = _module(DBLMM(hidden=32))
    assert (plain.norm.momentum, plain.norm.eps) == (0.1, 1e-5)
    assert plain.branches["logmel"].lstm.lstm.bias_ih_l0.any()


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
    net = DBLMM(hidden=4, dropout_at=where, **({} if where == "none" else {"dropout": 0.5}))
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
