from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
import torch
from torch import nn

from serbench.errors import UsageError
from serbench.nets import compiling
from serbench.nets.compiling import Compiled, there_is_a_compiler, wanted
from serbench.nets.training import train
from serbench.registry import load
from serbench.session import Session

CPU = torch.device("cpu")


def test_it_is_done_where_it_is_asked_for_and_can_be(monkeypatch, tiny):
    monkeypatch.setattr(compiling, "there_is_a_compiler", lambda device: True)
    timnet = load("models", "timnet")()
    assert wanted(timnet, True, CPU)
    assert not wanted(timnet, False, CPU)
    assert not wanted(tiny(), True, CPU)  # its batches are of any length
    monkeypatch.setattr(compiling, "there_is_a_compiler", lambda device: False)
    with pytest.raises(UsageError, match=r"expected: a C\+\+ compiler"):
        wanted(timnet, True, CPU)
    assert not wanted(timnet, False, CPU)


def test_a_compiler_is_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    assert not there_is_a_compiler(CPU)
    compiler = tmp_path / "clang++"
    compiler.touch(mode=0o755)
    assert there_is_a_compiler(CPU)
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert not there_is_a_compiler(CPU)


def _compiled(monkeypatch, passes, module):
    """With something in the place of what torch compiles."""
    monkeypatch.setattr(torch, "compile", lambda module, **settings: passes)
    entered = []

    @contextlib.contextmanager
    def apart():
        entered.append(True)
        yield

    return Compiled(module, apart), entered


def test_compilers_are_started_apart_and_once(monkeypatch):
    module = nn.Linear(2, 2)
    compiled, entered = _compiled(monkeypatch, module, module)
    x = torch.ones(1, 2)
    assert torch.equal(compiled(x), module(x))
    assert torch.equal(compiled(x), module(x))
    assert entered == [True]
    assert compiled.failure == ""


def test_where_compiling_fails_it_is_eager_for_good(monkeypatch):
    calls = []

    def broken(inputs):
        calls.append(inputs)
        raise RuntimeError("CppCompileError: C++ compile error\nlong output")

    module = nn.Linear(2, 2)
    compiled, _ = _compiled(monkeypatch, broken, module)
    x = torch.ones(1, 2)
    for _ in range(3):
        assert torch.equal(compiled(x), module(x))
    assert len(calls) == 1
    assert compiled.failure == "RuntimeError: CppCompileError: C++ compile error"


def test_what_is_wrong_with_the_net_is_said_by_the_net(monkeypatch):
    class Wrong(nn.Module):
        def forward(self, inputs):
            raise ValueError("the net's own fault")

    module = Wrong()
    compiled, _ = _compiled(monkeypatch, module, module)
    with pytest.raises(ValueError, match="own fault"):
        compiled(torch.ones(1))


def test_only_full_batches_are_compiled_and_the_net_knows(monkeypatch, speech, tiny):
    sizes = []

    def passes_of(module, **settings):
        def passes(inputs):
            sizes.append(len(inputs["noise"].values))
            return module(inputs)

        return passes

    monkeypatch.setattr(torch, "compile", passes_of)
    monkeypatch.setattr(compiling, "there_is_a_compiler", lambda device: True)
    monkeypatch.setattr(tiny, "compilable", True)
    net = tiny(epochs=2, batch=8)
    train(net, speech(21), seed=0, session=Session(device="cpu", compile=True))
    assert sizes == [8] * 4
    assert net.compiled_ is True
    eager = replace(net)
    train(eager, speech(21), seed=0, session=Session(device="cpu"))
    assert eager.compiled_ is False


@pytest.mark.slow
def test_compiled_and_eager_passes_agree():
    """In float64, so that rounding explains no more than 1e-10."""
    import numpy as np

    from serbench.data import LabelledUtterances
    from serbench.labels import Classes

    if not there_is_a_compiler(CPU):
        pytest.skip("no C++ compiler")

    class Frames:
        def feature(self, row, recipe):
            return np.random.default_rng(row).normal(size=(12, 4)).astype(np.float32)

    rows = np.arange(16)
    data = LabelledUtterances(Classes(("a", "b")), Frames(), rows, y=rows % 2, speakers=rows)
    weights = []
    for choice in (True, False):
        net = load("models", "timnet")(filters=4, blocks=1, epochs=3, batch=8)
        session = Session(device="cpu", precision="float64", compile=choice)
        train(net, data, seed=0, session=session)
        assert net.compiled_ is choice
        weights.append(torch.cat([p.flatten() for p in net.module_.parameters()]))
    assert (weights[0] - weights[1]).abs().max() < 1e-10
