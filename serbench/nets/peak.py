"""The most bytes of tensors that are alive at once, on a device that keeps no such count: the CPU.

Counted is what torch's operations return for as long as anything holds it: weights, gradients,
optimiser state, what the backward pass needs, batches. Not counted is what a kernel takes and gives
back within itself.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only


class PeakMemory(TorchDispatchMode):
    """Counts while it is entered. What was there before is not seen until something returns it.

    Attributes
    ----------
    peak
        Bytes, the most at any one time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.peak = self._now = 0
        self._alive: set[int] = set()

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        found = func(*args, **(kwargs or {}))
        tree_map_only(Tensor, self._see, found)
        return found

    def _see(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata  # noqa: SLF001  which memory it is; an address may be used again
        if key in self._alive:
            return
        size = storage.nbytes()
        self._alive.add(key)
        self._now += size
        self.peak = max(self.peak, self._now)
        weakref.finalize(storage, self._gone, key, size)

    def _gone(self, key: int, size: int) -> None:
        self._alive.discard(key)
        self._now -= size
