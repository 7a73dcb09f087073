"""Ctrl-C: what is finished stays, nobody is left behind, the same command goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serbench.store import Store


def children_of(pid):
    """Every process below this one, by /proc."""
    found, stack = set(), [pid]
    while stack:
        parent = stack.pop()
        try:
            listed = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
        except OSError:
            continue
        below = [int(word) for word in listed.split()]
        found.update(below)
        stack += below
    return found


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_interrupted_run(forged_savee, tmp_path, executor):
    command = [
        sys.executable, "-m", "serbench", "run", "--model", "dblmm", "--protocol", "loso",
        "--corpus", "savee", "--corpus-root", f"savee={forged_savee}", "--allow-partial",
        "--set", "hidden=4", "--set", "epochs=12", "--executor", executor, "--workers", "2",
        "--json",
    ]  # fmt: skip
    environment = dict(
        os.environ,
        SERBENCH_RESULTS=str(tmp_path / "results"),
        SERBENCH_CACHE=str(tmp_path / "cache"),
    )
    running = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    store = Store(tmp_path / "results")
    deadline = time.monotonic() + 120
    while not any(store.ids()) and time.monotonic() < deadline:
        time.sleep(0.05)
    below = children_of(running.pid)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal sends it: to all of them
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "the same command goes on" in err
    assert "Traceback" not in err
    assert out == ""
    for _ in range(50):
        if not any(alive(pid) for pid in below):
            break
        time.sleep(0.1)
    assert [pid for pid in below if alive(pid)] == []
    kept = list(store.ids())
    assert 0 < len(kept) < 4
    assert all(store.whole(i) for i in kept)
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(again.stdout)[0]["trials_done"] == 4
    assert f"{len(kept)} found finished" in again.stderr
