"""Runs through a real Slurm, with two GPUs that are not there."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from serbench.errors import UsageError
from serbench.executors.fitness import ClusterError
from serbench.executors.job_queues import LSF, PBS, SGE, Slurm
from serbench.jobs import Ended, Started
from serbench.store import Store

pytest.importorskip("dask_jobqueue")
BIN = Path(sys.executable).parent


@pytest.fixture
def section(tmp_path):
    """A section of jobqueue.yaml: a GPU a job."""
    import dask

    said = {
        "cores": 1,
        "memory": "900MB",
        "interface": "lo",
        "walltime": "00:10:00",
        "job-extra-directives": ["--gres=gpu:1"],
        "log-directory": str(tmp_path / "logs"),
        "local-directory": str(tmp_path / "scratch"),
    }
    queues = ("slurm", "pbs", "sge", "lsf")
    with dask.config.set(
        {f"jobqueue.{queue}.{name}": value for queue in queues for name, value in said.items()}
    ):
        yield


def diary(folder):
    return Counter(file.name.partition("-")[0] for file in (folder / "diary").iterdir())


def in_queue():
    said = subprocess.run(["squeue", "--noheader"], capture_output=True, text=True, check=True)
    return said.stdout.strip()


@pytest.mark.slurm
def test_a_worker_killed_in_the_middle(slurm, section, jobs, tmp_path):
    """Two jobs with one GPU each, one worker killed by -9 when two trials are done."""
    wanted = jobs(seeds=3, dies="1", after="2", seconds="0.5")
    heard = []
    Slurm(2).run([(job,) for job in wanted], heard.append)
    assert diary(tmp_path) == {"began": 13, "died": 1, "trained": 12}
    ended = Counter(event.trial for event in heard if isinstance(event, Ended))
    assert ended == {job.trial.id: 1 for job in wanted}
    assert not any(event.failure for event in heard if isinstance(event, Ended))
    store = Store(tmp_path / "results")
    assert sorted(store.ids()) == sorted(job.trial.id for job in wanted)
    assert all(store.whole(job.trial.id) for job in wanted)
    notes = [file.read_text().split() for file in (tmp_path / "diary").glob("trained-*")]
    assert {gpu for _, gpu in notes} == {"0", "1"}  # each worker had its own
    wait_until(lambda: not in_queue())


@pytest.mark.slurm
def test_a_cancelled_job_is_put_into_the_queue_again(slurm, section, jobs, tmp_path):
    """The whole job goes, nanny and all, as when its time is over or its node dies."""
    import dask

    wanted = jobs(seconds="1.0")
    heard = []

    def listen(event):
        heard.append(event)
        if isinstance(event, Ended) and sum(isinstance(one, Ended) for one in heard) == 1:
            subprocess.run(["scancel", "--state=running"], check=True)

    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1s"}):
        Slurm(1).run([(job,) for job in wanted], listen)
    ended = Counter(event.trial for event in heard if isinstance(event, Ended))
    assert ended == {job.trial.id: 1 for job in wanted}
    assert diary(tmp_path)["trained"] == 4


@pytest.mark.slurm
def test_a_job_with_nothing_left_to_do_is_given_back(slurm, section, jobs):
    """Three long trials on two workers: while the last is trained, there is one job."""
    seen = []

    def listen(event):
        if isinstance(event, Started):
            seen.append([])
            if len(seen) == 3:
                threading.Thread(target=watch, daemon=True).start()

    def watch():
        while time.monotonic() < end:
            seen[-1].append(len(in_queue().splitlines()))
            time.sleep(0.5)

    end = time.monotonic() + 120
    wanted = jobs(seconds="8.0")[:3]
    Slurm(2).run([(job,) for job in wanted], listen)
    end = 0.0
    assert seen[-1][0] == 2
    assert 1 in seen[-1]
    assert len(list(Store(wanted[0].results).ids())) == 3


@pytest.mark.slurm
def test_a_job_that_slurm_refuses(slurm, section, jobs):
    import dask

    with (
        dask.config.set({"jobqueue.slurm.queue": "nowhere"}),
        pytest.raises(ClusterError, match=r"sbatch refused a job: .*[Pp]artition"),
    ):
        Slurm(1).run([(job,) for job in jobs()], lambda event: None)
    wait_until(lambda: not in_queue())


@pytest.mark.slurm
def test_a_job_array_without_any_engine(slurm, forged_savee, tmp_path, monkeypatch):
    """``serbench plan`` once, and ``serbench work`` in each job of an array."""
    monkeypatch.setenv("SERBENCH_CACHE", str(tmp_path / "cache"))
    run = [
        "--model", "prior", "--protocol", "loso", "--corpus", "savee", "--allow-partial",
        "--corpus-root", f"savee={forged_savee}",
    ]  # fmt: skip
    subprocess.run(
        [BIN / "serbench", "plan", *run, "--results", tmp_path / "results", "-o",
         tmp_path / "plan.jsonl", "--no-measure"],
        check=True, capture_output=True,
    )  # fmt: skip
    script = tmp_path / "array.sh"
    script.write_text(
        f"#!/bin/bash\n{BIN}/serbench work {tmp_path}/plan.jsonl --shard $SLURM_ARRAY_TASK_ID/2\n"
    )
    subprocess.run(
        ["sbatch", "--array=1-2", "--gres=gpu:1", "--mem=900", f"--output={tmp_path}/%a.log",
         script],
        capture_output=True, check=True,
    )  # fmt: skip
    wait_until(lambda: not in_queue(), 120)
    logs = [log.read_text() for log in sorted(tmp_path.glob("*.log"))]
    assert ["2 trials: 2 run" in log for log in logs] == [True, True], logs
    assert len(list(Store(tmp_path / "results").ids())) == 4


def wait_until(done, seconds=30.0):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("executor", "asks"),
    [(Slurm, "#SBATCH"), (PBS, "#PBS"), (SGE, "#$"), (LSF, "#BSUB")],
)
def test_every_queue_asks_for_one_worker_a_job(executor, asks, section, tmp_path, monkeypatch):
    """The script that would be put into the queue; no queue is needed for it."""
    (tmp_path / "bin").mkdir()
    for command in ("sbatch", "qsub", "bsub", "lsid"):
        (tmp_path / "bin" / command).write_text("#!/bin/sh\n")
        (tmp_path / "bin" / command).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    script = executor(2).script()
    assert asks in script
    assert f"{asks} --gres=gpu:1" in script
    assert "--nthreads 1" in script
    assert "--nworkers" not in script


def test_what_a_queue_must_be_told(section, monkeypatch):
    import dask

    with pytest.raises(UsageError, match="--workers N"):
        Slurm()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ClusterError, match="no sbatch on this machine"):
        Slurm(2)
    monkeypatch.undo()
    monkeypatch.setattr("shutil.which", lambda name: name)
    with (
        dask.config.set({"jobqueue.slurm.cores": None}),
        pytest.raises(ClusterError, match=r"'slurm' of jobqueue\.yaml does not do: .* cores"),
    ):
        Slurm(2)
    with pytest.raises(ClusterError, match=r"'elsewhere' .*: there is no such section"):
        Slurm(2, config="elsewhere")


def test_another_section_says_only_what_is_otherwise(section, monkeypatch):
    import dask

    monkeypatch.setattr("shutil.which", lambda name: name)
    with dask.config.set({"jobqueue.a100": {"queue": "gpu-a100", "cores": 6}}):
        script = Slurm(2, config="a100").script()
    assert "#SBATCH -p gpu-a100" in script
    assert "#SBATCH --cpus-per-task=6" in script
    assert "--nthreads 6" in script
    assert "#SBATCH --gres=gpu:1" in script
