"""Pretrained encoders as features: WavLM, HuBERT and wav2vec 2.0 of sound, BERT and such of text.

An encoder is a hub id or a folder on this machine. What stands in a trial and in the key of a
cached array is neither, but the SHA-256 of its files. Nothing here imports torch or transformers
before a feature is computed.
"""

from serbench.nets.encoders.audio import EncoderFrames, EncoderLayers
from serbench.nets.encoders.declared import PRETRAINED_ON, pretrained_on
from serbench.nets.encoders.located import LocatedEncoder, identified, located, width_of
from serbench.nets.encoders.text import TokenStates

__all__ = [
    "PRETRAINED_ON",
    "EncoderFrames",
    "EncoderLayers",
    "LocatedEncoder",
    "TokenStates",
    "identified",
    "located",
    "pretrained_on",
    "width_of",
]
