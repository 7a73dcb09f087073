"""Chunks of a forged WAV file: those that recorders and editors put around the sound.

A WAV file is a sequence of chunks, each a name of four letters, a length and a content that is
padded to an even number of bytes. Only ``fmt`` and ``data`` are needed, in this order; whatever
stands between, before or behind them is to be passed over (Multimedia Programming Interface and
Data Specifications 1.0, IBM and Microsoft 1991).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from serbench.errors import UsageError

Chunk = tuple[bytes, bytes]  # name, content
PAGE = 4096  # bytes; where recorders that pad their header let the sound begin


def read_chunks(path: Path) -> list[Chunk]:
    """The chunks of a WAV file, in order.

    Raises
    ------
    UsageError
        If it is none.
    """
    content = path.read_bytes()
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise UsageError(
            f"{path} is no WAV file",
            expected="a corpus forged with the suffix .wav, to plant chunks in",
        )
    chunks = []
    position = 12
    while position + 8 <= len(content):
        name, length = struct.unpack_from("<4sI", content, position)
        chunks.append((name, content[position + 8 : position + 8 + length]))
        position += 8 + length + length % 2
    return chunks


def write_chunks(path: Path, chunks: Sequence[Chunk]) -> None:
    """Write a WAV file of these chunks."""
    body = b"".join(
        struct.pack("<4sI", name, len(content)) + content + bytes(len(content) % 2)
        for name, content in chunks
    )
    path.write_bytes(struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body)


def surround(path: Path, before: bytes, after: Sequence[Chunk] = ()) -> None:
    """Put an empty chunk called ``before`` in front of the sound, and others behind it.

    The empty one is as long as it takes for the sound to begin at byte 4096.
    """
    chunks = read_chunks(path)
    data = next(i for i, (name, _) in enumerate(chunks) if name == b"data")
    here = 12 + sum(8 + len(content) + len(content) % 2 for _, content in chunks[:data])
    filler = (before, bytes((PAGE - here - 16) % PAGE))
    write_chunks(path, [*chunks[:data], filler, *chunks[data:], *after])


def replace_sound(path: Path, samples: NDArray[Any], rate: int) -> None:
    """Give a WAV or FLAC file other samples [frames, channels], and keep its other chunks."""
    import soundfile

    suffix = path.suffix[1:].upper()
    others = read_chunks(path) if suffix == "WAV" else []
    soundfile.write(path, samples, rate, subtype="PCM_16", format=suffix)
    if others:
        new = dict(read_chunks(path))
        write_chunks(path, [(name, new.get(name, content)) for name, content in others])
