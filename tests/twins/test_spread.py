"""Tasks done here or elsewhere, and workers that die."""

from __future__ import annotations

import os

import pytest

from serbench.errors import SerbenchError
from serbench.twins.spread import FEW, Steps, spread


def test_a_few_tasks_are_done_here():
    here = [pid for _, pid in spread(list(range(FEW - 1)), _process, None)]
    assert set(here) == {os.getpid()}
    assert dict(spread([-1, 2, -3], abs, 1)) == {-1: 1, 2: 2, -3: 3}


def _process(_: int) -> int:
    return os.getpid()


def test_others_do_what_they_are_told():
    assert dict(spread([-1, 2, -3], abs, 2)) == {-1: 1, 2: 2, -3: 3}


def test_a_task_that_ends_its_workers_ends_the_search():
    with pytest.raises(SerbenchError, match="exit code 7"):
        list(spread([7], os._exit, 2))


def test_steps_are_told_once_they_are_done():
    told: list[tuple[int, int]] = []
    steps = Steps(lambda done, known: told.append((done, known)), 3)
    steps.did(2)
    steps.did(0)
    steps.add(4)
    steps.did(5)
    assert told == [(2, 3), (7, 7)]
    Steps(None, 3).did(1)
