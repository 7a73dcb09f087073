"""DBL-MM: two bidirectional LSTMs, mean pooling and attention pooling, and its two halves alone.

After the paper that introduces DBL-MM and evaluates it speaker by speaker on EMO-DB and SAVEE. Its
authors released no code, so the net is rebuilt from the text. The layers, for B utterances of T
frames, K classes and the paper's width (hidden = 1024)::

    log-mel [B, T, 64]      descriptors [B, T, 45]
          |                        |
    BiLSTM [B, T, 2048]     BiLSTM [B, T, 2048]     Eq. 1-4
          +-----------+------------+
            o_t [B, T, 4096]
          +-----------+------------+
    mean over t [B, 4096]   attention [B, 4096]     Eq. 9-11, W 4096 x 4096 without bias
          +-----------+------------+
             [B, 8192]                              concatenated
            BatchNorm
      linear, softmax [B, K]

34,553,863 parameters for seven classes, two bias vectors a direction counted, as cuDNN has them.

Where the paper contradicts itself or is silent:

* Its Table II gives the pooled output as 4096, its text concatenates the two poolings (8192). The
  text is followed.
* Its Eq. 1-4 have peephole connections, which the basic LSTM cell of its library (TensorFlow 1.4)
  lacks: ``peephole``, off.
* "Dense 2048" is the width of a BiLSTM or a further layer a branch: ``dense``, none.
* "Dropout 0.7" may be the share dropped or, as TensorFlow 1.4 counts, the share kept, and its place
  is not given: ``dropout`` 0.3, ``dropout_at`` "lstm".
* The text first scores frames by a learned vector, then Eq. 9-11 by the last step's output. The
  equations are followed. The last step is each utterance's own; the backward direction has heard
  one frame there, although the paper argues that this step is the richest.
* Optimiser, loss, normalisation, treatment of unequal lengths, sampling rate and seed are not
  given: Adam, cross entropy, z-scores of the training set's frames, exact masking, 16 kHz.
* The window is 25 ms with 15 ms of overlap, a step of 10 ms, its shape "hanming": see
  :mod:`serbench.features.frames`.
* "The average of several experiments": how many, and whether the last or the best of the 100
  epochs counts, is not said. The last is ranked here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from serbench.audio import Channel
from serbench.data import Utterances
from serbench.errors import ModelError, UsageError
from serbench.features.frames import FrameDescriptors, LogMel
from serbench.features.recipe import Recipe
from serbench.labels import Task
from serbench.nets.net import Net
from serbench.nets.normalise import Standardise
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs, width
from serbench.nets.padded import Padded
from serbench.nets.pooling import LastStepAttention, MeanPooling
from serbench.nets.recurrent import BiLSTM, PeepholeBiLSTM

CHOICES = {
    "normalise": ("zscore", "none"),
    "dropout_at": ("lstm", "pooled", "none"),
    "pooling": ("mean+attention", "mean", "attention"),
}


@dataclass(kw_only=True, eq=False)
class PooledBiLSTMs(Net):
    """What DBL-MM and its single-input halves share.

    Parameters
    ----------
    hidden
        Units of each direction of each BiLSTM. 1024 in the paper, 2048 for both directions.
    peephole
        Whether the gates see the cell. The paper's Eq. 1-4 have it, TensorFlow 1.4's basic cell
        does not. Off, since only then is there a fused kernel; several times as slow.
    dense
        Width of a linear layer after each BiLSTM, 0 for none. 2048 is the other reading of the
        paper's "Dense 2048": 8.4 million parameters more, linear as TensorFlow's default is.
    normalise
        "zscore": each coefficient by mean and deviation of the training set's frames. "none": as
        extracted. Not given in the paper.
    rate
        Hz that recordings are resampled to. Not given; EMO-DB has 16 kHz, SAVEE 44.1 kHz.
    channel
        Of a recording with several: "first" or "mean". The paper's corpora are mono.
    optimiser
        Not given; Adam.
    learning_rate, batch, epochs
        1e-4, 32 and 100 in the paper. Of the epochs the last is ranked.
    dropout
        Share of values that are zeroed. The paper's "0.7" is read as what TensorFlow 1.4 calls
        keep_prob, hence 0.3; ``dropout=0.7`` is the other reading.
    dropout_at
        "lstm": on the BiLSTMs' outputs (after ``dense``), where TensorFlow 1.4's wrapper of a cell
        puts it. "pooled": between BatchNorm and the last layer. "none". Not given.
    pooling
        "mean+attention" is the paper's; "mean" and "attention" leave out one of the two.
    """

    hidden: int = 1024
    peephole: bool = False
    dense: int = 0
    normalise: str = "zscore"
    rate: int = 16000
    channel: Channel = "first"
    optimiser: str = "adam"
    learning_rate: float = 1e-4
    batch: int = 32
    epochs: int = 100
    dropout: float = 0.3
    dropout_at: str = "lstm"
    pooling: str = "mean+attention"

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise UsageError(f"{name}={getattr(self, name)}", expected=" or ".join(allowed))
        if self.hidden < 1 or self.dense < 0 or not 0 <= self.dropout < 1:
            raise UsageError(
                f"hidden={self.hidden}, dense={self.dense}, dropout={self.dropout}",
                expected="hidden 1 or more, dense 0 or more, dropout from 0 to below 1",
            )

    @property
    @abstractmethod
    def branches(self) -> Mapping[str, Recipe]:
        """The arrays that are read, each by a BiLSTM of its own."""

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        return tuple(self.branches.values())

    def arrays(self, data: Utterances, i: int) -> dict[str, NDArray[np.float32]]:
        """One array a branch, all of as many frames as the shortest.

        Raises
        ------
        ModelError
            If they differ by more than the one frame that an odd window costs.
        """
        arrays = {name: data.feature(i, recipe) for name, recipe in self.branches.items()}
        frames = {name: len(array) for name, array in arrays.items()}
        shortest = min(frames.values())
        if max(frames.values()) > shortest + 1:
            raise ModelError(
                f"an utterance with unequal numbers of frames: {frames}",
                expected="the same number, since frames of the same moment are joined",
            )
        return {name: array[:shortest] for name, array in arrays.items()}

    def build(self, task: Task) -> nn.Module:
        dims = {name: recipe.dims for name, recipe in self.branches.items()}
        return PooledModule(self, dims, width(task))


@dataclass(kw_only=True, eq=False)
class DBLMM(PooledBiLSTMs):
    """DBL-MM: log-mel bands and frame descriptors, a BiLSTM each, mean and attention pooled.

    The parameters are those of :class:`PooledBiLSTMs`.
    """

    @property
    def branches(self) -> Mapping[str, Recipe]:
        return {**_logmel(self), **_descriptors(self)}


@dataclass(kw_only=True, eq=False)
class BiLSTMLogMel(PooledBiLSTMs):
    """BiLSTM-1 of the paper's Table III: log-mel bands alone, "remaining parameters unchanged".

    Pooling is over 2 x hidden then. The parameters are those of :class:`PooledBiLSTMs`.
    """

    @property
    def branches(self) -> Mapping[str, Recipe]:
        return _logmel(self)


@dataclass(kw_only=True, eq=False)
class BiLSTMLld(PooledBiLSTMs):
    """BiLSTM-2 of the paper's Table III: the 45 descriptors alone, the rest unchanged as well.

    Pooling is over 2 x hidden then. The parameters are those of :class:`PooledBiLSTMs`.
    """

    @property
    def branches(self) -> Mapping[str, Recipe]:
        return _descriptors(self)


class PooledModule(nn.Module):
    """Branches, pooling, BatchNorm, logits."""

    def __init__(self, net: PooledBiLSTMs, dims: Mapping[str, int], classes: int) -> None:
        super().__init__()
        self.branches = nn.ModuleDict({name: Branch(net, name, n) for name, n in dims.items()})
        dims_out = len(dims) * (net.dense or 2 * net.hidden)
        poolings: dict[str, nn.Module] = {}
        if "mean" in net.pooling:
            poolings["mean"] = MeanPooling()
        if "attention" in net.pooling:
            poolings["attention"] = LastStepAttention(dims_out)
        self.poolings = nn.ModuleDict(poolings)
        self.norm = nn.BatchNorm1d(len(poolings) * dims_out)
        self.dropout = nn.Dropout(net.dropout if net.dropout_at == "pooled" else 0.0)
        self.head = nn.Linear(len(poolings) * dims_out, classes)

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """Logits, [utterances, classes], and what is pooled after BatchNorm, [utterances, dims]."""
        outputs: list[Padded] = [branch(inputs[name]) for name, branch in self.branches.items()]
        steps = outputs[0].holding(torch.cat([output.values for output in outputs], dim=2))
        pooled = torch.cat([pooling(steps) for pooling in self.poolings.values()], dim=1)
        representation = self.norm(pooled)
        logits = self.head(self.dropout(representation))
        return {LOGITS: logits, REPRESENTATION: representation}


class Branch(nn.Module):
    """One array through its BiLSTM: [utterances, frames, dims] -> [.., 2 x hidden or dense]."""

    def __init__(self, net: PooledBiLSTMs, name: str, dims: int) -> None:
        super().__init__()
        self.scale = Standardise(name, dims) if net.normalise == "zscore" else nn.Identity()
        self.lstm = (PeepholeBiLSTM if net.peephole else BiLSTM)(dims, net.hidden)
        self.dense = nn.Linear(2 * net.hidden, net.dense) if net.dense else nn.Identity()
        self.dropout = nn.Dropout(net.dropout if net.dropout_at == "lstm" else 0.0)

    def forward(self, x: Padded) -> Padded:
        steps: Padded = self.lstm(self.scale(x))
        return steps.holding(self.dropout(self.dense(steps.values)))


def _logmel(net: PooledBiLSTMs) -> dict[str, Recipe]:
    return {"logmel": LogMel(rate=net.rate, channel=net.channel)}


def _descriptors(net: PooledBiLSTMs) -> dict[str, Recipe]:
    return {"descriptors": FrameDescriptors(rate=net.rate, channel=net.channel)}
