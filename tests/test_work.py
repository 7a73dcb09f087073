"""A pack on its way through a worker: whatever happens to one, each trial has one end."""

from __future__ import annotations

import pytest

from serbench import work
from serbench.jobs import Advanced, Ended, Started, Unheard
from serbench.preparing import prepare
from serbench.request import Request
from serbench.stacking import packs
from serbench.store import Store
from serbench.testing.forge import forge_corpus

TINY = [("timnet", {"epochs": 1, "blocks": 1, "filters": 4, "length": 11025, "batch": 4})]


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """The folds of a small net, and where their features are."""
    from serbench.cli.progress import Screen
    from serbench.registry import load

    folder = tmp_path_factory.mktemp("packs")
    savee = forge_corpus(
        load("corpora", "savee")(), folder / "savee", per_cell=1, seconds=(0.3, 0.4)
    )
    request = Request(
        models=TINY, protocols=["loso"], corpora=["savee"], results=folder / "results",
        cache=folder / "cache", roots={"savee": savee}, allow_partial=True,
        devices=("cpu",), precision="float64",
    )  # fmt: skip
    return prepare(request, Screen(quiet=True)).jobs


@pytest.fixture
def pack(planned, tmp_path):
    import dataclasses

    (found,) = packs(planned, 8)
    return tuple(dataclasses.replace(job, results=tmp_path / "results") for job in found)


def attempt(pack):
    """What is told of each trial: begun once, ended once."""
    events = []
    work.attempt(pack, events.append)
    for kind in (Started, Ended):
        told = [event.trial for event in events if isinstance(event, kind)]
        assert sorted(told) == sorted(job.trial.id for job in pack)
    return {event.trial: event for event in events if isinstance(event, Ended)}, events


def test_a_pack_of_which_none_can_begin_ends_with_the_reason_of_each(pack, monkeypatch):
    def lost(job):
        raise OSError(f"no corpus for {job.trial.fold}")

    monkeypatch.setattr(work.Assignment, "of", lost)
    ended, _ = attempt(pack)
    for job in pack:
        assert f"no corpus for {job.trial.fold}" in ended[job.trial.id].failure


def test_a_model_that_exits_takes_neither_the_worker_nor_the_others_along(pack, monkeypatch):
    usual = work.Assignment.of

    def leaver(job):
        if job is pack[0]:
            raise SystemExit(3)
        return usual(job)

    monkeypatch.setattr(work.Assignment, "of", leaver)
    ended, _ = attempt(pack)
    assert [ended[job.trial.id].failure is None for job in pack] == [False, True, True, True]


def test_a_stack_that_fails_is_trained_one_by_one(pack, monkeypatch):
    from serbench.nets import stacked

    def unfit(replicas):
        raise RuntimeError("vmap: no batching rule\nand more")

    monkeypatch.setattr(stacked, "train_stacked", unfit)
    ended, events = attempt(pack)
    store = Store(pack[0].results)
    assert all(event.failure is None for event in ended.values())
    assert {store.record(one)["provenance"]["stacked"] for one in store.ids()} == {1}
    notes = {event.note for event in events if isinstance(event, Advanced)}
    assert "alone, since the stack failed: RuntimeError: vmap: no batching rule" in notes


@pytest.mark.parametrize("where", ["of", "room", "hand_in"])
def test_a_worker_that_is_told_to_stop_fails_no_trial(pack, monkeypatch, where):
    """As an alarm does, which may ring anywhere."""
    from serbench.nets import stacked

    def over(*given, **named):
        raise Unheard

    monkeypatch.setattr(stacked if where == "room" else work.Assignment, where, over)
    events = []
    with pytest.raises(Unheard):
        work.attempt(pack, events.append)
    assert not any(isinstance(event, Ended) for event in events)
    assert Store(pack[0].results).failed_ids() == frozenset()


def test_seconds_are_of_the_training_and_not_of_those_before_it(pack, monkeypatch):
    import time

    from serbench.nets import stacked

    usual, half = stacked.train_stacked, 0.6
    monkeypatch.setattr(stacked, "room", lambda replica: 2)

    def slow(replicas):
        time.sleep(half)
        return usual(replicas)

    monkeypatch.setattr(stacked, "train_stacked", slow)
    ended, _ = attempt(pack)
    store = Store(pack[0].results)
    for job in pack:
        told, seconds = ended[job.trial.id].seconds, store.record(job.trial.id)["provenance"]
        assert seconds["stacked"] == 2
        assert half / 2 <= told <= seconds["seconds"] + 0.001 < told + 0.3
