"""The transcripts that come with the sound: what is said from when to when, a file per video.

A line is ``video___clip___start___end___text``. Text may hold underscores of its own. A segment's
words are those of the line whose start and end are the label's, to the millisecond; where the label
has a clip and no times, the line of that clip gives them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from serbench.annotations import read_lines
from serbench.corpus import Finding
from serbench_corpora.mosei.segments import LATEST, counted, measured

BETWEEN = "___"
CLOSE = 1e-3  # seconds by which a label and a transcript may differ
_MOST_NAMED = 5  # lines that a message spells out


class Line(NamedTuple):
    """What is said in a clip."""

    clip: int
    start: float  # seconds
    end: float
    text: str


@dataclass(frozen=True)
class Transcripts:
    """The lines of each video."""

    lines: Mapping[str, Sequence[Line]]

    def at(self, video: str, start: float, end: float) -> str | None:
        """What is said from ``start`` to ``end``."""
        for line in self.lines.get(video, ()):
            if abs(line.start - start) <= CLOSE and abs(line.end - end) <= CLOSE:
                return line.text
        return None

    def clip(self, video: str, clip: int) -> Line | None:
        """The line of a clip."""
        return next((line for line in self.lines.get(video, ()) if line.clip == clip), None)


def read_transcripts(
    paths: Sequence[Path], videos: Collection[str]
) -> tuple[Transcripts, list[Finding]]:
    """The transcripts of these videos, and the lines among them that cannot be used.

    Text files of other names or another form are passed over. Of several files of a video the first
    is used that has such lines, one in a folder ``Segmented`` before others.

    Raises
    ------
    CorpusError
        If one cannot be read, or is no text.
    """
    spelled = {video.lower(): video for video in videos}
    lines: dict[str, list[Line]] = {}
    odd: list[str] = []
    for path in sorted(paths, key=_not_segmented):
        stem = path.stem
        video = stem if stem in videos else spelled.get(stem.lower())
        if video is None or video in lines:
            continue
        read, unusable = _read(path, video)
        if read:
            lines[video] = read
            odd += unusable
    findings = []
    if odd:
        named = ", ".join(odd[:_MOST_NAMED]) + (", ..." if len(odd) > _MOST_NAMED else "")
        said = f"{len(odd)} lines of transcripts cannot be used: {named}"
        findings.append(Finding("annotation", said, grave=False))
    return Transcripts(lines), findings


def _not_segmented(path: Path) -> bool:
    return "segmented" not in (part.lower() for part in path.parts)


def _seconds(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = LATEST  # said below
    return value if -LATEST < value < LATEST else measured(text, what, -LATEST, LATEST)


def _read(path: Path, video: str) -> tuple[list[Line], list[str]]:
    lines: list[Line] = []
    odd: list[str] = []
    prefix = f"{video}{BETWEEN}"
    for number, written in enumerate(read_lines(path), 1):
        if not written:
            continue
        # The name is cut off as a whole, since it may end in an underscore itself.
        rest = written.removeprefix(prefix)
        if rest is written:
            rest = written.partition(BETWEEN)[2]
        cells = rest.split(BETWEEN, 3)
        try:
            if len(cells) < 4:
                raise ValueError(f"expected video{BETWEEN}clip{BETWEEN}start{BETWEEN}end...")
            clip, start, end, text = cells
            lines.append(
                Line(
                    int(clip) if clip.isdecimal() else counted(clip, "the clip"),
                    _seconds(start, "the start"),
                    _seconds(end, "the end"),
                    text.strip(),
                )
            )
        except ValueError as error:
            odd.append(f"{path}, line {number} ({error})")
    return lines, odd
