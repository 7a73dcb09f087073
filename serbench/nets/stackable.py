"""What it takes of nets to be trained as one computation (:mod:`serbench.nets.stacked`).

A net says ``stackable = True`` if it is so:

* dropout and BatchNorm are :mod:`serbench.nets.dropout`'s and :mod:`serbench.nets.batchnorm`'s, and
  no layer draws random numbers otherwise;
* ``forward`` passes under :func:`torch.vmap`: no branch on a tensor's values, no ``.item()``;
* what it says of an utterance does not depend on how far a batch is padded;
* ``loss`` is a mean over utterances of what it is of each alone;
* ``adjust`` changes gradients number by number;
* no weight of its module stands in two places;
* it does not adapt, and has no ``advance``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import nn

from serbench.errors import ModelError
from serbench.nets.adapting import Adaptable
from serbench.nets.replica import Replica
from serbench.nets.rules import unknown
from serbench.session import Session

if TYPE_CHECKING:
    from serbench.nets.net import Net

# Layers that would draw one mask for all, or count rows that do not count.
OF_TORCH = {
    getattr(nn, f"{name}{dims}")
    for name, sizes in {"Dropout": ["", "1d", "2d", "3d"], "BatchNorm": ["1d", "2d", "3d"]}.items()
    for dims in sizes
} | {nn.AlphaDropout, nn.FeatureAlphaDropout, nn.RReLU}


def check_alike(replicas: Sequence[Replica]) -> None:
    """Refuse trainings that do not belong into one stack.

    Raises
    ------
    ModelError
        If nets, tasks or sessions differ in what all of a stack have in common.
    """
    first = replicas[0]
    for one in replicas[1:]:
        if type(one.net) is not type(first.net) or one.net.settings != first.net.settings:
            raise ModelError(
                "nets of several kinds or settings in one stack", expected="one recipe"
            )
        if one.data.task != first.data.task:
            raise ModelError(
                f"{first.data.task} and {one.data.task} in one stack", expected="one task"
            )
        if _how(one.session) != _how(first.session):
            raise ModelError(
                f"{_how(first.session)} and {_how(one.session)} in one stack",
                expected="one device, precision and time between checkpoints",
            )


def _how(session: Session) -> tuple[object, ...]:
    """What is the same for all of a stack."""
    return session.device, session.precision, session.checkpoint_seconds, session.compile


def why_not(net: Net, module: nn.Module) -> str:
    """Why trainings of a net cannot be stacked; "" where they can."""
    if not net.stackable:
        return f"{type(net).__name__} does not say that it is stackable"
    if net.adapts:
        return "it adapts to the sounds of the test side"
    if type(net).advance is not Adaptable.advance:
        return "it sets something of its module before each step (`advance`)"
    for part in module.modules():
        if type(part) in OF_TORCH:
            return f"its {type(part).__name__} is torch's own, not that of serbench.nets"
    places = [p for part in module.modules() for p in part.parameters(recurse=False)]
    if len(places) > len([*module.parameters()]):
        return "a weight of its module stands in two places"
    return unknown(net.optimiser_of(module.parameters()))
