"""SD-CAFF: MFCC seen by a CNN and heard by an LSTM, each weighed by the gist of the other.

After the paper that introduces SD-CAFF ("static-dynamic" features, "cross attention feature
fusion"; IEMOCAP and MSP-IMPROV, 2022) and the code that its authors released. The layers, for B
utterances of six seconds of speech and K classes::

    MFCC [B, 1, 60, 251]                      MFCC and delta [B, 251, 120]
        |  5 convolutions 3 x 3, BatchNorm,       |  LSTM, 1024 units
        |  dynamic ReLU, 3 halvings               |  dropout 0.1
        |  dropout 0.1                            |  means of 16 neighbouring units
    S [B, 128, 7, 31]                         D [B, 64, 1, 251]
        +-----------------+-----------------------+
    S * sigmoid(global(D) + local(S)),  D * sigmoid(global(S) + local(D))       cross attention
        |  mean over positions                    |  mean over time
        +-----------------+-----------------------+
                      [B, 192]                    concatenated
    linear, softmax [B, K]; linear [B, K] for the centre loss; the same for gender [B, 2], [B, 2]

4,949,998 parameters for four classes, and beside them the 20 coordinates (K^2 + 4) of the loss's
centres, which are trained too.

    loss = 0.7 (CE + 0.15 C) of emotion + 0.3 (CE + 0.15 C) of gender

with C the mean squared distance of the centre layer's output to its class's centre. One Adam trains
everything, at 5e-4, which is divided by ten after the 11th and the 21st of 30 epochs. The gradient
of the emotions' centres alone is multiplied with 0.1 / (0.15 x learning rate), which Adam, blind to
a gradient's scale, all but undoes.

One thing departs from the released code: where that slips in cutting out silence, and puts a lone
voiced run twice, for one, its slips are not repeated. Of EMO-DB's 535 files they change 28, 3 of
which have a lone run. ``silence="released"`` is the code to the letter.

Where paper and code disagree, the code is followed. ``paper=True`` follows the text:

* LSTM in both directions (2 x 512; in the baseline "LSTM" 2 x 1024, as the released code has it
  once it is told to go both ways), where the code's goes one way (1024);
* a learning rate of 5e-3, where the code has 5e-4;
* deltas over time, where the code takes them over the coefficients of a frame.

A setting that is given counts for more than ``paper``. In both:

* The two vectors are concatenated; the paper's Eq. 7 prints a sum, of 128 and of 64 numbers.
* MFCC are not normalised, clips are cut to their first six seconds, and nothing votes over segments
  although the paper speaks of them: see :mod:`serbench_baselines.sdcaff.features`.
* The last epoch is ranked. The paper's tables take the best test epoch of each fold, for weighted
  and unweighted accuracy separately.

The data differ too, and are no setting of the model: the released code counts each of IEMOCAP's
angry turns twice and takes excited turns alone for happy ones, where the paper merges the two; on
MSP-IMPROV its label is the emotion of the scenario. That is the label space ``sdcaff4``
(``--labels sdcaff4``); the text's is ``iemocap4-improvised``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from serbench.errors import UsageError
from serbench_baselines.idle import refuse_idle
from serbench_baselines.sdcaff.features import AXES, SpeechMfcc
from serbench_baselines.sdcaff.joint import JointNet
from serbench_baselines.sdcaff.layers import (
    DYNAMIC,
    STATIC,
    CrossAttention,
    DynamicBranch,
    Recurrence,
    StaticBranch,
)

# What the dynamic branch may read: the seven rows of the paper's Table 1.
SELECTIONS = (
    "mfcc",
    "delta",
    "delta2",
    "delta+delta2",
    "mfcc+delta",
    "mfcc+delta2",
    "mfcc+delta+delta2",
)


@dataclass(kw_only=True, eq=False)
class LstmNet(JointNet):
    """What the nets with an LSTM share.

    Parameters
    ----------
    hidden
        Units of the LSTM. Of a bidirectional one half of them for each direction in SD-CAFF and
        "Concat"; in the baseline "LSTM" as many for each, and the last step is 2 x hidden wide.
    dynamic
        What the LSTM reads, side by side: one of the seven selections of the paper's Table 1, such
        as "mfcc+delta". "delta2" is delta-delta.
    bidirectional
        None: as ``paper`` is.
    delta_over
        "coefficients" of a frame, or "time". None: as in the code, or with ``paper`` the text.
        Refused where ``dynamic`` has no delta.
    """

    hidden: int = 1024
    dynamic: str = "mfcc+delta"
    bidirectional: bool | None = None
    delta_over: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dynamic not in SELECTIONS:
            raise UsageError(f"dynamic={self.dynamic}", expected=", ".join(SELECTIONS))
        if self.over not in list(AXES):  # a list of settings has no hash
            raise UsageError(f"delta_over={self.delta_over}", expected=" or ".join(AXES))
        if not isinstance(self.both_ways, bool):
            raise UsageError(f"bidirectional={self.bidirectional}", expected="true or false")
        if not 1 <= self.hidden < math.inf:
            raise UsageError(f"hidden={self.hidden}", expected="1 or more")
        refuse_idle(self, "delta_over", dynamic="mfcc")

    @property
    def both_ways(self) -> bool:
        """Whether the LSTM is bidirectional."""
        return self.paper if self.bidirectional is None else self.bidirectional

    @property
    def over(self) -> str:
        """What deltas are taken over."""
        if self.delta_over is not None:
            return self.delta_over
        return "time" if self.paper else "coefficients"

    @property
    def selected(self) -> tuple[str, ...]:
        return tuple(self.dynamic.split("+"))

    def speech(self, columns: tuple[str, ...]) -> SpeechMfcc:
        return SpeechMfcc(
            columns=columns,
            over=self.over,
            silence=self.silence,
            seconds=self.seconds,
            channel=self.channel,
        )


@dataclass(kw_only=True, eq=False)
class SDCAFF(LstmNet):
    """SD-CAFF: a CNN and an LSTM over MFCC, crossed by attention, after its released code.

    Further parameters are those of :class:`LstmNet` and :class:`JointNet`.

    Parameters
    ----------
    dropout
        Share of values that are zeroed, after the last convolution and after the LSTM.
    """

    dropout: float = 0.1

    crossed: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_dropout(self.dropout)
        if self.both_ways and self.hidden % 2:
            raise UsageError(
                f"hidden={self.hidden}, of which each direction has half",
                expected="an even number of units",
            )
        if self.crossed and self.batch < 2:
            raise UsageError(
                f"batch={self.batch}", expected="2 or more: BatchNorm takes statistics over a batch"
            )

    @property
    def reads(self) -> SpeechMfcc:
        """MFCC, of which the static branch is, and what else the dynamic branch reads."""
        return self.speech(("mfcc", *(name for name in self.selected if name != "mfcc")))

    def body(self) -> tuple[nn.Module, int]:
        return TwoBranches(self), STATIC + DYNAMIC


@dataclass(kw_only=True, eq=False)
class SDCAFFConcat(SDCAFF):
    """The paper's "Concat" (Table 3): both branches, each pooled to means, and no attention.

    The dynamic branch reads MFCC, delta and delta-delta here, as in the released script. Whether
    the paper's number is of that, or of MFCC and delta like SD-CAFF's own, is not known:
    ``dynamic="mfcc+delta"`` compares like with like.
    """

    dynamic: str = "mfcc+delta+delta2"

    crossed: ClassVar[bool] = False


@dataclass(kw_only=True, eq=False)
class SDCAFFLstm(LstmNet):
    """The paper's "LSTM" (Table 3): the LSTM's last step, a PReLU, the heads; no dropout.

    Of two directions each has ``hidden`` units, as in the released code.
    """

    dynamic: str = "mfcc+delta+delta2"

    @property
    def reads(self) -> SpeechMfcc:
        return self.speech(self.selected)

    def body(self) -> tuple[nn.Module, int]:
        return LastStep(self), self.hidden * (2 if self.both_ways else 1)


@dataclass(kw_only=True, eq=False)
class SDCAFFCnn(JointNet):
    """The paper's "CNN" (Table 3): the static branch, pooled to means, the heads.

    Parameters
    ----------
    dropout
        Share of values that are zeroed after the last convolution.
    """

    dropout: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_dropout(self.dropout)

    @property
    def reads(self) -> SpeechMfcc:
        return SpeechMfcc(
            columns=("mfcc",), silence=self.silence, seconds=self.seconds, channel=self.channel
        )

    def body(self) -> tuple[nn.Module, int]:
        means = (nn.AdaptiveAvgPool1d(1), nn.Flatten())
        return nn.Sequential(StaticBranch(self.dropout), *means), STATIC


class TwoBranches(nn.Module):
    """Both branches, weighed by each other or not, pooled: [B, frames, dims] -> [B, 192]."""

    def __init__(self, net: SDCAFF) -> None:
        super().__init__()
        recipe = net.reads
        self.coefficients = recipe.coefficients
        self.skipped = 0 if "mfcc" in net.selected else recipe.coefficients
        self.static = StaticBranch(net.dropout)
        self.dynamic = DynamicBranch(
            recipe.dims - self.skipped, net.hidden, net.dropout, bidirectional=net.both_ways
        )
        self.attention = CrossAttention() if net.crossed else None

    def forward(self, x: Tensor) -> Tensor:
        static = self.static(x[:, :, : self.coefficients])
        dynamic = self.dynamic(x[:, :, self.skipped :])
        if self.attention is not None:
            static, dynamic = self.attention(static, dynamic)
        return torch.cat([static.mean(2), dynamic.mean(2)], dim=1)


class LastStep(nn.Module):
    """What an LSTM says last: [B, frames, dims] -> [B, hidden], of two directions [B, 2 x hidden].

    Its backward direction has heard one frame there.
    """

    def __init__(self, net: SDCAFFLstm) -> None:
        super().__init__()
        self.recurrence = Recurrence(net.reads.dims, net.hidden, bidirectional=net.both_ways)
        self.prelu = nn.PReLU()

    def forward(self, x: Tensor) -> Tensor:
        said: Tensor = self.prelu(self.recurrence(x)[:, -1])
        return said


def _check_dropout(share: float) -> None:
    if not 0 <= share < 1:
        raise UsageError(f"dropout={share}", expected="from 0 to below 1")
