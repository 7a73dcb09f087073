"""Hidden states of an encoder of sound: WavLM, HuBERT, wav2vec 2.0 and their kin.

They read raw sound at 16 kHz. Utterances are encoded beside others of their own length alone
(:mod:`serbench.nets.encoders.batches`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from serbench.audio import Channel
from serbench.errors import EncoderError, FeatureError
from serbench.features.recipe import PLACE, checked
from serbench.nets.encoders.batches import encoded
from serbench.nets.encoders.loaded import (
    LoadedEncoder,
    chosen_device,
    extractor,
    is_shared,
    loaded,
)
from serbench.nets.encoders.located import located

if TYPE_CHECKING:
    from torch import Tensor

RATE = 16000  # Hz, that all of these encoders were trained on
# Samples in one batch, unless one sound alone has more. On a core of the CPU batches are no faster
# (2 s of sound through four layers of a "base" encoder: 0.32 s each alone, 0.36 s each of eight,
# whose states no longer fit in its cache). Elsewhere a second of sound takes some 30 MB.
AT_ONCE = {"cpu": 1, "other": 120 * RATE}

T = TypeVar("T")


@dataclass(frozen=True)
class EncoderFrames:
    """One hidden state of an encoder, frame by frame, kept as float16.

    Made by :meth:`of`. A frame is 20 ms apart from the next, and hears 25 ms, in all encoders with
    wav2vec 2.0's convolutions: n samples give (n - 400) // 320 + 1 frames.

    Attributes
    ----------
    model_type, weights
        What the encoder is, and the SHA-256 of its files: see :mod:`serbench.nets.encoders.files`.
    dims
        Length of a hidden state.
    layer
        0: what enters the first layer of the transformer; 1, 2, ...: what leaves that layer.
    frames
        The most frames. The sound is cut *before* it is encoded, to just as many samples as these
        frames take (WavLM: 255 frames take 81,680 samples), so that no frame has heard what comes
        after the last. None: all.
    channel
        Of a recording with several.
    folder, device
        Where the encoder is, and what it runs on. Neither is part of the recipe's record.
    """

    name: ClassVar[str] = "encoder-frames"
    stored: ClassVar[str] = "float16"
    rate: ClassVar[int] = RATE

    model_type: str
    weights: str
    dims: int
    layer: int
    frames: int | None = None
    channel: Channel = "mean"
    folder: str = field(default="", metadata=PLACE, compare=False)
    device: str = field(default="cpu", metadata=PLACE, compare=False)

    @classmethod
    def of(
        cls,
        source: str,
        *,
        revision: str = "",
        layer: int = -1,
        frames: int | None = None,
        channel: Channel = "mean",
        device: str | None = None,
    ) -> Self:
        """The recipe for an encoder of a hub id or a folder.

        Parameters
        ----------
        source, revision
            As for :func:`serbench.nets.encoders.located`.
        layer
            0 to the number of layers, or from the end: -1 is the last. Kept as counted from 0.
        device
            None: what ``$SERBENCH_ENCODER_DEVICE`` says, else the CPU.

        Raises
        ------
        EncoderError
            If there is no such encoder, it reads no sound, or it has no such layer.
        """
        if frames is not None and frames < 1:
            raise EncoderError(f"at most {frames} frames", expected="1 or more, or None for all")
        found = located(source, revision)
        found.require("audio")
        return cls(
            model_type=found.model_type,
            weights=found.weights,
            dims=found.dims,
            layer=found.layer(layer),
            frames=frames,
            channel=channel,
            folder=found.folder,
            device=device or chosen_device(),
        )

    @property
    def extractor(self) -> str:
        return extractor("transformers")

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Hidden states, float32 [frames, dims].

        Raises
        ------
        FeatureError
            If the utterance is too short for a frame.
        EncoderError
            If the encoder cannot be loaded.
        """
        return self.extract_many([samples], rate)[0]

    def extract_many(
        self, sounds: Sequence[NDArray[np.float32]], rate: int
    ) -> list[NDArray[np.float32]]:
        """What :meth:`extract` gives of each; on a device those of one length together."""
        states = _encode(self, sounds, rate, lambda states: states[self.layer].cpu().numpy())
        return [checked(each, self) for each in states]

    @property
    def one_process(self) -> bool:
        """Whether workers would crowd its device."""
        return is_shared(self.device)


@dataclass(frozen=True)
class EncoderLayers:
    """The mean over time of every hidden state: what learned weights of layers choose from.

    Made by :meth:`of`. Row 0 is what enters the first layer of the transformer, the last row is the
    mean of the last hidden state. Means are taken in float64 and kept as float32.

    Attributes
    ----------
    model_type, weights, dims, channel, folder, device
        As in :class:`EncoderFrames`.
    """

    name: ClassVar[str] = "encoder-layers"
    rate: ClassVar[int] = RATE

    model_type: str
    weights: str
    dims: int
    channel: Channel = "mean"
    folder: str = field(default="", metadata=PLACE, compare=False)
    device: str = field(default="cpu", metadata=PLACE, compare=False)

    @classmethod
    def of(
        cls,
        source: str,
        *,
        revision: str = "",
        channel: Channel = "mean",
        device: str | None = None,
    ) -> Self:
        """The recipe for an encoder of a hub id or a folder. As :meth:`EncoderFrames.of`."""
        found = located(source, revision)
        found.require("audio")
        return cls(
            model_type=found.model_type,
            weights=found.weights,
            dims=found.dims,
            channel=channel,
            folder=found.folder,
            device=device or chosen_device(),
        )

    @property
    def extractor(self) -> str:
        return extractor("transformers")

    def extract(self, samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
        """Means over time, float32 [layers + 1, dims]. Errors as in :class:`EncoderFrames`."""
        return self.extract_many([samples], rate)[0]

    def extract_many(
        self, sounds: Sequence[NDArray[np.float32]], rate: int
    ) -> list[NDArray[np.float32]]:
        """What :meth:`extract` gives of each; on a device those of one length together."""
        return [checked(each, self) for each in _encode(self, sounds, rate, _means)]

    @property
    def one_process(self) -> bool:
        """Whether workers would crowd its device."""
        return is_shared(self.device)


def _means(states: list[Tensor]) -> NDArray[np.float32]:
    """The mean over time of each state, float32 [states, dims]."""
    return np.stack([state.cpu().double().mean(dim=0).float().numpy() for state in states])


def _encode(
    recipe: EncoderFrames | EncoderLayers,
    sounds: Sequence[NDArray[np.float32]],
    rate: int,
    take: Callable[[list[Tensor]], T],
) -> list[T]:
    """What is taken of every hidden state, float32 [frames, dims], of each sound."""
    if rate != RATE:
        raise FeatureError(f"samples at {rate} Hz", expected=f"samples at {RATE} Hz")
    encoder = loaded(recipe.folder, recipe.weights, recipe.device)
    heard, hop = _framing(encoder.model.config)
    cut = [_cut(recipe, samples, heard, hop) for samples in sounds]
    inputs = [{"input_values": _prepared(encoder, samples)} for samples in cut]

    def checking(i: int, states: list[Tensor]) -> T:
        due = (len(cut[i]) - heard) // hop + 1
        if any(len(state) != due for state in states):
            raise EncoderError(
                f"the {recipe.model_type!r} in {recipe.folder} makes {len(states[-1])} frames of "
                f"{len(cut[i])} samples",
                expected=f"{due}: a frame every {hop} samples, as its convolutions give them",
            )
        return take(states)

    most = AT_ONCE["cpu" if encoder.device.type == "cpu" else "other"]
    return encoded(encoder, inputs, checking, most)


def _cut(
    recipe: EncoderFrames | EncoderLayers, samples: NDArray[np.float32], heard: int, hop: int
) -> NDArray[np.float32]:
    """The samples that the frames take, if there is one."""
    if len(samples) < heard:
        raise FeatureError(
            f"an utterance of {len(samples) / RATE:.4f} s ({len(samples)} samples) is too short "
            f"for a {recipe.model_type!r}",
            expected=f"{heard / RATE:.4f} s ({heard} samples) or more, which is one frame",
            advice="leave it out of the corpus, or choose other features",
        )
    frames = getattr(recipe, "frames", None)
    return samples if frames is None else samples[: heard + (frames - 1) * hop]


def _framing(config: Any) -> tuple[int, int]:
    """Samples that a frame hears, and samples from one to the next: WavLM has 400 and 320."""
    kernels, strides = config.conv_kernel, config.conv_stride
    heard = 1
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        heard = (heard - 1) * stride + kernel
    return heard, math.prod(strides)


def _prepared(encoder: LoadedEncoder, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sound as the encoder's own feature extractor gives it, float32 [1, samples].

    That is, with mean 0 and variance 1 over the utterance where ``do_normalize`` says so.
    """
    wanted = getattr(encoder.prepare, "sampling_rate", None)
    if wanted != RATE:
        raise EncoderError(
            f"the encoder in {encoder.located.folder} reads sound at {wanted} Hz",
            expected=f"one that reads {RATE} Hz",
        )
    prepared = encoder.prepare(samples, sampling_rate=RATE, return_tensors="np")
    if "input_values" not in prepared:
        raise EncoderError(
            f"the feature extractor in {encoder.located.folder} gives {', '.join(prepared)}",
            expected="input_values: raw sound",
        )
    values: NDArray[np.float32] = np.asarray(prepared["input_values"], dtype=np.float32)
    return values
