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

Where the paper contradicts itself or is silent, the reading is a setting:

* Its Table II gives the pooled output as 4096, its text concatenates the two poolings (8192). The
  text is followed: ``merge`` "concat"; "sum" has the table's width.
* Its Eq. 1-4 have peephole connections, which the basic LSTM cell of its library (TensorFlow 1.4)
  lacks: ``peephole``, off.
* "Dense 2048" is the width of a BiLSTM or a further layer a branch: ``dense``, none. Whether that
  layer is linear: ``activation``.
* "Dropout 0.7" may be the share dropped or, as TensorFlow 1.4 counts, the share kept, and its place
  is not given: ``dropout`` 0.3, ``dropout_at`` "lstm".
* The text first scores frames by a learned vector, then Eq. 9-11 by the last step's output. The
  equations are followed. The last step is each utterance's own; the backward direction has heard
  one frame there, although the paper argues that this step is the richest. ``query`` has all
  three: "last", "learned", and "final", where each direction has heard everything.
* The window is 25 ms with 15 ms of overlap, a step of 10 ms, its shape "hanming": ``window``,
  "hamming". Of the logarithm neither base nor offset is given: ``logarithm`` and ``log_offset``.
* How weights start and how BatchNorm averages is not given: ``defaults_of``, torch's.
* Optimiser, loss, normalisation, treatment of unequal lengths, sampling rate and seed are not
  given: Adam, cross entropy, z-scores of the training set's frames, exact masking, 16 kHz.
* How many experiments it averages, and whether the last or the best epoch counts, is not said. The
  last is ranked here.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import nn

from serbench.audio import Channel
from serbench.data import Utterances
from serbench.errors import ModelError, UsageError
from serbench.features.frames import FrameDescriptors, LogMel
from serbench.features.recipe import Recipe
from serbench.labels import Task
from serbench.nets.net import Net
from serbench.nets.outputs import width
from serbench_baselines.dblmm.layers import ACTIVATIONS, PooledModule
from serbench_baselines.idle import refuse_idle

LOGMEL = "logmel"
CHOICES = {
    "window": ("hamming", "hann"),
    "normalise": ("zscore", "none"),
    "activation": tuple(ACTIVATIONS),
    "dropout_at": ("lstm", "pooled", "none"),
    "pooling": ("mean+attention", "mean", "attention"),
    "query": ("last", "final", "learned"),
    "merge": ("concat", "sum"),
    "defaults_of": ("torch", "tensorflow"),
}


@dataclass(kw_only=True, eq=False)
class PooledBiLSTMs(Net):
    """What DBL-MM and its single-input halves share.

    Parameters
    ----------
    hidden
        Units of each direction of each BiLSTM. 1024 in the paper, 2048 for both directions.
    peephole
        Whether the gates see the cell, as in the paper's Eq. 1-4 and not in TensorFlow 1.4's basic
        cell. Off, since only then is there a fused kernel; several times as slow.
    dense
        Width of a layer after each BiLSTM, 0 for none. 2048 is the other reading of the paper's
        "Dense 2048": 8.4 million parameters more.
    activation
        Of that layer: "linear" as TensorFlow's default is, "relu", "tanh".
    normalise
        "zscore": each coefficient by mean and deviation of the training set's frames. "none": as
        extracted. Not given in the paper.
    rate
        Hz that recordings are resampled to. Not given; EMO-DB has 16 kHz, SAVEE 44.1 kHz.
    channel
        Of a recording with several: "first" or "mean". The paper's corpora are mono.
    window, hop_ms
        Shape of the windows of 25 ms, "hamming" or "hann", and the milliseconds between them: 10.
    optimiser, learning_rate, batch, epochs
        Adam, which is not given; 1e-4, 32 and 100 in the paper. Of the epochs the last is ranked.
    dropout
        Share of values that are zeroed. The paper's "0.7" is read as what TensorFlow 1.4 calls
        keep_prob, hence 0.3; ``dropout=0.7`` is the other reading.
    dropout_at
        "lstm": on the BiLSTMs' outputs (after ``dense``), where TensorFlow 1.4's wrapper of a cell
        puts it. "pooled": between BatchNorm and the last layer. "none". Not given.
    pooling
        "mean+attention" is the paper's; "mean" and "attention" leave out one of the two.
    query
        What attention asks the frames by: the "last" step's output (Eq. 9-11); the "final" state of
        each direction, the backward one's at the first frame (without ``dense`` only); or a vector
        that is "learned" (the text), without W then.
    merge
        The two poolings by "concat" (the text, 8192 wide) or "sum" (4096, the width in Table II).
        Their average would be the sum again: BatchNorm follows.
    defaults_of
        How weights start, and BatchNorm's momentum and epsilon: "torch", or "tensorflow", the
        paper's library, with its forget gates that start open.
    """

    hidden: int = 1024
    peephole: bool = False
    dense: int = 0
    activation: str = "linear"
    normalise: str = "zscore"
    rate: int = 16000
    channel: Channel = "first"
    window: str = "hamming"
    hop_ms: float = 10.0
    optimiser: str = "adam"
    learning_rate: float = 1e-4
    batch: int = 32
    epochs: int = 100
    dropout: float = 0.3
    dropout_at: str = "lstm"
    pooling: str = "mean+attention"
    query: str = "last"
    merge: str = "concat"
    defaults_of: str = "torch"

    stackable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise UsageError(f"{name}={getattr(self, name)}", expected=" or ".join(allowed))
        sizes = 1 <= self.hidden < math.inf and 0 <= self.dense < math.inf
        if not (sizes and 0 <= self.dropout < 1):
            raise UsageError(
                f"hidden={self.hidden}, dense={self.dense}, dropout={self.dropout}",
                expected="hidden 1 or more, dense 0 or more, dropout from 0 to below 1",
            )
        if self.batch < 2:
            raise UsageError(f"batch={self.batch}", expected="2 or more, for BatchNorm")
        try:
            self.branches  # noqa: B018  a recipe refuses what it cannot frame
        except (ValueError, OverflowError) as error:
            raise UsageError(f"rate={self.rate}, hop_ms={self.hop_ms}: {error}") from error
        refuse_idle(self, "activation", dense=0)
        refuse_idle(self, "query", pooling="mean")
        refuse_idle(self, "merge", pooling="mean")
        refuse_idle(self, "merge", pooling="attention")
        refuse_idle(self, "dropout", dropout_at="none")
        refuse_idle(self, "dropout_at", dropout=0)
        if self.query == "final" and self.dense:
            raise UsageError("query=final after a dense layer, which mixes the directions")

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

    @property
    def _framing(self) -> dict[str, Any]:
        """What both recipes are framed by. The FFT is 512 points, or as many as a window takes."""
        samples = round(0.025 * self.rate)
        points = max(512, 1 << max(0, samples - 1).bit_length())
        shared = {"rate": self.rate, "channel": self.channel, "fft": points}
        return {**shared, "window": self.window, "hop_ms": self.hop_ms}

    def _descriptors(self) -> dict[str, Recipe]:
        return {"descriptors": FrameDescriptors(**self._framing)}


@dataclass(kw_only=True, eq=False)
class LogMelBiLSTMs(PooledBiLSTMs):
    """Those that read log-mel bands.

    Parameters
    ----------
    logarithm
        "decibel": ten times the decimal logarithm of the power. "natural". They differ only where
        nothing is normalised.
    log_offset
        What is added to the power before its logarithm is taken; 0: nothing, and powers below
        1e-10 count as that.
    """

    logarithm: str = "decibel"
    log_offset: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.logarithm not in {"decibel", "natural"} or not 0 <= self.log_offset < math.inf:
            raise UsageError(
                f"logarithm={self.logarithm}, log_offset={self.log_offset}",
                expected="decibel or natural, and an offset of 0 or more",
            )

    def arrays(self, data: Utterances, i: int) -> dict[str, NDArray[np.float32]]:
        """As :meth:`PooledBiLSTMs.arrays`, with the logarithm that was asked for."""
        arrays = super().arrays(data, i)
        if self.log_offset:
            power = 10 ** (arrays[LOGMEL] / 10)
            arrays[LOGMEL] = 10 * np.log10(power + np.float32(self.log_offset))
        if self.logarithm == "natural":
            arrays[LOGMEL] = arrays[LOGMEL] * np.float32(math.log(10) / 10)
        return arrays

    def _logmel(self) -> dict[str, Recipe]:
        return {LOGMEL: LogMel(**self._framing)}


@dataclass(kw_only=True, eq=False)
class DBLMM(LogMelBiLSTMs):
    """DBL-MM: log-mel bands and frame descriptors, a BiLSTM each, mean and attention pooled.

    The parameters are those of :class:`PooledBiLSTMs` and :class:`LogMelBiLSTMs`.
    """

    @property
    def branches(self) -> Mapping[str, Recipe]:
        return {**self._logmel(), **self._descriptors()}


@dataclass(kw_only=True, eq=False)
class BiLSTMLogMel(LogMelBiLSTMs):
    """BiLSTM-1 of the paper's Table III: log-mel bands alone, "remaining parameters unchanged".

    Pooling is over 2 x hidden then. The parameters are those of :class:`PooledBiLSTMs` and
    :class:`LogMelBiLSTMs`.
    """

    @property
    def branches(self) -> Mapping[str, Recipe]:
        return self._logmel()


@dataclass(kw_only=True, eq=False)
class BiLSTMLld(PooledBiLSTMs):
    """BiLSTM-2 of the paper's Table III: the 45 descriptors alone, the rest unchanged as well.

    Pooling is over 2 x hidden then. The parameters are those of :class:`PooledBiLSTMs`.
    """

    @property
    def branches(self) -> Mapping[str, Recipe]:
        return self._descriptors()
