"""A Slurm of one node on the loopback: controller and daemon are real, its two GPUs are not."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "sinfo", "scancel")
GPUS = ("/dev/null", "/dev/zero")  # stand in for /dev/nvidia0 and 1: Slurm only counts them

CONFIGURATION = """
ClusterName=serbench
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
GresTypes=gpu
SlurmdParameters=config_overrides
ReturnToService=2
MailProg=/bin/true
MinJobAge=600
KillWait=1
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=4000 Gres=gpu:{gpus} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@pytest.fixture(scope="session")
def slurm() -> Iterator[Path]:
    """The folder of a running Slurm; skips the test where there is none to run."""
    if reason := _unable():
        pytest.skip(reason)
    with _one_node() as folder:
        yield folder


def _unable() -> str:
    """Why no Slurm can be run here; "" if it can."""
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    missing = [name for name in NEEDED if shutil.which(name, path=path) is None]
    if missing:
        return f"no {', '.join(missing)} here: apt-get install slurm-wlm munge"
    return "" if os.geteuid() == 0 else "slurmd needs root"


@contextlib.contextmanager
def _one_node() -> Iterator[Path]:
    """Run a Slurm of its own; in the block, $SLURM_CONF leads every command to it."""
    folder = Path(tempfile.mkdtemp(prefix="serbench-slurm-"))  # short: a socket's path has an end
    folder.chmod(0o755)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o600)
    host = socket.gethostname().partition(".")[0]
    (folder / "slurm.conf").write_text(
        CONFIGURATION.format(
            host=host, folder=folder, controller=_port(), daemon=_port(), gpus=len(GPUS)
        )
    )
    (folder / "gres.conf").write_text(
        "".join(f"NodeName={host} Name=gpu File={file}\n" for file in GPUS)
    )
    environment = os.environ | {
        "SLURM_CONF": f"{folder}/slurm.conf", "PATH": f"{os.environ['PATH']}:/usr/sbin",
    }  # fmt: skip
    commands = (
        ["munged", "--foreground", "--force", f"--key-file={folder}/munge.key",
         f"--socket={folder}/munge.socket", f"--pid-file={folder}/munged.pid",
         f"--log-file={folder}/munged.log", f"--seed-file={folder}/munged.seed"],
        ["slurmctld", "-D"],
        ["slurmd", "-D", "-N", host],
    )  # fmt: skip
    before = {name: os.environ.get(name) for name in ("SLURM_CONF", "PATH")}
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            with (folder / f"{command[0]}.out").open("wb") as out:
                processes.append(
                    subprocess.Popen(
                        command, env=environment, stdout=out, stderr=out, start_new_session=True
                    )
                )
            if command[0] == "munged":
                _wait(lambda: (folder / "munge.socket").exists(), folder)
        os.environ.update({name: environment[name] for name in before})
        _wait(lambda: _says("sinfo", "--noheader", "--format=%T") == "idle", folder)
        yield folder
    finally:
        _says("scancel", "--state=running")
        _says("scancel", "--state=pending")
        for process in reversed(processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()
            process.wait()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _says(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip()


def _wait(until, folder: Path, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            logs = [f"{path.name}: {path.read_text()[-800:]}" for path in folder.glob("*.[ol]*")]
            raise TimeoutError("no Slurm within a minute\n" + "\n".join(logs))
        time.sleep(0.1)
