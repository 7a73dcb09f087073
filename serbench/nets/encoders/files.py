"""Which files of a folder are the encoder, and their digest.

Only what changes a hidden state counts: config.json, the weights, and what prepares the input
(the settings of the feature extractor for sound, the tokenizer's files for text). A read-me or a
second copy of the weights in another format changes nothing.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from serbench.canonical import digest
from serbench.errors import EncoderError

CONFIG = "config.json"
PREPARING = "preprocessor_config.json"  # of sound
VOCABULARIES = (  # one of them at least
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "*.model",  # SentencePiece
)
TOKENIZER = (
    *VOCABULARIES,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
)
DESCRIBING = (CONFIG, PREPARING, *TOKENIZER)
# In transformers' order of preference: one file, or the index of several.
SAFETENSORS = ("model.safetensors", "model.safetensors.index.json", "model-*.safetensors")
BIN = ("pytorch_model.bin", "pytorch_model.bin.index.json", "pytorch_model-*.bin")

FETCH_AGAIN = "fetch it again, whole: hf download ID --local-dir FOLDER"

Stamp = tuple[tuple[str, int, int], ...]  # name, bytes, nanoseconds of the last change


def stamp(folder: Path) -> Stamp:
    """Name, size and time of each file that may be part of an encoder.

    Raises
    ------
    EncoderError
        If the folder cannot be read.
    """
    patterns = (*DESCRIBING, *SAFETENSORS, *BIN)
    try:
        with os.scandir(folder) as entries:
            found = [
                (entry.name, entry.stat().st_size, entry.stat().st_mtime_ns)
                for entry in entries
                if matches(entry.name, patterns) and entry.is_file()
            ]
    except OSError as error:
        raise EncoderError(f"{folder} cannot be read: {error.strerror}") from error
    return tuple(sorted(found))


def matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def is_whole(folder: Path) -> bool:
    """Whether a folder has a configuration, all weights, and something that prepares the input."""
    names = [name for name, _, _ in stamp(folder)]
    try:
        weight_files(folder)
    except EncoderError:
        return False
    return CONFIG in names and any(matches(name, (PREPARING, *VOCABULARIES)) for name in names)


def weight_files(folder: Path) -> tuple[str, ...]:
    """The names of the files that hold the weights, an index among them.

    Raises
    ------
    EncoderError
        If there are none, or one that the index names is missing.
    """
    for single, index, _ in (SAFETENSORS, BIN):
        if (folder / single).is_file():
            return (single,)
        if (folder / index).is_file():
            return (index, *_shards(folder, index))
    raise EncoderError(
        f"{folder} holds no weights",
        expected=f"{SAFETENSORS[0]} or {BIN[0]}, or an index of several such files",
        advice=FETCH_AGAIN,
    )


def files_digest(folder: Path, names: Iterable[str]) -> str:
    """SHA-256 of the canonical JSON of [[name, SHA-256 of the file], ...], sorted by name.

    Raises
    ------
    EncoderError
        If one cannot be read.
    """
    pairs = []
    for name in sorted(set(names)):
        try:
            status = (folder / name).stat()
            pairs.append([name, _sha256(folder / name, status.st_size, status.st_mtime_ns)])
        except OSError as error:
            raise EncoderError(f"{folder / name} cannot be read: {error.strerror}") from error
    return digest(pairs)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of an encoder's folder.

    Raises
    ------
    EncoderError
        If it is missing or none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise EncoderError(
            f"{path.parent} holds no {path.name}: it is not the folder of an encoder",
            expected=f"{CONFIG}, weights, and the files that prepare the input",
            advice=FETCH_AGAIN,
        ) from error
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} cannot be read: {error}", expected="a JSON object") from error
    if not isinstance(content, dict):
        raise EncoderError(f"{path} holds no JSON object", expected="a JSON object")
    return content


def _shards(folder: Path, index: str) -> list[str]:
    names = read_json(folder / index).get("weight_map")
    shards = sorted({str(name) for name in names.values()}) if isinstance(names, dict) else []
    lost = [name for name in shards if Path(name).name != name or not (folder / name).is_file()]
    if lost or not shards:
        raise EncoderError(
            f"{folder / index} names weights that are not there: {', '.join(lost) or 'none'}",
            expected="each of its files beside it",
            advice=FETCH_AGAIN,
        )
    return shards


@functools.lru_cache(maxsize=256)
def _sha256(path: Path, size: int, changed: int) -> str:
    """Of a file's content, read again only when its size or time is another."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
