"""A process is told from every other one, and so from whoever got its number later."""

import dataclasses
import os
import subprocess
import sys

import pytest

from serbench import alive
from serbench.alive import Process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")


@pytest.fixture
def sleeper():
    """A child and what it is; killed at the end, unless the test has done so."""
    child = subprocess.Popen(["sleep", "60"])
    yield child, Process(child.pid, alive.kernel(), alive._state_and_birth(child.pid)[1])
    child.kill()
    child.wait()


def test_this_process_lives():
    assert Process.own().lives() is True
    assert Process.own() == Process.own()


def test_another_lives_until_it_is_killed(sleeper):
    child, process = sleeper
    assert process.lives() is True
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process.lives() is False  # a zombie: nobody has waited for it yet
    child.wait()
    assert process.lives() is False


def test_a_number_that_was_given_again_is_another_process(sleeper):
    _, process = sleeper
    assert dataclasses.replace(process, born="1").lives() is False


@pytest.mark.parametrize(
    "changed",
    [{"kernel": "another boot"}, {"kernel": ""}, {"born": ""}, {"pid": 0}, {"pid": -1},
     {"pid": 2**70}],
)  # fmt: skip
def test_what_cannot_be_seen_from_here_is_not_called_dead(changed):
    assert dataclasses.replace(Process.own(), **changed).lives() is None


def test_a_process_hidden_in_proc_is_not_called_dead(monkeypatch):
    own = Process.own()
    monkeypatch.setattr(alive, "_state_and_birth", lambda pid: ("", ""))
    assert own.lives() is None
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert dataclasses.replace(own, pid=gone.pid).lives() is False
