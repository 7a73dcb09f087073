"""What a net costs to run: multiply-accumulates of one forward pass.

Counted are matrix products, convolutions and recurrences, of one utterance alone (no padding).
Not counted: additions, activations, normalisation and softmax, the features, and an encoder whose
hidden states are features. What is printed as FLOPs elsewhere is often twice this: a multiplication
and an addition.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from serbench.audio import Channel
from serbench.data import Utterances
from serbench.features.recipe import AnyRecipe, TextRecipe
from serbench.labels import Task
from serbench.nets.net import Net
from serbench.nets.numerics import own_randomness
from serbench.nets.outputs import outputs_of
from serbench.nets.padded import Padded
from serbench.nets.shelf import Shelf

SECONDS = 4.0  # of an utterance, near the mean of the field's corpora
RATE = 16000  # Hz, of recipes that take the corpus's own
WORDS_A_SECOND = 2.5  # of fluent English

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Cost:
    """What judging one utterance takes.

    Attributes
    ----------
    macs
        Multiply-accumulates.
    seconds
        Of sound, in the utterance that was counted.
    arrays
        What the net read of it: name to (frames, dims).
    """

    macs: int
    seconds: float
    arrays: Mapping[str, tuple[int, int]]

    @property
    def per_second(self) -> float:
        """Multiply-accumulates per second of sound."""
        return self.macs / self.seconds


def cost(net: Net, task: Task, seconds: float = SECONDS) -> Cost:
    """Multiply-accumulates of a net on a make-believe utterance.

    Where a recipe brings every utterance to one length (it has a ``length`` in samples), the
    utterance is just as long.

    Raises
    ------
    SerbenchError
        If a feature cannot be computed here.
    """
    fixed = [_fixed_seconds(recipe) for recipe in net.recipes]
    seconds = max(filter(None, fixed), default=seconds)
    heard = Utterances(task, _Imagined(seconds), [0], inputs=net.inputs, recipes=net.recipes)
    arrays = net.arrays(heard, 0)
    shelf = Shelf.of([arrays])
    shapes = {
        name: (int(shelf.lengths[name][0]), frames.shape[1])
        for name, frames in shelf.frames.items()
    }
    return Cost(macs(net, task, shelf.batch(np.array([0]))), seconds, shapes)


def macs(net: Net, task: Task, inputs: Mapping[str, Padded]) -> int:
    """Multiply-accumulates of one forward pass on the CPU, which is made to count them."""
    with own_randomness(0, CPU), torch.no_grad(), _known_operations_alone():
        module = net.build(task).eval()
        with FlopCounterMode(display=False, custom_mapping=_FURTHER) as counter:
            outputs_of(module, inputs)
    return int(counter.get_total_flops()) // 2


@contextmanager
def _known_operations_alone() -> Iterator[None]:
    """Attention as its matrix products: torch's fused kernels for it are not counted."""
    fast = torch.backends.mha.get_fastpath_enabled()
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        torch.backends.mha.set_fastpath_enabled(False)
        stack.callback(torch.backends.mha.set_fastpath_enabled, fast)
        yield


def _fixed_seconds(recipe: AnyRecipe) -> float | None:
    """What a recipe brings every utterance to; None: it takes them as they are."""
    samples = getattr(recipe, "length", None)
    if isinstance(recipe, TextRecipe) or samples is None:
        return None
    return float(samples / (recipe.rate or RATE))


@dataclass(frozen=True)
class _Imagined:
    """One utterance of noise, and of words at the usual speed."""

    seconds: float
    _seed: int = field(default=0, repr=False)

    def waveform(self, row: int, rate: int | None, channel: Channel) -> NDArray[np.float32]:
        rng = np.random.default_rng(self._seed)
        noise = rng.normal(0.0, 0.1, round(self.seconds * (rate or RATE)))
        return noise.astype(np.float32)

    def feature(self, row: int, recipe: AnyRecipe) -> NDArray[np.float32]:
        if isinstance(recipe, TextRecipe):
            return recipe.extract_text(self.text(row))
        return recipe.extract(self.waveform(row, recipe.rate, recipe.channel), recipe.rate or RATE)

    def text(self, row: int) -> str:
        return " ".join(["word"] * round(self.seconds * WORDS_A_SECOND))


# Formulas of what torch's counter does not know, on shapes; two operations a multiply-accumulate.


def _of_lstm(x: Any, w: Any, u: Any, *rest: Any, out_shape: Any = None, **more: Any) -> int:
    """The CPU's fused LSTM, one direction: x [steps, utterances, dims], w and u a row a gate."""
    return int(2 * x[0] * x[1] * (w[0] * w[1] + u[0] * u[1]))


def _of_matrix_and_vector(matrix: Any, vector: Any, out_shape: Any = None, **more: Any) -> int:
    return int(2 * matrix[0] * matrix[1])


def _of_sum_and_product(
    sum_: Any, matrix: Any, vector: Any, out_shape: Any = None, **more: Any
) -> int:
    return _of_matrix_and_vector(matrix, vector)


def _of_vectors(one: Any, other: Any, out_shape: Any = None, **more: Any) -> int:
    return int(2 * one[0])


_FURTHER = {
    torch.ops.aten.mkldnn_rnn_layer: _of_lstm,
    torch.ops.aten.mv: _of_matrix_and_vector,
    torch.ops.aten.addmv: _of_sum_and_product,
    torch.ops.aten.dot: _of_vectors,
}
