"""What is said of a training whose numbers are numbers no longer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import Tensor

from serbench.errors import TrainingDiverged

if TYPE_CHECKING:
    from serbench.nets.net import Net


def diverged(
    net: Net, state: Mapping[str, Tensor], loss: float, epoch: int, *, rate: float, low: bool
) -> TrainingDiverged:
    """The error that names the first broken tensor.

    Parameters
    ----------
    state
        The module's tensors by name.
    loss
        Of the training set, in this epoch.
    rate
        The learning rate at first.
    low
        Whether the forward pass ran in bfloat16.
    """
    broken = next((name for name, tensor in state.items() if _broken(tensor)), None)
    what = f"the training loss is {loss}" if broken is None else f"{broken} holds NaN or infinity"
    if not math.isfinite(loss) and broken is not None:
        what = f"the training loss is {loss} and {what}"
    return TrainingDiverged(
        f"{what} in epoch {epoch} of {net.epochs}",
        expected="finite numbers",
        advice=f"try a learning_rate below {rate:g}" + (", or float32" if low else ""),
    )


def _broken(tensor: Tensor) -> bool:
    return tensor.is_floating_point() and not bool(tensor.isfinite().all())
