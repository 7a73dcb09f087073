"""The layers of SWRR: one LSTM for words and sound, their fusion, the classifier of maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import nn

from serbench.nets.dropout import Dropout
from serbench.nets.numerics import at_least_single
from serbench.nets.outputs import Outputs
from serbench.nets.padded import Padded
from serbench.nets.recurrence import run
from serbench.nets.recurrent import BiLSTM
from serbench_baselines.swrr.maps import FeatureMapClassifier

if TYPE_CHECKING:
    from serbench_baselines.swrr.net import FeatureMapNet

ATTENTION = "attention"


class SWRRModule(nn.Module):
    """LSTM, fusion, feature maps, logits.

    Parameters
    ----------
    net
        The settings.
    widths
        "audio", "text" or both, and the width of what is read of each.
    columns
        Of the logits.
    """

    def __init__(self, net: FeatureMapNet, widths: Mapping[str, int], columns: int) -> None:
        super().__init__()
        self.steps = {name: branch.steps for name, branch in net.branches.items()}
        self.counted = net.padding == "counted"
        dims = widths.get("audio", widths.get("text", 0))
        self.enter = nn.ModuleDict(
            {
                name: nn.Identity() if size == dims else nn.Linear(size, dims)
                for name, size in widths.items()
            }
        )
        self.lstm = (BiLSTM if net.direction == "bi" else LSTM)(dims, net.hidden)
        self.dropout = Dropout(net.dropout)
        self.fusion = net.fusion()
        self.norm = nn.LayerNorm(net.dims) if self.fusion is None else nn.Identity()
        self.classifier = FeatureMapClassifier(
            (self.steps["text" if "text" in widths else "audio"], net.dims),
            columns,
            layers=net.layers,
            channels=net.channels,
            kernel=net.kernel,
            stride=net.stride,
            reuse=net.reuse,
            classifier=net.classifier,
        )

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """Logits, representation, and the attention [utterances, tokens, frames] where there is.

        ``inputs`` holds [utterances, steps, width] of each modality.
        """
        if self.fusion is not None:
            text, sound = self._read("text", inputs["text"]), self._read("audio", inputs["audio"])
            fused, weights = self.fusion(text, sound)
            return {**self.classifier(fused), ATTENTION: weights}
        (name,) = self.steps
        alone = self._read(name, inputs[name])
        said: Outputs = self.classifier(alone.holding(self.norm(alone.values)))
        return said

    def _read(self, name: str, x: Padded) -> Padded:
        """What the LSTM makes of one modality, in full length: [utterances, steps, D]."""
        if self.counted:
            x = counted(x, self.steps[name])
        if not isinstance(self.enter[name], nn.Identity):
            x = x.holding(self.enter[name](x.values))
        x = self.lstm(x)
        if self.counted:
            return x.keeping(self.dropout(x.values))
        return lengthened(x.keeping(self.dropout(x.values)), self.steps[name])


class LSTM(nn.Module):
    """One LSTM layer from start to end: [utterances, frames, dims] -> [.., hidden].

    What follows an utterance's end cannot reach back, so the padded batch is run as it is. Always
    float32, as :class:`serbench.nets.recurrent.BiLSTM`.
    """

    def __init__(self, dims: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(dims, hidden, batch_first=True)

    def forward(self, x: Padded) -> Padded:
        with torch.autocast(x.values.device.type, enabled=False):
            return x.holding(run(self.lstm, at_least_single(x.values)))


def counted(x: Padded, steps: int) -> Padded:
    """An utterance of ``steps`` steps each, whose end is zeros and as real as the rest."""
    long = lengthened(x, steps)
    return Padded(long.values, torch.full_like(x.lengths, steps), torch.ones_like(long.mask))


def lengthened(x: Padded, steps: int) -> Padded:
    """[utterances, steps or fewer, dims] with padding up to ``steps``."""
    missing = steps - x.values.shape[1]
    if not missing:
        return x
    values = nn.functional.pad(x.values, (0, 0, 0, missing))
    return Padded(values, x.lengths, nn.functional.pad(x.mask, (0, missing)))
