"""Sound files as they come: odd chunks, odd formats, and every way of being broken."""

import os
import struct

import numpy as np
import pytest
import soundfile

from serbench.audio import inspect, inspect_spans, read
from serbench.errors import AudioError

RATE = 16000
TONE = np.sin(np.arange(RATE) / 20).astype(np.float32) / 2


def wav(path, data=TONE, subtype="PCM_16", rate=RATE):
    soundfile.write(path, data, rate, subtype=subtype)
    return path


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_every_sample_format_is_read(tmp_path, subtype):
    samples, rate = read(wav(tmp_path / "a.wav", subtype=subtype))
    assert rate == RATE
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, TONE, atol=2 / 128 if subtype == "PCM_U8" else 1e-4)


def test_flac_and_wav_of_one_sound_share_a_digest(tmp_path):
    exact = np.round(TONE * 32767).astype(np.int16)
    wav(tmp_path / "a.wav", exact)
    soundfile.write(tmp_path / "a.flac", exact, RATE, subtype="PCM_16")
    assert inspect(tmp_path / "a.wav") == inspect(tmp_path / "a.flac")


def test_digest_tells_sounds_apart(tmp_path):
    other = TONE.copy()
    other[100] += 0.01
    assert inspect(wav(tmp_path / "a.wav")) != inspect(wav(tmp_path / "b.wav", other))


def test_channel_policy(tmp_path):
    stereo = np.column_stack([TONE, -TONE])
    path = wav(tmp_path / "a.wav", stereo)
    np.testing.assert_allclose(read(path, channel="first")[0], TONE, atol=1e-4)
    np.testing.assert_allclose(read(path, channel="mean")[0], 0, atol=1e-4)
    with pytest.raises(AudioError, match="channel policy 'left'"):
        read(path, channel="left")


def test_resampling_keeps_the_tone(tmp_path):
    t = np.arange(44100) / 44100
    path = wav(tmp_path / "a.wav", np.sin(2 * np.pi * 440 * t), rate=44100)
    samples, rate = read(path, rate=16000)
    assert rate == 16000
    assert len(samples) == 16000
    expected = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    np.testing.assert_allclose(samples[500:-500], expected[500:-500], atol=1e-3)


def test_segment(tmp_path):
    path = wav(tmp_path / "a.wav")
    whole, _ = read(path)
    part, _ = read(path, start=0.25, end=0.5)
    np.testing.assert_array_equal(part, whole[4000:8000])
    assert inspect(path, 0.25, 0.5).duration == 0.25
    with pytest.raises(AudioError, match="holds nothing between 2"):
        read(path, start=2.0, end=3.0)


def test_chunks_before_and_after_the_samples(tmp_path):
    """As RAVDESS (`FLLR` before, LIST after) and EMO-DB (`PAD `) have them."""
    plain = wav(tmp_path / "plain.wav").read_bytes()
    head, body = plain[:36], plain[36:]
    filler = b"FLLR" + struct.pack("<I", 7) + b"\0" * 8  # odd length, padded to even
    after = b"LIST" + struct.pack("<I", 4) + b"INFO"
    odd = head + filler + body + after
    odd = odd[:4] + struct.pack("<I", len(odd) - 8) + odd[8:]
    (tmp_path / "odd.wav").write_bytes(odd)
    assert inspect(tmp_path / "odd.wav") == inspect(tmp_path / "plain.wav")


def test_broken_files_are_named(tmp_path):
    def refused(name, content, match):
        path = tmp_path / name
        path.write_bytes(content)
        for attempt in (inspect, read):
            with pytest.raises(AudioError, match=match) as caught:
                attempt(path)
            assert str(path) in str(caught.value)

    whole = wav(tmp_path / "whole.wav").read_bytes()
    refused("empty.wav", b"", "is empty")
    refused("cut.wav", whole[: len(whole) // 2], "is cut short")
    refused("header.wav", whole[:44], "bytes of sound are missing")
    refused("stump.wav", whole[:20], "cut short")
    refused("text.wav", b"not a sound at all", "not a sound file")
    soundfile.write(tmp_path / "zero.wav", np.zeros(0), RATE)
    refused("zero2.wav", (tmp_path / "zero.wav").read_bytes(), "no samples")
    holes = TONE.copy()
    holes[7] = np.nan
    soundfile.write(tmp_path / "nan.wav", holes, RATE, subtype="FLOAT")
    refused("nan2.wav", (tmp_path / "nan.wav").read_bytes(), "1 samples that are NaN")


def test_cut_flac_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "a.flac", rng.uniform(-0.5, 0.5, RATE), RATE)
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioError):
        inspect(tmp_path / "cut.flac")


def test_missing_file(tmp_path):
    with pytest.raises(AudioError, match="cannot be opened"):
        read(tmp_path / "none.wav")


@pytest.mark.corpus("EMO-DB")
def test_digests_are_the_published_ones(real_corpus):
    """SHA-256 of the decoded samples of two original files."""
    known = {
        "03a01Fa.wav": "2c04a55923df03a53636530e7bec0f84df15f13b0a9bc294be8217f8415c2308",
        "03a01Nc.wav": "bc6d198209d159c6d4145a196c2795285f0e99e21acf3fec5a720a807c11aa7b",
    }
    for name, digest in known.items():
        assert inspect(real_corpus("EMO-DB") / "wav" / name).samples == digest


def test_a_flac_file_that_does_not_say_its_length(tmp_path):
    """As `flac` writes into a pipe: no length in its header, and no end of memory here."""
    path = tmp_path / "a.flac"
    soundfile.write(path, np.zeros(8000, dtype="int16"), 8000)
    for total in (0, (1 << 36) - 1):
        content = bytearray(path.read_bytes())
        content[21] = (content[21] & 0xF0) | (total >> 32)
        content[22:26] = (total & 0xFFFFFFFF).to_bytes(4, "big")
        (tmp_path / "b.flac").write_bytes(content)
        for attempt in (inspect, read):
            with pytest.raises(AudioError, match=r"b\.flac"):
                attempt(tmp_path / "b.flac")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    for attempt in (inspect, read):
        with pytest.raises(AudioError, match="no regular file"):
            attempt(tmp_path / "a.wav")


def test_gsm_which_has_no_way_back_is_read_in_whole_and_in_parts(tmp_path):
    path = wav(tmp_path / "a.wav", subtype="GSM610", rate=8000)
    whole, rate = read(path)
    assert (len(whole), rate, inspect(path).frames) == (16000, 8000, 16000)
    first, second = inspect_spans(path, [(1.0, 1.5), (0.5, 1.0)])
    assert (first.frames, second.frames) == (4000, 4000)
    np.testing.assert_array_equal(read(path, start=1.0, end=1.5)[0], whole[8000:12000])


def test_a_double_that_no_float_holds_is_refused_before_training(tmp_path):
    path = wav(tmp_path / "a.wav", np.r_[TONE.astype(np.float64), 1e300], subtype="DOUBLE")
    for look in (inspect, read):
        with pytest.raises(AudioError, match=r"a\.wav holds 1 samples that are NaN or infinite"):
            look(path)


def test_a_chunk_behind_gsm_is_no_sound(tmp_path):
    path = wav(tmp_path / "a.wav", TONE[:700], subtype="GSM610")  # three blocks: an odd length
    alone = inspect(path)
    path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", 70) + b"\xaa" * 70)
    assert inspect(path) == alone
    assert alone.frames == 960
