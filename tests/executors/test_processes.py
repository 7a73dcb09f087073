"""Workers that die, again and again, and what becomes of their trials."""

import dataclasses
import multiprocessing
from pathlib import Path

import pytest

from serbench import bench
from serbench.boards import boards
from serbench.cli.progress import Screen
from serbench.errors import UsageError
from serbench.executors.processes import Processes
from serbench.executors.serial import Serial
from serbench.request import Request
from serbench.store import Store

KILLER = """
import os, signal
import numpy as np
from pathlib import Path

class Killer:
    identify = staticmethod(lambda settings: {**settings, 'folder': 'of the dead'})

    def __init__(self, folder='', most=0, victim=-1):
        self.folder, self.most, self.victim = folder, most, victim
    def fit(self, train, *, seed):
        died = list(Path(self.folder).glob('died*'))
        if len(died) < self.most and (self.victim < 0 or seed == self.victim):
            (Path(self.folder) / f'died{len(died)}').touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self
    def predict_proba(self, test):
        return np.full((len(test), 7), 1 / 7)
"""


@pytest.fixture
def request_for(forged_savee, tmp_path):
    (tmp_path / "killer.py").write_text(KILLER)

    def make(**settings):
        return Request(
            models=[(f"{tmp_path}/killer.py:Killer", {"folder": str(tmp_path), **settings})],
            protocols=["loso"], corpora=["savee"], results=tmp_path / "results",
            cache=tmp_path / "cache", roots={"savee": forged_savee}, allow_partial=True,
            executor="processes", workers=2,
        )  # fmt: skip

    return make


def test_a_killed_workers_trial_runs_again(request_for, tmp_path):
    outcome = bench.run(request_for(most="2"), Screen(quiet=True))
    assert len(list(tmp_path.glob("died*"))) == 2
    assert (outcome.done, outcome.failures) == (4, {})
    assert multiprocessing.active_children() == []  # none is left behind


@pytest.mark.slow
def test_a_trial_that_kills_three_workers_is_failed_and_the_rest_done(request_for):
    request = dataclasses.replace(request_for(most="1000", victim="1"), seeds=2)
    outcome = bench.run(request, Screen(quiet=True))
    assert outcome.done == 4
    assert len(outcome.failures) == 4
    assert all("died 3 times" in reason for reason in outcome.failures.values())
    (board,) = boards(Store(request.results))
    assert board.rows[0].trials_failed == 4


def test_what_was_stored_before_its_worker_died_is_no_failure(request_for, monkeypatch):
    """The word of its end is lost with the worker; whoever takes the trial up next says it."""
    from collections import Counter, deque
    from types import SimpleNamespace

    from serbench.executors import processes
    from serbench.preparing import prepare

    first, second = prepare(request_for(), Screen(quiet=True)).jobs[:2]
    monkeypatch.setattr(Store, "whole", lambda store, name: name == first.trial.id)
    monkeypatch.setattr(processes, "_start", lambda context, device: None)
    gone = SimpleNamespace(join=lambda: None, exitcode=-9)
    worker = SimpleNamespace(
        process=gone, device="cpu", jobs={job.trial.id: job for job in (first, second)}
    )
    waiting, told = deque(), []
    deaths = Counter({job.trial.id: 2 for job in (first, second)})
    processes._replace(None, worker, waiting, deaths, told.append)
    assert list(waiting) == [(first,)]
    assert [event.trial for event in told] == [second.trial.id]


def test_packs_are_cut_for_as_many_as_run_at_once(monkeypatch):
    from serbench.bench import packed
    from serbench.nets import device
    from serbench.request import Means

    asked = []
    monkeypatch.setattr(
        "serbench.stacking.packs", lambda jobs, most, *, workers: asked.append((most, workers))
    )
    monkeypatch.setattr(device, "available", lambda: ["cuda:0", "cuda:1", "cuda:2"])
    where = {"results": Path(), "cache": Path()}
    for workers, devices in ((None, ("auto",)), (2, ("auto",)), (4, ("cuda",))):
        means = Means(**where, executor="processes", workers=workers, devices=devices)
        packed([], means, Processes(workers, devices))
    packed([], Means(**where), Serial(None, ("auto",)))
    assert asked == [(64, 3), (64, 2), (64, 4), (64, 1)]


def test_one_process_has_one_device():
    with pytest.raises(UsageError, match="--executor processes"):
        Serial(None, ("cuda:0", "cuda:1"))


def test_devices_are_handed_out_in_turn():
    assert Processes(4, ("cuda:0", "cuda:1"))._devices(9) == ["cuda:0", "cuda:1"] * 2
    assert Processes(None, ("cuda:0", "cuda:1"))._devices(9) == ["cuda:0", "cuda:1"]
    assert Processes(8, ("cpu",))._devices(3) == ["cpu"] * 3
    with pytest.raises(UsageError, match="workers 0"):
        Processes(0)
