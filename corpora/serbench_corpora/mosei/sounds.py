"""Where the sound of a segment stands: in its video's whole recording, or in a file of its own."""

from __future__ import annotations

import os
import re
import shlex
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

_SEGMENT = re.compile(r"(.+)_(\d+)", re.DOTALL)
# How S3PRL's script, which cuts the segments of the CSV, calls the folders. It writes no others.
_FOLDERS = {"train": "train", "valid": "dev", "test": "test"}
SEGMENTED = "segmented_audio"  # its folder, in lower case
RECORDINGS = "wav_16000"  # the folder of whole recordings, in lower case


@dataclass(frozen=True)
class Sounds:
    """Files by the names that matter, in lower case.

    No two of the corpus's videos differ in case alone. Files of segments are numbered in two ways:
    by the segment's row in the labels where they were cut by them (``Segmented_Audio``), else by
    clip, as in the transcripts and the corpus's own films. The two must not be confused: row 2 of a
    video may be clip 10.
    """

    by_stem: dict[str, list[Path]]
    rows: dict[str, list[Path]]  # "video/number"
    clips: dict[str, list[Path]]

    def of_video(self, video: str) -> list[Path]:
        """Its whole recording: ``<video>.wav``, in any folder."""
        return self.by_stem.get(video.lower(), [])

    def of_segment(self, video: str, number: str) -> list[Path]:
        """Its own file, numbered as the segment is.

        ``Segmented_Audio/.../<video>_<row>.wav`` for a row, ``<video>/<clip>.wav`` or
        ``<video>_<clip>.wav`` in any other folder for a clip.
        """
        clip = number.removeprefix("clip")
        return (self.rows if clip == number else self.clips).get(f"{video}/{clip}".lower(), [])

    def segments(self, videos: Collection[str], by_clip: bool) -> Path | None:
        """Any file of a segment of these videos that is numbered in this way."""
        names = {video.lower() for video in videos}
        files = self.clips if by_clip else self.rows
        found = (paths[0] for key, paths in files.items() if key.rpartition("/")[0] in names)
        return next(found, None)


def indexed(paths: Iterable[Path]) -> Sounds:
    """The files by name."""
    by_stem: dict[str, list[Path]] = defaultdict(list)
    rows: dict[str, list[Path]] = defaultdict(list)
    clips: dict[str, list[Path]] = defaultdict(list)
    cut: dict[str, bool] = {}  # folder to whether segments were cut there by the labels' rows
    for path in paths:
        folder, name = os.path.split(str(path).lower())
        stem = name.rpartition(".")[0]
        by_stem[stem].append(path)
        if stem.isdecimal():
            clips[f"{folder.rpartition(os.sep)[2]}/{stem}"].append(path)
        elif segment := _SEGMENT.fullmatch(stem):
            if folder not in cut:
                cut[folder] = SEGMENTED in Path(folder).parts
            (rows if cut[folder] else clips)[f"{segment[1]}/{segment[2]}"].append(path)
    return Sounds(dict(by_stem), dict(rows), dict(clips))


def is_spare(path: Path, videos: Collection[str]) -> bool:
    """Whether a sound is the corpus's and may hold no labelled segment that is read from it.

    Of the recordings not all are labelled, and segments may lie beside the recordings that they
    were cut from. ``videos`` are in lower case.
    """
    folder, stem = path.parent.name.lower(), path.stem.lower()
    segment = _SEGMENT.fullmatch(stem)
    return (
        folder == RECORDINGS
        or stem in videos
        or (stem.isdecimal() and folder in videos)
        or (segment is not None and segment[1] in videos)
    )


@dataclass(frozen=True)
class Place:
    """Where a sound that is missing should be, judged by one that is there.

    ``recording`` is a whole recording, ``segment`` a video and the file of a segment of it.
    """

    root: Path
    recording: Path | None
    segment: tuple[str, Path] | None

    @property
    def segmented(self) -> bool:
        """Whether sounds are files of segments, and no recordings."""
        return self.recording is None and self.segment is not None

    def of_video(self, video: str) -> Path:
        if self.recording is not None:
            return self.recording.with_name(f"{video}{self.recording.suffix}")
        return self.root / "Raw" / "Audio" / "Full" / "WAV_16000" / f"{video}.wav"

    def of_segment(self, video: str, number: str, fold: str | None) -> Path:
        clip = number.removeprefix("clip")
        if self.segment is None:
            return self.root / "Raw" / video / f"{clip}.wav"
        other, path = self.segment
        folder, suffix = path.parent, path.suffix
        if folder.name.lower() == other.lower() and path.stem.isdecimal():
            return folder.with_name(video) / f"{clip}{suffix}"
        if folder.name in _FOLDERS.values() and fold in _FOLDERS:
            folder = folder.with_name(_FOLDERS[fold])
        return folder / f"{video}_{clip}{suffix}"


def extraction(films: Path) -> str:
    """The command that takes the sound out of all videos below a folder."""
    return (
        f"find {shlex.quote(str(films))} -name '*.mp4' ! -name '._*' -exec sh -c 'ffmpeg -nostdin "
        '-i "$1" -vn -ac 1 -ar 16000 "${1%.mp4}.wav"\' sh {} \';\''
    )
