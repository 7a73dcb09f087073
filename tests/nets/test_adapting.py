"""The training loop's promises, of nets that hear the sounds of the test side as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch

from serbench.access import Adapts, adapts, needed_access
from serbench.data import Utterances
from serbench.errors import ModelError
from serbench.nets.outputs import LOGITS, REPRESENTATION
from serbench.nets.training import train
from serbench.session import Session


def _session(target, **settings):
    return Session(device="cpu", target=target, **settings)


class Seen(torch.nn.Module):
    """The module that it holds, which also shows what its last layer looks at."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, inputs):
        part = self.module
        pooled = part.norm(part.pool(part.lstm(part.scale(inputs["noise"]))))
        return {LOGITS: part.head(part.dropout(pooled)), REPRESENTATION: pooled}


@pytest.fixture
def near(tiny):
    """A net that draws the means of both sides together, more and more."""

    @dataclass(kw_only=True, eq=False)
    class Near(tiny):
        adapts: ClassVar[bool] = True

        def build(self, task):
            return Seen(super().build(task))

        def adapted_loss(self, outputs, answers, target, progress):
            far = outputs[REPRESENTATION].mean(0) - target[REPRESENTATION].mean(0)
            return self.loss(outputs, answers) + progress * far.square().sum()

    return Near


@pytest.fixture
def sounds(speech):
    """``sounds(n, seed=1)``: utterances without labels."""

    def make(n, *, seed=1):
        data = speech(n, seed=seed)
        return Utterances(data.task, data._source, data._rows)

    return make


def _weights(net):
    return net.module_.state_dict()


def _equal(one, other):
    return all(
        torch.equal(a, b)
        for a, b in zip(_weights(one).values(), _weights(other).values(), strict=True)
    )


def test_one_seed_one_result_and_another_target_another(speech, sounds, near):
    data = speech(30)
    a, b, c, d = (
        near(epochs=2).fit_adapted(data, target, seed=seed)
        for target, seed in ((sounds(20), 4), (sounds(20), 4), (sounds(20), 5), (sounds(21), 4))
    )
    assert _equal(a, b)
    assert not _equal(a, c)
    assert not _equal(a, d)


def test_probing_changes_nothing(speech, sounds, near):
    data, probes = speech(30), {"near": speech(20, seed=1), "far": speech(11, seed=2)}
    watched, alone = near(), near()
    stages = train(watched, data, seed=0, session=_session(sounds(20), probes=probes))
    unprobed = train(alone, data, seed=0, session=_session(sounds(20)))
    assert _equal(watched, alone)
    assert [s.loss for s in stages] == [s.loss for s in unprobed]
    said = watched.predict_proba(probes["far"])
    assert np.array_equal(stages[-1].probabilities["far"], said.astype(np.float16))


class Killed(BaseException):
    """What a lost machine looks like from within."""


@pytest.mark.parametrize("size", [7, 20, 75])
@pytest.mark.parametrize("epoch", [1, 4])
def test_resumed_is_undisturbed(epoch, size, speech, sounds, near, tmp_path):
    """Targets of less than a batch, less than the training set, and more."""
    data, target = speech(30), sounds(size)
    undisturbed, resumed = near(), near()
    stages = train(undisturbed, data, seed=3, session=_session(target))
    settings = {"checkpoint": tmp_path / "checkpoint", "checkpoint_seconds": 0}

    def killed(done, total, note):
        if done == epoch:
            raise Killed

    with pytest.raises(Killed):
        train(near(), data, seed=3, session=_session(target, progress=killed, **settings))
    torch.rand(17)  # another process has other random numbers
    told = []
    session = _session(target, progress=lambda *what: told.append(what), **settings)
    again = train(resumed, data, seed=3, session=session)
    assert told[1] == (epoch, 6, "goes on from a checkpoint")
    assert [s.loss for s in again] == [s.loss for s in stages]
    assert _equal(resumed, undisturbed)


def test_another_targets_checkpoint_is_none(speech, sounds, near, tmp_path):
    def first(target):
        told = []
        session = _session(
            target,
            checkpoint=tmp_path / "c",
            checkpoint_seconds=0,
            progress=lambda *what: told.append(what),
        )
        train(near(epochs=3), speech(16), seed=0, session=session)
        return next(done for done, _, note in told if note.startswith("loss"))

    class Louder:
        """The same utterances, as long as before, each a little louder."""

        def __init__(self, source):
            self.source = source

        def feature(self, row, recipe):
            return self.source.feature(row, recipe) * np.float32(1.01)

    target = sounds(20)
    louder = Utterances(target.task, Louder(target._source), target._rows)
    assert [first(target), first(target), first(louder), first(sounds(21))] == [1, 3, 1, 1]


@pytest.mark.parametrize("size", [5, 8, 19, 100])
def test_every_step_hears_a_batch_and_all_are_heard_alike(size, speech, sounds, near):
    """Batches of 8 of 30 training utterances: four steps an epoch, 24 in all."""
    steps, progresses = [], []

    class Listening(near):
        def adapted_loss(self, outputs, answers, target, progress):
            steps.append((len(outputs[LOGITS]), len(target[LOGITS])))
            progresses.append(progress)
            return super().adapted_loss(outputs, answers, target, progress)

    Listening().fit_adapted(speech(30), sounds(size), seed=0)
    assert sorted(source for source, _ in steps) == sorted([8, 8, 8, 6] * 6)
    heard = [target for _, target in steps]
    assert max(heard) <= 8
    assert progresses == [i / 24 for i in range(24)]
    if size == 5:
        assert heard == [5] * 24
    if size == 19:  # 8, 8 and 3 in some order, eight times
        assert all(sum(heard[at : at + 3]) == 19 for at in range(0, 24, 3))


def test_what_is_set_before_a_step_holds_in_it(speech, sounds, near):
    told = []

    class Moving(near):
        def advance(self, module, progress):
            assert module.training
            module.progress = progress

        def adapted_loss(self, outputs, answers, target, progress):
            told.append(progress)
            return super().adapted_loss(outputs, answers, target, progress)

    net = Moving(epochs=2).fit_adapted(speech(30), sounds(9), seed=0)
    assert net.module_.progress == told[-1] == 7 / 8


def test_batchnorm_normalises_by_both_sides_at_once(speech, sounds, near):
    """At the first step its output is of mean 0 over all, and so not over either side."""
    means = []

    class Told(near):
        def adapted_loss(self, outputs, answers, target, progress):
            sides = outputs[REPRESENTATION].detach(), target[REPRESENTATION].detach()
            means.append([part.mean(0).abs().max().item() for part in (torch.cat(sides), *sides)])
            return super().adapted_loss(outputs, answers, target, progress)

    net = Told(epochs=2).fit_adapted(speech(30), sounds(9), seed=0)
    assert net.module_.module.norm.num_batches_tracked == 2 * 4
    both, source, target = means[0]
    assert both < 1e-5
    assert min(source, target) > 0.05


def test_an_output_that_is_not_of_each_utterance_is_refused(speech, sounds, near):
    class Summed(Seen):
        def forward(self, inputs):
            said = super().forward(inputs)
            return {**said, "penalty": said[LOGITS].square().mean()}

    class Fault(near):
        def build(self, task):
            return Summed(super().build(task).module)

    with pytest.raises(ModelError, match="'penalty' of 16 utterances"):
        Fault().fit_adapted(speech(30), sounds(8), seed=0)


def test_the_target_leaves_nothing_with_the_net(speech, sounds, near):
    class Curious(near):
        def arrays(self, data, i):
            self.seen = [*getattr(self, "seen", []), len(data)]
            return super().arrays(data, i)

    net = Curious(epochs=1).fit_adapted(speech(24), sounds(9), seed=0)
    assert set(net.seen) == {24}


def test_what_is_fitted_is_fitted_to_the_training_set(speech, sounds, near, tiny):
    adapted = near(epochs=1).fit_adapted(speech(24), sounds(9), seed=0)
    plain = tiny(epochs=1).fit(speech(24), seed=0)
    assert torch.equal(adapted.module_.module.scale.mean, plain.module_.scale.mean)


def test_the_process_is_left_as_it_was(speech, sounds, near):
    torch.manual_seed(11)
    before = torch.get_rng_state().tolist(), torch.get_deterministic_debug_mode()
    near(epochs=1).fit_adapted(speech(24), sounds(9), seed=0)
    assert (torch.get_rng_state().tolist(), torch.get_deterministic_debug_mode()) == before


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_outputs_of_the_target_are_in_float32(precision, speech, sounds, near):
    class Checking(near):
        def adapted_loss(self, outputs, answers, target, progress):
            assert {part.dtype for part in (*outputs.values(), *target.values())} == {torch.float32}
            return super().adapted_loss(outputs, answers, target, progress)

    session = _session(sounds(9), precision=precision)
    train(Checking(epochs=1), speech(24), seed=0, session=session)


def test_a_target_that_nobody_would_hear_is_refused(speech, sounds, tiny):
    for handed in (
        lambda: tiny().fit_adapted(speech(24), sounds(9), seed=0),
        lambda: train(tiny(), speech(24), seed=0, session=_session(sounds(9))),
    ):
        with pytest.raises(ModelError, match="does not adapt") as error:
            handed()
        assert "--target-access none" in error.value.advice


def test_a_net_that_adapts_is_not_trained_without_a_target(speech, near):
    for handed in (
        lambda: near().fit(speech(24), seed=0),
        lambda: train(near(), speech(24), seed=0, session=_session(None)),
    ):
        with pytest.raises(ModelError, match="given none") as error:
            handed()
        assert "--target-access unlabelled" in error.value.advice


@pytest.mark.parametrize("size", [0, 1])
def test_too_few_to_adapt_to_are_refused(size, speech, sounds, near):
    with pytest.raises(ModelError, match=f"{size} utterances to adapt to"):
        near().fit_adapted(speech(24), sounds(size), seed=0)


def test_an_adapting_net_must_say_what_it_lowers(speech, sounds, tiny):
    class Silent(tiny):
        adapts = True

    with pytest.raises(ModelError, match="has no adapted_loss"):
        Silent().fit_adapted(speech(24), sounds(9), seed=0)


def test_what_nets_ask_of_the_test_side(near, tiny):
    assert (adapts(near()), needed_access(near())) == (True, "unlabelled")
    assert (adapts(tiny()), needed_access(tiny())) == (False, "none")
    assert isinstance(near(), Adapts)
