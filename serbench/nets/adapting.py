"""What a net is that adapts: one that hears the sounds of the test side, unlabelled, in training.

Each batch of the training set goes through the module together with one of the target, as a single
batch in training mode, and what is said of either makes the loss. So BatchNorm normalises by both
sides at once, in training as in judgement, where its running statistics are those of both. (Were
each side to pass by itself, BatchNorm would hide in training how they differ, and show it when it
comes to judging.)

>>> @dataclass(kw_only=True, eq=False)
... class Tuned(Tiny):
...     adapts: ClassVar[bool] = True
...
...     def adapted_loss(self, outputs, answers, target, progress):
...         far = outputs["representation"].mean(0) - target["representation"].mean(0)
...         return self.loss(outputs, answers) + progress * far.square().sum()
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self, cast

from torch import Tensor, nn

from serbench.data import LabelledUtterances, Utterances
from serbench.errors import ModelError
from serbench.nets import training
from serbench.nets.outputs import Outputs
from serbench.session import Session

if TYPE_CHECKING:
    from serbench.nets.net import Net


class Adaptable:
    """That part of a net that adaptation asks for; idle in a net that does not adapt.

    Attributes
    ----------
    adapts
        Whether the net adapts. Then it overrides :meth:`adapted_loss`, and cannot be trained
        without a target.
    """

    adapts: ClassVar[bool] = False

    def adapted_loss(
        self, outputs: Outputs, answers: Mapping[str, Tensor], target: Outputs, progress: float
    ) -> Tensor:
        """What a step lowers, where the net adapts: a number.

        Parameters
        ----------
        outputs, answers
            Of a batch of the training set, as for :meth:`serbench.nets.net.Net.loss`.
        target
            What the module returned for a batch of the target, of another size as a rule.
        progress
            Share of the training that is done: steps before this one / steps in all, in [0, 1).

        Raises
        ------
        ModelError
            Unless it is overridden.
        """
        raise ModelError(
            f"{type(self).__name__} adapts, and has no adapted_loss",
            expected="adapted_loss(outputs, answers, target, progress)",
            advice="override it, or leave out `adapts`",
        )

    def advance(self, module: nn.Module, progress: float) -> None:
        """Set what moves with the training, before each step. Nothing, unless overridden.

        What is set here must follow from ``progress`` alone, or a training that goes on from a
        checkpoint will end elsewhere.
        """

    def fit_adapted(self, train: LabelledUtterances, target: Utterances, *, seed: int) -> Self:
        """Train and adapt, outside of a trial: no probes, no checkpoints.

        Raises
        ------
        ModelError
            If the net does not adapt.
        """
        net = cast("Net", self)
        training.train(net, train, seed=seed, session=Session(target=target))
        return self
