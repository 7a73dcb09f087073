"""Tiny encoders in folders, and sound to encode."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from serbench.testing.encoders import tiny_audio_encoder, tiny_text_encoder


@pytest.fixture(scope="session")
def wavlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of sound. Not to be written to."""
    return tiny_audio_encoder(tmp_path_factory.mktemp("encoders") / "wavlm")


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of text. Not to be written to."""
    return tiny_text_encoder(tmp_path_factory.mktemp("encoders") / "bert")


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[Path], Path]:
    """A copy of an encoder's folder, to be spoiled."""

    def make(folder: Path, name: str = "copy") -> Path:
        return Path(shutil.copytree(folder, tmp_path / name))

    return make


@pytest.fixture
def sound() -> np.ndarray:
    """A second of a gliding tone in noise at 16 kHz: float32 [samples]."""
    rng = np.random.default_rng(0)
    t = np.arange(16000) / 16000
    tone = 0.3 * np.sin(2 * np.pi * (150 + 300 * t) * t) * (t > 0.2)
    return (tone + 0.01 * rng.standard_normal(t.size)).astype(np.float32)


@pytest.fixture
def set_in() -> Callable[..., None]:
    """Changes entries of a JSON file."""

    def change(path: Path, **values: object) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change
