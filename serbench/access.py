"""What may be heard of the test side: what a protocol hands over, and what a model asks for."""

from __future__ import annotations

from typing import Any, Literal, Protocol, Self, get_args, runtime_checkable

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError
from serbench.model import Model

TargetAccess = Literal["none", "unlabelled", "speaker-norm"]
ACCESSES: tuple[TargetAccess, ...] = get_args(TargetAccess)


@runtime_checkable
class Adapts(Model, Protocol):
    """A model that also hears the sounds of the test side before it is asked about them.

    Under the target access "unlabelled", ``fit_adapted`` takes the place of ``fit``.
    """

    def fit_adapted(self, train: LabelledUtterances, target: Utterances, *, seed: int) -> Self:
        """Learn from the training set and from the target.

        The target is the test side's sounds (and texts, for a model that reads them): no labels, no
        speakers, no ids, in an order that is drawn from the sounds themselves.
        """


def adapts(model: Model) -> bool:
    """Whether a model has a ``fit_adapted``; one that has an attribute ``adapts``, if that is true.

    (Each net has the method; it does something where ``adapts`` is true.)
    """
    own = callable(getattr(model, "fit_adapted", None))
    return own and bool(getattr(model, "adapts", True))


def needed_access(model: Model) -> TargetAccess:
    """What a model asks of the test side beside the utterance that it judges.

    Its ``target_access``, if it declares one. Otherwise "unlabelled" of a model that adapts,
    "speaker-norm" of one whose ``speaker_groups`` is true, and "none".

    Raises
    ------
    ModelError
        If it declares another access than these, or an "unlabelled" one without ``fit_adapted``.
    """
    usual = "speaker-norm" if getattr(model, "speaker_groups", False) else "none"
    access: Any = getattr(model, "target_access", None)
    access = access or ("unlabelled" if adapts(model) else usual)
    if access not in ACCESSES:
        raise ModelError(
            f"the model declares the target access {access!r}",
            expected=", ".join(ACCESSES),
        )
    if access == "unlabelled" and not adapts(model):
        raise ModelError(
            "the model declares the target access 'unlabelled', and does not adapt",
            expected="fit_adapted(train, target, *, seed)",
        )
    needed: TargetAccess = access
    return needed
