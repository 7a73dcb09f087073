from __future__ import annotations

import numpy as np
import pytest
import torch

from serbench.data import LabelledUtterances
from serbench.errors import TrainingDiverged, UsageError
from serbench.labels import Classes
from serbench.nets.padded import Padded
from serbench.nets.training import train
from serbench.registry import load
from serbench.session import Session
from serbench.testing import check_model
from serbench_baselines.sdcaff import SDCAFF, SELECTIONS, SDCAFFCnn, SDCAFFConcat, SDCAFFLstm

NAMES = ("sdcaff", "sdcaff-cnn", "sdcaff-concat", "sdcaff-lstm")
LARGE = (
    "sdcaff",
    "sdcaff-concat",
)  # whose contract, but for the settings here, is tests/test_contracts.py's
FOUR = Classes(("neutral", "sadness", "anger", "happiness"))
CENTRES = 4 * 4 + 2 * 2  # of emotions and genders: the loss's, not the network's


def inputs(values):
    return {"sdcaff-mfcc": Padded.of(values, torch.full((len(values),), values.shape[1]))}


def small(name, **chosen):
    make = load("models", name)
    hidden = {} if name == "sdcaff-cnn" else {"hidden": 8}
    return make(**({"seconds": 0.3} | hidden | chosen))


class Frames:
    """Thirteen frames of noise about a mean that the class sets, with a trend that gender sets."""

    def feature(self, row, recipe):
        rng = np.random.default_rng(row)
        noise = rng.standard_normal((recipe.frames, recipe.dims))
        trend = np.linspace(-2, 2, recipe.frames)[:, None] * (row // 3 % 2)
        return (noise + row % 3 + trend).astype(np.float32)


def speech(n=36):
    rows = np.arange(n)
    return LabelledUtterances(
        Classes(("a", "b", "c")),
        Frames(),
        rows,
        y=rows % 3,
        speakers=rows % 2,
        targets={"gender": rows // 3 % 2},
    )


@pytest.mark.parametrize(
    ("dynamic", "parameters"),
    [("mfcc", 4_704_238), ("mfcc+delta", 4_949_998), ("mfcc+delta+delta2", 5_195_758)],
)
def test_parameters_are_the_papers(dynamic, parameters):
    assert SDCAFF(dynamic=dynamic).parameters_for(FOUR) == parameters


def test_parameters_of_the_baselines():
    heads = 4 * (128 + 1) * 2 + 2 * (128 + 1) * 2
    convolutions, norms, activations = 187_024, 656, 39_874
    assert SDCAFFCnn().parameters_for(FOUR) == convolutions + norms + activations + heads
    lstm = 4 * 1024 * (180 + 1024 + 2)
    assert SDCAFFLstm().parameters_for(FOUR) == lstm + 1 + 12 * 1025
    attention = 8672 + 6432 + 4384 + 6624
    alike = SDCAFF(dynamic="mfcc+delta+delta2").parameters_for(FOUR)
    assert SDCAFFConcat().parameters_for(FOUR) == alike - attention


def test_the_paper_has_an_lstm_of_both_directions_and_deltas_over_time():
    assert SDCAFF(paper=True).reads.over == "time"
    assert SDCAFF().reads.over == "coefficients"
    one, both = SDCAFF().build(FOUR), SDCAFF(paper=True).build(FOUR)
    lstms = [module.body.dynamic.recurrence.lstm for module in (one, both)]
    assert [(lstm.hidden_size, lstm.bidirectional) for lstm in lstms] == [
        (1024, False),
        (512, True),
    ]


@pytest.mark.parametrize("chosen", [{"bidirectional": True}, {"paper": True}])
def test_the_lstm_alone_has_all_its_units_in_each_direction(chosen):
    x = torch.randn(2, 9, 180)
    net = small("sdcaff-lstm", **chosen)
    module = net.build(FOUR)
    lstm = module.body.recurrence.lstm
    assert (lstm.hidden_size, lstm.bidirectional) == (8, True)
    assert module(inputs(x))["representation"].shape == (2, 16)
    both = 2 * 4 * 1024 * (180 + 1024 + 2)
    assert SDCAFFLstm(**chosen).parameters_for(FOUR) == both + 1 + 12 * 2049
    assert SDCAFFLstm(hidden=5, **chosen).parameters_for(FOUR) > 0  # no half to be even


@pytest.mark.parametrize("make", [SDCAFF, SDCAFFConcat])
def test_an_odd_number_of_units_has_no_halves(make):
    with pytest.raises(UsageError, match="hidden=5"):
        make(hidden=5, bidirectional=True)
    assert make(hidden=5).hidden == 5


def test_what_is_given_counts_for_more_than_the_paper():
    net = SDCAFF(paper=True, bidirectional=False, delta_over="coefficients")
    assert net.reads == SDCAFF().reads
    assert net.parameters_for(FOUR) == SDCAFF().parameters_for(FOUR)
    assert SDCAFF(bidirectional=True, delta_over="time").reads.over == "time"
    assert SDCAFF(bidirectional=True).both_ways


@pytest.mark.parametrize("dynamic", SELECTIONS)
def test_the_static_branch_reads_mfcc_and_the_dynamic_one_what_is_selected(dynamic):
    net = small("sdcaff", dynamic=dynamic)
    module = net.build(FOUR)
    columns, heard = net.reads.columns, {}
    x = torch.randn(2, net.reads.frames, net.reads.dims)
    for name in ("static", "dynamic"):
        branch = getattr(module.body, name)
        branch.register_forward_pre_hook(lambda _, x, name=name: heard.update({name: x[0]}))
    module(inputs(x))
    assert columns[0] == "mfcc"
    assert torch.equal(heard["static"], x[:, :, :60])
    chosen = [x[:, :, 60 * columns.index(part) :][:, :, :60] for part in dynamic.split("+")]
    assert torch.equal(heard["dynamic"], torch.cat(chosen, 2))


def test_the_lstm_alone_reads_what_is_selected():
    assert SDCAFFLstm().reads.columns == ("mfcc", "delta", "delta2")
    assert SDCAFFLstm(dynamic="delta+delta2").reads.columns == ("delta", "delta2")
    assert SDCAFFCnn().reads.columns == ("mfcc",)
    assert SDCAFFConcat().reads.columns == ("mfcc", "delta", "delta2")


def test_heads_look_at_what_the_paper_pools():
    torch.manual_seed(0)
    x = torch.randn(3, 21, 120)
    module = small("sdcaff").build(FOUR).eval()
    said = module(inputs(x))
    static, dynamic = module.body.static(x[:, :, :60]), module.body.dynamic(x)
    weighed = module.body.attention(static, dynamic)
    pooled = torch.cat([part.mean(2) for part in weighed], 1)
    assert pooled.shape == (3, 192)
    assert torch.allclose(said["representation"], pooled, atol=1e-6)
    for name, head in (("logits", module.emotion), ("gender", module.gender)):
        assert torch.allclose(said[name], pooled @ head.logits.weight.T + head.logits.bias)
    place = pooled @ module.gender.place.weight.T + module.gender.place.bias
    distances = torch.cdist(place, module.gender.centres.points) ** 2
    assert torch.allclose(said["gender distances"], distances, atol=1e-5)


def test_concat_has_no_attention():
    torch.manual_seed(0)
    x = torch.randn(3, 21, 180)
    module = small("sdcaff-concat").build(FOUR).eval()
    wanted = [module.body.static(x[:, :, :60]).mean(2), module.body.dynamic(x).mean(2)]
    assert torch.allclose(module(inputs(x))["representation"], torch.cat(wanted, 1), atol=1e-6)
    assert module.body.attention is None


def test_cnn_and_lstm_are_one_branch_each():
    torch.manual_seed(0)
    x = torch.randn(3, 21, 180)
    cnn = small("sdcaff-cnn").build(FOUR).eval()
    means = cnn.body[0](x[:, :, :60]).mean(2)
    assert means.shape == (3, 128)
    assert torch.allclose(cnn(inputs(x[:, :, :60]))["representation"], means, atol=1e-6)
    lstm = small("sdcaff-lstm").build(FOUR).eval()
    last = lstm.body.recurrence(x)[:, -1]
    wanted = torch.where(last > 0, last, 0.25 * last)
    assert torch.allclose(lstm(inputs(x))["representation"], wanted)


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_emotion_and_gender(name):
    own = {"hidden": 32, "epochs": 20, "learning_rate": 1e-2} if name == "sdcaff-lstm" else {}
    chosen = {"epochs": 10, "batch": 12, "learning_rate": 1e-3, "decay_epochs": 0} | own
    net = small(name, **chosen)
    net.fit(speech(), seed=0)
    test = speech()
    assert (net.predict_proba(test).argmax(1) == test.y).mean() > 0.9
    assert (net.observe(test, "gender").argmax(1) == test.target("gender")).mean() > 0.9
    own = net.observe(test, "distances")[np.arange(len(test)), test.y].mean()
    assert own < net.observe(test, "distances").mean() / 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.slow] if n in LARGE else []) for n in NAMES],
)
def test_it_keeps_the_contract(name):
    chosen = {"seconds": 0.3, "epochs": 1, "batch": 24, "gender": name != "sdcaff-cnn"}
    check_model(load("models", name), chosen | ({} if name == "sdcaff-cnn" else {"hidden": 4}))


def test_it_trains_in_bfloat16_too():
    net = small("sdcaff", epochs=1, batch=24)
    (stage,) = train(net, speech(24), seed=0, session=Session(precision="bfloat16", device="cpu"))
    assert np.isfinite(stage.loss)


def test_a_loss_that_explodes_is_said_with_the_rate_that_it_had():
    net = small("sdcaff-cnn", epochs=1, batch=24, centre_weight=1e39)
    with pytest.raises(TrainingDiverged) as caught:
        net.fit(speech(24), seed=0)
    assert "below 0.0005" in str(caught.value)


@pytest.mark.parametrize("name", ["sdcaff", "sdcaff-cnn"])
def test_dropout_out_of_range_is_refused(name):
    with pytest.raises(UsageError, match="dropout"):
        small(name, dropout=1.0)


def test_one_utterance_is_no_batch_for_batchnorm():
    with pytest.raises(UsageError, match="batch=1"):
        SDCAFF(batch=1)
    assert SDCAFFLstm(batch=1).batch == 1
