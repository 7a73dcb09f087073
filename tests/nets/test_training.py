from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from torch import nn

from serbench.errors import ModelError, TrainingDiverged, UsageError
from serbench.labels import Classes, Scale
from serbench.nets.training import train
from serbench.session import Session

CPU = Session(device="cpu")


def _session(**settings):
    return Session(device="cpu", **settings)


def test_it_learns_what_can_be_learnt(speech, tiny):
    net = tiny(epochs=25)
    stages = train(net, speech(90, spread=0.3), seed=0, session=CPU)
    test = speech(60, seed=9, spread=0.3)
    assert (net.predict_proba(test).argmax(1) == test.y).mean() > 0.95
    assert [stage.epoch for stage in stages] == list(range(1, 26))
    assert stages[-1].loss < 0.5 < stages[0].loss
    assert stages[-1].accuracy > 0.9


def test_probabilities_are_in_the_order_of_the_test_set(speech, tiny):
    net, test = tiny(epochs=2).fit(speech(30), seed=0), speech(23, seed=2)
    whole = net.predict_proba(test)
    assert whole.shape == (23, 3)
    assert whole.dtype == np.float32
    assert np.allclose(whole.sum(1), 1, atol=1e-6)
    for i in range(23):
        alone = net.predict_proba(test.subset([i]))[0]
        assert np.allclose(alone, whole[i], atol=1e-5)
    assert net.predict_proba(test.subset([])).shape == (0, 3)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("channel", "left"),
        ("channel", ["mean"]),
        ("epochs", math.nan),
        ("batch", math.inf),
        ("learning_rate", math.nan),
    ],
)
def test_what_no_training_could_be_made_of_is_refused(tiny, name, wrong):
    net = tiny()
    setattr(net, name, wrong)
    with pytest.raises(UsageError, match=f"{name}="):
        net.check_settings()


@pytest.mark.parametrize("channel", ["first", "mean"])
def test_a_channel_is_the_first_or_the_mean(tiny, channel):
    net = tiny()
    net.check_settings()
    net.channel = channel
    net.check_settings()


def test_one_seed_one_result_and_two_seeds_two(speech, tiny):
    data, test = speech(30), speech(20, seed=1)
    a, b, c = (tiny(epochs=2).fit(data, seed=s).predict_proba(test) for s in (4, 4, 5))
    assert np.array_equal(a, b)
    assert not np.allclose(a, c)


def test_probing_changes_nothing(speech, tiny):
    data, probes = speech(30), {"near": speech(20, seed=1), "far": speech(11, seed=2)}
    watched, alone = tiny(), tiny()
    stages = train(watched, data, seed=0, session=_session(probes=probes))
    unprobed = train(alone, data, seed=0, session=CPU)
    for (name, ours), theirs in zip(
        watched.module_.state_dict().items(), alone.module_.state_dict().values(), strict=True
    ):
        assert torch.equal(ours, theirs), name
    assert np.array_equal(watched.predict_proba(probes["far"]), alone.predict_proba(probes["far"]))
    assert [s.loss for s in stages] == [s.loss for s in unprobed]
    assert all(not stage.probabilities for stage in unprobed)


def test_even_a_net_that_draws_random_numbers_to_predict_trains_on_undisturbed(speech, tiny):
    class Restless(nn.Module):
        def __init__(self, module):
            super().__init__()
            self.module = module

        def forward(self, inputs):
            return self.module(inputs) + 0.01 * torch.rand(1)

    class Net(tiny):
        def build(self, task):
            return Restless(super().build(task))

    data, test = speech(30), speech(20, seed=1)
    watched, alone = Net(), Net()
    train(watched, data, seed=0, session=_session(probes={"test": test}))
    train(alone, data, seed=0, session=CPU)
    assert np.array_equal(watched.predict_proba(test), alone.predict_proba(test))


def test_a_stage_holds_what_the_net_said_then(speech, tiny):
    data, test = speech(30), speech(20, seed=1)
    net = tiny(epochs=4)
    stages = train(net, data, seed=0, session=_session(probes={"test": test}))
    shorter = tiny(epochs=3).fit(data, seed=0)
    for stage, then in ((stages[3], net), (stages[2], shorter)):
        said = stage.probabilities["test"]
        assert said.dtype == np.float16
        assert np.array_equal(said, then.predict_proba(test).astype(np.float16))


def test_keep_last_is_one_stage_and_no_probing(speech, tiny):
    class Counting(tiny):
        asked = 0

        def arrays(self, data, i):
            type(self).asked += 1
            return super().arrays(data, i)

    session = _session(keep="last", probes={"test": speech(20, seed=1)})
    stages = train(Counting(), speech(30), seed=0, session=session)
    assert [(stage.epoch, dict(stage.probabilities)) for stage in stages] == [(6, {})]
    assert Counting.asked == 30


def test_parts_that_a_net_froze_stay_frozen(speech, tiny):
    class Frozen(tiny):
        def build(self, task):
            module = super().build(task)
            module.norm.eval()
            return module

    net = Frozen()
    train(net, speech(30), seed=0, session=_session(probes={"test": speech(9, seed=1)}))
    assert net.module_.norm.num_batches_tracked == 0


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_nan_stops_the_training_and_names_the_epoch(precision, speech, tiny):
    class Diverging(tiny):
        def schedule(self, epoch):
            self.now = epoch
            return 1.0

        def loss(self, logits, y):
            return super().loss(logits, y) * (float("nan") if self.now == 3 else 1.0)

    net = Diverging()
    with pytest.raises(TrainingDiverged, match="epoch 3 of 6") as error:
        train(net, speech(30), seed=0, session=_session(precision=precision))
    assert "learning_rate below 0.02" in error.value.advice
    assert ("float32" in error.value.advice) == (precision == "bfloat16")
    assert not hasattr(net, "module_")


def test_a_weight_that_overflows_stops_the_training(speech, tiny):
    with pytest.raises(TrainingDiverged, match="holds NaN or infinity in epoch 1"):
        train(tiny(optimiser="sgd", learning_rate=1e38), speech(30), seed=0, session=CPU)


def test_the_process_is_left_as_it_was(speech, tiny):
    torch.manual_seed(11)
    np.random.seed(11)  # noqa: NPY002
    random.seed(11)

    def state():
        return (
            torch.get_rng_state().tolist(),
            np.random.get_state()[1].tolist(),  # noqa: NPY002
            random.getstate(),
            torch.get_deterministic_debug_mode(),
            torch.utils.deterministic.fill_uninitialized_memory,
            torch.backends.cudnn.deterministic,
            torch.backends.cudnn.benchmark,
            torch.backends.cudnn.rnn.fp32_precision,
            torch.backends.cuda.matmul.fp32_precision,
            torch.is_grad_enabled(),
        )

    before = state()
    net, data = tiny(epochs=1), speech(30)
    labels = data.y.copy()
    train(net, data, seed=0, session=_session(probes={"test": speech(9, seed=1)}))
    net.predict_proba(data)
    with pytest.raises(TrainingDiverged):
        train(tiny(optimiser="sgd", learning_rate=1e38), data, seed=0, session=CPU)
    assert state() == before
    assert np.array_equal(data.y, labels)


def test_neither_training_nor_prediction_hears_the_global_generators(speech, tiny):
    data, test = speech(30), speech(20, seed=1)
    said = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        net = tiny(epochs=2).fit(data, seed=0)
        torch.manual_seed(seed + 100)
        said.append(net.predict_proba(test))
    assert np.array_equal(*said)


def test_the_schedule_scales_the_learning_rate(speech, tiny):
    class Still(tiny):
        def schedule(self, epoch):
            return 0.0 if epoch > 1 else 1.0

    still, once = (
        net.fit(speech(30), seed=0)
        for net in (Still(optimiser="sgd"), tiny(optimiser="sgd", epochs=1))
    )
    for ours, theirs in zip(still.module_.parameters(), once.module_.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_loss_and_accuracy_are_means_over_the_utterances(speech, tiny):
    class Fixed(tiny):
        def build(self, task):
            module = super().build(task)
            module.norm.eval()
            module.dropout.p = 0.0
            return module

        def schedule(self, epoch):
            return 0.0

    data = speech(30)  # batches of 8, 8, 8 and 6
    net = Fixed(optimiser="sgd", epochs=1)
    (stage,) = train(net, data, seed=0, session=CPU)
    said = net.predict_proba(data)
    assert stage.loss == pytest.approx(-np.log(said[np.arange(30), data.y]).mean(), rel=1e-5)
    assert stage.accuracy == (said.argmax(1) == data.y).mean()


@pytest.mark.parametrize("optimiser", ["adam", "adamw", "rmsprop", "sgd"])
def test_the_optimiser_is_named(optimiser, speech, tiny):
    train(tiny(optimiser=optimiser, epochs=1), speech(30), seed=0, session=CPU)


def test_what_cannot_be_trained_is_refused(speech, tiny):
    with pytest.raises(UsageError, match="adamant") as error:
        tiny(optimiser="adamant").fit(speech(30), seed=0)
    assert "adam, adamw" in error.value.expected
    with pytest.raises(UsageError, match="epochs=0"):
        tiny(epochs=0).fit(speech(30), seed=0)
    with pytest.raises(UsageError, match="batch=0"):
        tiny(batch=0).fit(speech(30), seed=0)
    for rate in (0.0, -1e-3, float("inf"), float("nan")):
        with pytest.raises(UsageError, match=f"learning_rate={rate}"):
            tiny(learning_rate=rate).fit(speech(30), seed=0)
    with pytest.raises(ModelError, match="1 utterances"):
        tiny().fit(speech(1), seed=0)
    with pytest.raises(ModelError, match="not trained"):
        tiny().predict_proba(speech(3))


def test_settings_are_looked_at_without_a_training(tiny):
    """So that a command line is refused before a corpus is read."""
    from serbench.model import build

    for wrong in ({"optimiser": "adamant"}, {"epochs": 0}, {"learning_rate": -1.0}):
        with pytest.raises(UsageError, match=next(iter(wrong))):
            build(tiny, wrong)
    assert isinstance(build(tiny, {"learning_rate": 0.1}), tiny)


def test_bfloat16_trains_and_predicts_in_float32(speech, tiny):
    data, test = speech(30), speech(20, seed=1)
    low, high = tiny(epochs=3), tiny(epochs=3)
    train(low, data, seed=0, session=_session(precision="bfloat16"))
    train(high, data, seed=0, session=_session(precision="auto"))
    assert all(weight.dtype == torch.float32 for weight in low.module_.parameters())
    assert not np.array_equal(low.predict_proba(test), high.predict_proba(test))
    assert np.allclose(low.predict_proba(test), high.predict_proba(test), atol=0.1)


def test_parameters_are_counted_and_not_allocated(tiny):
    class Large(tiny):
        def build(self, task):
            return nn.Linear(10**6, 10**6)

    assert Large().parameters_for(Classes(("a", "b"))) == 10**12 + 10**6
    # BiLSTM 2 x 4 x 6 x (5 + 6 + 2), BatchNorm 2 x 12, head 13 x 3
    assert tiny().parameters_for(Classes(("a", "b", "c"))) == 624 + 24 + 39
    assert tiny().parameters_for(Scale(-3, 3)) == 624 + 24 + 13


def test_settings_are_the_constructors(tiny):
    assert tiny(epochs=9).settings == {
        "epochs": 9,
        "batch": 8,
        "learning_rate": 0.02,
        "optimiser": "adam",
    }


def test_what_is_trained_never_reads_a_test_set(tiny, speech):
    class Curious(tiny):
        def arrays(self, data, i):
            self.seen = [*getattr(self, "seen", []), len(data)]
            return super().arrays(data, i)

        def build(self, task):
            assert set(self.seen) == {24}
            return super().build(task)

    net = Curious(epochs=1)
    train(net, speech(24), seed=0, session=Session(probes={"test": speech(9, seed=1)}))
    assert set(net.seen) == {24}


def test_what_other_code_began_is_not_gone_on_with(tiny, speech, tmp_path):
    def epochs(code):
        seen = []
        session = Session(
            checkpoint=tmp_path / "c",
            checkpoint_seconds=0,
            code=code,
            progress=lambda done, total, note: seen.append((done, note)),
        )
        train(tiny(epochs=3), speech(16), seed=0, session=session)
        return [done for done, note in seen if note == "goes on from a checkpoint"]

    assert epochs("one") == []
    assert epochs("one") == [2]
    assert epochs("other") == []


def test_a_stage_holds_what_float16_can(tiny, speech):
    class Far(tiny):
        def read(self, logits):
            return super().read(logits) * 1e6

    (stage,) = train(Far(epochs=1), speech(16), seed=0, session=Session(probes={"test": speech(4)}))
    assert np.isfinite(stage.probabilities["test"]).all()


def test_a_module_that_asks_for_values_is_counted_too(tiny):
    class Paths(tiny):
        def build(self, task):
            assert [share.item() for share in torch.linspace(0, 0.1, 3)]
            return super().build(task)

    assert Paths().parameters_for(Scale(-3, 3)) == tiny().parameters_for(Scale(-3, 3))
