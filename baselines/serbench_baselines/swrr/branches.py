"""What SWRR reads: frames of sound, states of words, each of a frozen encoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from serbench.audio import Channel
from serbench.features.recipe import AnyRecipe, Recipe, TextRecipe
from serbench.nets.encoders import EncoderFrames, TokenStates


@dataclass(frozen=True)
class Branch:
    """One of the sequences that are read: of which encoder, steps at most, and the recipe.

    The recipe is made when it is asked for: it takes the encoder's files, and a net is built
    without them.
    """

    encoder: str
    revision: str
    steps: int
    recipe: Callable[[], AnyRecipe]


@dataclass(kw_only=True, eq=False)
class Sound:
    """The settings of a net that reads WavLM's frames.

    Parameters
    ----------
    audio_encoder, audio_encoder_revision
        Hub id or local folder of a frozen speech encoder; its commit, tag or branch on the hub.
    audio_layer
        Its hidden state, from 0 (before its transformer); -1 is the last.
    frames
        At most that many, from the start: 255 are 5.1 s.
    channel
        Of a recording with several: "mean" or "first".
    """

    audio_encoder: str = "microsoft/wavlm-base"
    audio_encoder_revision: str = ""
    audio_layer: int = -1
    frames: int = 255
    channel: Channel = "mean"

    @property
    def sound(self) -> Branch:
        return Branch(self.audio_encoder, self.audio_encoder_revision, self.frames, self._frames)

    def _frames(self) -> Recipe:
        return EncoderFrames.of(
            self.audio_encoder,
            revision=self.audio_encoder_revision,
            layer=self.audio_layer,
            frames=self.frames,
            channel=self.channel,
        )


@dataclass(kw_only=True, eq=False)
class Words:
    """The settings of a net that reads BERT's token states.

    Parameters
    ----------
    text_encoder, text_encoder_revision
        Hub id or local folder of a frozen text encoder; its commit, tag or branch on the hub.
    text_layer
        Its hidden state, from 0 (the embeddings); -1 is the last.
    tokens
        At most that many, [CLS] and [SEP] among them.
    """

    text_encoder: str = "bert-base-uncased"
    text_encoder_revision: str = ""
    text_layer: int = -1
    tokens: int = 50

    instead: ClassVar[Mapping[str, str]] = {"text": "the model swrr-no-text reads sound alone"}

    @property
    def words(self) -> Branch:
        return Branch(self.text_encoder, self.text_encoder_revision, self.tokens, self._states)

    def _states(self) -> TextRecipe:
        return TokenStates.of(
            self.text_encoder,
            revision=self.text_encoder_revision,
            layer=self.text_layer,
            tokens=self.tokens,
        )
