"""Packs of trials on a worker, from the request to the store."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from serbench import predictions, work
from serbench.jobs import Advanced, Ended, Started
from serbench.nets.memory import OutOfMemory
from serbench.preparing import prepare
from serbench.stacking import packs
from serbench.store import Store

TINY = [("timnet", {"epochs": 3, "blocks": 1, "filters": 4, "length": 11025, "batch": 4})]


@pytest.fixture
def pack(request_for, watcher):
    """The four folds of a small net, as one pack."""
    from serbench import bench

    request = request_for(TINY, precision="float64")
    prepared = prepare(request, watcher)
    jobs = bench._extract(
        prepared.jobs, [board.pool for board in prepared.boards], request.means, (), watcher
    )
    (found,) = packs(jobs, 8)
    assert len(found) == 4
    return found


@pytest.fixture
def little_garbage():
    """What is alive is kept out of the collections by which a pack frees its memory."""
    gc.freeze()
    yield
    gc.unfreeze()


def said(job):
    name = "predictions-savee.parquet"
    return predictions.from_parquet(Store(job.results).read(job.trial.id, name), name)


def attempt(pack):
    events = []
    work.attempt(pack, events.append)
    ended = {event.trial: event for event in events if isinstance(event, Ended)}
    started = [event.trial for event in events if isinstance(event, Started)]
    assert sorted(started) == sorted(ended) == sorted(job.trial.id for job in pack)
    return ended, [event for event in events if isinstance(event, Advanced)]


def test_a_pack_says_what_its_trials_say_alone(pack, request_for, run, tmp_path):
    ended, advanced = attempt(pack)
    assert all(event.failure is None for event in ended.values())
    assert {event.trial for event in advanced} == set(ended)
    run(request_for(TINY, precision="float64", results=tmp_path / "alone", stack=1))
    for job in pack:
        record = Store(job.results).record(job.trial.id)
        assert record["provenance"]["stacked"] == 4
        assert record["provenance"]["behaviour"]["problems"] == []
        assert "watch" in record["provenance"]["behaviour"]["checked"]
        together = said(job)
        name = "predictions-savee.parquet"
        alone = predictions.from_parquet(Store(tmp_path / "alone").read(job.trial.id, name), name)
        assert together.ids == alone.ids
        assert np.abs(together.probabilities - alone.probabilities).max() < 1e-6


def test_run_stacks_as_many_as_it_is_told(request_for, run):
    outcome = run(request_for(TINY, stack=3))
    assert (outcome.done, outcome.failures) == (4, {})
    store = Store(request_for().results)
    assert sorted(store.record(one)["provenance"]["stacked"] for one in store.ids()) == [2] * 4


def test_what_is_finished_is_not_run_again(pack):
    attempt(pack[:1])
    before = Store(pack[0].results).record(pack[0].trial.id)
    ended, _ = attempt(pack)
    assert ended[pack[0].trial.id].seconds == 0.0
    assert Store(pack[0].results).record(pack[0].trial.id) == before
    others = [Store(job.results).record(job.trial.id) for job in pack[1:]]
    assert [record["provenance"]["stacked"] for record in others] == [3] * 3


@pytest.mark.usefixtures("little_garbage")
def test_where_memory_runs_out_half_is_tried(pack, monkeypatch):
    from serbench.nets import stacked

    sizes = []
    usual = stacked.train_stacked

    def narrow(replicas):
        sizes.append(len(replicas))
        if len(replicas) > 1:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")
        return usual(replicas)

    monkeypatch.setattr(stacked, "train_stacked", narrow)
    ended, _ = attempt(pack)
    assert all(event.failure is None for event in ended.values())
    assert sizes == [4, 2, 1, 1, 2, 1, 1]


@pytest.mark.usefixtures("little_garbage")
def test_out_of_memory_at_size_one_is_a_failure_that_says_what_to_do(pack, monkeypatch):
    from serbench.nets import stacked

    def none(replicas):
        raise MemoryError

    monkeypatch.setattr(stacked, "train_stacked", none)
    ended, _ = attempt(pack)
    for job in pack:
        assert "memory ran out" in ended[job.trial.id].failure
        assert "--set batch" in Store(job.results).failure(job.trial.id).reason


@pytest.mark.slow
def test_as_many_as_fit_are_trained_at_once(pack, monkeypatch):
    from serbench.nets import stacked

    sizes = []
    usual = stacked.train_stacked
    monkeypatch.setattr(stacked, "room", lambda replica: 3)
    monkeypatch.setattr(
        stacked, "train_stacked", lambda replicas: (sizes.append(len(replicas)), usual(replicas))[1]
    )
    attempt(pack)
    assert sizes == [3, 1]


@pytest.mark.slow
def test_one_that_fails_takes_nobody_along(pack, monkeypatch):
    from serbench.nets import stacked

    usual = stacked.train_stacked

    def one_less(replicas):
        return [OutOfMemory("of this one"), *usual(replicas)[1:]]

    monkeypatch.setattr(stacked, "train_stacked", one_less)
    ended, _ = attempt(pack)
    assert [ended[job.trial.id].failure is None for job in pack] == [False, True, True, True]


def test_a_net_at_fault_fails_each_of_its_trials(pack, monkeypatch):
    from serbench_baselines.timnet import TIMNet

    def broken(self, outputs, answers):
        raise ZeroDivisionError("in the loss")

    monkeypatch.setattr(TIMNet, "loss", broken)
    ended, _ = attempt(pack)
    assert {event.failure for event in ended.values()} == {"ZeroDivisionError: in the loss"}
