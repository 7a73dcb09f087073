"""How exactly torch computes, and whose random numbers it draws: set for a while, then put back.

What a training needs of torch's global state it borrows through these contexts. The process that
called it finds its own settings and its own random numbers as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from serbench.session import Precision


def mixed(precision: Precision, device: torch.device) -> bool:
    """Whether the forward pass runs in bfloat16 (autocast; weights and loss stay float32)."""
    return precision == "bfloat16" or (precision == "auto" and device.type == "cuda")


def precise(precision: Precision) -> torch.dtype:
    """What weights, features and loss are held in."""
    return torch.float64 if precision == "float64" else torch.float32


def at_least_single(tensor: Tensor) -> Tensor:
    """The tensor in float32; a float64 one as it is."""
    return tensor if tensor.dtype == torch.float64 else tensor.float()


@contextmanager
def repeatable(*, exact: bool) -> Iterator[None]:
    """Same numbers again on the same device, with the same library and number of threads.

    Deterministic kernels where torch has them (a warning where it has none), no search for the
    fastest kernel, and float32 products in float32. Without ``exact``, cuDNN's recurrences and
    convolutions may round their factors to TF32 (10 bits of mantissa), which is still finer than
    the bfloat16 (7 bits) of what autocast reaches.
    """
    cudnn: Any = torch.backends.cudnn
    memory: Any = torch.utils.deterministic
    mode = torch.get_deterministic_debug_mode()
    flags = cudnn.deterministic, cudnn.benchmark, memory.fill_uninitialized_memory
    with _float32(tf32_in_cudnn=not exact):
        try:
            torch.set_deterministic_debug_mode("warn")
            cudnn.deterministic, cudnn.benchmark = True, False
            memory.fill_uninitialized_memory = False  # takes time, and no result rests on it
            yield
        finally:
            cudnn.deterministic, cudnn.benchmark, memory.fill_uninitialized_memory = flags
            torch.set_deterministic_debug_mode(mode)


@contextmanager
def _float32(*, tf32_in_cudnn: bool) -> Iterator[None]:
    """How float32 products are rounded, for a while.

    torch has two interfaces to this, and refuses to read by the old one what was written by the
    new one (torch.compile and others read by the old). So it is written by the old one, which keeps
    both in step, and put back by both.
    """
    cudnn: Any = torch.backends.cudnn
    onednn: Any = torch.backends.mkldnn
    parts = [torch.backends.cuda.matmul, onednn.matmul, cudnn.conv, cudnn.rnn]
    before = [part.fp32_precision for part in parts]
    try:
        overall = torch.get_float32_matmul_precision(), cudnn.allow_tf32
    except RuntimeError:  # the caller uses the new interface
        overall = None
    try:
        torch.set_float32_matmul_precision("highest")
        cudnn.allow_tf32 = tf32_in_cudnn
        yield
    finally:
        if overall is not None:
            torch.set_float32_matmul_precision(overall[0])
            cudnn.allow_tf32 = overall[1]
        for part, precision in zip(parts, before, strict=True):
            part.fp32_precision = precision


@contextmanager
def own_randomness(seed: int, device: torch.device) -> Iterator[None]:
    """Random numbers of this device and of the CPU from a seed, and the caller's put back after."""
    on_cuda = device.type == "cuda"
    with torch.random.fork_rng([device.index] if on_cuda else [], device_type="cuda"):
        # torch.manual_seed would seed the generators of all other devices too.
        torch.default_generator.manual_seed(seed)
        if on_cuda:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield
