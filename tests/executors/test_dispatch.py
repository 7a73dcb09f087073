"""Deaths, counted against the trials of one pack; a client that does nothing stands for Dask."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from serbench.executors.crew import Crew
from serbench.executors.dispatch import MOST_DEATHS, Dispatch
from serbench.jobs import Ended
from serbench.store import Store


class Future(SimpleNamespace):
    def cancel(self, force):
        self.status = "cancelled"

    def release(self):
        self.released = True

    def add_done_callback(self, call):
        self.call = call


@pytest.fixture
def dispatch():
    client = SimpleNamespace(status="running", submit=lambda *_, **__: Future(status="pending"))
    heard = []
    made = Dispatch(client, Crew({}), {}, heard.append)
    made.heard = heard
    return made


def send(dispatch, *pack):
    """Send a pack to a worker; gives the errand's number."""
    address = f"tcp://{len(dispatch.errands)}.{dispatch._sent}"
    dispatch.crew.joined({address: {"name": "w", "nthreads": 1}})
    worker = dispatch.crew.workers[address]
    worker.facts = {"corpora": {}, "gpus": None}
    dispatch._send(pack, worker)
    return dispatch._sent, address


def say(dispatch, number, kind, trial, **more):
    dispatch._hear({"kind": kind, "errand": number, "trial": trial, "worker": "w", **more})


def end(dispatch, number, trial):
    say(dispatch, number, "Ended", trial, seconds=1.0, failure=None, fatal=False)


def test_what_a_dead_worker_had_not_finished_runs_again_together(dispatch, jobs):
    a, b, c, _ = jobs()
    number, address = send(dispatch, a, b, c)
    end(dispatch, number, a.trial.id)
    dispatch._lost(address)
    assert [[job.trial.id for job in pack] for pack in dispatch.waiting] == [
        [b.trial.id, c.trial.id]
    ]
    assert not dispatch.errands
    end(dispatch, number, b.trial.id)  # too late: its run was given up
    assert [event.trial for event in dispatch.heard] == [a.trial.id]


def test_after_two_deaths_each_runs_alone_and_the_third_fails_it(dispatch, jobs):
    a, b, _, _ = jobs()
    pack = (a, b)
    for _ in range(2):
        _, address = send(dispatch, *pack)
        dispatch._lost(address)
        last = list(dispatch.waiting)
        dispatch.waiting.clear()
    assert sorted(len(pack) for pack in last) == [1, 1]
    _, address = send(dispatch, a)
    dispatch._lost(address)
    assert not dispatch.waiting
    (told,) = dispatch.heard
    assert isinstance(told, Ended)
    assert f"died {MOST_DEATHS} times" in told.failure
    assert Store(a.results).failure(a.trial.id).reason == told.failure


def test_a_training_that_gets_further_each_time_is_not_failed(dispatch, jobs):
    (a, *_) = jobs()
    for epoch in range(1, 8):
        number, address = send(dispatch, a)
        say(dispatch, number, "Advanced", a.trial.id, done=epoch, total=9, note="")
        dispatch._lost(address)
    assert not any(isinstance(event, Ended) for event in dispatch.heard)
    for _ in range(2):
        number, address = send(dispatch, a)
        say(dispatch, number, "Advanced", a.trial.id, done=7, total=9, note="")
        dispatch._lost(address)
    assert isinstance(dispatch.heard[-1], Ended)


def test_an_errand_that_comes_back_without_a_word_is_sent_again(dispatch, jobs):
    (a, *_) = jobs()
    number, address = send(dispatch, a)
    future = dispatch.errands[number].future
    future.status = "finished"
    dispatch._over(number)
    assert [pack[0].trial.id for pack in dispatch.waiting] == [a.trial.id]
    assert dispatch.crew.workers[address].free
    assert future.released


def test_the_reason_names_the_memory_limit(dispatch, jobs):
    (a, *_) = jobs()
    for _ in range(MOST_DEATHS):
        _, address = send(dispatch, a)
        dispatch._hear_of_memory({"worker": address, "rss": 3 * 2**30})
        dispatch._lost(address)
    assert "stopped at 3.0 GiB by the memory limit" in dispatch.heard[-1].failure
