from __future__ import annotations

import collections
import logging
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from serbench.behaviour.state import change, shared_state_of, state_of


class Holder:
    def __init__(self, **parts):
        self.__dict__.update(parts)


def _changes(before, after):
    """Whether two objects, held alike, are told apart."""
    return bool(change(state_of(Holder(part=before)), state_of(Holder(part=after))))


@dataclass
class Point:
    x: float
    y: list


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


class Rude:
    """Whatever is asked of it beside its attributes fails."""

    def __init__(self, value):
        self.value = value

    def _fail(self, *args):
        raise RuntimeError

    __repr__ = __str__ = __eq__ = __hash__ = __getstate__ = __reduce__ = __len__ = __iter__ = _fail


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (1, 2),
        (1, 1.0),
        (1, True),
        (0.0, -0.0),
        ("a", b"a"),
        (None, 0),
        ([1, 2], [2, 1]),
        ([1], (1,)),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({1, 2}, {1, 3}),
        (range(3), range(4)),
        (np.zeros(3), np.zeros(4)),
        (np.zeros(4), np.zeros((2, 2))),
        (np.zeros(2, np.float32), np.zeros(2, np.float64)),
        (np.array([0.0]), np.array([1e-12])),
        (np.float32(1), np.float32(2)),
        (np.array(["a", None], object), np.array(["b", None], object)),
        (np.random.default_rng(0), np.random.default_rng(1)),
        (np.random.RandomState(0), np.random.RandomState(1)),
        (random.Random(0), random.Random(1)),
        (Point(1.0, [2]), Point(1.0, [3])),
        (Slotted(1), Slotted(2)),
        (Rude(1), Rude(2)),
        (Path("a"), Path("b")),
        (collections.deque([1]), collections.deque([2])),
        (list(range(5000)), [*range(4999), 0]),
        ([np.zeros(2)] * 3, [np.zeros(2), np.ones(2), np.zeros(2)]),
    ],
)
def test_what_differs_is_told_apart_and_what_is_equal_is_not(one, two):
    import copy

    assert _changes(one, two)
    assert _changes(two, one)
    same = one if isinstance(one, Rude) else copy.deepcopy(one)
    assert not _changes(one, same)


def test_changed_added_and_removed_parts_are_named():
    before = Holder(mean=np.zeros(2), seen=[1, 2], gone=1)
    after = Holder(mean=np.ones(2), seen=[1, 2, 3], deep={"a": {"b": 1}})
    found = change(state_of(before), state_of(after))
    assert found.changed == ("mean",)
    assert found.added == ("deep", "deep[a]", "deep[a][b]", "seen[2]")
    assert found.removed == ("gone",)
    assert found.every[0] == "deep"
    assert not change(state_of(before), state_of(before))


def test_circles_and_shared_parts_end():
    one, two = Holder(), Holder()
    for model in (one, two):
        model.again, model.list = model, [1]
        model.list.append(model.list)
        model.array = np.zeros(2)
        model.twin = model.array
    assert not change(state_of(one), state_of(two))
    two.twin = np.zeros(2)  # equal, but no longer one array: what changes one leaves the other
    assert change(state_of(one), state_of(two)).changed == ("twin",)


def test_a_fitted_estimator_is_read_and_predicting_leaves_it():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    for last in (SVC(), LogisticRegression()):
        model = Holder(pipeline=make_pipeline(StandardScaler(), last).fit(x, y))
        before = state_of(model)
        model.pipeline.predict(x)
        assert not change(before, state_of(model))
        model.pipeline[0].mean_ += 1e-9
        assert change(before, state_of(model)).changed == ("pipeline.steps[0][1].mean_",)


def test_a_module_is_read_by_its_parameters_buffers_and_plain_attributes():
    import torch

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    model = Holder(module_=module.eval(), device_=torch.device("cpu"))
    before = state_of(model)
    module(torch.zeros(4, 2))
    assert not change(before, state_of(model))
    module.train()(torch.ones(4, 2))
    names = change(before, state_of(model)).changed
    assert "module_.1.running_mean" in names
    assert "module_.1:training" in names
    module.eval()
    before = state_of(model)
    with torch.no_grad():
        module[0].weight[0, 0] += 1e-7
    assert change(before, state_of(model)).changed == ("module_.0.weight",)
    tensors = {
        "half": torch.zeros(2, dtype=torch.bfloat16),
        "none": torch.zeros(0),
        "turned": torch.arange(6).reshape(2, 3).T,
        "one": torch.tensor(1.0),
        "sparse": torch.eye(2).to_sparse(),
    }
    for tensor in tensors.values():
        assert not _changes(tensor, tensor.clone())
        if tensor.numel():
            assert _changes(tensor, tensor * 2 if tensor.is_sparse else tensor + 1)


def test_frames_are_read_without_their_caches():
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2], "b": [3.0, 4.0]})
    model = Holder(frame=frame)
    before = state_of(model)
    _ = frame["a"]
    assert not change(before, state_of(model))
    frame.loc[0, "b"] = 5.0
    assert change(before, state_of(model)).changed == ("frame.to_numpy()",)


def test_functions_and_the_standard_librarys_objects_count_by_their_type():
    import threading

    assert not _changes(lambda: 1, lambda: 2)
    assert not _changes(logging.getLogger("a"), logging.getLogger("b"))
    assert not _changes(threading.Lock(), threading.Lock())
    assert _changes(threading.Lock(), None)


@pytest.fixture
def guests():
    """A module of a guest's, with a base class in another module of the same package."""
    made = {}
    for name, source in {
        "guests_for_test": "",
        "guests_for_test.base": "class Base:\n    seen = []\nPOOL = {}\n",
        "guests_for_test.own": (
            "import numpy as np\nfrom guests_for_test.base import Base\nTABLE = [1]\n"
            "class Own(Base):\n    '''Doc.'''\n    count = 0\n    def fit(self): pass\n"
        ),
    }.items():
        made[name] = ModuleType(name)
        sys.modules[name] = made[name]
        exec(source, made[name].__dict__)
    yield made
    for name in made:
        del sys.modules[name]


def test_what_all_instances_share_is_read(guests):
    own, base = guests["guests_for_test.own"], guests["guests_for_test.base"]
    model = own.Own()
    before = shared_state_of(model)
    model.mine = 1  # its own, and nobody else's
    assert not change(before, shared_state_of(model))
    base.POOL["x"] = 1
    own.TABLE[0] = 2
    base.Base.seen.append(1)
    own.Own.count += 1
    found = change(before, shared_state_of(model))
    assert found.changed == ("Own.count", "guests_for_test.own:TABLE[0]")
    assert found.added == ("Base.seen[0]", "guests_for_test.base:POOL[x]")


def test_a_model_of_many_parts_is_read_all_the_same():
    model = Holder(table={i: [i, str(i)] for i in range(9_000)}, long=list(range(10**5)))
    model.last = np.zeros(3)
    before = state_of(model)
    assert 20_000 < len(before) < 30_000
    model.long[-1] = 0
    model.last[0] = 1
    assert change(before, state_of(model)).changed == ("last", "long")
