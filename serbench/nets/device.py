"""Which device a training runs on, and what it is called in a result's provenance."""

from __future__ import annotations

import os

import torch

from serbench.errors import UsageError
from serbench.processor import processor


def resolve(device: str) -> torch.device:
    """The device of that name, if this machine has it.

    "auto" is CUDA where there is one and the CPU elsewhere. Apple's "mps" is used on request only:
    its kernels are not all deterministic, and results should not differ by laptop.

    For CUDA, ``CUBLAS_WORKSPACE_CONFIG`` is set in this process unless it is set already: without
    it cuBLAS may add in another order each time.

    Raises
    ------
    UsageError
        If there is no such device.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        found = torch.device(device)
    except RuntimeError:
        found = torch.device("meta")  # refused below
    if found.type == "cuda":
        return _cuda(device, found)
    if found.type == "mps" and not torch.backends.mps.is_available():
        raise UsageError(f"the device {device!r} is not there", expected="a Mac with Apple silicon")
    if found.type not in {"cpu", "mps"}:
        raise UsageError(
            f"the device {device!r} is unknown", expected="auto, cpu, cuda, cuda:1, mps"
        )
    return found


def describe(device: torch.device) -> str:
    """The device for people: "cuda: NVIDIA H100 80GB HBM3", "cpu: AMD EPYC 7543, 2 threads"."""
    if device.type == "cuda":
        return f"cuda: {torch.cuda.get_device_name(device)}"
    if device.type == "cpu":
        return f"cpu: {processor()}, {torch.get_num_threads()} threads"
    return f"{device.type}: {processor()}"


def _cuda(name: str, found: torch.device) -> torch.device:
    if not torch.cuda.is_available():
        raise UsageError(
            f"the device {name!r} was asked for, and torch {torch.__version__} sees no CUDA device",
            expected="auto or cpu on this machine",
            advice="see nvidia-smi, and install a torch that is built for CUDA",
        )
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    index = torch.cuda.current_device() if found.index is None else found.index
    count = torch.cuda.device_count()
    if index >= count:
        known = ", ".join(f"cuda:{i}" for i in range(count))
        raise UsageError(f"the device {name!r} is not there", expected=f"auto, cpu, {known}")
    return torch.device("cuda", index)


def available() -> list[str]:
    """What "auto" may hand to several workers: every CUDA device, else "auto" itself."""
    return [f"cuda:{i}" for i in range(torch.cuda.device_count())] or ["auto"]


def limit_threads(count: int) -> None:
    """Let torch use so many threads in this process, so that workers do not crowd each other."""
    torch.set_num_threads(count)
