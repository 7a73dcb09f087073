"""WAV files by their chunks: what is hashed without a decoder equals what a decoder gives."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.audio import inspect, inspect_spans, read
from serbench.errors import AudioError
from serbench.riff import usual_wave, wave_of


def layout(path):
    with path.open("rb") as file:
        return wave_of(file, path, path.stat().st_size)


def decoded(path, first=0, last=None):
    samples = soundfile.read(path, dtype="int16", always_2d=True)[0][first:last]
    return hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest()


def noise(channels, frames=1000):
    return np.random.default_rng(channels).integers(-(2**15), 2**15, (frames, channels), "int16")


def with_chunks(path, samples):
    """A WAV file with odd chunks before and after its sound, as recorders and editors write."""
    data = samples.astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, samples.shape[1], 8000, 16000, 2 * samples.shape[1], 16)
    chunks = b""
    for name, body in (
        (b"FLLR", b"\0" * 333), (b"fmt ", form), (b"PAD ", b"x" * 8), (b"data", data),
        (b"LIST", b"INFO" + b"q" * 5),
    ):  # fmt: skip
        chunks += name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("format_", ["WAV", "WAVEX"])
def test_plain_files_are_hashed_as_they_decode(tmp_path, channels, format_):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(channels), 8000, subtype="PCM_16", format=format_)
    assert layout(path).plain
    sound = inspect(path)
    assert (sound.rate, sound.channels, sound.frames) == (8000, channels, 1000)
    assert sound.samples == decoded(path)


@pytest.mark.parametrize("channels", [1, 2])
def test_odd_chunks_are_passed(tmp_path, channels):
    path = with_chunks(tmp_path / "a.wav", noise(channels))
    assert layout(path).plain
    assert inspect(path).samples == decoded(path)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "PCM_32", "FLOAT", "ULAW"])
def test_other_formats_are_left_to_the_decoder(tmp_path, subtype):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(1), 8000, subtype=subtype)
    assert not layout(path).plain
    assert inspect(path).frames == 1000


def test_big_endian_is_left_to_the_decoder(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(1), 8000, subtype="PCM_16", endian="BIG")
    assert not layout(path).plain
    assert inspect(path).samples == decoded(path)


def test_flac_is_another_kind_and_shares_the_samples(tmp_path):
    wav, flac = tmp_path / "a.wav", tmp_path / "a.flac"
    for path in (wav, flac):
        soundfile.write(path, noise(2), 8000, subtype="PCM_16")
    assert layout(flac) is None
    assert inspect(flac) == inspect(wav)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_segments(tmp_path, suffix):
    path = (tmp_path / "a").with_suffix(suffix)
    soundfile.write(path, noise(2, 8000), 8000, subtype="PCM_16")
    spans = [(None, None), (0.1, 0.2), (0.5, None), (None, 0.25), (-1.0, 0.1), (0.9, 7.0)]
    frames = [(0, 8000), (800, 1600), (4000, 8000), (0, 2000), (0, 800), (7200, 8000)]
    sounds = inspect_spans(path, spans)
    assert [sound.samples for sound in sounds] == [decoded(path, *span) for span in frames]
    assert [sound.frames for sound in sounds] == [last - first for first, last in frames]


def test_one_bad_segment_leaves_the_others(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(1), 8000)
    good, bad = inspect_spans(path, [(0.0, 0.1), (5.0, 6.0)])
    assert good.frames == 800
    assert isinstance(bad, AudioError)
    assert "between 5.0 s and 6.0 s: the file has 0.125 s" in str(bad)


def test_a_header_that_contradicts_itself_is_left_to_the_decoder(tmp_path):
    path = with_chunks(tmp_path / "a.wav", noise(1))
    broken = path.read_bytes().replace(
        struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16),
        struct.pack("<HHIIHH", 1, 1, 8000, 16000, 3, 16),
    )
    path.write_bytes(broken)
    assert not layout(path).plain


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_cut_file_is_refused(tmp_path, keep):
    path = with_chunks(tmp_path / "a.wav", noise(1))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(AudioError, match="cut short"):
        inspect(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"RIFF\xff\xff\xff\x7fWAVEfmt ",
     b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0\0"],
)  # fmt: skip
def test_stumps_are_refused_with_their_path(tmp_path, content):
    path = Path(tmp_path / "stump.wav")
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"stump\.wav"):
        inspect(path)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_usual_header_says_what_the_chunks_say(tmp_path, channels):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(channels), 8000, subtype="PCM_16")
    content = path.read_bytes()
    assert usual_wave(content, len(content)) == layout(path)
    assert usual_wave(content, len(content) + 1) is None
    assert usual_wave(content[:20], len(content)) is None
    odd = with_chunks(tmp_path / "b.wav", noise(channels)).read_bytes()
    assert usual_wave(odd, len(odd)) is None


@pytest.mark.parametrize("name", [b"fac\xa1", b"\0\0\0\0"])
def test_what_stops_the_decoder_is_no_plain_sound(tmp_path, name):
    """A corpus would else be scanned as whole, and fail in training."""
    path = with_chunks(tmp_path / "a.wav", noise(1))
    content = path.read_bytes()
    path.write_bytes(content[:12] + name + struct.pack("<I", 0) + content[12:])
    for look in (inspect, read):
        with pytest.raises(AudioError, match=r"a\.wav"):
            look(path)


def test_rf64_is_read_by_the_decoder(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(1), 8000, format="RF64", subtype="PCM_16")
    wave = layout(path)
    assert wave is not None
    assert not wave.plain
    assert inspect(path).frames == len(noise(1))
