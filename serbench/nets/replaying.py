"""A stack's step as one recording: on a GPU its thousand small kernels start as a single one.

A CUDA graph repeats the very kernels on the very memory, so what differs from step to step is
copied to where they read it. There is one recording for each shape of batch; a net whose batches
come in ever other shapes takes its steps as usual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten

WARM = (
    2  # steps of a shape that are taken as usual first: libraries choose kernels, memory is found
)
MOST = 6  # shapes that are recorded; each holds the memory of a step

Result: TypeAlias = tuple[Tensor, Tensor]
Take: TypeAlias = Callable[..., Result]
Record: TypeAlias = Callable[[Callable[[], Result]], tuple[Callable[[], None], Result]]


class Replayed:
    """Takes the place of :meth:`serbench.nets.stack.Stack.step`, of one stack.

    Parameters
    ----------
    take
        The step as usual: a function of tensors or None, in whatever mappings and tuples.
    record
        Records a call: gives what repeats it, and the tensors that its result then stands in.
    """

    def __init__(self, take: Take, record: Record | None = None) -> None:
        self.take = take
        self.record = cuda_graph() if record is None else record
        self.failure = ""
        self._seen: Counter[Any] = Counter()
        self._recorded: dict[Any, tuple[list[Tensor | None], Callable[[], None], Result]] = {}

    def __call__(self, *given: Any, low: bool = False) -> Result:
        """One step. The result is the caller's own."""
        tensors, form = tree_flatten(given)
        shape = (form, low, tuple(None if t is None else (t.shape, t.dtype) for t in tensors))
        if shape not in self._recorded:
            self._seen[shape] += 1
            known = len(self._recorded)
            if self.failure or self._seen[shape] <= WARM or known >= MOST:
                return self.take(*given, low=low)
            self._start(shape, tensors, form, low)
            if self.failure:
                return self.take(*given, low=low)
        held, repeat, result = self._recorded[shape]
        for mine, new in zip(held, tensors, strict=True):
            if mine is not None:
                mine.copy_(new)
        repeat()
        losses, hits = result
        return losses.clone(), hits.clone()

    def _start(self, shape: Any, tensors: list[Tensor | None], form: Any, low: bool) -> None:
        held = [None if one is None else one.clone() for one in tensors]
        try:
            repeat, result = self.record(lambda: self.take(*tree_unflatten(held, form), low=low))
        except RuntimeError as error:  # something in the net asks the device for a value
            self.failure = str(error).strip().splitlines()[0]
            return
        self._recorded[shape] = held, repeat, result


def cuda_graph() -> Record:
    """Records on the current CUDA device; nothing is computed while it records."""
    pool: Any = None

    def record(call: Callable[[], Result]) -> tuple[Callable[[], None], Result]:
        nonlocal pool
        pool = torch.cuda.graph_pool_handle() if pool is None else pool
        graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        with torch.cuda.graph(graph, pool=pool):
            result = call()
        return graph.replay, result

    return record
