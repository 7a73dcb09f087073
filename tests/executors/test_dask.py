"""A run over the workers of a Dask scheduler: who is fit, who dies, who is on another release."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from types import SimpleNamespace

import pytest

from serbench.errors import MissingExtra, StoreError, UsageError
from serbench.executors import errand, fitness
from serbench.executors.dask import Dask
from serbench.executors.fitness import ClusterError
from serbench.executors.options import engaged
from serbench.jobs import Advanced, Ended, Started
from serbench.store import Store

pytest.importorskip("distributed")
QUIET = {
    "distributed.worker.profile.enabled": False,  # it makes every import slower
    "distributed.comm.timeouts.connect": "2s",
}


@pytest.fixture(scope="module", autouse=True)
def quiet():
    import dask

    with dask.config.set(QUIET):
        yield


def local(workers):
    """A scheduler with so many workers, all of them threads of this process."""
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=False, protocol="tcp://",
        host="127.0.0.1", dashboard_address=":0", scheduler_kwargs={"dashboard": False},
    )  # fmt: skip


@pytest.fixture(scope="module")
def threads(quiet):
    """A scheduler with two workers."""
    with local(2) as cluster:
        yield cluster


@contextlib.contextmanager
def worker_processes(address, count):
    """Workers as a user starts them, without a nanny: who is killed stays away."""
    command = [
        sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny",
        "--no-dashboard", "--nthreads", "1",
    ]  # fmt: skip
    environment = os.environ | {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false"}
    started = [
        subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) for _ in range(count)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def one_by_one(jobs):
    return [(job,) for job in jobs]


def ended(heard, failed=False):
    """How often each trial was told to have ended."""
    reasons = [event.failure for event in heard if isinstance(event, Ended) and event.failure]
    assert failed or not reasons, reasons
    return Counter(event.trial for event in heard if isinstance(event, Ended))


def test_a_killed_workers_trial_runs_again_and_no_other(jobs, tmp_path):
    """Two worker processes, one killed by -9 when two trials are done."""
    wanted = jobs(dies="1", after="2", seeds=2)
    heard = []
    with local(0) as cluster, worker_processes(cluster.scheduler_address, 2) as started:
        Dask(scheduler=cluster.scheduler_address).run(one_by_one(wanted), heard.append)
        assert [process.poll() for process in started].count(-signal.SIGKILL) == 1
    diary = Counter(file.name.partition("-")[0] for file in (tmp_path / "diary").iterdir())
    assert diary == {"began": 9, "died": 1, "trained": 8}
    assert set(ended(heard).values()) == {1}
    store = Store(tmp_path / "results")
    assert sorted(store.ids()) == sorted(job.trial.id for job in wanted)
    assert all(store.whole(job.trial.id) for job in wanted)
    assert not list((tmp_path / "results").glob(".roll-call*"))


def test_finished_trials_are_told_and_not_trained(threads, jobs, tmp_path):
    wanted = jobs()
    for _ in range(2):
        heard = []
        Dask(scheduler=threads.scheduler_address).run(one_by_one(wanted), heard.append)
        assert ended(heard) == {job.trial.id: 1 for job in wanted}
    assert len(list((tmp_path / "diary").glob("trained-*"))) == 4


def answering_otherwise(monkeypatch, address, **changes):
    """A worker of that address, or each ("all"), answers the roll call with something else."""
    from distributed import get_worker

    real = fitness.facts

    def facts(asked):
        found = real(asked)
        return found | changes if address in ("all", get_worker().address) else found

    monkeypatch.setattr(errand, "facts", facts)
    return address


def second(cluster):
    return sorted(cluster.scheduler_info["workers"])[1]


def test_an_unfit_worker_is_named_and_given_nothing(threads, jobs, tmp_path, monkeypatch, caplog):
    other = answering_otherwise(monkeypatch, second(threads), code="of yesterday")
    heard = []
    Dask(scheduler=threads.scheduler_address).run(one_by_one(jobs()), heard.append)
    assert len(ended(heard)) == 4
    assert re.search(rf"{other} on .*\) is not used: it has serbench .*other code", caplog.text)


def test_another_takes_the_place_of_an_unfit_one(threads, jobs, monkeypatch):
    first = next(iter(threads.scheduler_info["workers"]))
    answering_otherwise(monkeypatch, first, serbench="0.0.1")
    heard = []
    Dask(1, scheduler=threads.scheduler_address).run(one_by_one(jobs()), heard.append)
    assert len(ended(heard)) == 4


def test_no_fit_worker_at_all(threads, jobs, tmp_path, monkeypatch):
    answering_otherwise(monkeypatch, "all", serbench="0.0.1")
    with pytest.raises(ClusterError, match=r"it has serbench 0\.0\.1; expected") as caught:
        Dask(scheduler=threads.scheduler_address).run(one_by_one(jobs()), lambda event: None)
    assert str(caught.value).count("tcp://") == 2
    assert not (tmp_path / "diary" / "began").exists()


def test_a_worker_that_cannot_answer(threads, jobs, monkeypatch):
    def facts(asked):
        raise ModuleNotFoundError("No module named 'serbench'")

    monkeypatch.setattr(errand, "facts", facts)
    with pytest.raises(ClusterError, match=r"No module named 'serbench'\. Start it"):
        Dask(scheduler=threads.scheduler_address).run(one_by_one(jobs()), lambda event: None)


def test_another_release_under_a_worker_fails_its_trials_alone(
    threads, jobs, tmp_path, monkeypatch, forged_savee
):
    """The corpus lies elsewhere on one machine, and has a file more there."""
    other = tmp_path / "other"
    shutil.copytree(forged_savee, other)
    file = next(other.rglob("a01.wav"))
    shutil.copy(file, file.with_name("a15.wav"))
    answering_otherwise(monkeypatch, second(threads), corpora={"savee": str(other)})
    heard = []
    wanted = jobs(seconds="0.2")
    Dask(scheduler=threads.scheduler_address).run(one_by_one(wanted), heard.append)
    reasons = [event.failure for event in heard if isinstance(event, Ended) and event.failure]
    assert ended(heard, failed=True) == {job.trial.id: 1 for job in wanted}
    assert 1 <= len(reasons) < 4
    assert all("not those of the trial" in reason for reason in reasons), reasons
    assert len(list(Store(tmp_path / "results").ids())) == 4 - len(reasons)


def test_the_scheduler_goes_and_the_same_command_goes_on(threads, jobs, tmp_path):
    wanted = jobs(seconds="0.2")
    cluster = local(2)
    heard = []

    def listen(event):
        heard.append(event)
        if isinstance(event, Ended) and len(ended(heard)) == 1:
            threading.Thread(target=cluster.close).start()

    with pytest.raises(ClusterError, match="has gone") as caught:
        Dask(scheduler=cluster.scheduler_address).run(one_by_one(wanted), listen)
    assert "what is finished is kept" in str(caught.value)
    finished = set(Store(tmp_path / "results").ids())
    assert 1 <= len(finished) < 4
    Dask(scheduler=threads.scheduler_address).run(one_by_one(wanted), heard.append)
    assert {job.trial.id for job in wanted} == set(Store(tmp_path / "results").ids())


def test_who_stops_listening_stops_the_run(threads, jobs):
    def listen(event):
        if isinstance(event, Ended):
            raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="disk is full"):
        Dask(scheduler=threads.scheduler_address).run(one_by_one(jobs()), listen)


def test_at_most_so_many_workers(threads, jobs, tmp_path):
    wanted = jobs(seconds="0.05")
    running, most = set(), 0

    def listen(event):
        nonlocal most
        (running.add if isinstance(event, Started) else running.discard)(event.trial)
        most = max(most, len(running))

    Dask(1, scheduler=threads.scheduler_address).run(one_by_one(wanted), listen)
    assert most == 1


def test_a_scheduler_must_be_named_and_answer(tmp_path, monkeypatch):
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
    with pytest.raises(UsageError, match="without a scheduler"):
        Dask()
    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:9 does not answer"):
        Dask(scheduler="tcp://127.0.0.1:9", timeout=0.2)
    with pytest.raises(ClusterError, match="not the file of a running scheduler"):
        Dask(scheduler=str(tmp_path / "scheduler.json"))


def test_a_scheduler_by_its_file(threads, tmp_path):
    (tmp_path / "scheduler.json").write_text(f'{{"address": "{threads.scheduler_address}"}}')
    assert Dask(scheduler=f"{tmp_path}/scheduler.json").where == threads.scheduler_address


def test_devices_are_for_each_worker_to_say():
    with pytest.raises(UsageError, match="one: auto, cpu or cuda"):
        Dask(None, ("cuda:0", "cuda:1"), scheduler="tcp://127.0.0.1:9")


def test_without_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"the executor 'dask' needs the package 'dask'"):
        Dask(scheduler="tcp://127.0.0.1:9")


def test_options_by_name(monkeypatch):
    class Guest:
        def __init__(self, workers, devices, *, speed=1.5, where=""):
            self.got = (workers, devices, speed, where)

    monkeypatch.setattr("serbench.executors.options.load", lambda group, name: Guest)
    assert engaged("guest", 2, ("cpu",), {"speed": "3"}).got == (2, ("cpu",), 3.0, "")
    with pytest.raises(UsageError, match="did you mean 'where'"):
        engaged("guest", 2, ("cpu",), {"were": "x"})
    with pytest.raises(UsageError, match="cannot be read"):
        engaged("guest", 2, ("cpu",), {"speed": "fast"})


@pytest.fixture
def alone(monkeypatch):
    """An errand's worker that is only a notebook."""

    class Notebook(SimpleNamespace):
        def get_current_task(self):
            return "errand"

        def log_event(self, topic, message):
            self.said.append(message)

    import distributed

    worker = Notebook(
        said=[],
        status=SimpleNamespace(name="running"),
        state=SimpleNamespace(tasks={"errand": SimpleNamespace(state="executing")}),
    )
    monkeypatch.setattr(distributed, "get_worker", lambda: worker)
    return worker


def test_progress_is_told_now_and_then_and_at_the_end(alone, monkeypatch):
    def attempt(pack, listen):
        for done in range(1, 1001):
            listen(Advanced("t", done, 1000, ""))

    monkeypatch.setattr(errand, "attempt", attempt)
    errand.run((), 1, "topic")
    assert [message["done"] for message in alone.said] == [1, 1000]


def test_a_lost_gpu_is_not_told_as_a_failure(alone, jobs, monkeypatch):
    def attempt(pack, listen):
        listen(Started("t"))
        listen(Ended("t", 1.0, "CUDA error: unspecified launch failure"))

    monkeypatch.setattr(errand, "attempt", attempt)
    monkeypatch.setattr(errand, "_device_answers", lambda pack: False)
    with pytest.raises(errand.DeviceLost, match="unspecified launch failure"):
        errand.run((), 1, "topic")
    assert [message["kind"] for message in alone.said] == ["Started"]


def test_an_errand_that_nobody_wants_ends(alone, monkeypatch):
    alone.state.tasks["errand"].state = "cancelled"
    monkeypatch.setattr(errand, "attempt", lambda pack, listen: listen(Started("t")))
    with pytest.raises(errand.Unheard):
        errand.run((), 1, "topic")
