"""What trials take: each figure from the best source there is, which it names."""

import dataclasses
import time

import pytest

from serbench.cli.progress import Screen
from serbench.estimating import finished, rehearsing, row, trying
from serbench.estimating.figure import Estimate, Figure
from serbench.preparing import prepare
from serbench.request import Request
from serbench.store import Store

NET = """
from dataclasses import dataclass
from torch import nn
from serbench.nets.net import Net

class Module(nn.Module):
    def __init__(self, columns):
        super().__init__()
        self.inner, self.outer = nn.Linear(16, 64), nn.Linear(64, columns)
    def forward(self, inputs):
        return self.outer(self.inner(inputs["sound"].values).tanh().mean(1))

@dataclass(kw_only=True, eq=False)
class Tiny(Net):
    epochs: int = 50
    batch: int = 16
    learning_rate: float = 0.01
    optimiser: str = "adam"
    @property
    def recipes(self):
        return ()
    def arrays(self, data, i):
        return {"sound": data.waveform(i, 16000)[:3200].reshape(-1, 16)}
    def build(self, task):
        return Module(len(task.names))
"""
SLOW = """
import time
import numpy as np
class Slow:
    def __init__(self, seconds=0.0, fails=False):
        self.seconds, self.fails = seconds, fails
    def fit(self, train, *, seed):
        if self.fails:
            raise ValueError("no\\nway")
        time.sleep(self.seconds)
        return self
    def predict_proba(self, test):
        return np.full((len(test), 7), 1 / 7)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def ask(forged_savee, tmp_path, cache):
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "net.py").write_text(NET)

    def make(model, **settings):
        request = Request(
            models=[(model, settings)], protocols=["loso"], corpora=["savee"],
            results=tmp_path / "results", cache=cache, roots={"savee": forged_savee},
            allow_partial=True,
        )  # fmt: skip
        prepared = prepare(request, Screen(quiet=True))
        return prepared.jobs[0], prepared.plans[0], prepared.boards[0], Store(request.results)

    return make


def provenance(job, **changes):
    import os
    import platform

    return {
        "seconds": 8.0, "device": "cpu", "precision": job.precision, "cores": os.cpu_count(),
        "machine": platform.machine(), **changes,
    }  # fmt: skip


def finish(store, job, seconds, fold=None, **changes):
    trial = dataclasses.replace(job.trial, fold=fold or job.trial.fold)
    store.save(trial, {}, provenance(job, seconds=seconds, **changes))
    return trial.id


def test_finished_trials_know_best(ask):
    job, plan, board, store = ask("prior")
    size = job.trial.train["size"]
    ids = [finish(store, job, seconds, fold=f"s{seconds}") for seconds in (2.0, 8.0, 100.0)]
    plan = dataclasses.replace(plan, trials=(*ids, *plan.trials))
    told = row.estimate(job, plan, board, store, measure=False)
    assert told.rate == Figure(8.0 / size, "finished", "median of 3 finished trials")
    assert told.seconds(job.trial) == pytest.approx(8.0)
    assert (told.memory.value, told.memory.source) == (None, "unknown")


@pytest.mark.parametrize(
    "other",
    [
        {"device": "cuda: NVIDIA H100"},
        {"precision": "bfloat16"},
        {"cores": 999},
        {"machine": "pdp"},
    ],
)
def test_trials_on_other_machines_say_nothing(ask, other):
    job, plan, _, store = ask("prior")
    finish(store, job, 8.0, **other)
    assert finished.finished(store, plan, "cpu", job) is None


def test_trials_on_such_a_gpu_count_whatever_holds_it(ask):
    job, plan, _, store = ask("prior")
    finish(store, job, 8.0, device="cuda: H100", cores=999)
    told = finished.finished(store, plan, "cuda: H100", job)
    assert told.how == "median of 1 finished trial"


def test_trials_that_were_trained_together_are_said_to_be(ask):
    job, plan, _, store = ask("prior")
    finish(store, job, 8.0, stacked=10)  # its share of what the ten took
    told = finished.finished(store, plan, "cpu", job)
    assert told.value == 8.0 / job.trial.train["size"]
    assert told.how == "median of 1 finished trial, up to 10 trained at once"


def test_a_damaged_trial_says_nothing(ask):
    job, plan, _, store = ask("prior")
    name = finish(store, job, 8.0)
    (store.folder(name) / "trial.json").write_text("{}")
    assert finished.finished(store, plan, "cpu", job) is None


def test_what_is_no_net_is_tried_whole(ask, tmp_path):
    job, plan, board, store = ask(f"{tmp_path}/slow.py:Slow", seconds="1.5")
    told = row.estimate(job, plan, board, store, measure=True)
    assert told.rate.source == "measured"
    assert 1.5 <= told.seconds(job.trial) < 15
    assert told.memory.source == "measured"
    assert told.memory.value >= 0
    assert told.parameters is None
    assert not store.root.exists()


def test_what_takes_longer_than_it_may_is_unknown(ask, tmp_path):
    job, plan, board, store = ask(f"{tmp_path}/slow.py:Slow", seconds="60")
    start = time.monotonic()
    told = row.estimate(job, plan, board, store, measure=True, budget=1.0)
    assert time.monotonic() - start < 30
    assert (told.rate.source, told.seconds(job.trial)) == ("unknown", None)
    assert "longer than the 1 s" in told.rate.how


def test_what_fails_is_unknown_and_says_why(ask, tmp_path):
    job, plan, board, store = ask(f"{tmp_path}/slow.py:Slow", fails="true")
    told = row.estimate(job, plan, board, store, measure=True)
    assert told.rate.source == told.memory.source == "unknown"
    assert told.rate.how == "the trial that was tried failed: ValueError: no"


def test_a_net_is_rehearsed(ask, tmp_path):
    job, plan, board, store = ask(f"{tmp_path}/net.py:Tiny")
    told = row.estimate(job, plan, board, store, measure=True)
    assert told.rate.source == told.memory.source == "measured"
    assert "steps of 16 utterances" in told.rate.how
    assert told.parameters > 0
    assert told.device.startswith("cpu")
    assert told.memory.value > 16 * told.parameters  # weights, gradients, two moments
    assert not store.root.exists()


def test_a_net_that_is_not_measured_is_counted(ask, tmp_path):
    job, plan, board, store = ask(f"{tmp_path}/net.py:Tiny")
    told = row.estimate(job, plan, board, store, measure=False)
    assert told.rate.source == told.memory.source == "counted"
    assert told.rate.how.startswith("at least")
    assert 0 < told.seconds(job.trial) < row.estimate(
        job, plan, board, store, measure=True
    ).seconds(job.trial)  # fmt: skip


def test_what_cannot_be_counted_is_unknown(ask):
    job, plan, board, store = ask("prior")
    told = row.estimate(job, plan, board, store, measure=False)
    assert told == Estimate(
        Figure(None, "unknown", "its operations cannot be counted"),
        Figure(None, "unknown", "it was not measured"), None, "cpu",
    )  # fmt: skip


def test_whatever_a_guests_net_raises_is_told(ask, monkeypatch, tmp_path):
    job, plan, board, store = ask(f"{tmp_path}/net.py:Tiny")

    def raises(*rest):
        raise RuntimeError("CUDA out of memory.\nTried to allocate")

    monkeypatch.setattr(rehearsing, "rehearsed", raises)
    told = row.estimate(job, plan, board, store, measure=True)
    assert told.rate.how == "RuntimeError: CUDA out of memory."


def test_a_sample_has_the_lengths_of_all_and_the_longest_last(ask):
    job, _, board, _ = ask("prior")
    train, tests = rehearsing._fold(job, board)
    lengths = [board.pool.utterances[i].duration for i in rehearsing._spread(board.pool, train)]
    assert lengths == sorted(lengths)
    assert lengths[-1] == max(board.pool.utterances[i].duration for i in train)
    assert len(lengths) == min(64, len(train))
    assert sum(map(len, tests.values())) == job.trial.tests["savee"]["size"]


def test_a_worker_that_dies_is_told(ask, tmp_path):
    (tmp_path / "slow.py").write_text(
        SLOW.replace("time.sleep(self.seconds)", "import os; os._exit(3)")
    )
    job, plan, board, store = ask(f"{tmp_path}/slow.py:Slow")
    assert "exit code 3" in row.estimate(job, plan, board, store, measure=True).rate.how
    assert trying.SHORT < 60
