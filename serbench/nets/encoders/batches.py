"""Utterances of equal length run through an encoder together, so that nothing is padded.

Beside a longer utterance, padding would change the states of encoders whose first layer normalises
over time. Among equals there is none: what comes of an utterance is what it gives alone, but for
the order in which products are added up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from serbench.errors import EncoderError
from serbench.nets.encoders.loaded import LoadedEncoder

if TYPE_CHECKING:
    from torch import Tensor

Inputs = Mapping[str, NDArray[Any]]  # of one utterance, each [1, length]
T = TypeVar("T")


def encoded(
    encoder: LoadedEncoder,
    inputs: Sequence[Inputs],
    take: Callable[[int, list[Tensor]], T],
    most: int,
) -> list[T]:
    """What ``take`` takes of each utterance's hidden states, in the order given.

    Parameters
    ----------
    inputs
        Arrays by the names of the model's arguments.
    take
        Given the place of an utterance and its every hidden state, [frames or tokens, dims], on
        the device.
    most
        Samples or tokens in one batch, unless one utterance has more.

    Raises
    ------
    EncoderError
        If the device has no memory for a single utterance, and as
        :meth:`serbench.nets.encoders.loaded.LoadedEncoder.hidden_states`.
    """
    taken: dict[int, T] = {}
    waiting = equals([next(iter(each.values())).shape[1] for each in inputs], most)
    while waiting:
        batch = waiting.pop()
        names = inputs[batch[0]]
        arrays = {name: np.concatenate([inputs[i][name] for i in batch]) for name in names}
        if (states := _states(encoder, arrays)) is not None:
            taken |= {i: take(i, [state[at] for state in states]) for at, i in enumerate(batch)}
        elif len(batch) > 1:
            waiting += [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
        else:
            shape = " x ".join(map(str, next(iter(arrays.values())).shape))
            raise EncoderError(
                f"{encoder.device} has no memory left for one utterance of {shape} in the "
                f"{encoder.located.model_type!r} in {encoder.located.folder}",
                advice="SERBENCH_ENCODER_DEVICE=cpu, or leave the long utterance out",
            )
    return [taken[i] for i in range(len(inputs))]


def equals(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Positions in batches of one length, of no more than ``most`` together unless alone."""
    alike: dict[int, list[int]] = {}
    for i, length in enumerate(lengths):
        alike.setdefault(length, []).append(i)
    return [
        places[start : start + count]
        for length, places in alike.items()
        for count in [max(1, most // max(1, length))]
        for start in range(0, len(places), count)
    ]


def _states(encoder: LoadedEncoder, arrays: Inputs) -> list[Tensor] | None:
    """Every hidden state of a batch; None: the device's memory does not hold it."""
    import torch

    try:
        return encoder.hidden_states(**arrays)
    except torch.OutOfMemoryError:
        pass  # the batch is let go of first, with the traceback that holds it
    torch.cuda.empty_cache()
    return None
