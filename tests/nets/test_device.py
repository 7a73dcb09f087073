from __future__ import annotations

import pytest
import torch

from serbench.errors import UsageError
from serbench.nets.device import describe, resolve


def test_auto_is_cuda_where_there_is_one_and_never_mps(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert resolve("auto") == torch.device("cpu")
    assert resolve("mps") == torch.device("mps")


def test_cuda_that_is_not_there_is_an_error_with_advice(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="sees no CUDA device") as error:
        resolve("cuda:1")
    assert "auto or cpu" in error.value.expected
    assert error.value.advice


def test_the_index_must_exist(monkeypatch):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    assert resolve("auto") == torch.device("cuda", 1)
    assert resolve("cuda:0") == torch.device("cuda", 0)
    with pytest.raises(UsageError, match="cuda:2") as error:
        resolve("cuda:2")
    assert "cuda:0, cuda:1" in error.value.expected


@pytest.mark.parametrize("name", ["gpu", "meta", "cuda:x", ""])
def test_unknown_devices_are_refused(name):
    with pytest.raises(UsageError):
        resolve(name)


def test_mps_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(UsageError, match="mps"):
        resolve("mps")


def test_a_device_has_a_name_for_people():
    assert describe(torch.device("cpu")).startswith("cpu: ")
    assert "threads" in describe(torch.device("cpu"))


@pytest.mark.gpu
def test_a_gpu_has_a_name_for_people():
    assert resolve("auto").type == "cuda"
    assert torch.cuda.get_device_name() in describe(resolve("auto"))
