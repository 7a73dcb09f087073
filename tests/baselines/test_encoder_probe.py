from __future__ import annotations

import numpy as np
import pytest
import torch

from serbench.canonical import digest
from serbench.choice import ModelChoice
from serbench.data import LabelledUtterances
from serbench.errors import EncoderError, UsageError
from serbench.labels import Classes
from serbench.model import build, settings
from serbench.nets.encoders import EncoderFrames, EncoderLayers, located
from serbench.nets.padded import Padded
from serbench.testing.models import check_model
from serbench_baselines.encoder_probe import EncoderProbe

pytest.importorskip("transformers")
from serbench.testing.encoders import HIDDEN, LAYERS, tiny_audio_encoder, tiny_text_encoder

STATES = LAYERS + 1
LEARNED = {"layers": "learned"}
ATTENTION = {"pooling": "attention"}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return str(tiny_audio_encoder(tmp_path_factory.mktemp("encoder") / "wavlm"))


def classes(count):
    return Classes(tuple(f"class {i}" for i in range(count)))


class States:
    """Hidden states of noise; of the last layer alone, some dimensions rise with the class."""

    def feature(self, row, recipe):
        rng = np.random.default_rng(row)
        last = isinstance(recipe, EncoderFrames)
        states = rng.standard_normal((5 + row % 4 if last else STATES, HIDDEN)).astype(np.float32)
        states[slice(None) if last else -1, :4] += row % 3
        return states


def speech(n=48):
    rows = np.arange(n)
    return LabelledUtterances(classes(3), States(), rows, y=rows % 3, speakers=rows % 2)


@pytest.mark.parametrize(
    ("chosen", "parameters"),
    [
        ({}, 768 * 7 + 7),
        ({"layers": "6", "dropout": 0.2}, 768 * 7 + 7),
        (ATTENTION, 768 + 1 + 768 * 7 + 7),
        ({"head": "mlp"}, 768 * 256 + 256 + 256 * 7 + 7),
        ({"head": "mlp", "hidden": 64, **ATTENTION}, 769 + 768 * 64 + 64 + 64 * 7 + 7),
        ({"encoder": "microsoft/wavlm-large"}, 1024 * 7 + 7),
    ],
)
def test_parameters_are_known_without_the_encoder(chosen, parameters):
    assert EncoderProbe(**chosen).parameters_for(classes(7)) == parameters


def test_weights_of_layers_take_the_encoder(tiny):
    net = EncoderProbe(encoder=tiny, **LEARNED)
    assert net.parameters_for(classes(7)) == STATES + HIDDEN * 7 + 7


@pytest.mark.parametrize(
    ("layers", "place"), [("last", 2), ("0", 0), ("1", 1), ("2", 2), ("-2", 1), (-1, 2)]
)
def test_one_layer_is_read(tiny, layers, place):
    data = speech()
    mean = EncoderProbe(encoder=tiny, layers=layers)
    assert mean.recipes == (EncoderLayers.of(tiny),)
    (read,) = mean.arrays(data, 1).values()
    assert np.array_equal(read, data.feature(1, mean.recipes[0])[place])
    frames = EncoderProbe(encoder=tiny, layers=layers, **ATTENTION)
    assert frames.recipes == (EncoderFrames.of(tiny, layer=place),)
    (read,) = frames.arrays(data, 1).values()
    assert read.shape == (6, HIDDEN)


def test_every_layer_is_read(tiny):
    net, data = EncoderProbe(encoder=tiny, channel="first", **LEARNED), speech()
    assert net.recipes == (EncoderLayers.of(tiny, channel="first"),)
    (read,) = net.arrays(data, 1).values()
    assert np.array_equal(read, data.feature(1, net.recipes[0]).reshape(-1))


def test_attention_is_superbs(tiny):
    net = EncoderProbe(encoder=tiny, normalise="none", **ATTENTION)
    built = net.build(classes(4)).eval()
    values = torch.randn(2, 5, HIDDEN, generator=torch.Generator().manual_seed(0))
    said = built({"encoder-frames": Padded.of(values, torch.tensor([5, 3]))})
    score = built.pooling.score
    for row, frames in ((0, 5), (1, 3)):
        x = values[row, :frames]
        share = (x @ score.weight[0] + score.bias).exp()
        wanted = (share[:, None] * x).sum(0) / share.sum()
        assert torch.allclose(said["representation"][row], wanted, atol=1e-6)


def test_layers_are_weighed_by_a_softmax(tiny):
    net = EncoderProbe(encoder=tiny, normalise="none", **LEARNED)
    built = net.build(classes(4)).eval()
    states = torch.randn(3, STATES, HIDDEN, generator=torch.Generator().manual_seed(0))
    given = {"encoder-layers": Padded.of(states.flatten(1)[:, None], torch.ones(3, dtype=int))}
    assert torch.allclose(built(given)["representation"], states.mean(1), atol=1e-6)
    with torch.no_grad():
        built.pooling.scores.copy_(torch.tensor([0.0, 1.0, -2.0]))
    share = torch.tensor([0.0, 1.0, -2.0]).exp()
    wanted = torch.einsum("l,bld->bd", share / share.sum(), states)
    assert torch.allclose(built(given)["representation"], wanted, atol=1e-6)


@pytest.mark.parametrize("head", ["linear", "mlp"])
def test_the_head_is_linear_or_has_one_hidden_layer(tiny, head):
    width = {"hidden": 5} if head == "mlp" else {}
    net = EncoderProbe(encoder=tiny, head=head, normalise="none", **width)
    built = net.build(classes(4))
    x = torch.randn(3, HIDDEN, generator=torch.Generator().manual_seed(0))
    given = {"encoder-layers": Padded.of(x[:, None], torch.ones(3, dtype=int))}
    said = built.eval()(given)
    if head == "mlp":
        x = (x @ built.deep[0].weight.T + built.deep[0].bias).clamp(min=0)
    assert torch.allclose(said["representation"], x)
    assert torch.allclose(said["logits"], x @ built.head.weight.T + built.head.bias, atol=1e-6)


@pytest.mark.parametrize("chosen", [{}, LEARNED, ATTENTION])
def test_the_training_set_scales_each_layer_for_itself(tiny, chosen):
    net, data = EncoderProbe(encoder=tiny, epochs=1, **chosen), speech()
    net.fit(data, seed=0)
    (recipe,) = net.recipes
    states = [data.feature(i, recipe) for i in range(len(data))]
    if chosen == ATTENTION:
        states = np.concatenate(states)
    elif chosen == LEARNED:
        states = np.stack(states).reshape(len(data), -1)
    else:
        states = np.stack(states)[:, -1]
    assert net.module_.scale.mean.numpy() == pytest.approx(states.mean(0), abs=1e-5)
    assert net.module_.scale.deviation.numpy() == pytest.approx(states.std(0), abs=1e-5)


@pytest.mark.parametrize(
    "chosen", [{}, LEARNED, ATTENTION, {"head": "mlp", "normalise": "none", "dropout": 0.1}]
)
def test_it_learns(tiny, chosen):
    net = EncoderProbe(encoder=tiny, epochs=60, batch=24, learning_rate=2e-2, **chosen)
    net.fit(speech(), seed=0)
    assert (net.predict_proba(speech()).argmax(1) == speech().y).mean() > 0.9
    if chosen == LEARNED:  # the last layer alone tells
        assert net.module_.pooling.scores.argmax() == LAYERS


def test_training_is_what_the_settings_say():
    net = EncoderProbe()
    adam = net.optimiser_of(net.build(classes(7)).parameters())
    assert type(adam) is torch.optim.Adam
    assert (adam.param_groups[0]["lr"], net.batch, net.epochs) == (1e-3, 32, 50)
    assert net.schedule(50) == 1.0
    assert EncoderProbe(dropout=0.4).build(classes(7)).dropout.p == 0.4


def test_a_trial_names_the_encoder_by_its_files(tiny, tmp_path):
    chosen = {"encoder": tiny, "revision": "", "layers": "last"}
    stand = EncoderProbe.identify(settings(EncoderProbe, chosen))
    assert stand["encoder"] == f"wavlm:{located(tiny).weights[:16]}"
    for layers in ("2", "-1", -1, 2):
        assert EncoderProbe.identify(settings(EncoderProbe, {**chosen, "layers": layers})) == stand
    learned = EncoderProbe.identify(settings(EncoderProbe, {**chosen, "layers": "learned"}))
    assert learned == {**stand, "layers": "learned"}
    other = str(tiny_audio_encoder(tmp_path / "other", seed=1))
    assert EncoderProbe.identify(settings(EncoderProbe, {"encoder": other})) != stand


def test_the_command_line_chooses_layers_and_corpora(tiny):
    chosen = {"encoder": tiny, "layers": "1", "pretrained_on": '["LibriSpeech"]'}
    choice = ModelChoice.of("encoder-probe", chosen)
    net = choice.factory()(**choice.settings)
    assert (net.layer, net.pretraining) == (1, ("LibriSpeech",))


@pytest.mark.parametrize(
    ("encoder", "declared", "known"),
    [
        ("microsoft/wavlm-base", (), ("LibriSpeech",)),
        ("microsoft/wavlm-base", ["IEMOCAP", "LibriSpeech"], ("LibriSpeech", "IEMOCAP")),
        ("someone/some-encoder", ["IEMOCAP"], ("IEMOCAP",)),
        ("someone/some-encoder", (), None),
    ],
)
def test_what_it_was_trained_on_is_known_or_declared(encoder, declared, known):
    assert EncoderProbe(encoder=encoder, pretrained_on=declared).pretraining == known


@pytest.mark.parametrize(
    "wrong",
    [
        {"pooling": "max"},
        {"head": "deep"},
        {"normalise": "minmax"},
        {"layers": "first"},
        {"layers": "1.5"},
        {"layers": 1.5},
        {"layers": [1]},
        {"hidden": 0},
        {"hidden": float("nan"), "head": "mlp"},
        {"hidden": 64, "head": "linear"},
        {"dropout": 1.0},
        {"dropout": float("nan")},
        {"pretrained_on": "IEMOCAP"},
        {"pretrained_on": [1]},
        {"pretrained_on": {"IEMOCAP": 1}},
    ],
)
def test_settings_out_of_range_are_refused_at_once(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        EncoderProbe(**wrong)


@pytest.mark.parametrize("said", ["0", "null", "1.5", '{"IEMOCAP": 1}'])
def test_the_command_line_takes_lists_of_corpora_alone(said):
    choice = ModelChoice.of("encoder-probe", {"pretrained_on": said})
    with pytest.raises(UsageError, match="pretrained_on=") as error:
        build(choice.factory(), choice.settings)
    assert "names of corpora" in error.value.expected


def test_what_it_was_trained_on_makes_no_other_trial(tiny):
    plain = ModelChoice.of("encoder-probe", {"encoder": tiny})
    declared = ModelChoice.of("encoder-probe", {"encoder": tiny, "pretrained_on": '["IEMOCAP"]'})
    assert digest(plain.identity()) == digest(declared.identity())
    other = ModelChoice.of("encoder-probe", {"encoder": tiny, "layers": "1"})
    assert digest(other.identity()) != digest(plain.identity())


def test_learned_layers_have_no_attention():
    with pytest.raises(UsageError, match="layers=learned and pooling=attention") as error:
        EncoderProbe(**LEARNED, **ATTENTION)
    assert "pooling=mean" in error.value.advice


@pytest.mark.parametrize("pooling", ["mean", "attention"])
def test_a_layer_that_is_not_there_is_refused(tiny, pooling):
    net = EncoderProbe(encoder=tiny, layers="3", pooling=pooling)
    with pytest.raises(EncoderError, match="layer 3 of a 'wavlm' with 2 layers"):
        net.arrays(speech(), 0)
    with pytest.raises(EncoderError, match="layer 3"):
        EncoderProbe.identify(net.settings)


def test_an_encoder_of_text_is_refused(tmp_path):
    with pytest.raises(EncoderError, match="'bert'"):
        _ = EncoderProbe(encoder=str(tiny_text_encoder(tmp_path / "bert"))).recipes


@pytest.mark.parametrize("chosen", [{}, {**LEARNED, "head": "mlp"}, ATTENTION])
def test_contract(tiny, chosen):
    width = {"hidden": 8} if chosen.get("head") == "mlp" else {}
    check_model(EncoderProbe, {"encoder": tiny, "epochs": 2, **width, **chosen})
