"""A toy corpus of eight files, its manifest made with nothing of serbench, and reports on it."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from serbench.check import KnownSounds, Report, check_folder
from serbench.corpus import Corpus, CorpusCard, Defect, Entry, Finding, Release, audio_files
from serbench.labels import Emotion
from serbench.manifest import COLUMNS, read_manifest
from serbench.scan import scan

RATE = 16000


class Toy(Corpus):
    """``ann_happy_1.wav``, anywhere.

    ``list.txt`` names files that should be there, ``said.txt`` says that something is amiss.
    """

    labels: ClassVar = {"happy": Emotion.HAPPINESS, "sad": Emotion.SADNESS}

    def __init__(self, *releases: Release, name: str = "toy") -> None:
        self.card = CorpusCard(  # type: ignore[misc]
            name=name, title="Toy", language="English", licence="CC0-1.0", how_to_get="Made up.",
            citation="@misc{toy}", releases=releases,
        )  # fmt: skip

    def entries(self, root: Path) -> Iterator[Entry | Finding]:
        table = root / "list.txt"
        named = [root / name for name in table.read_text().split()] if table.exists() else []
        missing = [path for path in named if not path.exists()]
        if (root / "said.txt").exists():
            kind, _, message = (root / "said.txt").read_text().partition(": ")
            yield Finding(kind, message)
        for path in [*missing, *audio_files(root)]:
            if re.fullmatch(r"(ann|bob)_(happy|sad|odd)_\d", path.stem):
                speaker, native, _ = path.stem.split("_")
                file = f"{path.stem}.wav"
                yield Entry(id=path.stem, audio=path, file=file, speaker=speaker, native=native)

    def passed_over(self, path: Path) -> bool:
        return path.stem == "noise"


@dataclass
class Folder:
    """A toy corpus on the disk."""

    root: Path
    aside: Path  # for manifests

    files: ClassVar[tuple[str, ...]] = tuple(
        f"{speaker}_{native}_{take}.wav"
        for speaker in ("ann", "bob")
        for native in ("happy", "sad")
        for take in (1, 2)
    )
    corpus: ClassVar[type[Toy]] = Toy

    def sound(self, name: str, frames: int = 800, channels: int = 1) -> NDArray[np.int16]:
        """Noise that a name decides [frames, channels]."""
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
        return np.random.default_rng(seed).integers(-9999, 9999, (frames, channels), np.int16)

    def write(self, name: str, samples: NDArray[np.int16], rate: int = RATE) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.astype("<i2").tobytes())

    def copy(self, name: str, to: str) -> None:
        (self.root / to).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.root / name, self.root / to)

    def add_chunk(self, name: str) -> None:
        """After the sound, where it is no part of it."""
        with (self.root / name).open("ab") as file:
            file.write(b"LIST\x04\x00\x00\x00INFO")

    def release(
        self,
        name: str = "Toy 1",
        counts: tuple[int, int] = (4, 4),
        speakers: tuple[int, int] = (4, 4),
        manifest: bool = True,
        defects: tuple[Defect, ...] = (),
    ) -> Release:
        """The folder as it stands now is a release."""
        return Release(
            name,
            dict(zip(("happy", "sad"), counts, strict=True)),
            dict(zip(("ann", "bob"), speakers, strict=True)),
            manifest=self._manifest(name) if manifest else None,
            defects=defects,
        )

    def report(
        self, corpus: Corpus, known: KnownSounds | None = None, quick: bool = False
    ) -> Report:
        """A report that agrees with itself. By default no other corpus is known."""
        found = scan(corpus, self.root, allow_partial=True)
        report = check_folder(corpus, found, known or KnownSounds([]), quick=quick)
        record = json.loads(json.dumps(report.record(), allow_nan=False))
        assert record["verdict"] == report.verdict
        assert record["fingerprint"] == found.fingerprint
        assert {file["file"] for file in record["files"]} <= {one.file for one in report.states}
        assert sum(report.counts.values()) == len(report.states)
        release = next(one for one in corpus.card.releases if one.name == report.release)
        if release.manifest is not None:
            names = set(read_manifest(release.manifest))
            once = [one.file for one in report.states if one.state != "repeated"]
            assert sorted(file for file in once if file in names) == sorted(names)
            assert report.expected == len(names)
        return report

    def states(self, report: Report) -> dict[str, tuple[str, str]]:
        """State and detail of what is not intact."""
        return {one.file: (one.state, one.detail) for one in report.states if one.state != "intact"}

    def _manifest(self, name: str) -> Path:
        rows = []
        for path in sorted(self.root.glob("*.wav")):
            with wave.open(str(path)) as file:
                frames = file.readframes(file.getnframes())
                form = (file.getframerate(), file.getnchannels(), file.getnframes())
            content = path.read_bytes()
            digests = [hashlib.sha256(part).hexdigest() for part in (content, frames)]
            rows.append((path.name, len(content), digests[0], *form, digests[1]))
        target = self.aside / f"{self.root.name} {name}.csv"
        with target.open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
        return target


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The toy corpus, whole."""
    made = Folder(tmp_path / "toy", tmp_path)
    for name in made.files:
        made.write(name, made.sound(name))
    return made


@pytest.fixture
def other(tmp_path: Path) -> Folder:
    """Another corpus of two files."""
    made = Folder(tmp_path / "other", tmp_path)
    for name in ("x1.wav", "x2.wav"):
        made.write(name, made.sound(name))
    return made


@pytest.fixture
def toy(folder: Folder) -> Toy:
    return Toy(folder.release())
