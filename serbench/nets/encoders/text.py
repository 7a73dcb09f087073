"""Hidden states of an encoder of text, token by token: BERT, RoBERTa and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from serbench.errors import EncoderError, FeatureError
from serbench.features.recipe import PLACE, checked
from serbench.nets.encoders.batches import encoded
from serbench.nets.encoders.files import FETCH_AGAIN
from serbench.nets.encoders.loaded import LoadedEncoder, chosen_device, extractor, is_shared, loaded
from serbench.nets.encoders.located import located

FEWEST = 3  # tokens: [CLS], one of the text, [SEP]
# Tokens in one batch. On a core of the CPU sentences of ten tokens are computed three times as fast
# together as alone: a layer's weights are read once for all.
AT_ONCE = {"cpu": 1024, "other": 16384}


@dataclass(frozen=True)
class TokenStates:
    """One hidden state of an encoder of text, token by token, kept as float16.

    Made by :meth:`of`. [CLS] and [SEP] (or what the encoder has in their place) are kept; a text
    without words gives these alone. The words are the encoder's own tokenizer's, cased or not as
    it was trained.

    Attributes
    ----------
    model_type, weights
        What the encoder is, and the SHA-256 of its files: see :mod:`serbench.nets.encoders.files`.
    dims
        Length of a hidden state.
    layer
        0: what enters the first layer of the transformer; 1, 2, ...: what leaves that layer.
    tokens
        The most tokens, [CLS] and [SEP] among them. A longer text loses its end.
    folder, device
        Where the encoder is, and what it runs on. Neither is part of the recipe's record.
    """

    name: ClassVar[str] = "token-states"
    reads: ClassVar[str] = "text"
    stored: ClassVar[str] = "float16"

    model_type: str
    weights: str
    dims: int
    layer: int
    tokens: int = 50
    folder: str = field(default="", metadata=PLACE, compare=False)
    device: str = field(default="cpu", metadata=PLACE, compare=False)

    @classmethod
    def of(
        cls,
        source: str,
        *,
        revision: str = "",
        layer: int = -1,
        tokens: int = 50,
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
            If there is no such encoder, it reads no text, or it has no such layer.
        """
        if tokens < FEWEST:
            raise EncoderError(f"at most {tokens} tokens", expected=f"{FEWEST} or more")
        found = located(source, revision)
        found.require("text")
        return cls(
            model_type=found.model_type,
            weights=found.weights,
            dims=found.dims,
            layer=found.layer(layer),
            tokens=tokens,
            folder=found.folder,
            device=device or chosen_device(),
        )

    @property
    def extractor(self) -> str:
        return extractor("transformers", "tokenizers")

    def extract_text(self, text: str) -> NDArray[np.float32]:
        """Hidden states, float32 [tokens, dims], as many as the text has up to ``tokens``.

        Raises
        ------
        FeatureError
            If the tokenizer makes nothing of the text.
        EncoderError
            If the encoder cannot be loaded, or reads fewer tokens than ``tokens``.
        """
        return self.extract_texts([text])[0]

    def extract_texts(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """What :meth:`extract_text` gives of each, those of one number of tokens together."""
        encoder = loaded(self.folder, self.weights, self.device)
        self._check(encoder)
        inputs = [self._tokens(encoder, text) for text in texts]
        most = AT_ONCE["cpu" if encoder.device.type == "cpu" else "other"]
        states = encoded(encoder, inputs, lambda _, all_: all_[self.layer].cpu().numpy(), most)
        return [checked(each, self) for each in states]

    @property
    def one_process(self) -> bool:
        """Whether workers would crowd its device."""
        return is_shared(self.device)

    def _tokens(self, encoder: LoadedEncoder, text: str) -> dict[str, NDArray[Any]]:
        found = encoder.prepare(text, truncation=True, max_length=self.tokens, padding=False)
        if not found["input_ids"]:
            raise FeatureError(f"no token in the text {text!r}", expected="a token or more")
        return {
            name: np.asarray([found[name]])
            for name in ("input_ids", "attention_mask", "token_type_ids")
            if name in found
        }

    def _check(self, encoder: LoadedEncoder) -> None:
        """Refuse a tokenizer that is not the model's, and more tokens than it has places for.

        Raises
        ------
        EncoderError
            With the sizes. Without its vocabulary, a tokenizer is made of special tokens alone,
            and every word would be unknown.
        """
        known, size = len(encoder.prepare), encoder.model.config.vocab_size
        if not size / 2 < known <= size:
            raise EncoderError(
                f"the tokenizer in {self.folder} knows {known} tokens",
                expected=f"about the {size} of the model: some models round the number up",
                advice=FETCH_AGAIN,
            )
        places = getattr(encoder.model.config, "max_position_embeddings", None) or self.tokens
        most = min(encoder.prepare.model_max_length, places)
        if self.tokens > most:
            raise EncoderError(
                f"{self.tokens} tokens of a {self.model_type!r} in {self.folder}",
                expected=f"{most} at most",
            )
