"""A probe of a pretrained encoder: what can be read off its hidden states, the encoder untouched.

The field's yardstick for speech encoders. As in SUPERB (Yang et al., Interspeech 2021), the encoder
stays frozen, its hidden states become one vector an utterance, and a small head is trained on that.
For B utterances, an encoder of L layers and D dimensions, and K classes::

    one layer [B, T, D]                                   or every layer [B, L + 1, D]
        |  z-scores of the training set                         |  likewise, each layer for itself
        |  mean over time, or attention                         |  mean over time
        |                                                       |  sum_l softmax(w)_l h_l
    [B, D]
        |  MLP: linear, ReLU [B, hidden]
        |  dropout
    linear, softmax [B, K]

Attention is SUPERB's: frame t counts softmax_t(a . h_t + b). Learned weights of layers choose among
means over time, which take a small share of the space that frames of all layers would; since the
mean and the weighted sum may change places, the two give the same vector. Attention and the sum may
not, so they are not offered together.

SUPERB puts a linear projection of 256 before its pooling and trains for a fixed number of steps, at
a learning rate that is chosen by task. Nothing of that is needed for what the states hold linearly;
the settings here are round numbers and no paper's.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from serbench.audio import Channel
from serbench.data import Utterances
from serbench.errors import UsageError
from serbench.features.recipe import Recipe
from serbench.labels import Task
from serbench.nets.dropout import Dropout
from serbench.nets.encoders import EncoderFrames, EncoderLayers, identified, located, width_of
from serbench.nets.encoders import pretrained_on as known_pretraining
from serbench.nets.net import Net
from serbench.nets.normalise import Standardise
from serbench.nets.numerics import at_least_single
from serbench.nets.outputs import LOGITS, REPRESENTATION, Outputs, width
from serbench.nets.padded import Padded
from serbench.nets.pooling import MeanPooling
from serbench_baselines.idle import refuse_idle

CHOICES = {
    "pooling": ("mean", "attention"),
    "head": ("linear", "mlp"),
    "normalise": ("zscore", "none"),
}
NAMED = {"last": -1, "learned": None}  # layers that have a name


@dataclass(kw_only=True, eq=False)
class EncoderProbe(Net):
    """A linear or two-layer head on a frozen encoder of sound.

    Parameters
    ----------
    encoder
        A hub id or a folder: any encoder of sound that transformers loads (WavLM, HuBERT, wav2vec
        2.0 and their kin).
    revision
        Commit, tag or branch of a hub id; "": its main branch.
    layers
        One hidden state: "last", or its number, 0 being what enters the first layer and negative
        ones counting from the last. Or "learned": the sum of all by learned weights.
    pooling
        "mean" over time, or "attention", of one hidden state alone.
    head
        "linear", or "mlp" with one hidden layer.
    hidden
        Width of the MLP's hidden layer. Refused where the head is linear.
    dropout
        Share of what the last layer looks at that is zeroed.
    normalise
        "zscore": each dimension (of each layer) by the training set's mean and deviation. "none":
        as the encoder gives it.
    pretrained_on
        Corpora that the encoder was trained on, fine-tuning included, where serbench does not know
        it. What it knows of an encoder on the hub is not taken back by this. It changes no weight,
        and so no trial: there the encoder stands by the digest of its files.
    optimiser, learning_rate, batch, epochs
        Adam, 1e-3, 32 and 50.
    channel
        Of a recording with several: "mean" or "first".
    """

    encoder: str = "microsoft/wavlm-base-plus"
    revision: str = ""
    layers: str = "last"
    pooling: str = "mean"
    head: str = "linear"
    hidden: int = 256
    dropout: float = 0.0
    normalise: str = "zscore"
    pretrained_on: Sequence[str] = ()
    optimiser: str = "adam"
    learning_rate: float = 1e-3
    batch: int = 32
    epochs: int = 50
    channel: Channel = "mean"

    version: ClassVar[str] = "1"
    stackable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise UsageError(f"{name}={getattr(self, name)}", expected=" or ".join(allowed))
        if self.layer is None and self.pooling == "attention":
            raise UsageError(
                "layers=learned and pooling=attention",
                expected="learned weights of layers over means, or attention over one layer",
                advice="--set pooling=mean, or --set layers=last",
            )
        if not (1 <= self.hidden < math.inf and 0 <= self.dropout < 1):
            raise UsageError(
                f"hidden={self.hidden}, dropout={self.dropout}",
                expected="hidden 1 or more, dropout from 0 to below 1",
            )
        declared = self.pretrained_on
        is_list = isinstance(declared, list | tuple)
        if not is_list or not all(isinstance(name, str) for name in declared):
            raise UsageError(
                f"pretrained_on={declared!r}", expected='names of corpora, such as ["LibriSpeech"]'
            )
        refuse_idle(self, "hidden", head="linear")

    @staticmethod
    def identify(settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings with the encoder by its files' digest, and its layer as counted from 0.

        ``pretrained_on`` is left out: it stands as its default does.
        """
        layer = numbered(settings["layers"])
        if layer is not None:
            layer = located(settings["encoder"], settings["revision"]).layer(layer)
        name = "learned" if layer is None else str(layer)
        return {**identified(settings, "encoder"), "layers": name, "pretrained_on": ()}

    @property
    def layer(self) -> int | None:
        """The hidden state's number, negative ones from the last; None: all, by learned weights."""
        return numbered(self.layers)

    @property
    def pretraining(self) -> tuple[str, ...] | None:
        """Corpora that the encoder is known or declared to be trained on; None: nobody says."""
        known = known_pretraining(self.encoder) or ()
        return tuple(dict.fromkeys([*known, *self.pretrained_on])) or None

    @functools.cached_property  # asked for each utterance, and the encoder's files are looked at
    def recipes(self) -> tuple[Recipe, ...]:
        place: dict[str, Any] = {"revision": self.revision, "channel": self.channel}
        if self.pooling == "attention":
            assert self.layer is not None
            return (EncoderFrames.of(self.encoder, layer=self.layer, **place),)
        return (EncoderLayers.of(self.encoder, **place),)

    def arrays(self, data: Utterances, i: int) -> Mapping[str, NDArray[np.float32]]:
        """Frames of the layer, [frames, dims]; its mean, [dims]; or means, [layers + 1 x dims].

        Raises
        ------
        EncoderError
            If the encoder has no such layer.
        """
        (recipe,) = self.recipes
        states = data.feature(i, recipe)
        if self.pooling == "mean":
            states = states.reshape(-1) if self.layer is None else states[self._place]
        return {recipe.name: states}

    def build(self, task: Task) -> nn.Module:
        """The module. Its weights of layers take the encoder's files, to know how many there are.

        Raises
        ------
        EncoderError, MissingExtra
            If it takes the encoder's files, and they are not to be had.
        """
        dims, layers = width_of(self.encoder, self.revision), 1
        if self.layer is None:
            layers += located(self.encoder, self.revision).layers
        return ProbeModule(self, dims, layers, width(task))

    @functools.cached_property
    def _place(self) -> int:
        """The layer's number as counted from 0."""
        assert self.layer is not None
        return located(self.encoder, self.revision).layer(self.layer)


def numbered(layers: str | int) -> int | None:
    """The number that ``layers`` means; None: all, by learned weights.

    Raises
    ------
    UsageError
        If it is neither a name nor a whole number.
    """
    if str(layers) in NAMED:
        return NAMED[str(layers)]
    try:
        return int(str(layers))
    except ValueError as error:
        raise UsageError(
            f"layers={layers}", expected="last, learned, or a layer's number, such as 6"
        ) from error


class ProbeModule(nn.Module):
    """Scaling, pooling, head."""

    def __init__(self, net: EncoderProbe, dims: int, layers: int, columns: int) -> None:
        super().__init__()
        self.array = (EncoderFrames if net.pooling == "attention" else EncoderLayers).name
        scaled = net.normalise == "zscore"
        self.scale = Standardise(self.array, layers * dims) if scaled else nn.Identity()
        self.pooling: nn.Module = MeanPooling()  # of one frame, where the mean is taken already
        if net.pooling == "attention":
            self.pooling = AttentionPooling(dims)
        elif net.layer is None:
            self.pooling = WeightedLayers(layers)
        is_deep = net.head == "mlp"
        self.deep = nn.Sequential(nn.Linear(dims, net.hidden), nn.ReLU()) if is_deep else None
        self.dropout = Dropout(net.dropout)
        self.head = nn.Linear(net.hidden if is_deep else dims, columns)

    def forward(self, inputs: Mapping[str, Padded]) -> Outputs:
        """Logits, [utterances, classes], and the vector that the last layer looks at."""
        representation: Tensor = self.pooling(self.scale(inputs[self.array]))
        if self.deep is not None:
            representation = self.deep(representation)
        return {LOGITS: self.head(self.dropout(representation)), REPRESENTATION: representation}


class AttentionPooling(nn.Module):
    """sum_t softmax_t(a . h_t + b) h_t: [utterances, frames, dims] -> [utterances, dims]."""

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.score = nn.Linear(dims, 1)

    def weights(self, x: Padded) -> Tensor:
        """What each frame counts for: [utterances, frames], rows sum to one, zero on padding."""
        scores = at_least_single(self.score(x.values)[:, :, 0])
        return scores.masked_fill(~x.mask, -torch.inf).softmax(1)

    def forward(self, x: Padded) -> Tensor:
        return torch.einsum("bt,btd->bd", self.weights(x), x.values)


class WeightedLayers(nn.Module):
    """sum_l softmax(w)_l h_l: [utterances, 1, layers x dims] -> [utterances, dims].

    At first all layers count alike.

    Parameters
    ----------
    layers
        How many hidden states stand one after the other.
    """

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.scores = nn.Parameter(torch.zeros(layers))

    def forward(self, x: Padded) -> Tensor:
        states = x.values[:, 0].unflatten(1, (len(self.scores), -1))
        return torch.einsum("l,bld->bd", self.scores.softmax(0), states)
