"""What is done when a device's memory runs out."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from serbench.errors import ModelError


class OutOfMemory(ModelError):
    """The device's memory did not suffice for a training."""


@contextmanager
def told() -> Iterator[None]:
    """Turn what torch raises when memory runs out into an error that says what to do.

    Raises
    ------
    OutOfMemory
        In its place.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not _is_memory(error):
            raise
        raise OutOfMemory(
            f"memory ran out: {str(error).splitlines()[0] if str(error) else 'none is left'}",
            expected="a device that holds the features and one training",
            advice="try a smaller --set batch=..., fewer --workers, or another device",
        ) from error


def ran_out(error: BaseException) -> bool:
    """Whether it was memory that an error is about."""
    return isinstance(error, OutOfMemory)


def release() -> None:
    """Give back what nothing holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _is_memory(error: BaseException) -> bool:
    """Torch has a class for CUDA's, and of the CPU's only words."""
    words = "DefaultCPUAllocator" in str(error) or "not enough memory" in str(error)
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or words
