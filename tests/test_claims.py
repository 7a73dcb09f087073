"""Claims: who is at which trial, told and read without trust in any clock, file or name."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serbench import claims
from serbench.alive import Process
from serbench.choice import ModelChoice
from serbench.claim import Claim
from serbench.claiming import apart, claimed, worker_name
from serbench.jobs import Advanced, Ended, Job, Started, Unheard
from serbench.store import Store
from serbench.trial import Trial

ELSEWHERE = Process(4242, "another machine", "1")


def trial(seed=0):
    return Trial(
        protocol={"name": "loso", "corpora": ["toy"]}, labels={"name": "own"},
        task={"kind": "classes", "names": ["a", "b"]}, corpora={"toy": "f"}, split="s", folds=1,
        fold="s1", train={"digest": "b", "size": 1}, tests={"toy": {"digest": "c", "size": 3}},
        validation=None, target=None, model={"name": "m", "version": "1", "settings": {}},
        recipes=(), seed=seed,
    )  # fmt: skip


def job(root, seed=0, **changes):
    choice = ModelChoice("m", {})
    return Job(trial(seed), choice, roots={}, results=root, cache=root / "cache", **changes)


def write(root, *, seed=0, process=ELSEWHERE, silent=0.0, **changes):
    """A claim as another worker left it, heard of so many seconds ago."""
    claim = Claim(
        trial(seed).id, trial(seed).title, "node7", process, "cuda:0", "", "2026-11-22", 5.0, 12, 50
    )
    claim = dataclasses.replace(claim, **changes)
    name = f"{trial(seed).id}.node7.{process.pid}.{time.monotonic_ns():x}.json"
    path = claims.folder(root) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(claim.json())
    then = path.stat().st_mtime - silent
    os.utime(path, (then, then))
    return path


def files(root):
    return sorted(path.name for path in claims.folder(root).glob("*"))


def until(true, seconds=5.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "never came true"
        time.sleep(0.01)


def test_a_claim_stands_from_started_to_ended(tmp_path):
    heard = []
    first, second = trial(0).id, trial(1).id
    with claimed((job(tmp_path, 0), job(tmp_path, 1)), heard.append) as listen:
        assert files(tmp_path) == []
        listen(Started(first))
        listen(Started(second))
        found = claims.read(tmp_path)
        assert {one.claim.trial for one in found.seen} == {first, second}
        assert {one.state for one in found.seen} == {"at work"}
        assert found.seen[0].claim.process == Process.own()
        assert found.seen[0].claim.title == "m loso toy s1" + (
            " seed 1" if found.seen[0].claim.trial == second else ""
        )
        listen(Ended(first, 1.0))
        assert [one.claim.trial for one in claims.read(tmp_path).seen] == [second]
    assert files(tmp_path) == []
    assert heard == [Started(first), Started(second), Ended(first, 1.0)]


def test_a_claim_is_renewed_with_what_was_told_and_without(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "EVERY", 0.02)
    with claimed((job(tmp_path, device="cpu"),), lambda event: None) as listen:
        listen(Started(trial().id))
        (path,) = claims.folder(tmp_path).glob("*.json")
        written = path.stat().st_mtime_ns
        until(lambda: path.stat().st_mtime_ns > written)  # a model that tells nothing
        listen(Advanced(trial().id, 7, 50, "loss [bold]0.3\x1b[2J"))
        until(lambda: claims.read(tmp_path).seen[0].claim.done == 7)
        claim = claims.read(tmp_path).seen[0].claim
        assert (claim.total, claim.note, claim.device) == (50, "loss [bold]0.3?[2J", "cpu")
        assert claim.seconds > 0
        path.unlink()  # by a sweep on a machine that took it for dead
        until(path.exists)
    time.sleep(0.1)
    assert files(tmp_path) == []


@pytest.mark.parametrize("error", [Unheard, KeyboardInterrupt, ValueError])
def test_a_claim_is_given_up_whatever_ends_the_work(tmp_path, error):
    def at_work():
        with claimed((job(tmp_path),), lambda event: None) as listen:
            listen(Started(trial().id))
            assert len(files(tmp_path)) == 1
            raise error

    with pytest.raises(error):
        at_work()
    assert files(tmp_path) == []


@pytest.mark.parametrize("broken", ["a file in its place", "nothing can be written"])
def test_a_folder_that_cannot_be_written_costs_the_claim_alone(tmp_path, monkeypatch, broken):
    if broken == "a file in its place":
        claims.folder(tmp_path).write_text("")
    else:

        def full(*_, **__):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_text", full)
    heard = []
    with claimed((job(tmp_path),), heard.append) as listen:
        for event in (Started(trial().id), Advanced(trial().id, 1, 2, ""), Ended(trial().id, 1.0)):
            listen(event)
    assert len(heard) == 3
    assert claims.read(tmp_path).seen == ()


def test_a_killed_worker_is_gone_and_no_longer_busy(tmp_path):
    code = (
        "import sys, time; from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from test_claims import *\n"
        "with claimed((job(Path(sys.argv[1])),), print) as listen:\n"
        "    listen(Started(trial().id)); time.sleep(60)\n"
    )
    here = str(Path(__file__).parent)
    worker = subprocess.Popen([sys.executable, "-P", "-c", code, str(tmp_path), here])
    try:
        until(lambda: files(tmp_path) and not files(tmp_path)[0].startswith("."), 20)
        store = Store(tmp_path)
        assert claims.busy(store, [trial().id]) == {trial().id}
        assert claims.busy(store, [trial(1).id]) == frozenset()
    finally:
        worker.kill()
        worker.wait()
    (seen,) = claims.read(tmp_path).seen
    assert (seen.state, seen.claim.process.pid) == ("gone", worker.pid)
    assert claims.busy(store, [trial().id]) == frozenset()
    with claimed((job(tmp_path),), lambda event: None) as listen:  # it keeps nobody away
        listen(Started(trial().id))
        assert {one.state for one in claims.read(tmp_path).seen} == {"gone", "at work"}
        assert claims.busy(store, [trial().id]) == frozenset()  # this process is no other
    claims.sweep(tmp_path)
    assert files(tmp_path) == []


def test_two_workers_at_one_trial_both_stand(tmp_path):
    write(tmp_path)
    write(tmp_path, process=Process(4343, "a third machine", "2"))
    assert len(claims.read(tmp_path).seen) == 2
    assert claims.busy(Store(tmp_path), [trial().id]) == {trial().id}


@pytest.mark.parametrize(("silent", "state"), [(0, "at work"), (80, "at work"), (100, "silent")])
@pytest.mark.parametrize("wrong", [0.0, 1e9, -1e9])
def test_silence_is_measured_by_the_file_server_alone(tmp_path, monkeypatch, silent, state, wrong):
    write(tmp_path, silent=silent, started="1970-01-01T00:00:00+00:00")
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + wrong)  # the clock of this machine
    found = claims.read(tmp_path)
    assert not found.local_clock
    assert found.seen[0].state == state
    assert found.seen[0].silence == pytest.approx(silent, abs=5)
    assert found.seen[0].seconds == pytest.approx(5 + (silent if state == "at work" else 0), abs=5)


def test_a_time_to_come_is_not_believed(tmp_path):
    write(tmp_path, silent=-1e6)
    assert claims.read(tmp_path).seen[0].state == "silent"


def test_who_may_not_write_judges_by_his_own_clock(tmp_path, monkeypatch):
    write(tmp_path, silent=100)

    def refused(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refused)
    found = claims.read(tmp_path)
    assert found.local_clock
    assert found.seen[0].state == "silent"


def test_reading_leaves_nothing_behind(tmp_path):
    path = write(tmp_path)
    claims.read(tmp_path)
    assert files(tmp_path) == [path.name]
    claims.read(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_what_is_no_claim_is_named_and_passed_over(tmp_path):
    good = write(tmp_path)
    folder = good.parent
    name = "{}.h.1.{:x}.json"
    whole = json.loads(good.read_text())
    wrong = [
        "{", "[]", '"x"', "[" * 50000, '{"format": 9}', json.dumps(whole | {"process": None}),
        json.dumps(whole | {"process": {"pid": "7"}}), json.dumps(whole | {"seconds": "x"}),
        json.dumps(whole | {"seconds": -1}), json.dumps(whole) .replace("5.0", "NaN"),
        json.dumps(whole | {"done": True}), json.dumps(whole | {"done": 1, "total": None}),
        json.dumps(whole | {"trial": trial(1).id}), json.dumps(whole | {"note": "x" * 70000}),
        "\xff",
    ]  # fmt: skip
    for place, content in enumerate(wrong):
        (folder / name.format(trial().id, place)).write_text(content, encoding="latin1")
    (folder / "README").write_text("hello")
    (folder / f"{name.format(trial().id, 99)}").mkdir()
    (folder / f"{name.format(trial().id, 100)}").symlink_to(good)
    os.mkfifo(folder / name.format(trial().id, 101))
    (folder / "\x1b[2J\n").write_text("")
    found = claims.read(tmp_path)
    assert [one.path for one in found.seen] == [good]
    assert len(found.strange) == len(wrong) + 5
    assert all(line.isprintable() for line in found.strange)


def test_texts_are_made_fit_for_a_terminal(tmp_path):
    write(tmp_path, title="a\x1b]0;x\x07\nb", host="\ud800", note="n" * 5000)
    claim = claims.read(tmp_path).seen[0].claim
    assert claim.title == "a?]0;x? b"
    assert claim.host == "?"
    assert len(claim.note) == 300


def test_a_sweep_takes_the_dead_and_leaves_the_rest(tmp_path):
    living = write(tmp_path)
    silent = write(tmp_path, seed=1, silent=600)
    write(tmp_path, seed=2, silent=4000)
    own = Process.own()
    write(tmp_path, seed=3, process=dataclasses.replace(own, born="1"))
    foreign = living.with_name("README")
    foreign.write_text("")
    for name, age in ((".old.tmp", 4000), (".new.tmp", 10)):
        aside = living.with_name(name)
        aside.write_text("")
        os.utime(aside, (time.time() - age,) * 2)
    claims.sweep(tmp_path)
    assert set(files(tmp_path)) == {living.name, silent.name, foreign.name, ".new.tmp"}


def test_an_order_that_keeps_two_runs_apart(tmp_path):
    packs = [(job(tmp_path, 2 * n), job(tmp_path, 2 * n + 1)) for n in range(20)]
    assert apart(packs, []) == packs
    busy = {trial(0).id, trial(3).id}
    ordered = apart(packs, busy)
    assert ordered[-2:] == packs[:2]
    assert sorted(ordered, key=packs.index) == packs
    assert ordered[:-2] != packs[2:]  # 18! orders


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, ""),
        ({"SLURM_JOB_ID": "99"}, "slurm 99"),
        ({"SLURM_JOB_ID": "99", "SLURM_ARRAY_JOB_ID": "90", "SLURM_ARRAY_TASK_ID": "0"},
         "slurm 90_0"),
        ({"LSB_JOBID": "5", "LSB_JOBINDEX": "0"}, "lsf 5"),
        ({"JOB_ID": "6", "SGE_TASK_ID": "undefined"}, "sge 6"),
        ({"JOB_ID": "6"}, ""),
        ({"PBS_JOBID": "7.server"}, "pbs 7.server"),
    ],
)  # fmt: skip
def test_what_a_cluster_calls_a_worker(monkeypatch, environment, name):
    for variable in ("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "PBS_JOBID",
                     "LSB_JOBID", "LSB_JOBINDEX", "JOB_ID", "SGE_TASK_ID"):  # fmt: skip
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert worker_name() == name
