"""The chunks of a WAV file: where its samples lie, and whether they are all there.

libsndfile reads a WAV file that was cut short as a shorter recording, without a word; so its length
is looked at here first. And where samples are plain 16-bit integers, the bytes in the file are the
samples, and can be hashed without being decoded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from serbench.errors import AudioError

PCM = 1
MOST_CHANNELS = 1024  # libsndfile's
EXTENSIBLE = 0xFFFE
# The tail of the GUID by which an extensible header says PCM; the format code stands before it.
_PCM_GUID = bytes.fromhex("000000001000800000aa00389b71")
_USUAL = struct.Struct("<4sI4s4sIHHIIHH4sI")
_STREAMED = 0xFFFFFFFF  # the length that a program wrote which never came back


@dataclass(frozen=True, slots=True)
class Wave:
    """A WAV file's format and the place of its samples."""

    code: int  # 1: integers
    channels: int
    rate: int  # Hz
    bits: int  # of a sample
    block: int  # bytes of one sample of every channel
    start: int  # bytes into the file
    length: int | None  # bytes; None: streamed, to the end of the file
    little: bool  # byte order
    usual: bool  # one format, one stretch of samples

    @property
    def plain(self) -> bool:
        """Whether the bytes in the file are the samples as int16, little-endian, interleaved."""
        return (
            self.little
            and self.usual
            and self.code == PCM
            and self.bits == 16
            and 0 < self.channels <= MOST_CHANNELS
            and 0 < self.rate < 1 << 31
            and self.block == 2 * self.channels
            and self.length is not None
            and self.length > 0
            and self.length % self.block == 0
        )


def usual_wave(head: bytes, size: int) -> Wave | None:
    """The layout of a file of ``size`` bytes that begins so, if it is the commonest of all.

    44 bytes of header, then the samples, and nothing else: known without a loop over chunks, which
    counts where there are 10,000 files.
    """
    if len(head) < _USUAL.size:
        return None
    riff, _, kind, fmt, form, code, channels, rate, _, block, bits, data, length = (
        _USUAL.unpack_from(head)
    )
    if (riff, kind, fmt, form, data) != (b"RIFF", b"WAVE", b"fmt ", 16, b"data"):
        return None
    if length + _USUAL.size != size:
        return None
    return Wave(code, channels, rate, bits, block, _USUAL.size, length, True, True)


def wave_of(file: BinaryIO | FileIO, path: Path, size: int) -> Wave | None:
    """The layout of an open WAV file of ``size`` bytes; None where it is of another kind.

    Raises
    ------
    AudioError
        If the file ends before its sound does.
    """
    head = file.read(12)
    kind = head[:4]
    if kind not in {b"RIFF", b"RIFX", b"RF64"} or head[8:12] != b"WAVE":
        return None
    order = ">" if kind == b"RIFX" else "<"
    position = 12
    long_data = None  # bytes of sound, where 32 bits do not hold their number
    form = b""
    found: tuple[int, int | None] | None = None
    seen: list[bytes] = []
    while position + 8 <= size:
        file.seek(position)
        name, length = struct.unpack(f"{order}4sI", file.read(8))
        seen.append(name)
        if name == b"ds64" and length >= 16 and position + 24 <= size:
            long_data = struct.unpack("<QQ", file.read(16))[1]
        elif name == b"fmt ":
            form = file.read(min(length, 40))
        elif name == b"data" and found is None:
            streamed = length == _STREAMED
            if streamed and long_data is not None:
                length, streamed = long_data, False
            missing = position + 8 + length - size
            if missing > 0 and not streamed:
                raise AudioError(
                    f"{path} is cut short: {missing} of {length} bytes of sound are missing",
                    advice="copy the file again from its source",
                )
            found = position + 8, None if streamed else length
            if streamed:
                break
        position += 8 + length + length % 2
    if found is not None:
        # A chunk whose name is no text stops libsndfile, and of RF64 it reads more than this does.
        usual = kind != b"RF64" and all(map(_is_name, seen))
        usual = usual and seen.count(b"fmt ") == seen.count(b"data") == 1
        return _wave(form, order, *found, usual)
    raise AudioError(f"{path} is cut short: its header ends before any sound")


def _is_name(name: bytes) -> bool:
    return all(32 <= byte < 127 for byte in name)


def _wave(form: bytes, order: str, start: int, length: int | None, usual: bool) -> Wave:
    """A header that says nothing of its format is left for libsndfile to judge."""
    if len(form) < 16:
        return Wave(0, 0, 0, 0, 0, start, length, order == "<", usual)
    code, channels, rate, _, block, bits = struct.unpack(f"{order}HHIIHH", form[:16])
    if code == EXTENSIBLE and form[26:40] == _PCM_GUID and len(form) >= 40:
        valid, code = struct.unpack(f"{order}H4xH", form[18:26])
        bits = bits if valid == bits else 0
    return Wave(code, channels, rate, bits, block, start, length, order == "<", usual)
