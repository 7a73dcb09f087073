"""Sound files that something befell: each is refused in words, or read for just what it holds.

A child process with bounded memory reads them one after the other, under an alarm: a crash of the
decoder, a hang and a claim of terabytes end the child or one file, and are counted as lost. What is
known of a mutation beforehand (the samples cannot all be there, or must all be there) is compared
with what was read; and the scan of a corpus with such files in it names every one that it lacks.
"""

from __future__ import annotations

import io
import multiprocessing
import random
import resource
import signal
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serbench.audio import inspect, read
from serbench.errors import AudioError
from serbench.registry import load
from serbench.scan import scan
from serbench.testing.forge import forge_corpus

TRIED, FEW = 2000, 70  # files of the campaign, and of its small version
SEED = 20261122
LONGEST = 20  # seconds that one file may take
ROOM = 1 << 30  # bytes of address space beyond what the process has when it begins
BATCH = 250  # files of one child

# Format of the container, of the samples, byte order.
KINDS = [
    *(("WAV", each, "FILE") for each in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE",
      "ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM", "GSM610")),
    ("WAV", "PCM_16", "BIG"), ("WAVEX", "PCM_16", "FILE"), ("WAVEX", "PCM_24", "FILE"),
    ("RF64", "PCM_16", "FILE"),
    ("FLAC", "PCM_S8", "FILE"), ("FLAC", "PCM_16", "FILE"), ("FLAC", "PCM_24", "FILE"),
    ("OGG", "VORBIS", "FILE"), ("OGG", "OPUS", "FILE"), ("MP3", "MPEG_LAYER_III", "FILE"),
    ("AIFF", "PCM_16", "FILE"), ("CAF", "PCM_16", "FILE"), ("W64", "PCM_16", "FILE"),
]  # fmt: skip
RATES = (1, 8000, 11025, 16000, 44100, 48000, 96000, 192000, 384000)  # Hz
RIFF = {"WAV", "WAVEX", "RF64"}
# Formats that say how much they hold, so that a part of them can be told from the whole.
MEASURED = RIFF | {"FLAC"}

REFUSED, SAME, ANY = "refused", "same", "any"  # what is known of the outcome beforehand


@dataclass(frozen=True)
class Case:
    """A mutated file: what it was, what befell it, and what has to come of it."""

    name: str
    content: bytes
    outcome: str
    whole: bytes  # the file before
    suffix: str = ".wav"


def written(rng: random.Random, samples: Any = None) -> tuple[bytes, str, int]:
    """A sound file in memory, the format of its container, and its channels."""
    import soundfile

    container, subtype, endian = rng.choice(KINDS)
    rate = rng.choice(RATES)
    channels = rng.randint(1, 8)
    if container in {"OGG", "MP3"} or subtype in {"GSM610", "IMA_ADPCM", "MS_ADPCM"}:
        channels = 1 if subtype == "GSM610" else min(channels, 2)
        rate = 48000 if subtype == "OPUS" else 16000
    if samples is None:
        noise = np.random.default_rng(rng.randrange(1 << 30))
        samples = noise.uniform(-0.5, 0.5, (rng.randint(400, 3000), channels))
    else:
        samples = np.repeat(samples[:, None], channels, axis=1)
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=container, subtype=subtype, endian=endian)
    return file.getvalue(), container, channels


def flipped(rng: random.Random, whole: bytes, container: str) -> Case:
    content = bytearray(whole)
    for _ in range(rng.choice((1, 1, 2, 8, 40))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return Case(f"{container}, bits flipped", bytes(content), ANY, whole)


def flipped_head(rng: random.Random, whole: bytes, container: str) -> Case:
    content = bytearray(whole)
    for _ in range(rng.choice((1, 2, 4))):
        content[rng.randrange(min(80, len(content)))] = rng.randrange(256)
    return Case(f"{container}, header bytes", bytes(content), ANY, whole)


def truncated(rng: random.Random, whole: bytes, container: str) -> Case:
    """Without at least the last frame; padding of a byte may go."""
    kept = rng.choice((rng.randrange(0, 60), rng.randrange(len(whole) - 2), len(whole) // 2))
    return Case(
        f"{container}, cut short", whole[:kept], REFUSED if container in MEASURED else ANY, whole
    )


def sized(rng: random.Random, whole: bytes, container: str) -> Case:
    """A chunk that claims to be longer than any file, or as long as -1, 0 or an odd number."""
    content = bytearray(whole)
    at = rng.choice(
        [4, *_places(whole, b"data"), *_places(whole, b"fmt "), *_places(whole, b"ds64")]
    )
    claim = rng.choice((0xFFFFFFFF, 0xFFFFFFFE, 0x80000000, 0x7FFFFFFF, 0, 1, 3, len(whole) * 2))
    content[at : at + 4] = struct.pack("<I", claim)
    return Case(f"{container}, size of a chunk", bytes(content), ANY, whole)


def claiming(rng: random.Random, whole: bytes, container: str) -> Case:
    """The sound is said to be of up to 4 GiB (WAV) or 2**36 samples (FLAC)."""
    content = bytearray(whole)
    if container == "FLAC":  # the last 36 bits before the MD5 of STREAMINFO
        content[21] |= 0x0F
        content[22:26] = rng.choice((b"\xff\xff\xff\xff", b"\xff\xff\xff\xfe", b"\x7f\xff\xff\xff"))
        return Case("FLAC, claims 2**36 samples", bytes(content), REFUSED, whole)
    places = _places(whole, b"data")
    if not places or container == "RF64" or whole[:4] == b"RIFX":
        return flipped(rng, whole, container)
    content[places[0] : places[0] + 4] = struct.pack("<I", rng.choice((0xFFFFFFF0, 0x80000001)))
    return Case(f"{container}, claims 4 GiB", bytes(content), REFUSED, whole)


def fielded(rng: random.Random, whole: bytes, container: str) -> Case:
    """A number of the format chunk: code, channels, rate, bytes a second, block, bits."""
    places = _places(whole, b"fmt ")
    if not places:
        return flipped_head(rng, whole, container)
    content = bytearray(whole)
    offset, width = rng.choice(((4, 2), (6, 2), (8, 4), (12, 4), (16, 2), (18, 2)))
    value = rng.choice((0, 1, 2, 3, 7, 255, (1 << 8 * width) - 1, 1 << (8 * width - 1), 1 << 14))
    at = places[0] + offset
    content[at : at + width] = value.to_bytes(width, "little")
    return Case(f"{container}, format field", bytes(content), ANY, whole)


def poisoned(rng: random.Random, _: bytes, __: str) -> Case:
    """NaN and infinity among float samples, near the end as well as at the start."""
    import soundfile

    samples = np.random.default_rng(rng.randrange(1 << 30)).uniform(-1, 1, 2000)
    samples[rng.randrange(2000)] = rng.choice((np.nan, np.inf, -np.inf))
    file = io.BytesIO()
    soundfile.write(file, samples, 16000, format="WAV", subtype=rng.choice(("FLOAT", "DOUBLE")))
    return Case("WAV, NaN or infinity", file.getvalue(), REFUSED, file.getvalue())


def emptied(rng: random.Random, _: bytes, __: str) -> Case:
    whole, container, _channels = written(rng, np.zeros(0))
    known = container in MEASURED  # an encoder may put silence into an empty OGG
    return Case(f"{container}, no frames", whole, REFUSED if known else ANY, whole)


def appended(rng: random.Random, whole: bytes, container: str) -> Case:
    """A chunk after the sound, as editors write them, changes nothing."""
    if container not in RIFF or whole[:4] == b"RIFX":
        return renamed(rng, whole, container)
    body = bytes(rng.randrange(256) for _ in range(2 * rng.randint(0, 40)))
    chunk = rng.choice((b"LIST", b"bext", b"id3 ", b"_PMX")) + struct.pack("<I", len(body)) + body
    padded = whole + bytes(len(whole) % 2)  # chunks begin at even places
    return Case(f"{container}, chunk after the sound", padded + chunk, SAME, whole)


def renamed(_: random.Random, whole: bytes, container: str) -> Case:
    """The suffix of another format: the content tells."""
    suffix = ".wav" if container == "FLAC" else ".flac"
    return Case(f"{container}, as {suffix}", whole, SAME, whole, suffix)


def foreign(rng: random.Random, _: bytes, __: str) -> Case:
    """No sound at all."""
    text = b"<!DOCTYPE html><title>404</title>"
    noise = bytes(rng.randrange(256) for _ in range(rng.randint(1, 3000)))
    stub = b"version https://git-lfs.github.com/spec/v1\n"
    stumps = (b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"fLaC", b"ID3\x04" + noise, bytes(1000))
    content = rng.choice((text, noise, stub, *stumps))
    return Case("no sound", content, ANY, content)


def doubled(rng: random.Random, whole: bytes, container: str) -> Case:
    """A stretch of the file stands twice, is gone, or was overwritten."""
    start = rng.randrange(len(whole))
    end = min(len(whole), start + rng.randint(1, 400))
    middle = rng.choice((whole[start:end] * 2, b"", bytes(end - start), b"\xff" * (end - start)))
    content = whole[:start] + middle + whole[end:]
    return Case(f"{container}, a stretch twice, gone or blank", content, ANY, whole)


MUTATIONS: tuple[Callable[[random.Random, bytes, str], Case], ...] = (
    flipped, flipped_head, truncated, truncated, sized, claiming, fielded, poisoned, emptied,
    appended, renamed, foreign, doubled,
)  # fmt: skip


def _places(whole: bytes, name: bytes) -> list[int]:
    """Where the length of a chunk stands, if there is such a chunk."""
    at = whole.find(name)
    return [] if at < 0 or at + 8 > len(whole) else [at + 4]


def cases(count: int, seed: int) -> Iterator[Case]:
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        whole, container, _ = written(rng)
        yield MUTATIONS[number % len(MUTATIONS)](rng, whole, container)


def judged(case: Case, path: Path) -> tuple[str, str]:
    """What became of a file: "right", "lost" or "undetected", and why."""
    found, samples = _heard(path, inspect), _heard(path, _length)
    for each in (found, samples):
        if isinstance(each, AudioError) and str(path) not in str(each):
            return "lost", f"refused without its path: {each}"
    if isinstance(found, AudioError) != isinstance(samples, AudioError):
        return "undetected", f"inspect: {found}; read: {samples}"
    if isinstance(found, AudioError):
        return ("undetected", f"refused: {found}") if case.outcome == SAME else ("right", "refused")
    if found.frames != samples or found.frames < 1:
        return "undetected", f"{found.frames} frames by inspect, {samples} by read"
    if case.outcome == REFUSED:
        return "undetected", f"{found} of a file that is not whole"
    if case.outcome == SAME:
        path.write_bytes(case.whole)
        if inspect(path) != found:
            return "undetected", f"{found} of a file with the same sound as {inspect(path)}"
    return "right", "read"


def _length(path: Path) -> int:
    return len(read(path)[0])


def _heard(path: Path, how: Callable[[Path], Any]) -> Any:
    try:
        return how(path)
    except AudioError as error:
        return error


class Hung(BaseException):
    """No OSError, as TimeoutError is: that would be taken for what is wrong with a file."""


def _hung(*_: object) -> None:
    raise Hung(f"more than {LONGEST} s")


def read_in_child(every: list[Case], folder: Path, report: Any) -> None:
    """Judge files one after the other; the report begins with what is being read."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM,) * 2)
    signal.signal(signal.SIGALRM, _hung)
    for number, case in enumerate(every):
        path = folder / f"{number}{case.suffix}"
        path.write_bytes(case.content)
        report.send((number, "began", ""))
        signal.alarm(LONGEST)
        try:
            said = judged(case, path)
        except BaseException as error:  # whatever it is, it is counted
            said = "lost", f"{type(error).__name__}: {error}"
        signal.alarm(0)
        path.unlink()
        report.send((number, *said))
    report.close()


def outcomes(every: list[Case], folder: Path) -> list[tuple[str, str]]:
    """What became of each file, in children that may die of one."""
    context = multiprocessing.get_context("fork")
    found: list[tuple[str, str]] = []
    while len(found) < len(every):
        ours, theirs = context.Pipe(duplex=False)
        rest = every[len(found) : len(found) + BATCH]
        child = context.Process(target=read_in_child, args=(rest, folder, theirs))
        child.start()
        theirs.close()
        try:
            begun = 0
            while True:
                if not ours.poll(2 * LONGEST):  # it hangs in the decoder, where no alarm is heard
                    child.kill()
                number, what, why = ours.recv()
                begun = number
                if what != "began":
                    found.append((what, why))
        except EOFError:
            child.join()
        if child.exitcode:
            found.append(("lost", f"the process ended with {child.exitcode} at file {begun}"))
    return found


def fuzz(count: int, folder: Path, tally: Any) -> None:
    every = list(cases(count, SEED))
    found = outcomes(every, folder)
    tally.tried += len(found)
    bad = [
        f"{number} ({case.name}): {what}: {why}"
        for number, (case, (what, why)) in enumerate(zip(every, found, strict=True))
        if what != "right"
    ]
    tally.lost += sum(what == "lost" for what, _ in found)
    tally.undetected += sum(what == "undetected" for what, _ in found)
    assert not bad, "\n".join([f"{len(bad)} of {len(every)}", *bad[:40]])
    # Neither all refused nor all read: a campaign of one outcome would show nothing.
    said = Counter(why for _, why in found)
    assert min(said["refused"], said["read"]) > count // 10, said


def named_by_scan(every: list[Case], forged: Path, folder: Path, tally: Any) -> None:
    """In a corpus, each file that cannot be read is one finding with its path."""
    sounds = sorted(forged.rglob("*.wav"))[: len(every)]
    before = {path: path.read_bytes() for path in sounds}
    pristine = scan(load("corpora", "savee")(), forged, allow_partial=True)
    try:
        for path, case in zip(sounds, every, strict=True):
            path.write_bytes(case.content)
        found = scan(load("corpora", "savee")(), forged, allow_partial=True)
    finally:
        for path, content in before.items():
            path.write_bytes(content)
    there = {utterance.audio for utterance in found.utterances}
    lacking = {utterance.audio for utterance in pristine.utterances} - there
    told = [finding.message for finding in found.findings if finding.kind == "damaged"]
    unnamed = [path for path in lacking if sum(f"{path} " in each for each in told) != 1]
    tally.tried += len(sounds)
    tally.undetected += len(unnamed)
    assert not unnamed
    assert len(told) == len(lacking)
    assert lacking
    assert found.fingerprint != pristine.fingerprint


def test_some_files(tmp_path, tally):
    fuzz(FEW, tmp_path, tally("mutated audio files, few"))


def test_some_files_in_a_corpus(tmp_path, tally):
    forged = forge_corpus(
        load("corpora", "savee")(), tmp_path / "savee", per_cell=1, seconds=(0.1, 0.1), silent=True
    )
    named_by_scan(list(cases(26, SEED + 1)), forged, tmp_path, tally("... in a corpus, few"))


@pytest.mark.slow
def test_every_file(tmp_path, tally):
    fuzz(TRIED, tmp_path, tally("mutated audio files"))


@pytest.mark.slow
def test_every_file_in_a_corpus(tmp_path, tally):
    forged = forge_corpus(
        load("corpora", "savee")(), tmp_path / "savee", seconds=(0.1, 0.1), silent=True
    )
    for round_ in range(5):
        named_by_scan(
            list(cases(400, SEED + 2 + round_)), forged, tmp_path, tally("... in a corpus")
        )
