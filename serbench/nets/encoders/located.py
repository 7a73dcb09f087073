"""An encoder that was found: what kind it is, its shape, and the digest of its files."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from serbench.errors import EncoderError
from serbench.nets.encoders.address import address, cached, here
from serbench.nets.encoders.declared import WIDTHS, hub_name
from serbench.nets.encoders.files import (
    CONFIG,
    FETCH_AGAIN,
    PREPARING,
    TOKENIZER,
    VOCABULARIES,
    Stamp,
    files_digest,
    matches,
    read_json,
    stamp,
    weight_files,
)
from serbench.nets.encoders.silent import missing, silent

Reads = Literal["audio", "text"]
_KINDS = {
    "audio": "an encoder of sound (WavLM, HuBERT, wav2vec 2.0)",
    "text": "an encoder of text (BERT, RoBERTa)",
}


@dataclass(frozen=True)
class LocatedEncoder:
    """An encoder's files on this machine."""

    folder: str  # absolute
    model_type: str  # as config.json has it: "wavlm", "bert"
    reads: Reads
    dims: int  # length of a hidden state
    layers: int  # of the transformer; there is one hidden state more
    weights: str  # SHA-256, see serbench.nets.encoders.files

    def require(self, reads: Reads) -> None:
        """Refuse an encoder of the other kind.

        Raises
        ------
        EncoderError
            With the type found and those wanted.
        """
        if self.reads != reads:
            raise EncoderError(
                f"{self.folder} holds a {self.model_type!r}, which is {_KINDS[self.reads]}",
                expected=_KINDS[reads],
            )

    def layer(self, number: int) -> int:
        """The place of a hidden state from the front: -1 is the last, which is ``layers``.

        Raises
        ------
        EncoderError
            If there is none of that number.
        """
        if not -(self.layers + 1) <= number <= self.layers:
            raise EncoderError(
                f"layer {number} of a {self.model_type!r} with {self.layers} layers",
                expected=f"0 (what enters the first) to {self.layers}, or -1 for the last",
            )
        return number % (self.layers + 1)


def located(source: str, revision: str = "") -> LocatedEncoder:
    """Find an encoder, and fetch it from the hub if it is nowhere on this machine.

    Parameters
    ----------
    source
        A folder, or a hub id such as "microsoft/wavlm-base-plus". A folder that exists wins.
    revision
        Commit, tag or branch on the hub; "": its main branch. A folder has none.

    Raises
    ------
    EncoderError
        If there is no such encoder, its folder is not whole, or it is of no supported kind.
    MissingExtra
        If the packages that this takes are not installed.
    """
    folder = address(source, revision)
    return _examined(folder, stamp(folder))


def width_of(source: str, revision: str = "") -> int:
    """The length of an encoder's hidden states.

    Of the best-known encoders on the hub it is known without their files
    (:data:`serbench.nets.encoders.declared.WIDTHS`), so that a model can be described anywhere.

    Raises
    ------
    EncoderError, MissingExtra
        As for :func:`located`, where it takes the files.
    """
    folder = here(source) or cached(source, revision)
    if folder is not None and (folder / CONFIG).is_file():
        return _Config.of(folder).dims
    return WIDTHS.get(hub_name(source)) or located(source, revision).dims


def identified(settings: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Settings as they stand in a trial: encoders by their files, not by their place.

    Parameters
    ----------
    settings
        All settings of a model.
    names
        Those that hold a source. Each becomes "TYPE:DIGEST" with the first 16 digits of the files'
        SHA-256; an empty one (no encoder) stays. The revision of the setting "audio_encoder" is
        the setting "audio_encoder_revision", else "revision", if there is one; it becomes "",
        since the digest says all.

    Raises
    ------
    EncoderError, MissingExtra
        As for :func:`located`.
    """
    stand = dict(settings)
    for name in names:
        if settings[name]:
            found = located(settings[name], _revision(settings, name))
            stand[name] = f"{found.model_type}:{found.weights[:16]}"
    for name in {_revision_name(settings, name) for name in names} & set(settings):
        stand[name] = ""
    return stand


def _revision_name(settings: Mapping[str, Any], name: str) -> str:
    own = f"{name}_revision"
    return own if own in settings else "revision"


def _revision(settings: Mapping[str, Any], name: str) -> str:
    return settings.get(_revision_name(settings, name)) or ""


@functools.lru_cache(maxsize=64)
def _examined(folder: Path, seen: Stamp) -> LocatedEncoder:
    """Look into a folder; again only when a file in it has changed."""
    config = _Config.of(folder)
    names = [name for name, _, _ in seen]
    preparing = [PREPARING] if config.reads == "audio" else TOKENIZER
    needed = [PREPARING] if config.reads == "audio" else VOCABULARIES
    if not any(matches(name, needed) for name in names):
        raise EncoderError(
            f"{folder} holds a {config.model_type!r} without "
            + ("its tokenizer" if config.reads == "text" else f"its {PREPARING}"),
            expected=" or ".join(needed),
            advice=FETCH_AGAIN,
        )
    parts = [name for name in names if matches(name, preparing)]
    weights = files_digest(folder, [CONFIG, *weight_files(folder), *parts])
    return LocatedEncoder(
        str(folder), config.model_type, config.reads, config.dims, config.layers, weights
    )


@dataclass(frozen=True)
class _Config:
    """What config.json says of an encoder's kind and shape."""

    model_type: str
    reads: Reads
    dims: int
    layers: int

    @classmethod
    def of(cls, folder: Path) -> _Config:
        config = read_json(folder / CONFIG)
        kind = str(config.get("model_type", ""))
        if not {"hidden_size", "num_hidden_layers"} <= set(config):
            config = _filled(folder, kind)
        reads = _reads(config)
        dims, layers = config.get("hidden_size"), config.get("num_hidden_layers")
        if reads is None or not isinstance(dims, int) or not isinstance(layers, int):
            raise EncoderError(
                f"{folder} holds a model of the type {kind or 'that its config.json does not say'}",
                expected=f"{_KINDS['audio']}, or {_KINDS['text']}",
            )
        return cls(kind, reads, dims, layers)


def _reads(config: Mapping[str, Any]) -> Reads | None:
    """What a model is given: raw sound passes convolutions first, and words have a vocabulary."""
    if config.get("is_encoder_decoder"):
        return None
    if isinstance(config.get("conv_kernel"), list) and isinstance(config.get("conv_stride"), list):
        return "audio"
    return "text" if isinstance(config.get("vocab_size"), int) else None


def _filled(folder: Path, kind: str) -> dict[str, Any]:
    """The configuration with what config.json leaves to its type: defaults and other names."""
    try:
        from transformers import AutoConfig
    except ImportError as error:
        raise missing("transformers") from error
    try:
        with silent():
            config = AutoConfig.from_pretrained(
                folder, trust_remote_code=False, local_files_only=True
            )
    except Exception as error:
        raise EncoderError(
            f"{folder / CONFIG} describes a model of the type {kind or 'that it does not say'}, "
            "which the installed transformers does not read",
            expected=f"{_KINDS['audio']}, or {_KINDS['text']}",
        ) from error
    names = ("hidden_size", "num_hidden_layers", "conv_kernel", "conv_stride", "vocab_size")
    values = {name: getattr(config, name, None) for name in (*names, "is_encoder_decoder")}
    return {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}
