"""Tiny encoders with random weights, in folders as transformers writes them.

What they compute means nothing; how they are found, loaded and run is what is done with real ones.
"""

from __future__ import annotations

import contextlib
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

HIDDEN = 16  # length of a hidden state
LAYERS = 2

WORDS = ("the", "a", "i", "you", "am", "are", "is", "not", "so", "very", "happy", "sad", "angry")


def tiny_audio_encoder(
    folder: Path,
    *,
    kind: Literal["wavlm", "hubert", "wav2vec2"] = "wavlm",
    seed: int = 0,
    normalise: bool = True,
) -> Path:
    """Write an encoder of sound: hidden size 16, two layers, 20 ms frames; the folder.

    Parameters
    ----------
    folder
        Made if it does not exist.
    kind
        Whose layers: they differ in how attention knows positions, and in names.
    seed
        Another seed gives other weights.
    normalise
        Whether its feature extractor scales each utterance to mean 0 and variance 1.
    """
    import transformers

    configs: dict[str, Any] = {
        "wavlm": (transformers.WavLMConfig, transformers.WavLMModel),
        "hubert": (transformers.HubertConfig, transformers.HubertModel),
        "wav2vec2": (transformers.Wav2Vec2Config, transformers.Wav2Vec2Model),
    }
    config, model = configs[kind]
    extractor = transformers.Wav2Vec2FeatureExtractor(do_normalize=normalise)
    shape = {
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 2,
        "intermediate_size": 2 * HIDDEN,
        "conv_dim": (8,) * 7,  # kernels and strides stay the real ones: 400 samples every 320
        "num_conv_pos_embeddings": 16,
        "num_conv_pos_embedding_groups": 2,
    }
    with _quietly(seed):
        model(config(**shape)).save_pretrained(folder)
        extractor.save_pretrained(folder)
    return folder


def tiny_text_encoder(folder: Path, *, seed: int = 0) -> Path:
    """Write a BERT: hidden size 16, two layers; it knows letters and a few words; the folder.

    Parameters
    ----------
    folder
        Made if it does not exist.
    seed
        Another seed gives other weights.
    """
    import transformers

    letters = [*string.ascii_lowercase, *string.digits, *".,!?'-"]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    pieces += [f"##{letter}" for letter in letters] + [word for word in WORDS if len(word) > 1]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    config = transformers.BertConfig(
        vocab_size=len(pieces),
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        intermediate_size=2 * HIDDEN,
        max_position_embeddings=128,
    )
    with _quietly(seed):
        transformers.BertModel(config).save_pretrained(folder)
        tokenizer = transformers.BertTokenizer(vocab=vocabulary, model_max_length=128)
        tokenizer.save_pretrained(folder)
    return folder


@contextlib.contextmanager
def _quietly(seed: int) -> Iterator[None]:
    """Random weights from a seed, and no words of transformers; both put back after."""
    import torch

    from serbench.nets.encoders.silent import silent
    from serbench.nets.numerics import own_randomness

    with silent(), own_randomness(seed, torch.device("cpu")):
        yield
