"""Forward and backward passes compiled on request, and what is done where that fails.

:func:`torch.compile` writes kernels for one shape of batch, which takes a minute or more; a later
process finds them in inductor's cache. So it can pay for long trainings of nets whose batches are
of one shape (``compilable``). Only full batches go through it: the last of an epoch would be
another shape. Rounding differs from the eager pass in the last bits; a result's provenance says
which it was.

It is never done unasked: a compiled kernel is a program that nobody has tried before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import torch

from serbench.errors import UsageError

if TYPE_CHECKING:
    from serbench.nets.net import Net

COMPILERS = ("g++", "clang++", "c++")


def wanted(net: Net, asked: bool, device: torch.device) -> bool:
    """Whether a training's passes are to be compiled: if that is asked for, and the net's can be.

    Raises
    ------
    UsageError
        If there is nothing on this machine to compile with.
    """
    if not (asked and net.compilable):
        return False
    if not there_is_a_compiler(device):
        what = "Triton" if device.type == "cuda" else "a C++ compiler, such as g++"
        raise UsageError("--compile", expected=what, advice="leave it out: passes are eager then")
    return True


def there_is_a_compiler(device: torch.device) -> bool:
    """Whether this machine can compile for a device: a C++ compiler, or Triton for CUDA."""
    if device.type == "cuda":
        from torch.utils._triton import has_triton

        return bool(has_triton())
    named = os.environ.get("CXX")
    return any(shutil.which(name) for name in ((named,) if named else COMPILERS))


class Compiled:
    """A pass that is compiled, backward too, at the first call; eager for good if that fails.

    Parameters
    ----------
    eager
        A module, whose weights stay its own, or a function of tensors.
    apart
        Entered while it is compiled: compilers that are started are nothing that the model does.

    Attributes
    ----------
    failure
        Why it is eager, once that is known; "": it is not.
    """

    def __init__(
        self, eager: Callable[..., Any], apart: Callable[[], AbstractContextManager[object]]
    ) -> None:
        self.eager, self.apart = eager, apart
        self.failure = ""
        self._passes: Callable[..., Any] = torch.compile(eager, dynamic=False)  # nothing yet
        self._first = True

    def __call__(self, *given: Any) -> Any:
        if self.failure:
            return self.eager(*given)
        if not self._first:
            return self._passes(*given)
        from torch._functorch import config  # a second's import

        self._first = False
        try:
            # The backward pass as well: it would be compiled when it is first asked for.
            with self.apart(), config.patch(force_non_lazy_backward_lowering=True):
                return self._passes(*given)
        except Exception as error:  # noqa: BLE001  dynamo, inductor and compilers raise all kinds
            said = self.eager(*given)  # what fails uncompiled fails here, with its own error
            self.failure = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
            return said
