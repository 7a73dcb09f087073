"""Make-believe label files of CMU-MOSEI, in each of the forms that the real ones have."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from serbench_corpora.mosei.folds import known_videos
from serbench_corpora.mosei.sdk_csv import SPLITS, read_sdk_csv
from serbench_corpora.mosei.segments import SDK_EMOTIONS

CSV = "CMU_MOSEI_Labels.csv"
CSD = "CMU_MOSEI_Labels.csd"
RATERS = "Raw/Labels/batch.csv"
TRANSCRIPTS = "Raw/Transcript/Segmented/Combined"
MMSA = "label.csv"
HEADING = ("", "file", "index", "start", "end", "label2a", "label2b", "label6", "label7", "split")
WORKERS = 3
_WORDS = ("well", "this is", "a film", "that nobody", "has made", "____ and", "I like it", "or not")


@dataclass(frozen=True)
class Clip:
    """A labelled segment, with what the label files say of it."""

    video: str
    row: int
    start: float  # seconds
    end: float
    native: str

    def chance(self, of: int, what: str = "") -> int:
        """A number from 0 that is this clip's own."""
        return crc32(f"{self.video}/{self.row}/{what}".encode()) % of

    @property
    def fold(self) -> str | None:
        known = known_videos().get(self.video)
        return known.fold if known else None

    @property
    def sentiment(self) -> float:
        """In thirds, as three raters give it."""
        return (self.chance(19) - 9) / 3

    @property
    def intensities(self) -> list[float]:
        """Of the six emotions, the native one strongest; none of them where that is "none"."""
        if self.native not in SDK_EMOTIONS:
            return [0.0] * len(SDK_EMOTIONS)
        strength = [self.chance(3, emotion) // 2 / 3 for emotion in SDK_EMOTIONS]
        strength[SDK_EMOTIONS.index(self.native)] = (2 + self.chance(8, "strength")) / 3
        return strength

    @property
    def text(self) -> str:
        return " ".join(_WORDS[self.chance(len(_WORDS), str(word))] for word in range(6))

    @property
    def annotation(self) -> str:
        """MMSA's word for the sentiment."""
        if self.sentiment:
            return "Positive" if self.sentiment > 0 else "Negative"
        return "Neutral"


def rows_in_order(count: int) -> list[int]:
    """The clip of each row of a video: the SDK's files sort the numbers of clips as text."""
    return sorted(range(count), key=str)


def clip_numbers(clips: Sequence[Clip]) -> dict[tuple[str, int], int]:
    """The number of each clip, by video and row."""
    rows: dict[str, list[int]] = defaultdict(list)
    for clip in clips:
        rows[clip.video].append(clip.row)
    return {
        (video, row): number
        for video, of in rows.items()
        for row, number in zip(sorted(of), rows_in_order(len(of)), strict=True)
    }


def read_clips(root: Path) -> list[Clip]:
    """The clips of a forged CSV."""
    return [
        Clip(s.video, int(s.number), s.start or 0.0, s.end or 0.0, s.native)
        for s in read_sdk_csv(root / CSV).segments
    ]


def write_csv(root: Path, clips: Sequence[Clip]) -> None:
    """The SDK's CSV; a clip without an emotion is happy there."""
    with (root / CSV).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADING)
        for line, clip in enumerate(clips):
            most = clip.intensities.index(max(clip.intensities))
            positive = (int(clip.sentiment >= 0), int(clip.sentiment > 0))
            rounded = math.copysign(math.ceil(abs(clip.sentiment)), clip.sentiment)
            times = (f"{clip.start:.12g}", f"{clip.end:.12g}")
            split = SPLITS.index(clip.fold)
            writer.writerow(
                (line, clip.video, clip.row, *times, *positive, most, int(rounded), split)
            )


def write_csd(root: Path, clips: Sequence[Clip]) -> None:
    """The SDK's computational sequence."""
    import h5py

    videos: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        videos[clip.video].append(clip)
    with h5py.File(root / CSD, "w") as file:
        data = file.create_group("All Labels").create_group("data")
        for video, of in videos.items():
            group = data.create_group(video)
            features = [[clip.sentiment, *clip.intensities] for clip in of]
            group.create_dataset("features", data=features, dtype="f4")
            group.create_dataset("intervals", data=[(c.start, c.end) for c in of], dtype="f8")


def write_raters(root: Path, clips: Sequence[Clip]) -> None:
    """Three raters' answers to each clip, whose means are those of the CSD."""
    numbers = clip_numbers(clips)
    path = root / RATERS
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names = ("sentiment", *SDK_EMOTIONS)
        heading = ("HITId", "WorkerId", "Input.VIDEO_ID", "Input.CLIP")
        writer.writerow((*heading, *(f"Answer.{name}" for name in names)))
        for clip in clips:
            number = numbers[clip.video, clip.row]
            means = [round(WORKERS * value) for value in (clip.sentiment, *clip.intensities)]
            for worker in range(WORKERS):
                answers = [(sum_of + worker) // WORKERS for sum_of in means]
                row = (f"{clip.video}{number}", f"W{worker}", clip.video, number, *answers)
                writer.writerow(row)


def write_transcripts(root: Path, clips: Sequence[Clip]) -> None:
    """A file of lines per video, in the order of the clips."""
    numbers = clip_numbers(clips)
    lines: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for clip in clips:
        number = numbers[clip.video, clip.row]
        cells = (clip.video, str(number), f"{clip.start:.12g}", f"{clip.end:.12g}", clip.text)
        lines[clip.video].append((number, "___".join(cells) + "\n"))
    folder = root / TRANSCRIPTS
    folder.mkdir(parents=True, exist_ok=True)
    for video, said in lines.items():
        text = "".join(line for _, line in sorted(said))
        (folder / f"{video}.txt").write_text(text, encoding="utf-8")


def write_mmsa(root: Path, clips: Sequence[Clip]) -> None:
    """MMSA's table, which has no clip outside of the folds."""
    numbers = clip_numbers(clips)
    with (root / MMSA).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        heading = "video_id,clip_id,text,label,annotation,mode,label_T,label_A,label_V"
        writer.writerow(heading.split(","))
        for clip in clips:
            if clip.fold is not None:
                number = numbers[clip.video, clip.row]
                said = (clip.text, clip.sentiment, clip.annotation, clip.fold, "", "", "")
                writer.writerow((clip.video, number, *said))
