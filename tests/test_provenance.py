"""Provenance of a training: its size as a number that JSON knows, whatever a guest returns."""

import json
import time

import numpy as np
import pytest

from serbench.labels import Classes
from serbench.provenance import collect

TASK = Classes(("low", "high"))


class Plain:
    """A model without parameters."""

    recipes = ()


class Sized(Plain):
    def __init__(self, size):
        self.size = size

    def parameters_for(self, task):
        if isinstance(self.size, Exception):
            raise self.size
        return self.size(task)


def collected(model, **changes):
    fields = {
        "started": time.time(), "device": "cpu", "precision": "auto", "keep": None, "threads": 1,
        "code": "c", "model": model, "task": TASK, "extractors": (),
    }  # fmt: skip
    return json.loads(json.dumps(collect(**(fields | changes))))


def test_a_size_is_that_for_the_task():
    assert collected(Sized(lambda task: 3 * len(task.names)))["parameters"] == 6
    assert collected(Plain())["parameters"] is None


def test_numpys_whole_numbers_are_whole_numbers():
    assert collected(Sized(lambda _: np.int64(7)))["parameters"] == 7


@pytest.mark.parametrize("size", [True, 0, -1, 1.5, "7", None, np.array([1, 2])])
def test_no_size_loses_no_training(size):
    assert collected(Sized(lambda _: size))["parameters"] is None


def test_a_size_that_fails_loses_no_training():
    assert collected(Sized(ValueError("classes alone")))["parameters"] is None


def test_seconds_are_a_share_where_one_is_given():
    assert collected(Plain(), seconds=1.5, stacked=4)["seconds"] == 1.5
    assert collected(Plain(), started=time.time() - 60)["seconds"] == pytest.approx(60, abs=5)
