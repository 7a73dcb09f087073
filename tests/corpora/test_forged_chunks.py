"""Chunks around the sound: planted where the real files have them, and read past."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serbench.audio import inspect, read
from serbench.corpus import audio_files
from serbench.errors import UsageError
from serbench.scan import scan
from serbench.testing import forge_corpus
from serbench.testing.forgery import forgery_of
from serbench_corpora.emodb import PADDED, EmoDB
from serbench_corpora.forged.chunks import PAGE, read_chunks, surround, write_chunks
from serbench_corpora.ravdess import RAVDESS

TINY = {"seconds": (0.02, 0.04), "rate": 8000, "silent": True}


def test_ravdess_chunks(tmp_path: Path) -> None:
    corpus = RAVDESS()
    plain = forge_corpus(corpus, tmp_path / "plain", per_cell=1, **TINY)
    root = shutil.copytree(plain, tmp_path / "spoilt")
    forgery_of(corpus).spoil(root, "chunks")
    files = sorted(path.relative_to(root) for path in audio_files(root))
    assert len(files) == 24 * 8
    for file in files:
        chunks = read_chunks(root / file)
        assert [name for name, _ in chunks] == [b"fmt ", b"FLLR", b"data", b"LIST"]
        content = (root / file).read_bytes()
        assert content[PAGE : PAGE + 8] == (plain / file).read_bytes()[44:52]
        assert content[44 : 44 + 16] == bytes(16)  # what a reader of 44-byte headers takes
    before, after = (scan(corpus, folder, allow_partial=True) for folder in (plain, root))
    assert (after.fingerprint, after.findings) == (before.fingerprint, before.findings)
    whole, rate = read(root / files[0])
    expected, _ = read(plain / files[0])
    assert rate == 8000
    assert np.array_equal(whole, expected)


def test_flac_has_no_riff_chunks(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no WAV file"):
        forge_corpus(RAVDESS(), tmp_path, per_cell=1, suffix=".flac", defects=["chunks"], **TINY)


def test_emodb_pad_chunk_in_a_small_tree(tmp_path: Path) -> None:
    forge_corpus(EmoDB(), tmp_path, per_cell=1, defects=["pad-chunk"], **TINY)
    padded = [path for path in audio_files(tmp_path) if len(read_chunks(path)) == 3]
    assert len(padded) == 4


@pytest.mark.corpus("EMO-DB")
def test_emodb_pad_chunk_of_the_real_files(real_corpus: Callable[[str], Path]) -> None:
    padded = {}
    for path in audio_files(real_corpus("EMO-DB")):
        chunks = read_chunks(path)
        if b"PAD " in dict(chunks):
            padded[path.name] = [(name, len(content)) for name, content in chunks[:2]]
    assert set(padded) == set(PADDED.files)
    assert set(map(tuple, padded.values())) == {((b"fmt ", 16), (b"PAD ", PAGE - 52))}


def test_chunks_of_odd_length_are_padded(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    tone = np.arange(200, dtype=np.int16)
    soundfile.write(path, tone, 8000, subtype="PCM_16")
    (form, data) = read_chunks(path)
    write_chunks(path, [form, (b"odd ", b"abc"), data])
    surround(path, b"FLLR", [(b"LIST", b"INFOx")])
    content = path.read_bytes()
    assert int.from_bytes(content[4:8], "little") == len(content) - 8
    assert [name for name, _ in read_chunks(path)] == [
        b"fmt ", b"odd ", b"FLLR", b"data", b"LIST",
    ]  # fmt: skip
    assert content[PAGE - 8 : PAGE - 4] == b"data"
    assert np.array_equal(soundfile.read(path, dtype="int16")[0], tone)
    assert inspect(path).frames == 200
