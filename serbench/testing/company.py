"""What a trained net does otherwise in company: the likely reasons why it cannot be stacked.

Each question is asked of the module alone, on a batch of utterances that it was trained on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from serbench.data import LabelledUtterances
from serbench.nets.net import Net
from serbench.nets.outputs import LOGITS, Outputs, outputs_of
from serbench.nets.padded import Padded
from serbench.nets.shelf import Shelf
from serbench.nets.step import Step, key_of, seed_of, under_way
from serbench.nets.training import answers_of, arrays_of, twin

ROWS, FURTHER = 5, 7  # utterances that are asked about, and frames of padding that are added
ALIKE = 1e-9  # in float64

Inputs = Mapping[str, Padded]


def differences(net: Net, data: LabelledUtterances) -> list[str]:
    """What is found, each with what could be done about it; nothing if there is nothing.

    Parameters
    ----------
    net
        Trained in float64 on the CPU, on ``data``.
    """
    some = data.subset(range(ROWS))
    shelf = Shelf.of(arrays_of(twin(net, data.task), some)).as_type(torch.float64)
    inputs = shelf.batch(torch.arange(ROWS).numpy())
    answers = answers_of(net, some, torch.device("cpu"), torch.float64)
    return [*_found(net, inputs, answers)]


def _found(net: Net, inputs: Inputs, answers: Mapping[str, Tensor]) -> Iterator[str]:
    said, left = _passed(net.module_, inputs, training=True)
    if not _alike((said, left), _passed(net.module_, inputs, training=True)):
        yield "its layers draw random numbers of their own: use serbench.nets.dropout"
        return
    longer = {name: _further(x) if _is_padded(x) else x for name, x in inputs.items()}
    if _refuses(lambda: _passed(net.module_, longer, training=False)):
        longer = dict(inputs)

    def same(*, training: bool) -> bool:
        short, long = (_passed(net.module_, x, training=training) for x in (inputs, longer))
        return _alike(short, long)

    if not same(training=False):
        yield "what it says hangs on how far a batch is padded: use the masks of Padded"
    elif not same(training=True):
        yield (
            "in training, what it makes of a batch hangs on how far that is padded: let dropout "
            "see [utterances, frames, values], and BatchNorm no padding"
        )
    if _counts_what_does_not(net, inputs):
        yield (
            "a layer's statistics count rows that do not: use serbench.nets.batchnorm, or step.real"
        )
    whole = net.loss(said, answers)
    parts = [
        net.loss(
            {name: tensor[row : row + 1] for name, tensor in said.items()},
            {name: tensor[row : row + 1] for name, tensor in answers.items()},
        )
        for row in range(ROWS)
    ]
    if not torch.allclose(whole, torch.stack(parts).mean(), rtol=ALIKE, atol=ALIKE):
        yield "its loss of a batch is not the mean of what it is of each utterance alone"
    if not _adjusts_by_number(net, inputs, answers):
        yield "`adjust` changes a gradient by what others are, such as by their norm"


def _passed(
    module: nn.Module, inputs: Inputs, *, training: bool, real: Tensor | None = None
) -> tuple[Outputs, list[Tensor]]:
    """What a copy of the module says, and its statistics then; all in one and the same step."""
    module = copy.deepcopy(module).train(training)
    step = Step(key_of(seed_of(0, torch.device("cpu")), 0), real)
    with torch.no_grad(), under_way(step):
        return outputs_of(module, inputs), [*module.buffers()]


def _alike(
    one: tuple[Outputs, list[Tensor]], other: tuple[Outputs, list[Tensor]], rows: int = ROWS
) -> bool:
    """Whether logits (of so many rows) and statistics are the same."""
    pairs = zip([one[0][LOGITS][:rows], *one[1]], [other[0][LOGITS][:rows], *other[1]], strict=True)
    return all(torch.allclose(a, b, rtol=ALIKE, atol=ALIKE, equal_nan=True) for a, b in pairs)


def _is_padded(x: Padded) -> bool:
    """Whether it ever is: there are arrays that are of one length by their nature."""
    return bool((x.lengths != x.lengths[0]).any())


def _further(x: Padded) -> Padded:
    return Padded(
        nn.functional.pad(x.values, (0, 0, 0, FURTHER)),
        x.lengths,
        nn.functional.pad(x.mask, (0, FURTHER)),
    )


def _refuses(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except Exception:  # noqa: BLE001  a guest's module may raise anything
        return True
    return False


def _counts_what_does_not(net: Net, inputs: Inputs) -> bool:
    """Whether the last row, said not to count, is heard in what is said of the others."""
    real = torch.arange(ROWS) < ROWS - 1
    other = {
        name: x.holding(torch.cat([x.values[:-1], x.values[-1:] * 3 + x.values[:1]]))
        for name, x in inputs.items()
    }
    said, again = (_passed(net.module_, x, training=True, real=real) for x in (inputs, other))
    return not _alike(said, again, ROWS - 1)


def _adjusts_by_number(net: Net, inputs: Inputs, answers: Mapping[str, Tensor]) -> bool:
    """Whether gradients that are a thousand times as large elsewhere leave a gradient as it is."""
    made = []
    for scale in (1.0, 1000.0):
        module = copy.deepcopy(net.module_).train()
        with under_way(Step(key_of(seed_of(0, torch.device("cpu")), 0))):
            net.loss(outputs_of(module, inputs), answers).backward()
        first, *others = [p for p in module.parameters() if p.grad is not None]
        for parameter in others:
            parameter.grad.mul_(scale)  # type: ignore[union-attr]
        net.adjust(module, 1e-3)
        made.append(first.grad)
    one, other = made
    assert one is not None
    assert other is not None
    return torch.allclose(one, other, rtol=ALIKE, atol=0)
