"""What a net's outputs mean for a task: how wide, how far off, what they say.

A module returns its logits, or a mapping of names to tensors that holds them under ``logits``.
Beside them may stand ``representation`` ([utterances, dims], what the last layer looks at), and
whatever else the net's own loss or its pictures are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.errors import ModelError
from serbench.labels import Classes, Scale, Task
from serbench.nets.numerics import at_least_single
from serbench.nets.padded import Padded

LOGITS, REPRESENTATION = "logits", "representation"
Outputs: TypeAlias = Mapping[str, Tensor]


def width(task: Task) -> int:
    """Columns of the logits: one a class, one a tag, one for a scale."""
    return 1 if isinstance(task, Scale) else len(task.names)


def outputs_of(module: Callable[..., Any], inputs: Mapping[str, Padded]) -> Outputs:
    """All that a module says of a batch, by name; in float32 whatever the precision.

    Raises
    ------
    ModelError
        If there are no logits among it.
    """
    said = module(inputs)
    outputs: dict[str, Tensor] = {LOGITS: said} if isinstance(said, Tensor) else dict(said)
    if LOGITS not in outputs:
        raise ModelError(
            f"the module returned {', '.join(outputs) or 'nothing'}",
            expected=f"the logits, or a mapping that holds them under {LOGITS!r}",
        )
    return {name: _single(tensor) for name, tensor in outputs.items()}


def parted(outputs: Outputs, first: int) -> tuple[Outputs, Outputs]:
    """What was said of so many first utterances of a batch, and of the others.

    Raises
    ------
    ModelError
        If an output is not one of each utterance.
    """
    total = len(outputs[LOGITS])
    for name, tensor in outputs.items():
        if tensor.shape[:1] != (total,):
            raise ModelError(
                f"the output {name!r} of {total} utterances has the shape {tuple(tensor.shape)}",
                expected="[utterances, ...]: a batch of both sides is parted again",
            )
    return (
        {name: tensor[:first] for name, tensor in outputs.items()},
        {name: tensor[first:] for name, tensor in outputs.items()},
    )


def _single(tensor: Tensor) -> Tensor:
    return at_least_single(tensor) if tensor.is_floating_point() else tensor


def answers(task: Task, y: NDArray[np.generic]) -> Tensor:
    """The right answers as a loss wants them.

    Returns
    -------
    int64 [utterances] for classes, float32 [utterances] for a scale, [utterances, tags] for tags.
    """
    return torch.as_tensor(np.asarray(y, np.int64 if isinstance(task, Classes) else np.float32))


def usual_loss(task: Task, logits: Tensor, y: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """Cross entropy for classes, absolute error for a scale, binary cross entropy for tags.

    Averaged over the batch. ``smoothing`` is the share of each label that is spread evenly over all
    classes (of classes alone).
    """
    if isinstance(task, Classes):
        return nn.functional.cross_entropy(logits, y, label_smoothing=smoothing)
    if isinstance(task, Scale):
        return nn.functional.l1_loss(logits[:, 0], y)
    return nn.functional.binary_cross_entropy_with_logits(logits, y)


def usual_reading(task: Task, logits: Tensor) -> Tensor:
    """What logits say, float32 [utterances, columns].

    The softmax for classes, the value itself for a scale, each tag's logistic function for tags.
    """
    if isinstance(task, Classes):
        return logits.softmax(1)
    return logits if isinstance(task, Scale) else logits.sigmoid()


def right(task: Task, said: Tensor, y: Tensor) -> Tensor:
    """How many utterances of a batch are answered right: a number on the device.

    On a scale, to the nearest whole number; of tags, all of an utterance's.
    """
    if isinstance(task, Classes):
        return (said.argmax(1) == y).sum()
    if isinstance(task, Scale):
        return (said[:, 0].round() == y.round()).sum()
    return ((said > 0.5) == (y > 0.5)).all(1).sum()
