"""Folders of sounds with a table, small ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from serbench.testing.voices import speak

TOML = """
name = "whispers"
table = "metadata.csv"
[labels]
ang = "anger"
sad = "sadness"
"""
TABLE = """file,speaker,emotion
ann/1.wav,ann,ang
ann/2.wav,ann,sad
bob/1.wav,bob,ang
bob/2.wav,bob,sad
"""
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a corpus.toml, a table, and an empty file for each of ``files``."""

    def write(
        table: str | bytes = TABLE,
        toml: str | bytes = TOML,
        files: tuple[str, ...] = ("ann/1.wav", "ann/2.wav", "bob/1.wav", "bob/2.wav"),
        name: str = "metadata.csv",
    ) -> Path:
        root = tmp_path / "whispers"
        for path in files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).touch()
        root.mkdir(exist_ok=True)
        for file, content in (("corpus.toml", toml), (name, table)):
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return write


@pytest.fixture
def spoken(make: Make) -> Path:
    """A sound corpus of four utterances that are heard."""
    import soundfile

    root = make(files=())
    for line in TABLE.splitlines()[1:]:
        file, speaker, label = line.split(",")
        emotion = {"ang": "anger", "sad": "sadness"}[label]
        samples = speak(speaker, emotion, 0, seed=0, seconds=0.3, rate=8000)
        (root / file).parent.mkdir(exist_ok=True)
        soundfile.write(root / file, samples, 8000, subtype="PCM_16")
    return root
