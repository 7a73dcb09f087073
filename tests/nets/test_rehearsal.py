"""A rehearsal is the beginning of the training itself, scaled to all of it."""

import time
from itertools import pairwise

import pytest
import torch

from serbench.nets import rehearsal, training
from serbench.nets.cost import Cost
from serbench.nets.rehearsal import floor, rehearse, standing_bytes
from serbench.session import Session


def rehearsed(net, data, *, size, budget=60.0, tested=0, probes=None):
    session = Session(device="cpu", probes=probes or {}, keep="all" if probes else "last")
    sizes = dict.fromkeys(probes or {}, tested)
    return rehearse(net, data, session, size=size, tested=sizes, budget=budget)


def test_it_tells_what_an_epoch_takes(tiny, speech):
    data = speech(160)
    start = time.monotonic()
    ends = []
    session = Session(keep="last", progress=lambda *said: ends.append(time.monotonic()))
    training.train(tiny(epochs=5), data, seed=0, session=session)
    true = sorted(after - before for before, after in pairwise(ends))[2]
    found = rehearsed(tiny(), data.subset(range(16)), size=160)
    assert true / 5 < found.epoch < 5 * true  # on a machine that does other things as well
    assert time.monotonic() > start


def test_an_epoch_is_in_proportion_to_the_training_set(tiny, speech, monkeypatch):
    monkeypatch.setattr(rehearsal, "_times", lambda *rest, **more: [2.0, 1.0, 4.0])
    assert rehearsed(tiny(), speech(16), size=640).epoch == 2.0 * 640 / (8 * 8)
    assert rehearsed(tiny(), speech(16), size=40).epoch == 2.0  # less than a pool: the set itself


def test_a_step_that_takes_long_is_all_there_is(tiny, speech, monkeypatch):
    asked = []

    def times(net, data, session, *, most):
        asked.append(len(data))
        return [30.0]

    monkeypatch.setattr(rehearsal, "_times", times)
    found = rehearsed(tiny(), speech(16), size=80, budget=60.0)
    assert asked == [8]
    assert (found.epoch, found.steps) == (30.0 * 80 / 8, 1)


def test_test_sets_are_judged_in_their_proportion(tiny, speech, monkeypatch):
    asked = []

    def times(net, data, session, *, most):
        asked.append((len(data), {name: len(probe) for name, probe in session.probes.items()}))
        return [0.001]

    monkeypatch.setattr(rehearsal, "_times", times)
    rehearsed(tiny(), speech(16), size=640, probes={"toy": speech(5)}, tested=320)
    assert asked == [(8, {}), (64, {"toy": 32})]


def test_memory_grows_with_the_batch_and_not_with_the_training_set(tiny, speech):
    small, large = (rehearsed(tiny(batch=batch), speech(16), size=400) for batch in (8, 64))
    assert small.memory < large.memory
    again = rehearsed(tiny(batch=8), speech(16), size=4000)
    assert again.memory == small.memory


def test_memory_holds_weights_and_optimiser(tiny, speech):
    found = rehearsed(tiny(), speech(16), size=100)
    assert found.memory > standing_bytes(tiny(), speech(16).task)


def test_bytes_that_stand_whatever_is_trained(tiny, speech):
    task = speech(4).task
    net = tiny(optimiser="adam")
    weights = 4 * net.parameters_for(task)
    assert 4 * weights <= standing_bytes(net, task) <= 4 * weights + 2000  # statistics, counters


def test_the_floor_is_what_operations_take_at_the_machines_speed(tiny, speech, monkeypatch):
    monkeypatch.setattr(rehearsal, "cost", lambda net, task, seconds: Cost(10**6, seconds, {}))
    monkeypatch.setattr(rehearsal, "speed", lambda device, precision: 1e9)
    found = floor(
        tiny(epochs=50), speech(4).task, size=200, seconds=3.0, device="cpu", precision="auto"
    )
    passes = 3  # one forward, two for the backward pass
    assert found == pytest.approx(passes * 2 * 10**6 * 200 * 50 / 1e9)


def test_the_callers_random_numbers_stay(tiny, speech):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    rehearsed(tiny(), speech(16), size=64)
    assert torch.equal(torch.get_rng_state(), before)


def test_speed_is_that_of_a_machine():
    assert 1e8 < rehearsal.speed("cpu", "float32") < 1e15


@pytest.mark.gpu
def test_memory_on_a_gpu(tiny, speech):
    session = Session(device="cuda", keep="last")
    found = rehearse(tiny(), speech(16), session, size=100, tested={}, budget=60.0)
    assert found.memory > standing_bytes(tiny(), speech(16).task)
