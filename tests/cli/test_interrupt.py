"""Ctrl-C and kill -9: what is finished stays, nobody is left, the same command goes on."""

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


PATIENT = """
import time
from pathlib import Path
import numpy as np

HERE = Path({folder!r})

class Patient:
    \"""Its first training ends at once; every other waits for a file.\"""

    def fit(self, train, *, seed):
        try:
            (HERE / "first").touch(exist_ok=False)
        except FileExistsError:
            waiting = time.monotonic() + 60
            while not (HERE / "go").exists() and time.monotonic() < waiting:
                time.sleep(0.01)
        return self

    def predict_proba(self, test):
        return np.full((len(test), 7), 1 / 7)
"""


@pytest.fixture
def patient(tmp_path):
    """A model that is in its second training for as long as nobody lets it go."""
    (tmp_path / "patient.py").write_text(PATIENT.format(folder=str(tmp_path)))
    return f"{tmp_path / 'patient.py'}:Patient"


@pytest.fixture
def words(forged_savee):
    """The command ``serbench run`` over four folds, without its name."""

    def run(model, *options):
        return [
            "run", "--model", model, "--protocol", "loso", "--corpus", "savee",
            "--corpus-root", f"savee={forged_savee}", "--allow-partial", "--json", *options,
        ]  # fmt: skip

    return run


@pytest.fixture
def start(command_line):
    """Starts a command in a session of its own, in the environment of ``command_line``."""

    def run(words):
        return subprocess.Popen(
            [sys.executable, "-m", "serbench", *words], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    return run


def after_the_first_trial(folder):
    """The results folder, when a trial is in it."""
    store = Store(folder)
    deadline = time.monotonic() + 120
    while not any(store.ids()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return store


def interrupted(running, store):
    """Ctrl-C, as a terminal sends it: to all of them. The trials that are kept."""
    below = children_of(running.pid)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=120)
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
    return kept


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")


@pytest.mark.slow
@needs_proc
def test_interrupted_net(command_line, words, start, tmp_path):
    command = words("dblmm", "--set", "hidden=4", "--set", "epochs=12", "--workers", "2")
    running = start(command)
    kept = interrupted(running, after_the_first_trial(tmp_path / "results"))
    again = command_line(*command)
    assert json.loads(again.stdout)[0]["trials_done"] == 4
    assert f"{len(kept)} found finished" in again.stderr


@needs_proc
def test_interrupted_processes(words, start, patient, tmp_path):
    command = words(patient, "--executor", "processes", "--workers", "2")
    running = start(command)
    kept = interrupted(running, after_the_first_trial(tmp_path / "results"))
    (tmp_path / "go").touch()
    out, err = start(command).communicate(timeout=120)
    assert json.loads(out)[0]["trials_done"] == 4
    assert f"{len(kept)} found finished" in err


def test_a_killed_run_goes_on(words, start, patient, tmp_path):
    """Kill the whole process in the middle; the same command runs only what is missing."""
    command = words(patient)
    victim = start(command)
    store = after_the_first_trial(tmp_path / "results")
    os.kill(victim.pid, signal.SIGKILL)
    victim.communicate()
    before = {i: (store.folder(i) / "record.json").stat().st_mtime_ns for i in store.ids()}
    assert 0 < len(before) < 4
    (tmp_path / "go").touch()
    again = start(command)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    (row,) = json.loads(out)
    assert (row["trials_done"], row["trials_planned"]) == (4, 4)
    for trial_id, written in before.items():
        assert (store.folder(trial_id) / "record.json").stat().st_mtime_ns == written
