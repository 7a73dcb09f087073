"""Settings that change layers, losses and optimisers: trained beside others as alone.

Of the defaults, the contract tests show it for every registered net (tests/test_contracts.py).
"""

from __future__ import annotations

import pytest

from serbench.model import defaults
from serbench.registry import load
from serbench.testing.stacking import check_stacking

SMALL = {
    "blocks": 2,
    "channels": 4,
    "filters": 8,
    "frames": 20,
    "hidden": 6,
    "hop_ms": 40.0,
    "length": 11025,
    "seconds": 0.25,
    "tokens": 4,
}
QUICK = [
    ("bilstm-logmel", {"query": "final", "merge": "sum", "dropout_at": "pooled"}),
    ("timnet", {"optimiser": "rmsprop", "blocks": 3}),
    ("lightsernet", {"gamma": 2.0, "optimiser": "sgd"}),
    ("swrr-no-text", {"padding": "masked", "direction": "bi", "classifier": "max"}),
]
SLOW = [
    ("dblmm", {"peephole": True, "dense": 6, "activation": "tanh"}),
    ("bilstm-lld", {"peephole": True, "defaults_of": "tensorflow", "query": "final"}),
    ("bilstm-lld", {"query": "learned", "pooling": "attention", "optimiser": "rmsprop"}),
    ("bilstm-logmel", {"pooling": "mean", "normalise": "none", "optimiser": "sgd"}),
    ("bilstm-logmel", {"dense": 6, "activation": "relu", "optimiser": "adamw"}),
    ("timnet", {"dropout": 0.0, "smoothing": 0.0, "optimiser": "sgd"}),
    ("timnet-no-fusion", {"optimiser": "adamw", "dropout": 0.5}),
    ("gmtcnet", {"optimiser": "rmsprop"}),
    ("lightsernet", {"l2": 0.1, "dropout": 0.0}),
    ("sdcaff", {"paper": True, "weight_decay": 0.1}),
    ("sdcaff", {"gender": False, "dynamic": "delta", "optimiser": "adamw", "weight_decay": 0.1}),
    ("sdcaff-lstm", {"bidirectional": True, "optimiser": "sgd", "learning_rate": 1e-3}),
    ("sdcaff-concat", {"centre_weight": 0.0, "silence": "released"}),
    ("sdcaff-cnn", {"optimiser": "rmsprop", "emotion_share": 0.5}),
    ("swrr", {"padding": "masked", "heads": 2, "attention_dims": 4, "reuse": "local"}),
    ("swrr", {"padding": "masked", "classifier": "linear", "optimiser": "sgd"}),
    ("swrr", {"direction": "bi", "layers": 2, "stride": 1, "reuse": "global"}),
    ("swrr-window-50", {"padding": "masked", "dropout": 0.3}),
    ("swrr-full-size", {"padding": "masked", "optimiser": "adamw", "weight_decay": 0.1}),
    ("swrr-no-audio", {"classifier": "max", "layers": 1, "reuse": "none", "dropout": 0.3}),
    ("encoder-probe", {"pooling": "attention", "head": "mlp", "hidden": 6, "dropout": 0.2}),
    ("encoder-probe", {"layers": "learned", "dropout": 0.2, "optimiser": "sgd"}),
    ("encoder-probe", {"layers": "1", "normalise": "none", "optimiser": "rmsprop"}),
]


def check(name, own, encoders=None):
    factory = load("models", name)
    having = set(defaults(factory))
    small = {key: value for key, value in (SMALL | (encoders or {})).items() if key in having}
    if name == "encoder-probe" and own.get("head") != "mlp":
        small.pop("hidden")
    check_stacking(factory, small | own)


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    pytest.importorskip("transformers")
    from serbench.testing.encoders import tiny_audio_encoder, tiny_text_encoder

    folder = tmp_path_factory.mktemp("encoders")
    audio = str(tiny_audio_encoder(folder / "audio"))
    text = str(tiny_text_encoder(folder / "text"))
    return {"encoder": audio, "audio_encoder": audio, "text_encoder": text}


def named(case):
    return case if isinstance(case, str) else "-".join(map(str, case.values()))


@pytest.mark.parametrize(("name", "own"), QUICK, ids=named)
def test_it_ends_beside_others_where_it_ends_alone(name, own, request):
    wants = name.startswith(("swrr", "encoder"))
    check(name, own, request.getfixturevalue("encoders") if wants else None)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "own"), SLOW, ids=named)
def test_so_it_does_with_many_settings(name, own, encoders):
    check(name, own, encoders)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dann", "caam"])
def test_nets_that_adapt_are_trained_one_by_one(name):
    from serbench.labels import Classes
    from serbench.nets.stackable import why_not

    net = load("models", name)()
    assert "adapts" in why_not(net, net.build(Classes(("a", "b")))) or not net.stackable
