"""A forged RAVDESS: every name of the design, and the oddities of the real one and its mirrors."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import ClassVar

from serbench.corpus import Release, audio_files
from serbench.errors import SerbenchError
from serbench.testing.forgery import Forged
from serbench_corpora.forged.chunks import Chunk, replace_sound, surround
from serbench_corpora.forged.unpacked import Unpacked
from serbench_corpora.ravdess import DEFECTS, SONG, SPEECH_AND_SONG, names

MIRROR = "audio_speech_actors_01-24"
# A name that stands in another actor's folder in a mirror.
MISPLACED, ELSEWHERE = "03-01-05-01-01-01-02", "Actor_05"
_STYLES = {SPEECH_AND_SONG.name: ("speech", "song"), SONG.name: ("song",)}
_SOFTWARE = b"forged by serbench"
# What the real files have here too, bext and _PMX, says who edited them and how.
_INFO: Chunk = (b"LIST", b"INFOISFT" + len(_SOFTWARE).to_bytes(4, "little") + _SOFTWARE)
_FILES = {defect.kind: tuple(PurePosixPath(f).stem for f in defect.files) for defect in DEFECTS}


class RAVDESSForgery(Unpacked):
    """Who says what how often is fixed by the design, so nothing is spread in proportion."""

    defects: ClassVar[Mapping[str, str]] = {
        **Unpacked.defects,
        "duplicate": "two files of actor 07 hold one recording",
        "stereo": "five files have two channels, with the same samples",
        "chunks": "a chunk FLLR before the sound and a chunk LIST after it, in every file",
        "mirror": f"the whole tree a second time in {MIRROR}/",
        "misplaced": f"{MISPLACED} stands in {ELSEWHERE}/",
    }

    def utterances(self, release: Release, per_cell: int | None) -> Iterator[Forged]:
        """Every name of the release, or the first ``per_cell`` of each speaker and label.

        Raises
        ------
        SerbenchError
            If a cell has fewer: neutral has 4 in speech, every other emotion 8.
        """
        cells: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name in _names(release):
            cells[name[-2:], name[6:8]].append(name)
        for (speaker, native), takes in cells.items():
            if per_cell is not None and per_cell > len(takes):
                raise SerbenchError(
                    f"{release.name} has {len(takes)} takes of label {native!r} by actor "
                    f"{speaker}, not {per_cell}",
                    advice=f"forge {len(takes)} utterances per speaker and label at most",
                )
            for take, name in enumerate(takes[:per_cell]):
                path = f"Actor_{speaker}/{name}.wav"
                yield Forged(speaker=speaker, native=native, take=take, path=path)

    def spoil(self, root: Path, defect: str) -> None:
        if defect == "duplicate":
            first, *others = self.sounds(root, _FILES["duplicate"])
            for other in others:
                shutil.copy(first, other)
        elif defect == "stereo":
            for path in self.sounds(root, _FILES["channels"]):
                _double(path)
        elif defect == "chunks":
            for path in audio_files(root):
                surround(path, b"FLLR", [_INFO])
        elif defect == "mirror":
            for folder in sorted(root.glob("Actor_*")):
                shutil.copytree(folder, root / MIRROR / folder.name)
        elif defect == "misplaced":
            path, *_ = self.sounds(root, [MISPLACED])
            path.rename(root / ELSEWHERE / path.name)
        else:
            super().spoil(root, defect)


def _names(release: Release) -> list[str]:
    """The names of a release; takes of speech and song in turn, where it has both."""
    styles = _STYLES.get(release.name, ("speech",))
    return sorted((name for style in styles for name in names(style)), key=_by_repetition)


def _by_repetition(name: str) -> tuple[str, ...]:
    _, channel, native, intensity, statement, repetition, actor = name.split("-")
    return actor, native, repetition, statement, intensity, channel


def _double(path: Path) -> None:
    import numpy as np
    import soundfile

    samples, rate = soundfile.read(path, dtype="int16")
    replace_sound(path, np.stack([samples, samples], axis=1), rate)
